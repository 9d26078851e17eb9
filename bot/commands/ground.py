"""What a deed stands on: who asks, which connections, under what name, and where files go."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from toolkit.errors import UseError

if TYPE_CHECKING:
    from bot.commands.scene import Scene
    from bot.parse import Parsed
    from bot.views.blocks import Message
    from toolkit.app.front_desk import FrontDesk
    from toolkit.model.automation import Effect
    from toolkit.model.chat_people import Person
    from toolkit.model.ids import ConnectionName, LinkId
    from toolkit.model.links import Link

_UNCHANGED: Final = "Nothing was changed"


@dataclass(frozen=True, slots=True)
class Parcel:
    """A file on its way to one person.

    Attributes:
        name: Of the file.
        content: Not empty; UTF-8, in case it has to be told in words.
        said: A sentence above it, ready for `mrkdwn`.
    """

    name: str
    content: bytes
    said: str


Deliver: TypeAlias = Callable[["Person", Parcel], Awaitable[None]]


async def nowhere(_to: Person, _parcel: Parcel) -> None:
    """Where no file can go."""
    raise UseError("No file can be sent from here", unchanged=_UNCHANGED)


@dataclass(frozen=True, slots=True)
class Ground:
    """What a deed stands on.

    Attributes:
        fronts: Connections by name.
        once: Names the delivery; the same deed carried out again writes nothing more.
        is_approved: Somebody else agreed to it.
        deliver: Hands a person a file.
    """

    scene: Scene
    fronts: Mapping[ConnectionName, FrontDesk]
    once: str
    is_approved: bool = False
    deliver: Deliver = nowhere

    def front(self, name: str = "") -> FrontDesk:
        """A connection by name; without one, the only one there is.

        Raises:
            UseError: There is none of that name, or several to choose from.
        """
        found = [each for key, each in self.fronts.items() if name in {"", key}]
        if len(found) == 1:
            return found[0]
        names = ", ".join(self.fronts)
        raise UseError(
            f"There is no connection {name}" if name else "There are several connections",
            unchanged=_UNCHANGED,
            remedy=f"Name one of: {names}",
        )

    async def contact(self, typed: str) -> tuple[FrontDesk, LinkId]:
        """The contact somebody means, and whose it is.

        Raises:
            UseError: Nobody is called so, or several are.
        """
        last: UseError | None = None
        for front in self.fronts.values():
            try:
                return front, await front.read(lambda it: it.find(typed))
            except UseError as error:
                last = error
        raise last or UseError("There is no connection", unchanged=_UNCHANGED)

    async def task(self, typed: str) -> tuple[FrontDesk, Link]:
        """The task somebody means; as `contact`."""
        last: UseError | None = None
        for front in self.fronts.values():
            try:
                return front, await front.read(lambda it: it.find_task(typed))
            except UseError as error:
                last = error
        raise last or UseError("There is no connection", unchanged=_UNCHANGED)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A deed that is ready: what it asks for, and what to say when it is done.

    Attributes:
        told: Sentence of success.
    """

    front: FrontDesk
    effects: tuple[Effect, ...]
    told: str
    verb: str = "edit"


Preparation: TypeAlias = "Callable[[Ground, Parsed], Awaitable[Prepared]]"
Deed: TypeAlias = "Callable[[Ground, Parsed], Awaitable[Message]]"

"""A batch desk over a world, as a notebook's kernel has one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from tests.flows.world import HIGH, TIME, World
from toolkit.app.bulk import BatchDesk
from toolkit.app.connection import Connection
from toolkit.app.front_opening import open_front_desk
from toolkit.app.wiring import Transports
from toolkit.model.ids import Kind, LinkId


class Bulk:
    """A desk, the world below it, and the contacts by e-mail."""

    def __init__(self, world: World, desk: BatchDesk, ids: dict[str, LinkId]) -> None:
        self.world, self.desk, self.ids = world, desk, ids

    def people(self, count: int) -> list[str]:
        """E-mails of people who stand on both sides."""
        return [each for each in self.world.emails() if each in self.ids][:count]

    def links(self, emails: Sequence[str]) -> list[LinkId]:
        """Their pairs."""
        return [self.ids[each] for each in emails]

    async def step(self, name: str, *given: Any, **options: Any) -> Any:
        """A step of the stager."""
        return await self.desk.build(lambda book: getattr(book.stager, name)(*given, **options))

    def shown(self, email: str, field: str) -> list[Any]:
        """What HighLevel and TimeTonic hold."""
        sides = (HIGH, TIME)
        return [self.world.by_identity(side, Kind.CONTACT)[email][field] for side in sides]


@asynccontextmanager
async def open_bulk(world: World) -> AsyncIterator[Bulk]:
    """A kernel's life."""
    async with open_front_desk(
        world.name,
        home=world.home,
        transports=Transports(**world.sandbox.transports()),
        clock=world.clock,
    ) as front:
        yield Bulk(world, BatchDesk(front), await front.ask(_ids))


def _ids(connection: Connection) -> dict[str, LinkId]:
    links = connection._parts.store.links(Kind.CONTACT)
    return {str(each.base["email"]): each.id for each in links if each.base.get("email")}

"""Work that goes on after its delivery was acknowledged: begun once, never lost in silence."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, Final

from bot.listening.way import UNREACHED, Way, voice_of
from bot.views import answers
from bot.views.blocks import Message, section
from toolkit.errors import HightonicError, StateBusyError

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from bot.commands import Asked
    from bot.listening.few import Few
    from bot.listening.parts import Parts

_log = logging.getLogger(__name__)

_MOST: Final = 1000
_IN_TIME_S: Final = 2.0
"""Of the three seconds that Slack waits for an acknowledgement."""


class UnderWay:
    """What is being done for deliveries.

    Args:
        parts: What listeners stand on.
        few: Looks into the store.
    """

    def __init__(self, parts: Parts, few: Few) -> None:
        self._parts = parts
        self._few = few
        self._tasks: set[asyncio.Task[None]] = set()

    async def drain(self) -> None:
        """Wait for all of it."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def check_room(self) -> None:
        """Return where one more can be taken on.

        Raises:
            StateBusyError: Too much is under way: nothing is taken on.
        """
        if len(self._tasks) >= _MOST:
            _log.warning("too much at once, a delivery was refused")
            raise StateBusyError(
                "Too much is asked at once",
                unchanged="Nothing was done",
                remedy="Try again in a minute",
            )

    def begin(self, key: str, work: Coroutine[Any, Any, None], way: Way | None) -> None:
        """Work on a delivery that was acknowledged.

        Args:
            key: Names the delivery; the same one again does nothing. Empty where the work
                tells them apart by itself.
            work: What is done.
            way: Where its failure is told; None where nobody waits for it.
        """
        task = asyncio.create_task(self._once(key, work, way), name=key or None)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def refuse(self, error: HightonicError, way: Way) -> None:
        """Say that nothing was taken on.

        Raises:
            HightonicError: The same, where Slack does not take that either: then nothing may
                be acknowledged, and Slack itself shows that it did not work, or asks again.
        """
        shown = await self.failure(way.asked, error)
        if not await way.say(shown, within_s=_IN_TIME_S):
            raise error

    async def failure(self, asked: Asked, error: HightonicError) -> Message:
        """An error in words."""
        voice = await voice_of(self._parts.shelf.people, asked.team, asked.user)
        return answers.failed(voice, error)

    async def _once(self, key: str, work: Coroutine[Any, Any, None], way: Way | None) -> None:
        """Slack delivers again what it believes lost, to any process: the first one works.

        What fails after the acknowledgement is said: who asked hears nothing else of it.
        """
        try:
            if not key or await self._few.aside(self._parts.shelf.people.take_on, key):
                await work
        except UNREACHED as error:
            # Answers go by the outbox then; a form cannot: its click is three seconds old.
            _log.warning("form not opened", extra={"error": type(error).__name__})
            await self._say_unopened(way)
        except HightonicError as error:
            await self._tell(error, way)
        except Exception as error:  # noqa: BLE001 — the name alone: a text may hold values
            _log.error("delivery failed", extra={"error": type(error).__name__})
            known = HightonicError("It failed inside hightonic", remedy="Tell an administrator")
            await self._tell(known, way)
        finally:
            work.close()

    async def _say_unopened(self, way: Way | None) -> None:
        if way is not None:
            asked = way.asked
            voice = await voice_of(self._parts.shelf.people, asked.team, asked.user)
            said = voice.say("form.not_opened")
            await way.say(Message(said, (section(said),)))

    async def _tell(self, error: HightonicError, way: Way | None) -> None:
        """Where nothing is acknowledged any more: as far as Slack takes it."""
        extra = {"error": type(error).__name__, "reference": error.reference}
        _log.warning("delivery failed", extra=extra)
        if way is not None:
            await way.say(await self.failure(way.asked, error))

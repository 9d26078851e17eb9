"""A small world opened on a loop of its own, as a kernel's session does, for panels under test."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from notebooks.widgets.automation_talk import AutomationTalk
from notebooks.widgets.mapping_talk import MappingTalk
from tests.flows.world import World
from toolkit.app.mapping_desk import MappingDesk
from toolkit.app.rule_builder import RuleBuilder
from toolkit.app.wiring import Parts


@dataclass
class Room:
    """The world, its parts open, and a loop that works for panels."""

    world: World
    parts: Parts
    loop: asyncio.AbstractEventLoop
    saved: list[str] = field(default_factory=list)

    def start(self, work: Coroutine[Any, Any, Any]) -> Future[Any]:
        return asyncio.run_coroutine_threadsafe(work, self.loop)

    def mapping_talk(self) -> MappingTalk:
        return MappingTalk(
            MappingDesk(self.parts),
            start=self.start,
            name=self.parts.config.name,
            saved=lambda: self.saved.append("mapping"),
        )

    def automation_talk(self) -> AutomationTalk:
        return AutomationTalk(
            RuleBuilder(self.parts),
            start=self.start,
            name=self.parts.config.name,
            saved=lambda: self.saved.append("rules"),
        )

    @property
    def text(self) -> str:
        return self.parts.home.config_path.read_text("utf-8")


@contextmanager
def open_room(world: World) -> Iterator[Room]:
    """Open it until the block ends."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    opened = world.open()
    connection = asyncio.run_coroutine_threadsafe(opened.__aenter__(), loop).result()
    try:
        yield Room(world, connection._parts, loop)
    finally:
        ending = opened.__aexit__(None, None, None)
        asyncio.run_coroutine_threadsafe(ending, loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()

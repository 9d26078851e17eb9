"""What `hightonic serve` hands to a service of another package, such as the one for Slack."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from dataclasses import InitVar, dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from toolkit.app.front_desk import FrontDesk
from toolkit.app.slack_home import SlackHome, slack_home
from toolkit.engine.port import PATIENT, STEADY, Clock, Engine, Handler, Job, Pace, Retry
from toolkit.errors import UseError
from toolkit.model.ids import ConnectionName

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from toolkit.engine.port import Submission
    from toolkit.store import Store, Vault

T = TypeVar("T")


@dataclass(slots=True)
class Host:
    """The house a service lives in.

    Attributes:
        desks: What people can do, by connection.
        clock: The service's time.
        role: `all`, `web` or `worker`; a `web` process runs no jobs, a `worker` has no doors.
        doors: Path -> application, served beside the webhooks.
        slack: What the service for Slack stands on.
    """

    desks: Mapping[ConnectionName, FrontDesk]
    clock: Clock
    role: str
    _engine: Engine
    _store: InitVar[Store]
    _vault: InitVar[Vault]
    doors: dict[str, ASGIApp] = field(default_factory=dict)
    slack: SlackHome = field(init=False)
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.get_running_loop)

    def __post_init__(self, store: Store, vault: Vault) -> None:
        configs = [desk.config for desk in self.desks.values()]
        self.slack = slack_home(store, vault, configs, clock=self.clock)

    def register(
        self, name: str, handler: Handler, *, retry: Retry = PATIENT, pace: Pace = STEADY
    ) -> None:
        """Say who does the jobs of this name; only while the service is being built."""
        self._engine.register(name, handler, retry=retry, pace=pace)

    async def submit(self, job: Job) -> Submission:
        """Store a job: it is done once, also after a crash. As `Engine.submit`.

        May be called from a door as well, which answers on a loop of its own; the job
        itself runs on the service's.
        """
        return await self._at_home(self._engine.submit(job))

    def mount(self, path: str, app: ASGIApp) -> None:
        """Serve an application below a path; only while the service is being built.

        Raises:
            UseError: The path is taken, or is none.
        """
        if not path.startswith("/") or path in self.doors:
            raise UseError(f"Nothing can be served at {path}")
        self.doors[path] = app

    async def _at_home(self, work: Coroutine[Any, Any, T]) -> T:
        if asyncio.get_running_loop() is self._loop:
            return await work
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._loop))

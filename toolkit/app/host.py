"""What `hightonic serve` hands to a service of another package, such as the one for Slack."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeVar

from toolkit.app.front_desk import FrontDesk
from toolkit.app.slack_keys import SlackKeys
from toolkit.app.slack_people import list_owners
from toolkit.engine.port import PATIENT, STEADY, Clock, Engine, Handler, Job, Pace, Retry
from toolkit.errors import UseError
from toolkit.model.ids import ConnectionName

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from toolkit.app.slack_memory import SlackShelf
    from toolkit.engine.port import JobStatus, Submission
    from toolkit.mapping.context import Owner
    from toolkit.store import Store, Vault
    from toolkit.store.events import Feed

T = TypeVar("T")
_OWNER: Final = "service."
"""Secrets of services are kept under this prefix, apart from those of connections."""


@dataclass(slots=True)
class Host:
    """The house a service lives in.

    Attributes:
        desks: What people can do, by connection.
        clock: The service's time.
        role: `all`, `web` or `worker`; a `web` process runs no jobs, a `worker` has no doors.
        doors: Path -> application, served beside the webhooks.
    """

    desks: Mapping[ConnectionName, FrontDesk]
    clock: Clock
    role: str
    _engine: Engine
    _store: Store
    _vault: Vault
    doors: dict[str, ASGIApp] = field(default_factory=dict)
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.get_running_loop)

    @property
    def memory(self) -> SlackShelf:
        """What the Slack service remembers."""
        return self._store.slack

    @property
    def slack(self) -> SlackKeys:
        """The app's keys, its installations by workspace, and tickets for browsers."""
        return SlackKeys(self._store, self._vault, clock=self.clock)

    def owners(self) -> list[Owner]:
        """HighLevel's users of all connections, as read last, each once, by name."""
        return list_owners(self._store, tuple(self.desks))

    @property
    def feed(self) -> Feed:
        """What happened, in all connections; read by cursor."""
        return self._store.feed

    def get_secret(self, service: str, name: str) -> str | None:
        """A secret the service keeps in the vault; None where there is none.

        Raises:
            StateError: The vault cannot be read.
        """
        return self._vault.get(f"{_OWNER}{service}", name)

    def put_secret(self, service: str, name: str, secret: str) -> None:
        """Keep a secret, in the place of one with the same name.

        Raises:
            StateError: The vault cannot be written; what was there is as it was.
        """
        self._vault.put(f"{_OWNER}{service}", name, secret)

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

    async def status(self, job_id: str) -> JobStatus | None:
        """What is known of a job; from any loop."""
        return await self._at_home(self._engine.status(job_id))

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

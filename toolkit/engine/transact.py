"""DBOS Transact, and what is done about each of its surprises.

The only module that imports DBOS (3.4, pinned: its releases move fast), and only when an
engine starts: the import takes half a second. Measured in 2026-11 on two shared cores.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final, cast

from sqlalchemy.engine import make_url

from toolkit.engine.port import Submission
from toolkit.engine.reaper import MAX_LIVES, Claim
from toolkit.engine.rows import LIVES, lives_of, status_of
from toolkit.engine.serializer import JsonSerializer, refuse_pickles
from toolkit.engine.sqlite_tuning import WalConnection, prepare_file
from toolkit.errors import StateBusyError, StateError
from toolkit.store import faults

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime

    from dbos import DBOS, DBOSConfig, EnqueueOptions, WorkflowStatus

    from toolkit.engine.attempts import Ending
    from toolkit.engine.port import JSON, Args, Job, JobStatus
    from toolkit.engine.trades import Trade

# By default the version is a hash of the code, and the work of every other version is left
# lying: an update would strand whatever was under way.
_VERSION: Final = "1"
_APPLICATION: Final = "hightonic"
_SCHEMA: Final = "hightonic_engine"
_OPEN: Final = ["ENQUEUED", "DELAYED", "PENDING"]
_OVER: Final = ["SUCCESS", "ERROR", "CANCELLED"]
_FORGET_AT_ONCE: Final = 500
_AT_ONCE: Final = 3


class Transact:
    """This process's one connection to DBOS.

    Args:
        url: Of a SQLite file or of a PostgreSQL database.
        executor_id: Names this process.
    """

    _is_taken: ClassVar[bool] = False

    def __init__(self, url: str, executor_id: str) -> None:
        self._url = make_url(url)
        self._executor_id = executor_id
        self._dbos: DBOS | None = None
        # Fifty writers of a file sleep ever longer: the slowest took 0.3 s, 0.2 s by threes.
        self._storing = asyncio.Semaphore(_AT_ONCE if self.is_file else 50)

    @property
    def is_file(self) -> bool:
        """Whether the database is a SQLite file."""
        return self._url.get_backend_name() == "sqlite"

    async def open(
        self,
        trades: Iterable[Trade],
        run: Callable[[Trade, str, Args], Awaitable[Ending]],
        *,
        is_working: bool,
    ) -> None:
        """Connect, bring DBOS's tables up to date, and begin to take jobs.

        Args:
            trades: The jobs this process knows.
            run: Does one; its cancellation leaves the job unfinished.
            is_working: Whether this process takes jobs, or only stores them.

        Raises:
            StateBusyError: Another engine runs in this process: DBOS is one per process.
            StateDamagedError: The file is damaged.
            StateError: The database cannot be used.
        """
        if Transact._is_taken:
            raise StateBusyError("An engine runs in this process already")
        from dbos import error as dbos_error

        Transact._is_taken = True
        try:
            with self._plain_errors():
                await self._launch(list(trades), run, is_working=is_working)
        except dbos_error.DBOSException as error:
            await self.close()
            raise StateError(
                f"{self._place} cannot be used by the engine",
                remedy="Name another database, or mend this one's address",
            ) from error
        except BaseException:
            await self.close()
            raise

    async def _launch(
        self,
        trades: Sequence[Trade],
        run: Callable[[Trade, str, Args], Awaitable[Ending]],
        *,
        is_working: bool,
    ) -> None:
        if self.is_file:
            prepare_file(Path(self._url.database or ""))
        _use_our_log()
        from dbos import DBOS, _serialization

        refuse_pickles(_serialization.DefaultSerializer)
        self._dbos = DBOS(config=self._config())
        for trade in trades:
            DBOS.workflow(name=trade.name, max_recovery_attempts=MAX_LIVES)(
                _workflow_of(trade, run)
            )
        # A queue per name: no process takes a job whose handler it does not know.
        DBOS.listen_queues([trade.name for trade in trades] if is_working else [])
        # Inside the running loop: then all jobs run on it, and may share clients.
        DBOS.launch()
        for trade in trades:
            await DBOS.register_queue_async(
                trade.name,
                partition_concurrency=1,
                worker_concurrency=trade.pace.at_once,
                polling_interval_sec=trade.pace.poll_s,
                on_conflict="always_update",
            )

    def _config(self) -> DBOSConfig:
        config: DBOSConfig = {
            "name": _APPLICATION,
            "system_database_url": self._url.render_as_string(hide_password=False),
            "dbos_system_schema": _SCHEMA,
            "application_version": _VERSION,
            "executor_id": self._executor_id,
            "log_level": "WARNING",
            "enable_otlp": False,
            "serializer": cast("Any", JsonSerializer()),
            # Jobs send each other no messages, so there is nothing to listen for; the
            # interval is only what closing has to wait.
            "use_listen_notify": False,
            "notification_listener_polling_interval_sec": 0.1,
        }
        if self.is_file:
            config["db_engine_kwargs"] = {"connect_args": {"factory": WalConnection}}
        return config

    def stop_taking(self) -> None:
        """Take no more jobs; a claim under way may still arrive."""
        if self._dbos is not None:
            for event in self._dbos.background_thread_stop_events:
                event.set()

    async def close(self) -> None:
        """Disconnect; unfinished jobs stay as they are."""
        from dbos import DBOS

        loop = asyncio.get_running_loop()
        # DBOS put its own threads under `asyncio.to_thread` and ends them now.
        loop.set_default_executor(ThreadPoolExecutor(thread_name_prefix="hightonic"))
        self._dbos = None
        try:
            # In a thread: its queue threads wait for this loop before they end.
            await asyncio.to_thread(partial(DBOS.destroy, destroy_registry=True))
        finally:
            Transact._is_taken = False

    async def enqueue(self, job: Job) -> Submission:
        """Store a job, unless its id is known.

        Raises:
            StateError: Not stored, or nobody knows.
        """
        from dbos import DBOS, error

        options: EnqueueOptions = {
            "workflow_name": job.name,
            "queue_name": job.name,
            "workflow_id": job.id,
            "workflow_id_reuse_policy": "reject",
            "queue_partition_key": job.partition,
            "app_version": _VERSION,
        }
        try:
            with self._plain_errors():
                async with self._storing:
                    await DBOS.enqueue_workflow_with_options_async(options, dict(job.args))
        except error.DBOSWorkflowIDInUseError as known:
            return Submission.OPEN if known.workflow_status in _OPEN else Submission.OVER
        return Submission.NEW

    async def find(self, job_id: str) -> JobStatus | None:
        """What is known of a job."""
        from dbos import DBOS

        with self._plain_errors():
            found = await DBOS.get_workflow_status_async(job_id)
        return None if found is None else status_of(found)

    async def cancel(self, job_id: str) -> None:
        """Take a job out, unless it is over."""
        from dbos import DBOS

        with self._plain_errors():
            await DBOS.cancel_workflow_async(job_id)

    async def count_open(self) -> Counter[str]:
        """Jobs waiting or running, by name."""
        return Counter(found.name for found in await self._list(status=_OPEN))

    async def list_claims(self) -> Sequence[Claim]:
        """Jobs that some process has taken up and not finished."""
        return [
            Claim(found.workflow_id, found.name, found.executor_id or "", lives_of(found))
            for found in await self._list(status="PENDING")
        ]

    async def release(self, claims: Sequence[Claim]) -> None:
        """Put jobs back into their queues, with the lives they are given here."""
        from dbos import DBOS

        with self._plain_errors():
            for name in {claim.name for claim in claims}:
                ours = [claim for claim in claims if claim.name == name]
                for claim in ours:
                    await self._note_lives(claim)
                # Without the queue's name the jobs would leave it, and their turn.
                await DBOS.resume_workflows_async([c.job_id for c in ours], queue_name=name)

    async def give_up(self, claim: Claim) -> None:
        """Take a job out for good."""
        with self._plain_errors():
            await self._note_lives(claim)
        await self.cancel(claim.job_id)

    async def forget(self, before: datetime) -> int:
        """Delete jobs that were over before then; how many. DBOS never does it."""
        from dbos import DBOS

        forgotten = 0
        while True:
            old = await self._list(
                status=_OVER, completed_before=before.isoformat(), limit=_FORGET_AT_ONCE
            )
            if not old:
                return forgotten
            with self._plain_errors():
                await DBOS.delete_workflows_async([found.workflow_id for found in old])
            forgotten += len(old)

    async def _list(self, **which: Any) -> list[WorkflowStatus]:  # noqa: ANN401 — DBOS's own
        from dbos import DBOS

        with self._plain_errors():
            return await DBOS.list_workflows_async(load_input=False, load_output=False, **which)

    async def _note_lives(self, claim: Claim) -> None:
        from dbos import DBOS

        await DBOS.update_workflow_attributes_async(
            claim.job_id, {LIVES: claim.lives}, merge=True
        )

    def _plain_errors(self) -> AbstractContextManager[None]:
        return faults.plain_errors(self._place)

    @property
    def _place(self) -> str:
        return (self._url.database or "") if self.is_file else "The database"


def _workflow_of(
    trade: Trade, run: Callable[[Trade, str, Args], Awaitable[Ending]]
) -> Callable[[Args], Coroutine[Any, Any, JSON]]:
    async def workflow(args: Args) -> JSON:
        from dbos import DBOS

        # No step inside: what a handler needs to remember stands in the store, and each
        # checkpoint would cost 2 to 5 ms. A failure is an ending like any other, for DBOS
        # would log and store errors with their text.
        return (await run(trade, DBOS.workflow_id or "", args)).to_json()

    return workflow


def _use_our_log() -> None:
    """Let DBOS's log go where ours goes; it would print to the terminal on its own."""
    log = logging.getLogger("dbos")
    if not log.handlers:
        log.addHandler(logging.NullHandler())

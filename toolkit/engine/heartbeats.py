"""Signs of life in the store's table of workers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from toolkit.store.workers import Workers

_STRUCK_OUT_AFTER_S: Final = 86_400.0


class StoreHeartbeats:
    """`Heartbeats` for all processes that share a store.

    Moments are the store's own: machines differ in their clocks, and one that runs ahead
    would take the others for dead.

    Args:
        workers: The store's table.
        now: The clock of this process, which `since` was read from.
    """

    def __init__(self, workers: Workers, now: Callable[[], datetime]) -> None:
        self._workers = workers
        self._now = now
        self._is_first = True

    def beat(self, executor_id: str, *, role: str, at: datetime) -> None:  # noqa: ARG002 — see class
        """Note that the process lives; the first time, strike out who was silent for a day."""
        self._workers.beat(executor_id, role)
        if self._is_first:
            self._is_first = False
            for worker in self._workers.dead(_STRUCK_OUT_AFTER_S):
                self._workers.forget(worker.executor_id, beat_at=worker.beat_at)

    def list_alive(self, *, since: datetime) -> set[str]:
        """Executor ids that beat no longer ago than `since`."""
        silent_s = (self._now() - since).total_seconds()
        dead = {worker.executor_id for worker in self._workers.dead(silent_s)}
        return {worker.executor_id for worker in self._workers.list_workers()} - dead

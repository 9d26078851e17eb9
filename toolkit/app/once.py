"""Which runs an act led to, by the name it was given: who comes back after a crash asks here."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from toolkit.app.history import WRITES, count_lines
from toolkit.errors import UseError
from toolkit.model.ids import Kind, RunId

if TYPE_CHECKING:
    from toolkit.store import ConnectionStore, RunEntry

_MEMO: Final = "runs.by_once"
_WHOLE: Final = "done"
_KEPT: Final = 200
"""Acts remembered: a second try comes within minutes, or when the service is back."""


@dataclass(frozen=True, slots=True)
class ActRun:
    """What one run of an act came to, as remembered.

    Attributes:
        is_whole: It ended by itself; else it was cut off, or failed.
        writes: Carried out.
        approval: What releases what brakes hold; empty for none.
    """

    id: RunId
    verb: str
    started_at: datetime
    is_whole: bool
    writes: int
    held: int = 0
    conflicts: int = 0
    approval: str = ""
    brakes: tuple[str, ...] = ()
    failures: tuple[str, ...] = ()


class OnceBook:
    """Runs by the act that they were begun for. Only who has the connection's turn writes.

    Args:
        store: Of the connection.
    """

    def __init__(self, store: ConnectionStore) -> None:
        self._store = store

    def note(self, once: str, run_id: RunId) -> None:
        """A run was begun for this act; written before it does anything."""
        acts = self._read()
        acts[once] = [*acts.pop(once, []), run_id]
        self._store.put_memo(_MEMO, [*acts.items()][-_KEPT:])

    def runs(self, once: str) -> tuple[RunId, ...]:
        """Runs begun for it, oldest first: several where a try was cut short."""
        return tuple(RunId(each) for each in self._read().get(once, ()))

    def acts(self, once: str) -> list[ActRun]:
        """The same with what they came to; a run that is remembered no longer is left out."""
        found = []
        for run_id in self.runs(once):
            try:
                found.append(self._act(self._store.get_run(run_id)))
            except UseError:
                continue
        return found

    def _act(self, run: RunEntry) -> ActRun:
        told: dict[str, Any] = json.loads(run.report) if run.report else {}
        # Cut off as by a power failure it left no report: its journal says what it did.
        counts = {} if told else self._journalled(run.id)
        return ActRun(
            run.id,
            run.verb,
            run.started_at,
            run.verdict == _WHOLE,
            writes=told.get("writes", sum(counts.get(word, 0) for word in WRITES)),
            held=told.get("held", 0),
            conflicts=told.get("conflicts", 0),
            approval=told.get("approval", ""),
            brakes=tuple(told.get("brakes", ())),
            failures=tuple(told.get("failures", ())),
        )

    def _journalled(self, run_id: RunId) -> dict[str, int]:
        lines = self._store.list_journal(run=run_id)
        return count_lines(each for each in lines if each.kind is not Kind.METRIC)

    def _read(self) -> dict[str, list[str]]:
        kept: list[Any] = self._store.get_memo(_MEMO) or []
        return {str(once): list(runs) for once, runs in kept}

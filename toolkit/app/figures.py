"""What the service did so far, kept with a connection: each process of it tells the same.

Counts are raised when a run ends, by whoever holds the connection's turn, and read with one
query. They outlive the process, as Prometheus likes its counters.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from typing import Any, Final

from toolkit.errors import CredentialsError, HightonicError
from toolkit.model.ids import Side
from toolkit.model.outcomes import RunReport
from toolkit.store import ConnectionStore

_MEMO: Final = "service.figures"
# A comparison that had much to write must not pass for a usual one.
_NEW_SHARE: Final = 0.3


@dataclass(slots=True)
class Figures:
    """A connection's numbers.

    Attributes:
        runs: `sync|done` -> how many; a run is `done`, `partly` done or `failed`.
        operations: `timetonic|created` -> how many.
        calls: Side -> calls sent by runs.
        equal_at: When a comparison last ended without a failure, ISO.
        well_at: When any run last ended without an error, ISO.
        dead: Systems that refused our key since then.
        left_today: Calls HighLevel said are left today, when it last said so.
        calls_each: What a comparison costs at TimeTonic, a moving mean.
    """

    runs: dict[str, int] = field(default_factory=dict)
    operations: dict[str, int] = field(default_factory=dict)
    calls: dict[str, int] = field(default_factory=dict)
    equal_at: str = ""
    well_at: str = ""
    dead: list[str] = field(default_factory=list)
    left_today: int | None = None
    calls_each: float | None = None

    def add_report(self, report: RunReport, *, left_today: int | None = None) -> None:
        """A run ended with a report; some of its records may have failed."""
        ended_at = report.started_at.isoformat()
        state = "partly" if report.failures else "done"
        self.runs = _raised(self.runs, {f"{report.verb}|{state}": 1})
        self.operations = _raised(self.operations, _operations(report))
        self.calls = _raised(
            self.calls, {side.value: count for side, count in report.api_calls.items()}
        )
        self.well_at, self.dead = ended_at, []
        self.left_today = self.left_today if left_today is None else left_today
        if report.verb == "sync":
            self.equal_at = self.equal_at if report.failures else ended_at
            self._learn_cost(report.api_calls.get(Side.TIMETONIC, 0))

    def add_failure(self, verb: str, error: HightonicError) -> None:
        """A run ended with an error."""
        self.runs = _raised(self.runs, {f"{verb}|failed": 1})
        if isinstance(error, CredentialsError):
            self.dead = sorted({*self.dead, str(error.system)})

    def _learn_cost(self, calls: int) -> None:
        before = self.calls_each
        self.calls_each = calls if before is None else before + _NEW_SHARE * (calls - before)


class FigureBook:
    """Keeps the figures of one connection; the turn is needed to write, not to read."""

    def __init__(self, store: ConnectionStore) -> None:
        self._store = store

    def read(self) -> Figures:
        """As they stand; what another version stored otherwise counts from nothing."""
        stored: Any = self._store.get_memo(_MEMO)
        if not isinstance(stored, dict):
            return Figures()
        known = {each.name for each in fields(Figures)}
        return Figures(**{name: value for name, value in stored.items() if name in known})

    def note_report(self, report: RunReport, *, left_today: int | None = None) -> Figures:
        """Count a run that ended; not idempotent, so call it once a run."""
        figures = self.read()
        figures.add_report(report, left_today=left_today)
        return self._keep(figures)

    def note_look(self) -> Figures:
        """Both systems could be read, and nothing was to be written: their keys are taken."""
        figures = self.read()
        figures.dead = []
        return self._keep(figures)

    def note_failure(self, verb: str, error: HightonicError) -> Figures:
        """Count a run that an error ended."""
        figures = self.read()
        figures.add_failure(verb, error)
        return self._keep(figures)

    def _keep(self, figures: Figures) -> Figures:
        self._store.put_memo(_MEMO, asdict(figures))
        return figures


def lag_s(figures: Figures, now: datetime) -> float | None:
    """Seconds since both sides were last known to be equal; None where they never were."""
    if not figures.equal_at:
        return None
    return max(0.0, (now - datetime.fromisoformat(figures.equal_at)).total_seconds())


def _operations(report: RunReport) -> Counter[str]:
    counts: Counter[str] = Counter()
    for sides in report.tallies.values():
        for side, tally in sides.items():
            for outcome, count in asdict(tally).items():
                if count and outcome != "conflicts":
                    counts[f"{side.value}|{outcome}"] += count
    return counts


def _raised(before: dict[str, int], by: dict[str, int] | Counter[str]) -> dict[str, int]:
    return dict(Counter(before) + Counter(by))

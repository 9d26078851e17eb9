"""The numbers a person watches, as the service reports them to whoever asks."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from toolkit.model.ids import Side


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """One reading. Counts only grow while the process lives; the rest is as of now.

    Keys are the names of the labels, in the order the field's comment gives.
    """

    # (connection, verb, state) -> runs
    runs: Mapping[tuple[str, str, str], int] = field(default_factory=dict)
    # (connection, side, outcome) -> operations
    operations: Mapping[tuple[str, str, str], int] = field(default_factory=dict)
    # (connection,) -> seconds since both sides were last known to be equal
    lag_s: Mapping[tuple[str], float] = field(default_factory=dict)
    # (connection, state) -> events in the inbox
    queue: Mapping[tuple[str, str], int] = field(default_factory=dict)
    # (connection, side) -> calls sent
    calls: Mapping[tuple[str, str], int] = field(default_factory=dict)
    # (connection, side, window) -> calls left in that window, such as `10s`, `day`, `month`
    quota_left: Mapping[tuple[str, str, str], float] = field(default_factory=dict)
    # (side, result) -> deliveries; see `toolkit.app.intake.Verdict`
    webhooks: Mapping[tuple[str, str], int] = field(default_factory=dict)
    # (side,) -> stored events of a type nobody here understands
    unknown_events: Mapping[tuple[str], int] = field(default_factory=dict)
    # (connection, side) -> changes that the last comparison found and no webhook told
    webhook_gap: Mapping[tuple[str, str], int] = field(default_factory=dict)
    # (connection, kind) -> pairs in step, such as `contact`
    records: Mapping[tuple[str, str], int] = field(default_factory=dict)
    # (connection, state) -> tasks that are `open`, `overdue` or `completed`
    tasks: Mapping[tuple[str, str], int] = field(default_factory=dict)
    # (connection, step) -> contacts that were `new` or `won` on the day looked at last
    steps: Mapping[tuple[str, str], int] = field(default_factory=dict)
    # (connection, stage) -> contacts; the largest stages by name, the others as one
    stages: Mapping[tuple[str, str], int] = field(default_factory=dict)
    # (connection, source) -> contacts, in the same way
    sources: Mapping[tuple[str, str], int] = field(default_factory=dict)
    # (connection,) -> fields that wait for a person
    conflicts: Mapping[tuple[str], int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether the service can do its work.

    Attributes:
        checks: Name of a part -> empty when it is well, else what is wrong in a few words
            without values, such as `the store cannot be written`.
        outside: The same for what is not ours to mend, such as a key that is refused. A
            service that was taken out of turn for it would lose the events that it can keep.
    """

    checks: Mapping[str, str]
    outside: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_ready(self) -> bool:
        """Whether every part of ours is well."""
        return not any(self.checks.values())

    @property
    def status(self) -> str:
        """`ready`, `not ready`, or `degraded` where only something outside is amiss."""
        if not self.is_ready:
            return "not ready"
        return "degraded" if any(self.outside.values()) else "ready"


class IntakeCounts:
    """Deliveries by side and result since the process started; safe from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._results: Counter[tuple[str, str]] = Counter()
        self._unknown: Counter[tuple[str]] = Counter()

    def add(self, side: Side, result: str) -> None:
        """Count one delivery."""
        with self._lock:
            self._results[side.value, str(result)] += 1

    def add_unknown(self, side: Side) -> None:
        """Count one stored event of an unknown type."""
        with self._lock:
            self._unknown[(side.value,)] += 1

    def results(self) -> dict[tuple[str, str], int]:
        """(side, result) -> deliveries, as `Measures.webhooks` wants it."""
        with self._lock:
            return dict(self._results)

    def unknown(self) -> dict[tuple[str], int]:
        """(side,) -> events, as `Measures.unknown_events` wants it."""
        with self._lock:
            return dict(self._unknown)

"""What was asked of the emulated vendors, for assertions. Keys and queries are never kept."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import asdict, dataclass, field
from typing import Any, Final

_KEPT: Final = 200_000


@dataclass(frozen=True, slots=True)
class Recorded:
    """One request.

    `path` has no query: e-mail addresses travel there. `status` is the status sent, or None when
    the connection was cut or never answered. `started_at` is in seconds of the emulator's
    monotonic clock. `fault` names what was made to go wrong, or is empty.
    """

    system: str
    method: str
    path: str
    operation: str
    status: int | None
    started_at: float
    is_write: bool
    fault: str = ""


@dataclass(slots=True)
class Recorder:
    """Remembers the last 200,000 requests of all emulators that share it, in order of answer."""

    requests: deque[Recorded] = field(default_factory=lambda: deque(maxlen=_KEPT))

    def add(self, request: Recorded) -> None:
        """Remember one request."""
        self.requests.append(request)

    def clear(self) -> None:
        """Forget everything."""
        self.requests.clear()

    def select(
        self,
        *,
        system: str | None = None,
        operation: str | None = None,
        status: int | None = None,
        is_write: bool | None = None,
    ) -> list[Recorded]:
        """The requests that fit every given condition, oldest first."""
        wanted = {
            "system": system,
            "operation": operation,
            "status": status,
            "is_write": is_write,
        }
        conditions = [(name, value) for name, value in wanted.items() if value is not None]
        return [
            one
            for one in list(self.requests)
            if all(getattr(one, name) == value for name, value in conditions)
        ]

    def count(self, **conditions: Any) -> int:  # noqa: ANN401 — those of `select`
        """How many requests fit every given condition of `select`."""
        return len(self.select(**conditions))

    def counts(self) -> dict[str, dict[str, int]]:
        """Per system: calls by operation, plus `total` and `writes`."""
        systems: dict[str, Counter[str]] = {}
        for one in list(self.requests):
            counter = systems.setdefault(one.system, Counter())
            counter.update((one.operation, "total"))
            counter["writes"] += one.is_write
        return {system: dict(counter) for system, counter in systems.items()}

    def busiest_window(self, *, system: str, seconds: float) -> int:
        """The most requests that started within any window of this length."""
        starts = sorted(one.started_at for one in list(self.requests) if one.system == system)
        most = first = 0
        for last, at in enumerate(starts):
            while at - starts[first] >= seconds:
                first += 1
            most = max(most, last - first + 1)
        return most

    def to_json(self) -> dict[str, Any]:
        """Counts and requests."""
        return {
            "counts": self.counts(),
            "requests": [asdict(one) for one in list(self.requests)],
        }

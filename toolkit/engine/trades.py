"""Who does the jobs of which name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from toolkit.engine.port import PATIENT, STEADY, Handler, Pace, Retry
from toolkit.errors import UseError

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_TRIES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Trade:
    """Who does the jobs of one name, and how."""

    name: str
    handler: Handler
    retry: Retry = PATIENT
    pace: Pace = STEADY


class Trades:
    """Every registered name; closed once the engine runs."""

    def __init__(self) -> None:
        self._by_name: dict[str, Trade] = {}
        self._is_closed = False

    def add(self, trade: Trade) -> None:
        """Take a name up.

        Raises:
            UseError: The name is taken, the engine runs already, or more than three tries.
        """
        self.check_open(trade.name)
        if trade.name in self._by_name:
            raise UseError(f"Two handlers for jobs named {trade.name}")
        if not 1 <= trade.retry.max_tries <= MAX_TRIES:
            raise UseError(f"Jobs are tried 1 to {MAX_TRIES} times")
        self._by_name[trade.name] = trade

    def check_open(self, name: str) -> None:
        """Refuse what would come too late to be noticed.

        Raises:
            UseError: The engine runs already.
        """
        if self._is_closed:
            raise UseError(f"Too late to register {name}: the engine runs")

    def close(self) -> None:
        """No more names from here on."""
        self._is_closed = True

    def named(self, name: str) -> Trade:
        """Who does the jobs of this name.

        Raises:
            UseError: Nobody registered it.
        """
        if name not in self._by_name:
            known = ", ".join(self._by_name) or "none"
            raise UseError(f"No handler for jobs named {name}", remedy=f"Known names: {known}")
        return self._by_name[name]

    def __iter__(self) -> Iterator[Trade]:
        return iter(self._by_name.values())

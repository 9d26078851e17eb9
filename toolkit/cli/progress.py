"""A progress bar with counts, rate and time left; silent where nobody watches."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeAlias

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as Bars
from rich.text import Text

Progress: TypeAlias = Callable[[str, int, int], None]
"""Told (what, done, total); total 0 means unknown."""

PATIENCE_S = 1.0
"""Work shorter than this shows no bar: a flash helps nobody."""

WHOLE_NUMBERS_FROM = 10
"""Rates from here on need no decimals."""


def ignore_progress(_what: str, _done: int, _total: int) -> None:
    """For pipes and machines."""


@dataclass(slots=True)
class _Bar:
    task: TaskID
    done: int
    total: int

    def leads_to(self, done: int, total: int) -> bool:
        """Whether these counts go on where this bar stands."""
        return bool(total) and total == self.total and self.done <= done


class ProgressView:
    """One bar per kind of work, shown once the whole takes longer than a second.

    Writes are counted through over all their stages (`create contacts`, then `update
    contacts`, ...): a new word that goes on with the counts of the latest bar renames it,
    so that the time left is that of all writes.

    Args:
        console: Where the bars go; standard error, so that answers can be piped.
        clock: Seconds that only grow.
    """

    def __init__(
        self, console: Console, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._clock = clock
        self._began_s = clock()
        self._bars: dict[str, _Bar] = {}
        self._latest = ""
        self._screen = Bars(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=30),
            MofNCompleteColumn(),
            RateColumn(),
            TimeRemainingColumn(),
            console=console,
            transient=True,
        )

    def report(self, what: str, done: int, total: int) -> None:
        """Show that `done` of `total` are finished; total 0 means unknown."""
        if not self._screen.live.is_started:
            if self._clock() - self._began_s < PATIENCE_S:
                return
            self._screen.start()
        bar = self._find_bar(what, done, total)
        bar.done, bar.total = done, total
        self._latest = what
        title = what[:1].upper() + what[1:]
        self._screen.update(bar.task, description=title, completed=done, total=total or None)

    def close(self) -> None:
        """Take the bars down; a second call does nothing."""
        self._screen.stop()

    def _find_bar(self, what: str, done: int, total: int) -> _Bar:
        if what in self._bars:
            return self._bars[what]
        latest = self._bars.get(self._latest)
        if latest is not None and latest.leads_to(done, total):
            self._bars[what] = self._bars.pop(self._latest)
        else:
            task = self._screen.add_task(what, total=total or None)
            self._bars[what] = _Bar(task, done, total)
        return self._bars[what]


class RateColumn(ProgressColumn):
    """Records per second."""

    def render(self, task: Task) -> Text:
        """The rate over the last half minute, as Rich estimates it."""
        return Text(format_rate(task.finished_speed or task.speed), style="dim")


def format_rate(per_s: float | None) -> str:
    """`12/s`, `0.4/s`, or a dash while nothing is known."""
    if per_s is None:
        return "-/s"
    return f"{per_s:.0f}/s" if per_s >= WHOLE_NUMBERS_FROM else f"{per_s:.1f}/s"


@contextmanager
def open_progress(*, is_silent: bool, console: Console | None = None) -> Iterator[Progress]:
    """A progress callback for the time of one use case.

    Args:
        is_silent: Never show anything (`--json`).
        console: Where the bars go; standard error when left out, and only if that is
            a terminal.
    """
    if is_silent or (console is None and not sys.stderr.isatty()):
        yield ignore_progress
        return
    view = ProgressView(console or Console(stderr=True))
    try:
        yield view.report
    finally:
        view.close()

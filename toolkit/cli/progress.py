"""A progress bar with counts, rate and time left; silent where nobody watches."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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


class ProgressView:
    """One bar per kind of work, shown once the whole takes longer than a second.

    Args:
        console: Where the bars go; standard error, so that answers can be piped.
        clock: Seconds that only grow.
    """

    def __init__(
        self, console: Console, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._clock = clock
        self._began_s = clock()
        self._tasks: dict[str, TaskID] = {}
        self._bars = Bars(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=30),
            MofNCompleteColumn(),
            RateColumn(),
            TimeRemainingColumn(),
            console=console,
            transient=True,
        )

    def report(self, what: str, done: int, total: int) -> None:
        """Show that `done` of `total` are finished; a new `what` starts a new bar."""
        if not self._bars.live.is_started:
            if self._clock() - self._began_s < PATIENCE_S:
                return
            self._bars.start()
        if what not in self._tasks:
            self._tasks[what] = self._bars.add_task(what, total=total or None)
        self._bars.update(self._tasks[what], completed=done, total=total or None)

    def close(self) -> None:
        """Take the bars down; a second call does nothing."""
        self._bars.stop()


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

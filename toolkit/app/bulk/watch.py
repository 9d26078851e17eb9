"""Progress of a batch, passed on and noted now and then."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from toolkit.app.bulk.batch import Batch, BatchState

if TYPE_CHECKING:
    from toolkit.app.bulk.book import BatchBook
    from toolkit.app.observe import Progress

_BEAT: Final = timedelta(seconds=5)


class Watch:
    """Passes progress on, and notes it now and then: a batch that falls silent was cut short."""

    def __init__(
        self,
        batch: Batch,
        book: BatchBook,
        progress: Progress | None,
        again: Callable[[], None],
    ) -> None:
        self._batch, self._book = batch, book
        self._progress, self._again = progress, again
        self._noted_at = datetime.min.replace(tzinfo=batch.made_at.tzinfo)

    def __call__(self, what: str, done: int, total: int) -> None:
        """Some more was done."""
        self._again()
        if self._progress is not None:
            self._progress(what, done, total)
        now = self._book.now()
        if now - self._noted_at >= _BEAT:
            self._noted_at = now
            self._book.keep(
                replace(self._batch, state=BatchState.APPLYING, done=done, total=total)
            )

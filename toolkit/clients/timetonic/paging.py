"""When a listing of rows ends, decided from what each page brought; no I/O.

No cursor and no stable order are documented, so a listing guards itself: rows seen twice are
dropped, and rows that may have moved between pages mark the listing as shifted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from toolkit.errors import MalformedAnswerError

_SPARE_PAGES = 2


@dataclass(frozen=True, slots=True)
class Step:
    """What one page meant.

    Attributes:
        fresh: Ids not seen on an earlier page, in the page's order.
        is_last: No further page is needed.
        is_shifted: Rows may be missing or were seen twice; the listing is not complete.
    """

    fresh: tuple[int, ...]
    is_last: bool
    is_shifted: bool


class PageWalk:
    """Keeps the place in one listing.

    Args:
        page_size: Rows asked for per page.
        is_filtered: A filter was sent; the total then says nothing, since it counts the
            whole table (vendor's wrapper, commit of 2019-11-25).
    """

    def __init__(self, page_size: int, *, is_filtered: bool) -> None:
        self._page_size = page_size
        self._is_filtered = is_filtered
        self._seen: set[int] = set()
        self._pages = 0
        self._largest = 0
        self._totals: set[int | None] = set()
        self._has_repeats = False
        self.offset = 0

    @property
    def served_cap(self) -> int | None:
        """The server's own page limit, when it proved lower than what was asked for."""
        return self._largest if self._pages > 1 and self._largest < self._page_size else None

    def take(self, row_ids: Sequence[int], *, total: int | None) -> Step:
        """Account for one page and say whether another is needed.

        Raises:
            MalformedAnswerError: The pages outnumber what the table can fill: the server
                does not move on.
        """
        fresh = tuple(dict.fromkeys(each for each in row_ids if each not in self._seen))
        self._has_repeats |= len(fresh) < len(row_ids)
        self._seen.update(fresh)
        self._totals.add(total)
        self._pages += 1
        self._largest = max(self._largest, len(row_ids))
        self.offset += len(row_ids)
        is_last = self._is_end(len(row_ids), total)
        if not is_last:
            self._refuse_endless(total)
        return Step(fresh, is_last, self._is_shifted(total, is_last=is_last))

    def _is_end(self, count: int, total: int | None) -> bool:
        if count == 0:
            return True
        if self._is_filtered or total is None:
            return count < self._page_size
        # A short page before the total means the server serves smaller pages than asked for.
        return self.offset >= total

    def _is_shifted(self, total: int | None, *, is_last: bool) -> bool:
        is_short = (
            is_last and not self._is_filtered and total is not None and len(self._seen) < total
        )
        return self._has_repeats or len(self._totals) > 1 or is_short

    def _refuse_endless(self, total: int | None) -> None:
        size = min(self._page_size, self._largest)
        if self._pages < ceil(max(total or 0, len(self._seen)) / size) + _SPARE_PAGES:
            return
        raise MalformedAnswerError(
            f"TimeTonic sent {self._pages} pages and the listing does not end",
            system="timetonic",
            operation="getTableValues",
            unchanged="A read changes nothing",
            remedy="Set page_size lower, or ask the vendor whether this build pages",
        )

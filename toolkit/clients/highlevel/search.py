"""A contact search: filters, sort, page. A value; every method gives a new one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from toolkit.clients.highlevel.filters import (
    Filter,
    checked_value,
    field,
    unknown_name,
    vendor_name,
)
from toolkit.errors import UseError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

MAX_PAGE_SIZE = 500
MAX_BY_PAGE_NUMBER = 10_000
MAX_SORTS = 2

_SORTS = frozenset(
    [
        "firstNameLowerCase",
        "lastNameLowerCase",
        "businessName",
        "dateAdded",
        "dateUpdated",
        "email",
        "dnd",
        "source",
    ]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """A contact search; a new value comes out of every method.

    Args:
        filters: All must hold.
        sort: Up to two (field, direction).
        query: Free text over name, e-mail, phone, company; up to 75 characters.
        page_size: Contacts per page, 1 to 500.
        page: Page number from 1; only the first 10,000 contacts can be reached by it.
        cursor: `search_after` of the last contact seen; with the same filters and sort.
    """

    filters: tuple[Filter, ...] = ()
    sort: tuple[tuple[str, Literal["asc", "desc"]], ...] = ()
    query: str | None = None
    page_size: int = MAX_PAGE_SIZE
    page: int | None = None
    cursor: tuple[Any, ...] | None = None

    def where(self, *filters: Filter) -> Search:
        """Narrow by `filters` as well."""
        return replace(self, filters=self.filters + filters)

    def matching(self, text: str) -> Search:
        """Narrow by free text."""
        checked_value(text)
        return replace(self, query=text)

    def sorted_by(self, name: str, direction: Literal["asc", "desc"] = "asc") -> Search:
        """Sort by one more field.

        Raises:
            UseError: Not sortable, or the third field.
        """
        wire_name = vendor_name(name)
        if wire_name not in _SORTS:
            raise unknown_name(name, _SORTS)
        if len(self.sort) == MAX_SORTS:
            raise UseError(
                "HighLevel sorts by two fields at most", unchanged="Nothing was sent"
            )
        return replace(self, sort=(*self.sort, (wire_name, direction)))

    def sized(self, page_size: int) -> Search:
        """From the start, `page_size` contacts a page.

        Raises:
            UseError: Not within 1 to 500.
        """
        if not 1 <= page_size <= MAX_PAGE_SIZE:
            raise UseError("A page holds 1 to 500 contacts", unchanged="Nothing was sent")
        return replace(self, page_size=page_size, page=None, cursor=None)

    def at_page(self, number: int) -> Search:
        """By page number instead of cursor.

        Raises:
            UseError: Beyond the first 10,000 contacts.
        """
        if number < 1 or number * self.page_size > MAX_BY_PAGE_NUMBER:
            raise UseError(
                "Page numbers reach the first 10,000 contacts only",
                unchanged="Nothing was sent",
                remedy="List with iter_pages, which goes by cursor",
            )
        return replace(self, page=number, cursor=None)

    def after(self, cursor: Sequence[Any]) -> Search:
        """The page after the contact whose `search_after` is `cursor`."""
        return replace(self, cursor=tuple(cursor), page=None)

    def to_body(self, location_id: str) -> dict[str, Any]:
        """The JSON body."""
        body: dict[str, Any] = {"locationId": location_id, "pageLimit": self.page_size}
        if self.filters:
            body["filters"] = [item.wire for item in self.filters]
        if self.sort:
            body["sort"] = [{"field": name, "direction": way} for name, way in self.sort]
        if self.query is not None:
            body["query"] = self.query
        if self.page is not None:
            body["page"] = self.page
        if self.cursor is not None:
            body["searchAfter"] = list(self.cursor)
        return body


def changed_since(moment: datetime) -> Search:
    """Contacts changed at or after `moment`, oldest change first.

    The index lags by seconds: go back five to ten minutes and de-duplicate by id.
    """
    return Search().where(field("dateUpdated").between(gte=moment)).sorted_by("dateUpdated")

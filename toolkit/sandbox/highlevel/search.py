"""`POST /contacts/search`: filters, sorting, and pages of any depth through `searchAfter`."""

from __future__ import annotations

from functools import cmp_to_key
from typing import Any, Final

from toolkit.sandbox.highlevel import problems
from toolkit.sandbox.highlevel.calls import Call, Route
from toolkit.sandbox.highlevel.filters import LONGEST_VALUE, compile_filters
from toolkit.sandbox.highlevel.index import Directions, Keys, Row, View
from toolkit.sandbox.highlevel.validate import Shape, anything, many, number, one_of, text
from toolkit.sandbox.highlevel.wire import to_text

_LARGEST_PAGE: Final = 500
_DEEPEST_WINDOW: Final = 10_000
_MOST_SORTS: Final = 2
_KEPT_VIEWS: Final = 8
_SORT_FIELDS: Final = (
    "firstNameLowerCase",
    "lastNameLowerCase",
    "businessName",
    "dateAdded",
    "dateUpdated",
    "email",
    "dnd",
    "source",
)
_SORT: Final = Shape(
    {"field": one_of(*_SORT_FIELDS), "direction": one_of("asc", "desc")}, ("field", "direction")
)
BODY: Final = Shape(
    {
        "locationId": text,
        "pageLimit": number,
        "page": number,
        "searchAfter": anything,
        "query": text,
        "filters": anything,
        "sort": many(_SORT, most=_MOST_SORTS),
    },
    ("pageLimit",),
)


def search_contacts(call: Call) -> str:
    """Rows are written from their cached text: a page of 500 costs a join, not 500 dumps."""
    body = call.body
    limit = _page_limit(body)
    view = _view(call)
    start = _start(body, view, limit)
    stop = start + limit
    rows = ",".join(
        f'{row.text},"searchAfter":{to_text([*keys, row.id])}}}'
        for row, keys in zip(view.rows[start:stop], view.keys[start:stop], strict=True)
    )
    return f'{{"contacts":[{rows}],"total":{len(view.rows)},"traceId":"{call.trace_id}"}}'


def _page_limit(body: dict[str, Any]) -> int:
    limit = body["pageLimit"]
    if limit != int(limit) or not 1 <= limit <= _LARGEST_PAGE:
        raise problems.unprocessable([f"pageLimit must be between 1 and {_LARGEST_PAGE}"])
    return int(limit)


def _start(body: dict[str, Any], view: View, limit: int) -> int:
    cursor = body.get("searchAfter")
    page = body.get("page")
    if cursor is not None and cursor != []:
        if page is not None and page != 1:
            raise problems.unprocessable(["page must not be combined with searchAfter"])
        return _place_after(view, cursor)
    if page is None:
        return 0
    if page != int(page) or page < 1:
        raise problems.unprocessable(["page must not be less than 1"])
    if page * limit > _DEEPEST_WINDOW:
        raise problems.bad_request(f"page * pageLimit must not exceed {_DEEPEST_WINDOW}")
    return (int(page) - 1) * limit


def _place_after(view: View, cursor: Any) -> int:  # noqa: ANN401 — before validation
    is_shaped = isinstance(cursor, list) and len(cursor) == len(view.directions) + 1
    if not is_shaped or not isinstance(cursor[-1], str):
        raise problems.unprocessable(["searchAfter must be copied from the last row"])
    keys, row_id = cursor[:-1], cursor[-1]
    place = view.places.get(row_id)
    if place is not None and view.keys[place] == keys:
        return place + 1
    # The row moved or went away since: go on from where it stood.
    low, high = 0, len(view.rows)
    while low < high:
        middle = (low + high) // 2
        there = (view.keys[middle], view.rows[middle].id)
        if _compare(there, (keys, row_id), view.directions) <= 0:
            low = middle + 1
        else:
            high = middle
    return low


def _view(call: Call) -> View:
    """The view that a body asks for; kept while nothing is written, unless the index lags."""
    index, body = call.state.index, call.body
    stale_s = call.request.stale_s or call.state.options.index_lag_s
    if stale_s:
        return _build_view(call, index.rows(stale_s))
    name = to_text([body.get("filters"), body.get("query"), body.get("sort")])
    return index.view(name, lambda: _build_view(call, index.rows()))


def _build_view(call: Call, rows: list[Row]) -> View:
    state, body = call.state, call.body
    if body.get("filters"):
        matches = compile_filters(state, body["filters"])
        rows = [row for row in rows if matches(row)]
    if body.get("query"):
        rows = _with_words(rows, body["query"])
    # Unsorted searches are taken to come newest first, as the contact list of the web page does.
    newest_first = {"field": "dateAdded", "direction": "desc"}
    sorts: list[dict[str, str]] = body.get("sort") or [newest_first]
    directions = tuple(one["direction"] for one in sorts)
    fields = [one["field"] for one in sorts]
    keyed = [([_sort_value(row, name) for name in fields], row) for row in rows]
    if len(fields) == 1:
        keyed = _sorted_by_one(keyed, is_descending=directions == ("desc",))
    else:

        def order(one: tuple[Keys, Row], other: tuple[Keys, Row]) -> int:
            return _compare((one[0], one[1].id), (other[0], other[1].id), directions)

        keyed.sort(key=cmp_to_key(order))
    rows = [row for _, row in keyed]
    places = {row.id: place for place, row in enumerate(rows)}
    return View(rows, [keys for keys, _ in keyed], directions, places)


def _sorted_by_one(
    keyed: list[tuple[Keys, Row]], *, is_descending: bool
) -> list[tuple[Keys, Row]]:
    """The same order as by `_compare`, at the speed of the built-in sort."""
    keyed.sort(key=lambda pair: pair[1].id)
    present = [pair for pair in keyed if pair[0][0] is not None]
    present.sort(key=lambda pair: pair[0][0], reverse=is_descending)
    return present + [pair for pair in keyed if pair[0][0] is None]


def _compare(one: tuple[Keys, str], other: tuple[Keys, str], directions: Directions) -> int:
    """Below zero when `one` comes first; missing values come last either way, ids break ties."""
    for mine, its, direction in zip(one[0], other[0], directions, strict=True):
        if mine == its:
            continue
        if mine is None or its is None:
            return 1 if mine is None else -1
        if type(mine) is not type(its):
            raise problems.unprocessable(["searchAfter does not fit the sort"])
        is_before = mine < its if direction == "asc" else mine > its
        return -1 if is_before else 1
    return (one[1] > other[1]) - (one[1] < other[1])


def _sort_value(row: Row, name: str) -> Any:  # noqa: ANN401 — text, number or None
    if name == "dateAdded":
        return row.added_ms
    if name == "dateUpdated":
        return row.updated_ms
    value = row.document[name]
    return value.lower() if isinstance(value, str) else value


def _with_words(rows: list[Row], query: str) -> list[Row]:
    if len(query) > LONGEST_VALUE:
        raise problems.unprocessable(
            [f"query must be shorter than or equal to {LONGEST_VALUE}"]
        )
    words = query.lower()
    fields = ("contactName", "email", "phone", "companyName", "businessName")
    return [
        row
        for row in rows
        if any(words in (row.document[name] or "").lower() for name in fields)
    ]


ROUTES: Final = (
    Route(
        "search-contacts-advanced",
        "POST",
        "/contacts/search",
        search_contacts,
        scope="contacts.readonly",
        body=BODY,
        location="body",
    ),
)

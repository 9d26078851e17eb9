"""The contact search: pages, sorting, filters, and an index that may lag."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.sandbox.highlevel_door import Door
from toolkit.sandbox.faults import Fault, FaultKind
from toolkit.sandbox.highlevel import HighLevelOptions


@pytest.fixture(scope="module")
def door() -> Door:
    """Never written to by the tests of this file."""
    return Door(contacts=60)


def _refused(door: Door, **body: Any) -> tuple[int, Any]:
    answer = door.ask("POST", "/contacts/search", {"locationId": door.location, **body})
    return answer.status_code, answer.json()["message"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"pageLimit": 0}, 422),
        ({"pageLimit": 501}, 422),
        ({"pageLimit": 1.5}, 422),
        ({"pageLimit": "10"}, 422),
        ({"pageLimit": 10, "foo": 1}, 422),
        ({"pageLimit": 500, "page": 21}, 400),
        ({"pageLimit": 500, "page": 0}, 422),
        ({"pageLimit": 5, "page": 2, "searchAfter": [1, "a"]}, 422),
        ({"pageLimit": 5, "searchAfter": "x"}, 422),
        ({"pageLimit": 5, "searchAfter": [1, 2]}, 422),
        ({"pageLimit": 5, "searchAfter": ["x", "a"]}, 422),
        ({"pageLimit": 5, "query": "x" * 76}, 422),
        ({"pageLimit": 5, "sort": [{"field": "phone", "direction": "asc"}]}, 422),
        ({"pageLimit": 5, "sort": [{"field": "email", "direction": "up"}]}, 422),
        ({"pageLimit": 5, "sort": [{"field": "email"}]}, 422),
        ({"pageLimit": 5, "sort": [{"field": "email", "direction": "asc"}] * 3}, 422),
    ],
)
def test_body_outside_the_contract_is_refused(
    door: Door, body: dict[str, Any], status: int
) -> None:
    assert _refused(door, **body)[0] == status


def test_missing_page_limit_is_named_in_the_message(door: Door) -> None:
    assert "pageLimit" in _refused(door)[1][0]


def _walk(door: Door, **body: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    cursor: list[Any] | None = None
    while True:
        more = {"searchAfter": cursor} if cursor else {}
        page = door.search(pageLimit=7, **body, **more)["contacts"]
        rows += page
        if len(page) < 7:
            return rows
        cursor = page[-1]["searchAfter"]


@pytest.mark.parametrize("direction", ["asc", "desc"])
@pytest.mark.parametrize(
    "field", ["dateUpdated", "dateAdded", "email", "businessName", "source", "dnd"]
)
def test_pages_by_search_after_cover_everything_once_in_order(
    door: Door, field: str, direction: str
) -> None:
    rows = _walk(door, sort=[{"field": field, "direction": direction}])

    values = [row[field] for row in rows if row[field] is not None]
    tail = [row[field] for row in rows[len(values) :]]
    assert sorted(row["id"] for row in rows) == sorted(door.contact_ids)
    assert values == sorted(values, reverse=direction == "desc", key=_lowered)
    assert tail == [None] * (60 - len(values))


def _lowered(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def test_two_sorts_are_nested(door: Door) -> None:
    sort = [
        {"field": "source", "direction": "asc"},
        {"field": "dateAdded", "direction": "desc"},
    ]

    rows = _walk(door, sort=sort)

    keyed = [(row["source"], row["dateAdded"]) for row in rows if row["source"]]
    by_source: dict[str, list[str]] = {}
    for source, added in keyed:
        by_source.setdefault(source, []).append(added)
    assert [source for source, _ in keyed] == sorted(source for source, _ in keyed)
    assert all(dates == sorted(dates, reverse=True) for dates in by_source.values())
    assert len(rows) == 60


def test_numbered_pages_agree_with_cursors(door: Door) -> None:
    numbered = [
        row["id"]
        for page in range(1, 11)
        for row in door.search(pageLimit=6, page=page)["contacts"]
    ]

    assert numbered == [row["id"] for row in _walk(door)]


def test_rows_are_shaped_unlike_single_reads(door: Door) -> None:
    contact_id = door.contact_ids[0]
    answer = door.search(filters=[{"field": "id", "operator": "eq", "value": contact_id}])
    row, single = answer["contacts"][0], door.read(contact_id)

    assert answer["total"] == 1
    assert "address" in row
    assert "address1" not in row
    assert "lastActivity" not in row
    assert row["contactName"] == single["name"]
    assert row["city"] is None
    assert "city" not in single
    assert row["opportunities"][0]["status"] == "open"


def _ids(door: Door, *filters: Any) -> set[str]:
    return {row["id"] for row in door.search(filters=list(filters))["contacts"]}


def _expected(door: Door, keep: Any) -> set[str]:
    return {door.contact_ids[place] for place, one in enumerate(door.world.people) if keep(one)}


LEAVES: list[tuple[str, str, Any, Any]] = [
    ("email", "eq", "{email}", lambda one, first: one is first),
    ("email", "not_eq", "{email}", lambda one, first: one is not first),
    ("email", "eq", ["{email}", "x"], lambda one, first: one is first),
    ("city", "contains", "PAR", lambda one, first: "par" in (one.city or "").lower()),
    ("city", "not_contains", "par", lambda one, first: "par" not in (one.city or "").lower()),
    ("city", "exists", None, lambda one, first: one.city is not None),
    ("city", "not_exists", None, lambda one, first: one.city is None),
    ("tags", "eq", "vip", lambda one, first: "vip" in one.tags),
    ("tags", "not_eq", "vip", lambda one, first: "vip" not in one.tags),
    ("tags", "contains", "news", lambda one, first: "newsletter" in one.tags),
    ("tags", "exists", None, lambda one, first: bool(one.tags)),
    ("dnd", "eq", False, lambda one, first: True),
    ("customFields.{plan}", "eq", "pro", lambda one, first: one.plan == "Pro"),
    ("customFields.{plan}", "not_exists", None, lambda one, first: one.plan is None),
    ("customFields.{employees}", "range", {"gt": 7, "lt": 17}, None),
    ("customFields.{boxes}", "eq", "done", None),
    ("customFields.{interests}", "eq", "tea", None),
]


@pytest.mark.parametrize(("field", "operator", "value", "keep"), LEAVES)
def test_filter_leaf_keeps_what_it_says(
    door: Door, field: str, operator: str, value: Any, keep: Any
) -> None:
    first = door.world.people[0]
    boxes = door.state.fields[door.field("milestones")]
    names = {
        "email": first.email,
        "plan": door.field("plan"),
        "employees": door.field("employees"),
        "interests": door.field("interests"),
        "boxes": f"{boxes.id}.{next(iter(boxes.text_boxes))}",
    }
    filled = (
        [one.format(**names) if isinstance(one, str) else one for one in value]
        if isinstance(value, list)
        else value.format(**names)
        if isinstance(value, str)
        else value
    )
    leaf = {"field": field.format(**names), "operator": operator}
    if value is not None:
        leaf["value"] = filled

    found = _ids(door, leaf)

    if keep is not None:
        assert found == _expected(door, lambda one: keep(one, first))
    else:
        assert 0 < len(found) < 60


def test_groups_nest(door: Door) -> None:
    either = {
        "group": "OR",
        "filters": [
            {"field": "email", "operator": "eq", "value": door.world.people[0].email},
            {
                "group": "AND",
                "filters": [{"field": "id", "operator": "eq", "value": door.contact_ids[1]}],
            },
        ],
    }

    assert _ids(door, either) == set(door.contact_ids[:2])
    assert _ids(
        door, either, {"field": "id", "operator": "not_eq", "value": door.contact_ids[0]}
    ) == {door.contact_ids[1]}


@pytest.mark.parametrize("bounds", [("gte", "lte"), ("low", "high")])
@pytest.mark.parametrize("field", ["dateUpdated", "date_updated"])
def test_date_range_takes_iso_and_both_spellings(
    door: Door, bounds: tuple[str, str], field: str
) -> None:
    rows = _walk(door, sort=[{"field": "dateUpdated", "direction": "asc"}])
    low, high = rows[10]["dateUpdated"], rows[19]["dateUpdated"]

    found = _ids(
        door,
        {
            "field": field,
            "operator": "range",
            "value": dict(zip(bounds, (low, high), strict=True)),
        },
    )

    assert found == {row["id"] for row in rows[10:20]}


@pytest.mark.parametrize("key", ["value", "filters"])
def test_nested_filter_looks_into_opportunities(door: Door, key: str) -> None:
    leaves = [{"field": "status", "operator": "eq", "value": ["won", "lost"]}]

    found = _ids(door, {"field": "opportunities", "operator": "nested", key: leaves})

    wanted = {
        one.contact_id for one in door.state.opportunities.values() if one.status != "open"
    }
    assert found == wanted


@pytest.mark.parametrize(
    ("leaf", "status", "message"),
    [
        ({"field": "lastActivity", "operator": "exists"}, 400, "Invalid field lastActivity"),
        ({"field": "additionalEmails", "operator": "exists"}, 400, "Invalid field"),
        ({"field": "customFields.nope", "operator": "exists"}, 400, "Invalid field"),
        ({"field": "customFields.contact.plan", "operator": "exists"}, 400, "Invalid field"),
        (
            {"field": "dateAdded", "operator": "gte", "value": "2020-01-01"},
            422,
            ["Invalid Operator (gte) passed for field date_added"],
        ),
        ({"field": "email", "operator": "contains", "value": "x"}, 422, None),
        ({"field": "id", "operator": "exists"}, 422, None),
        ({"field": "dateAdded", "operator": "range", "value": {"after": 1}}, 422, None),
        ({"field": "dateAdded", "operator": "range", "value": {}}, 422, None),
        ({"field": "dateAdded", "operator": "range", "value": {"gte": "soon"}}, 422, None),
        ({"field": "dateAdded", "operator": "range", "value": {"gte": True}}, 422, None),
        ({"field": "city", "operator": "contains", "value": 7}, 422, None),
        ({"field": "city", "operator": "eq", "value": "x" * 76}, 422, None),
        ({"field": "city", "operator": "eq", "value": {"a": 1}}, 422, None),
        ({"field": 1, "operator": "eq"}, 422, None),
        ("leaf", 422, None),
        ({"group": "XOR", "filters": []}, 422, None),
        ({"group": "OR", "filters": {}}, 422, None),
        ({"field": "opportunities", "operator": "nested"}, 422, None),
        ({"field": "opportunities", "operator": "eq"}, 400, "Invalid field opportunities"),
        (
            {"field": "opportunities", "operator": "nested", "value": [{"field": "name"}]},
            400,
            "Invalid field name",
        ),
        (
            {
                "field": "opportunities",
                "operator": "nested",
                "value": [{"field": "status", "operator": "contains"}],
            },
            422,
            None,
        ),
    ],
)
def test_filter_outside_the_language_is_refused(
    door: Door, leaf: Any, status: int, message: Any
) -> None:
    refused = _refused(door, pageLimit=5, filters=[leaf])

    assert refused[0] == status
    if message is not None:
        assert refused[1] == message or refused[1].startswith(message)


def test_groups_end_at_some_depth(door: Door) -> None:
    nested: Any = {"field": "id", "operator": "eq", "value": "x"}
    for _ in range(12):
        nested = {"group": "AND", "filters": [nested]}

    assert _refused(door, pageLimit=5, filters=[nested])[0] == 422


def test_query_matches_name_email_and_company(door: Door) -> None:
    person = next(one for one in door.world.people if one.company)

    by_email = door.search(query=person.email.upper())
    by_company = door.search(query=person.company)

    assert by_email["total"] == 1
    assert by_company["total"] == sum(
        one.company == person.company for one in door.world.people
    )


def test_row_that_moved_since_the_cursor_does_not_break_the_walk() -> None:
    door = Door(contacts=20)
    sort = [{"field": "dateUpdated", "direction": "asc"}]
    first = door.search(pageLimit=5, sort=sort)["contacts"]
    door.clock.advance(1)
    door.ask("PUT", f"/contacts/{first[-1]['id']}", {"city": "Nice"})

    rest = door.search(sort=sort, searchAfter=first[-1]["searchAfter"])["contacts"]

    assert {row["id"] for row in first} | {row["id"] for row in rest} == set(door.contact_ids)
    assert rest[-1]["id"] == first[-1]["id"]


def test_cursor_of_a_deleted_row_goes_on_where_it_stood() -> None:
    door = Door(contacts=20)
    sort = [{"field": "email", "direction": "desc"}, {"field": "dateAdded", "direction": "asc"}]
    everything = [row["id"] for row in door.search(sort=sort)["contacts"]]
    first = door.search(pageLimit=5, sort=sort)["contacts"]
    door.ask("DELETE", f"/contacts/{first[-1]['id']}")

    rest = door.search(sort=sort, searchAfter=first[-1]["searchAfter"])["contacts"]

    assert [row["id"] for row in rest] == everything[5:]


def test_lagging_index_misses_the_new_and_keeps_the_deleted() -> None:
    door = Door(contacts=10, options=HighLevelOptions(index_lag_s=2.0))
    gone, changed = door.contact_ids[0], door.contact_ids[1]
    created = door.create(firstName="New")["id"]
    door.ask("DELETE", f"/contacts/{gone}")
    door.ask("PUT", f"/contacts/{changed}", {"city": "Nice"})

    at_once = {row["id"]: row["city"] for row in door.search()["contacts"]}
    door.clock.advance(2.1)
    later = {row["id"]: row["city"] for row in door.search()["contacts"]}

    assert created not in at_once
    assert gone in at_once
    assert at_once[changed] != "Nice"
    assert created in later
    assert gone not in later
    assert later[changed] == "Nice"


def test_stale_search_fault_ages_one_answer() -> None:
    door = Door(contacts=5)
    door.create(firstName="New")
    door.clock.advance(1)
    door.create(firstName="Newer")
    door.faults.set([Fault(FaultKind.STALE_SEARCH, match="search-contacts", seconds=0.5)])

    totals = [door.search()["total"] for _ in range(2)]

    assert totals == [6, 7]

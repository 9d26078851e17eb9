from datetime import UTC, datetime

import pytest

from toolkit.clients.highlevel import (
    Search,
    all_of,
    any_of,
    changed_since,
    custom_field,
    field,
    nested,
)
from toolkit.errors import UseError

SINCE = datetime(2026, 11, 22, 10, tzinfo=UTC)
A = {"field": "email", "operator": "exists"}
B = {"field": "city", "operator": "eq", "value": "Paris"}


def leaf(name, operator, value=None):
    return {"field": name, "operator": operator} | ({} if value is None else {"value": value})


@pytest.mark.parametrize(
    ("built", "wire"),
    [
        (field("email").eq("a@b.c"), leaf("email", "eq", "a@b.c")),
        (field("email").not_eq("a@b.c"), leaf("email", "not_eq", "a@b.c")),
        (field("city").contains("Par"), leaf("city", "contains", "Par")),
        (field("city").not_contains("Par"), leaf("city", "not_contains", "Par")),
        (field("phone").exists(), leaf("phone", "exists")),
        (field("phone").not_exists(), leaf("phone", "not_exists")),
        (field("dnd").eq(True), leaf("dnd", "eq", True)),
        (field("tags").eq(("a", "b")), leaf("tags", "eq", ["a", "b"])),
        (field("owner_id").eq("u1"), leaf("assignedTo", "eq", "u1")),
        (field("postal_code").eq("75001"), leaf("postalCode", "eq", "75001")),
        (
            field("updated_at").between(gte=SINCE),
            leaf("dateUpdated", "range", {"gte": "2026-11-22T10:00:00.000Z"}),
        ),
        (
            field("dateOfBirth").between(gt="1990-01-01", lt="2000-01-01"),
            leaf("dateOfBirth", "range", {"gt": "1990-01-01", "lt": "2000-01-01"}),
        ),
        (custom_field("f1").contains("x"), leaf("customFields.f1", "contains", "x")),
        (
            custom_field("f1", data_type="NUMERICAL").between(lte=5),
            leaf("customFields.f1", "range", {"lte": 5}),
        ),
        (
            custom_field("f1", data_type="TEXTBOX_LIST", option_id="o1").eq("x"),
            leaf("customFields.f1.o1", "eq", "x"),
        ),
        (
            nested("opportunities", pipeline_id="p1", status="open"),
            leaf(
                "opportunities",
                "nested",
                [leaf("pipelineId", "eq", "p1"), leaf("status", "eq", "open")],
            ),
        ),
        (all_of(field("email").exists()), {"group": "AND", "filters": [A]}),
        (
            field("email").exists() & field("city").eq("Paris"),
            {"group": "AND", "filters": [A, B]},
        ),
        (
            any_of(
                field("email").exists(), field("email").exists() | field("city").eq("Paris")
            ),
            {"group": "OR", "filters": [A, {"group": "OR", "filters": [A, B]}]},
        ),
    ],
)
def test_each_condition_becomes_the_vendors_shape(built, wire):
    assert built.wire == wire


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (lambda: field("lastActivity"), "lastActivity"),
        (lambda: field("date_updatd"), "dateUpdated"),
        (lambda: field("additionalEmails"), "additionalEmails"),
        (lambda: field("zzz"), "zzz"),
        (lambda: field("email").contains("a"), "exists, not_eq"),
        (lambda: field("dateUpdated").eq("x"), "range"),
        (lambda: field("id").exists(), "id"),
        (lambda: field("city").between(gte=1), "range"),
        (lambda: custom_field("f", data_type="CHECKBOX").contains("x"), "contains"),
        (lambda: custom_field("f", data_type="DATE").eq("x"), "eq"),
        (lambda: field("dateUpdated").between(), "bound"),
        (lambda: field("city").eq("x" * 76), "75"),
        (lambda: field("tags").eq(["ok", "x" * 76]), "75"),
        (lambda: Search().matching("x" * 76), "75"),
        (lambda: nested("tasks", status="open"), "tasks"),
        (lambda: nested("opportunities", name="x"), "name"),
        (all_of, "at least one"),
        (lambda: Search().sorted_by("phone"), "phone"),
        (lambda: Search().sorted_by("email").sorted_by("source").sorted_by("dnd"), "two"),
        (lambda: Search().sized(0), "1 to 500"),
        (lambda: Search().sized(501), "1 to 500"),
        (lambda: Search().at_page(0), "10,000"),
        (lambda: Search().at_page(21), "10,000"),
    ],
)
def test_what_the_vendor_would_refuse_is_told_with_the_nearest_right_word(build, words):
    with pytest.raises(UseError) as caught:
        build()

    assert words in caught.value.sentence


@pytest.mark.parametrize(
    ("search", "body"),
    [
        (Search(), {"pageLimit": 500}),
        (Search().sized(20).at_page(500), {"pageLimit": 20, "page": 500}),
        (Search().at_page(3).after([1, "c"]), {"pageLimit": 500, "searchAfter": [1, "c"]}),
        (Search().after([1]).at_page(2), {"pageLimit": 500, "page": 2}),
        (Search().after([1]).sized(5), {"pageLimit": 5}),
        (Search().matching("ada"), {"pageLimit": 500, "query": "ada"}),
        (
            Search().sorted_by("updated_at", "desc").sorted_by("email"),
            {
                "pageLimit": 500,
                "sort": [
                    {"field": "dateUpdated", "direction": "desc"},
                    {"field": "email", "direction": "asc"},
                ],
            },
        ),
        (
            changed_since(SINCE),
            {
                "pageLimit": 500,
                "filters": [leaf("dateUpdated", "range", {"gte": "2026-11-22T10:00:00.000Z"})],
                "sort": [{"field": "dateUpdated", "direction": "asc"}],
            },
        ),
    ],
)
def test_each_search_becomes_the_vendors_body(search, body):
    assert search.to_body("L") == {"locationId": "L"} | body


def test_narrowing_a_search_leaves_the_first_as_it_was():
    first = Search().where(field("email").exists())
    second = first.where(field("city").eq("Paris"))

    assert len(first.filters) == 1
    assert [item.wire for item in second.filters] == [A, B]

"""The catalogue is whole, honest and described."""

import inspect
import json
import re
import shlex
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from toolkit.app.catalog import (
    Entry,
    find_entries,
    get_entry,
    input_digest,
    list_entries,
)
from toolkit.app.catalog.highlevel import highlevel_entries
from toolkit.app.catalog.table import BEGIN, END, renew_table
from toolkit.app.catalog.table import main as write_table
from toolkit.app.catalog.words import read_words
from toolkit.app.connection import Connection
from toolkit.app.rules_desk import RulesDesk
from toolkit.cli.render.catalog import typed_example
from toolkit.clients.highlevel import HighLevel, Search, custom_field, field
from toolkit.clients.highlevel.operations import OPERATIONS
from toolkit.clients.highlevel.webhooks import EVENT_TYPES
from toolkit.clients.timetonic import ByIds, ByView, Condition, TimeTonic, Where
from toolkit.errors import UseError
from toolkit.model.events import EventKind

ROOT = Path(__file__).parents[4]
SHARED = ROOT.parent / "shared"
ENTRIES = list_entries()
# Methods that are several entries' inner work, or call no vendor.
NOT_CALLED = {
    "contacts.iter_pages": "contacts.list gives the same, one by one",
    "custom_fields.catalog": "remembers what custom_fields.list answered",
    "custom_fields.remember": "calls nobody",
    "custom_fields.encode": "happens inside contacts.create and its like",
    "custom_fields.decode": "calls nobody",
    "tables.get_field": "tables.get shows the fields",
    "tables.find_known": "calls nobody",
    "tables.remember": "calls nobody",
    "tables.forget": "calls nobody",
    "rows.iter_batches": "rows.write_batch, several times",
    "files.address": "calls nobody",
}
USE_CASES = {
    "preview": "plan",
    "resolve_many": "resolve",
    "last_written": "undo",
    "find_contacts": "contacts.find",
    "contact_names": "contacts.names",
    "stale_contacts": "contacts.stale",
    "archived": "contacts.archived",
    "wish_archived": "contacts.archive",
    "wish_restored": "contacts.restore",
    "carry_wish": "contacts.archive",
    "merge_plans": "contacts.merge_plans",
    "apply_effects": "contacts.act",
}
# `call --dry-run` of what they would do.
INSIDE = {
    "get_run",
    "reading",
    "name",
    "counts",
    "request_stop",
    "preview_wish",
    "preview_effects",
    "overview",  # `figures` with pictures in mind
}


def methods_of(client):
    return {
        f"{noun}.{name}"
        for noun, resource in vars(client).items()
        if not noun.startswith("_") and type(resource).__module__.startswith("toolkit.clients")
        for name, _ in inspect.getmembers(type(resource), inspect.isfunction)
        if not name.startswith("_")
    }


def test_there_are_at_least_126_entries():
    assert len(ENTRIES) >= 126
    assert len({entry.id.replace(".", "_") for entry in ENTRIES.values()}) == len(ENTRIES)


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=lambda entry: entry.id)
def test_every_entry_has_valid_schemas_a_title_a_summary_and_an_example(entry: Entry):
    Draft202012Validator.check_schema(entry.input_schema)
    Draft202012Validator.check_schema(entry.output_schema)

    assert entry.title
    assert entry.summary.endswith((".", ")"))
    assert entry.input_schema["additionalProperties"] is (
        entry.role == "trigger"
        and not entry.id.startswith(("trigger.feed", "trigger.schedule"))
    )
    needed = entry.input_schema.get("required", [])
    assert set(needed) <= entry.example.keys()


def test_every_operation_of_highlevel_has_an_entry():
    assert {f"highlevel.{name}" for name in OPERATIONS} <= ENTRIES.keys()


@pytest.mark.parametrize(
    ("client", "system"),
    [
        (HighLevel("pit-x", location_id="x"), "highlevel"),
        (TimeTonic("x", user="x"), "timetonic"),
    ],
)
def test_every_method_of_a_client_has_an_entry(client, system):
    from toolkit.app.catalog.highlevel_rows import ROWS
    from toolkit.app.catalog.timetonic import ROWS as FUNCTIONS

    rows = ROWS if system == "highlevel" else FUNCTIONS
    covered = {row.method or row.name for row in rows}

    missing = methods_of(client) - covered - NOT_CALLED.keys() - {"calls.count", "calls.total"}
    assert {each for each in missing if not each.startswith(("calls.", "monthly."))} == set()


def test_every_use_case_of_a_connection_has_an_entry():
    names = {
        USE_CASES.get(name, name)
        for name, _ in inspect.getmembers(Connection, inspect.isfunction)
        if not name.startswith("_") and name not in INSIDE
    }

    assert {f"hightonic.{name}" for name in names} <= ENTRIES.keys()


def test_every_use_case_of_rules_has_an_entry():
    names = {
        name
        for name, _ in inspect.getmembers(RulesDesk, inspect.isfunction)
        if not name.startswith("_") and name != "preview_after"
    }

    assert {f"hightonic.rules.{name}" for name in names} <= ENTRIES.keys()


def test_every_event_of_both_services_and_of_the_feed_is_a_trigger():
    wanted = {f"trigger.highlevel.{each}" for each in EVENT_TYPES}
    wanted |= {f"trigger.feed.{each.value}" for each in EventKind}
    wanted |= {f"trigger.timetonic.row_{each}" for each in ("created", "updated", "deleted")}

    assert wanted | {"trigger.schedule"} <= ENTRIES.keys()


@pytest.mark.skipif(not SHARED.exists(), reason="../shared is not beside this checkout")
def test_scopes_are_those_of_the_vendors_specification():
    scopes = {}
    for file in (SHARED / "openapi").glob("*.json"):
        for path, methods in json.loads(file.read_text("utf-8")).get("paths", {}).items():
            for method, operation in methods.items():
                given = [
                    scope
                    for each in operation.get("security", [])
                    for named in each.values()
                    for scope in named
                ]
                bare = re.sub(r"\{[^}]*\}", "{}", path).rstrip("/")
                scopes[method.upper(), bare] = set(given)

    for entry in highlevel_entries():
        method, _, path = entry.request.partition(" ")
        wanted = scopes.get((method, re.sub(r"\{[^}]*\}", "{}", path).rstrip("/")))
        if wanted:
            assert {entry.scope} == wanted, entry.id


def test_reads_are_reads_and_writes_are_writes():
    posts = {f"highlevel.{name}" for name, each in OPERATIONS.items() if not each.is_read}

    assert all(ENTRIES[name].is_write for name in posts)
    assert not any(
        each.is_write for each in ENTRIES.values() if each.request.startswith("GET ")
    )


@pytest.mark.parametrize(
    ("entry_id", "given", "happened"),
    [
        ("highlevel.contacts.get", {}, "highlevel.contacts.get needs contact_id"),
        ("highlevel.contacts.get", {"id": "x"}, "needs contact_id, does not take id"),
        ("highlevel.contacts.get", {"contact_id": 7}, "takes another contact_id"),
        ("highlevel.locations.get", {"secret-value": 1}, "does not take"),
        ("highlevel.contacts.create", {"tags": "no", "dnd": "no"}, "takes another dnd"),
        ("highlevel.contacts.get", dict.fromkeys("abcd", 1), ", and 1 more"),
    ],
)
def test_what_does_not_fit_is_refused_by_its_place(entry_id, given, happened):
    with pytest.raises(UseError) as refused:
        get_entry(entry_id).read_input(given)

    assert happened in refused.value.happened
    assert refused.value.remedy == f"See `hightonic catalog {entry_id}`"


def test_a_personal_value_that_does_not_fit_is_not_repeated():
    with pytest.raises(UseError) as refused:
        get_entry("timetonic.rows.get").read_input({"table": "x", "row_ids": ["Ada Lovelace"]})

    assert "Lovelace" not in refused.value.sentence


@pytest.mark.parametrize(
    ("typed", "remedy"),
    [
        ("highlevel.contact.create", "Did you mean highlevel.contacts.create?"),
        ("%%%", "See `hightonic catalog`"),
    ],
)
def test_an_unknown_entry_names_the_nearest(typed, remedy):
    with pytest.raises(UseError) as refused:
        get_entry(typed)

    assert refused.value.remedy == remedy


def test_entries_are_found_by_words_system_and_role():
    found = [each.id for each in find_entries(words="TASKS complete", system="highlevel")]

    assert found == ["highlevel.tasks.set_completed"]
    assert {each.role for each in find_entries(role="trigger")} == {"trigger"}
    assert find_entries(words="no such words") == []


def test_an_approval_names_entry_and_input():
    one, two = get_entry("highlevel.contacts.get"), get_entry("highlevel.contacts.delete")
    read = [one.read_input({"contact_id": each}) for each in ("a", "a", "b")]
    names = [input_digest(one, each) for each in read]

    assert names[0] == names[1] != names[2]
    assert input_digest(two, two.read_input({"contact_id": "a"})) not in names


@pytest.mark.parametrize(
    ("given", "search"),
    [
        ({}, Search().sized(100)),
        ({"query": "ada", "page": 2}, Search().sized(100).matching("ada").at_page(2)),
        (
            {"filters": [{"field": "email", "operator": "exists"}], "sort": [["email", "asc"]]},
            Search().where(field("email").exists()).sized(100).sorted_by("email"),
        ),
        (
            {"filters": [{"field": "updated_at", "operator": "range", "at_least": "2026"}]},
            Search().where(field("updated_at").between(gte="2026")).sized(100),
        ),
        (
            {"filters": [{"field": "customFields.x1", "value": "y"}], "search_after": [1, "a"]},
            Search().where(custom_field("x1").eq("y")).sized(100).after([1, "a"]),
        ),
    ],
)
def test_a_search_is_built_from_json(given, search):
    from toolkit.app.catalog.highlevel import SearchInput

    assert SearchInput.model_validate_json(json.dumps(given)).build() == search


@pytest.mark.parametrize(
    ("given", "built"),
    [
        ({"row_ids": [1, 2]}, ByIds((1, 2))),
        ({"view_id": 3}, ByView(3)),
        ({"where": {"4": "x"}}, Where((Condition(4, "x"),))),
    ],
)
def test_a_row_filter_is_built_from_json(given, built):
    from toolkit.app.catalog.timetonic import FilterInput

    assert FilterInput.model_validate_json(json.dumps(given)).build() == built


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=lambda entry: entry.id)
def test_an_example_as_it_is_typed_says_the_example(entry: Entry):
    _, _, entry_id, *words = shlex.split(typed_example(entry))

    assert entry_id == entry.id
    assert read_words(words, entry.input_schema) == json.loads(json.dumps(entry.example))


def test_the_table_of_a_page_is_renewed_in_place():
    page = f"before\n{BEGIN}\nold\n{END}\nafter\n"

    renewed = renew_table(page)

    assert renewed.startswith("before\n")
    assert renewed.endswith(f"{END}\nafter\n")
    assert "| `highlevel.contacts.` | **create**, get," in renewed
    assert renew_table(renewed) == renewed
    for entry in ENTRIES.values():
        assert entry.id.rpartition(".")[2] in renewed


def test_the_table_of_a_file_is_renewed(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(f"{BEGIN}\n{END}\n", "utf-8")

    write_table(page)

    assert "| `hightonic.rules.` | list, get," in page.read_text("utf-8")


def test_a_page_without_a_place_for_the_table_is_told():
    with pytest.raises(UseError):
        renew_table("nothing here")


def test_the_readme_holds_the_table_as_it_is_now():
    readme = (ROOT / "README.md").read_text("utf-8")

    assert renew_table(readme) == readme, "python -m toolkit.app.catalog.table README.md"

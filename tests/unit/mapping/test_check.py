"""Whether a mapping fits the accounts, and the nearest right names."""

from __future__ import annotations

from dataclasses import replace

import pytest

from toolkit.mapping.check import check_against
from toolkit.mapping.defaults import default_mapping
from toolkit.mapping.spec import FieldMapping, FieldOptions, Mapping
from toolkit.mapping.suggest import Suggestion, did_you_mean, nearest, suggest_pairs
from toolkit.mapping.vendor_fields import access_of
from toolkit.model.ids import Kind, Side
from toolkit.model.policy import Direction

CUSTOMS = {
    "custom.last_contacted",
    "custom.lifecycle_stage",
    "custom.next_action_date",
    "custom.plan",
    "custom.hightonic_key",
}
CONTACTS = {
    "Name": "shorttext",
    "Email": "email",
    "Phone": "phone",
    "Company": "shorttext",
    "Last contacted": "date",
    "Lifecycle stage": "shorttext",
    "Tags": "shorttext",
    "Owner": "shorttext",
    "Next action date": "date",
    "Source": "shorttext",
    "Plan": "list",
    "Updated at": "date",
    "Total tasks": "int",
    "Open tasks": "double",
    "Last sync": "date",
    "Hightonic key": "shorttext",
    "HighLevel id": "shorttext",
}
CONTACT = Mapping({Kind.CONTACT: default_mapping().kinds[Kind.CONTACT]})


def _check(columns=CONTACTS, customs=frozenset(CUSTOMS), mapping=CONTACT):
    return check_against(mapping, customs, {"Contacts": columns})


def test_a_fitting_mapping_has_no_problems():
    assert _check() == []


@pytest.mark.parametrize(
    ("column", "new", "message", "remedy"),
    [
        ("Email", "E-mail", "no column `Email`", "`E-mail`"),
        ("Owner", "Assigned", "no column `Owner`", "Use one of"),
        ("Hightonic key", "Hightonic keys", "no column `Hightonic key`", "`Hightonic keys`"),
        ("Last sync", "Last synced", "no column `Last sync`", "`Last synced`"),
    ],
)
def test_a_missing_column_is_named_with_its_nearest(column, new, message, remedy):
    columns = {(new if name == column else name): kind for name, kind in CONTACTS.items()}

    (problem,) = _check(columns)

    assert message in problem.message
    assert remedy in problem.remedy
    assert (problem.side, problem.missing) == (Side.TIMETONIC, column)


@pytest.mark.parametrize(
    ("column", "column_type", "fits"),
    [
        ("Last contacted", "shorttext", False),
        ("Last contacted", "autoincrement", True),
        ("Open tasks", "email", False),
        ("Name", "boolean", False),
        ("Name", "link", False),
        ("Name", "mediumtext", True),
    ],
)
def test_a_column_of_another_type_is_a_problem(column, column_type, fits):
    problems = _check({**CONTACTS, column: column_type})

    assert [
        f"Column `{column}` is of type {column_type}" in each.message for each in problems
    ] == ([] if fits else [True])


def test_a_computed_field_is_checked_by_its_result():
    field = FieldMapping(
        "x",
        "function",
        timetonic="Plan",
        direction=Direction.TO_TIMETONIC,
        options=FieldOptions(function="m:f", result="number"),
        line=12,
    )
    contact = replace(CONTACT.kinds[Kind.CONTACT], fields=(field,))

    (problem,) = _check(mapping=Mapping({Kind.CONTACT: contact}))

    assert problem.line == 12
    assert "type list" in problem.message


def test_a_missing_custom_field_is_named():
    first, second = _check(customs=CUSTOMS - {"custom.plan", "custom.hightonic_key"})

    assert (first.field, first.missing) == ("plan", "custom.plan")
    assert (second.field, second.missing) == ("", "custom.hightonic_key")
    assert first.side is Side.HIGHLEVEL


def test_a_missing_table_is_one_problem():
    (problem,) = check_against(CONTACT, CUSTOMS, {"Contact": CONTACTS})

    assert problem.message == "The book has no table `Contacts`"
    assert problem.remedy == "Did you mean `Contact`?"


@pytest.mark.parametrize(
    ("name", "candidates", "found"),
    [
        ("emial", ["email", "phone"], "email"),
        ("First name", ["firstName", "lastName"], "firstName"),
        (
            "custom.life_cycle",
            ["custom.lifecycle_stage", "custom.plan"],
            "custom.lifecycle_stage",
        ),
        ("zzz", ["email", "phone"], None),
        ("x", [], None),
    ],
)
def test_the_nearest_name(name, candidates, found):
    assert nearest(name, candidates) == found


def test_a_remedy_names_one_or_lists_all():
    assert did_you_mean("emial", ["email"]) == "Did you mean `email`?"
    assert did_you_mean("zzz", ["phone", "email"]) == "Use one of email, phone"
    assert did_you_mean("zzz", []) == ""


def test_pairs_are_suggested_once_each_best_first():
    pairs = suggest_pairs(
        {"email": "email", "custom.job_title": "text", "phone": "phone"},
        {"E-mail": "email", "Job title": "text", "Job titles": "text", "Zip": "text"},
    )

    assert pairs == (
        Suggestion("custom.job_title", "Job title", 1.0),
        Suggestion("email", "E-mail", pytest.approx(10 / 11)),
    )


@pytest.mark.parametrize(
    ("kind", "name", "access"),
    [
        (Kind.CONTACT, "custom.anything", "both"),
        (Kind.CONTACT, "custom.", None),
        (Kind.TASK, "custom.anything", None),
        (Kind.CONTACT, "companyName", "create"),
        (Kind.CONTACT, "dateUpdated", "read"),
        (Kind.NOTE, "body", "both"),
    ],
)
def test_what_highlevel_takes(kind, name, access):
    assert access_of(kind, name) == access

"""The mapping a new connection starts with."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from toolkit.mapping.context import Context, Owner
from toolkit.mapping.defaults import default_mapping
from toolkit.mapping.fingerprint import fingerprint
from toolkit.mapping.spec import FieldMapping, to_policy
from toolkit.mapping.translate import Translator
from toolkit.mapping.vendor_fields import access_of
from toolkit.model.ids import Kind, Side
from toolkit.model.policy import Brakes, ConflictPolicy, Direction
from toolkit.model.values import digest

HL, TT = Side.HIGHLEVEL, Side.TIMETONIC
CONTEXT = Context(users=(Owner("u1", "Ann Lee", "ann@example.com"),))
POLICY = to_policy(default_mapping(), scope="loc/book")


def test_the_business_finds_all_its_fields():
    wanted = (
        "name email phone company last_contacted lifecycle_stage tags owner_id"
        " next_action_date source plan updated_at total_tasks open_tasks"
    )

    contact = default_mapping().kinds[Kind.CONTACT]

    assert [field.name for field in contact.fields] == wanted.split()
    assert contact.stamp_column == "Last sync"
    assert contact.key_field == "custom.hightonic_key"


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind.is_paired])
def test_every_highlevel_field_exists_and_takes_what_is_written(kind):
    mapping = default_mapping().kinds[kind]
    for field in mapping.fields:
        for name in field.highlevel:
            access = access_of(kind, name)
            assert access is not None, name
            if access == "read":
                assert not field.direction.writes(HL)
            assert (access == "create") == (HL in field.create_only_on)


@pytest.mark.parametrize(
    ("kind", "field", "policy"),
    [
        (Kind.CONTACT, "name", ConflictPolicy.ASK),
        (Kind.CONTACT, "email", ConflictPolicy.ASK),
        (Kind.CONTACT, "phone", ConflictPolicy.ASK),
        (Kind.CONTACT, "tags", ConflictPolicy.UNION),
        (Kind.CONTACT, "source", ConflictPolicy.NEWEST),
        (Kind.TASK, "title", ConflictPolicy.ASK),
        (Kind.TASK, "body", ConflictPolicy.HIGHLEVEL),
        (Kind.NOTE, "body", ConflictPolicy.ASK),
    ],
)
def test_who_wins_by_default(kind, field, policy):
    assert POLICY.kinds[kind].fields[field].on_conflict is policy


def test_the_policy_carries_what_the_planner_asks_for():
    contact = POLICY.kinds[Kind.CONTACT]

    assert contact.match_keys == ("email", "phone")
    assert contact.required_on_highlevel == {"name", "email", "phone"}
    assert contact.fields["tags"].is_set
    assert contact.fields["updated_at"].rides
    assert contact.fields["company"].create_only_on == {HL}
    assert contact.fields["open_tasks"].rollup == "open_tasks"
    assert POLICY.kinds[Kind.APPOINTMENT].direction is Direction.TO_TIMETONIC
    assert (
        to_policy(default_mapping(), scope="", brakes=Brakes(delete_cap=1)).brakes.delete_cap
        == 1
    )


def test_a_contact_crosses_over():
    translator = Translator(default_mapping().kinds[Kind.CONTACT], CONTEXT)
    raw = {
        "firstName": "Zoë",
        "lastName": "van Dam",
        "email": "Zoe@Example.com",
        "phone": "+1 212-555-0143",
        "companyName": "",
        "custom.last_contacted": "2026-10-01T00:00:00.000Z",
        "custom.lifecycle_stage": "Lead",
        "tags": ["VIP"],
        "assignedTo": "u1",
        "source": None,
        "dateUpdated": "2026-11-01T10:00:00.123Z",
    }

    values, problems = translator.read(HL, raw)

    assert problems == ()
    assert "plan" not in values
    assert translator.render(TT, values) == {
        "Name": "Zoë van Dam",
        "Email": "zoe@example.com",
        "Phone": "+12125550143",
        "Company": None,
        "Last contacted": date(2026, 10, 1),
        "Lifecycle stage": "lead",
        "Tags": ["vip"],
        "Owner": "Ann Lee",
        "Source": None,
        "Updated at": datetime(2026, 11, 1, 10, tzinfo=UTC),
    }


def test_the_fingerprint_knows_meaning_and_not_lines():
    contact = default_mapping().kinds[Kind.CONTACT]
    field = contact.fields[0]
    moved = FieldMapping(
        field.name, field.type, field.highlevel, field.timetonic, line=7,
        on_conflict=field.on_conflict,
    )  # fmt: skip

    assert fingerprint(moved) == fingerprint(field)
    assert fingerprint(FieldMapping("name", "text")) != fingerprint(field)
    digest(fingerprint(default_mapping()))

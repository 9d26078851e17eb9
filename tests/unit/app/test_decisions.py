"""A decided value is read as the field's type reads it, or refused."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.flows.world import World
from tests.unit.cli.examples import CONFLICT
from toolkit.app.decisions import Decision, Reading
from toolkit.errors import UseError
from toolkit.mapping.context import Context, Owner
from toolkit.mapping.spec import Choice, FieldMapping, FieldOptions, KindMapping
from toolkit.model.ids import Kind
from toolkit.model.values import Value


def _field(name: str, type_name: str, **options: object) -> FieldMapping:
    return FieldMapping(
        name,
        type_name,  # type: ignore[arg-type] # a table of the tests' own
        highlevel=(name,),
        timetonic=name.title(),
        options=FieldOptions(**options),  # type: ignore[arg-type] # the same
    )


CONTACT = KindMapping(
    Kind.CONTACT,
    "Contacts",
    (
        FieldMapping("name", "name", highlevel=("firstName", "lastName"), timetonic="Name"),
        _field("phone", "phone"),
        _field("email", "email"),
        _field("age", "number"),
        _field("vip", "boolean"),
        _field("born", "date"),
        _field("seen", "datetime"),
        _field("plan", "choice", choices=(Choice("gold", timetonic="Gold card"),)),
        _field("tags", "tags"),
        _field("roles", "tags", separator=" | "),
        _field("owner", "owner"),
        _field("note", "note"),
        _field("title", "text"),
        FieldMapping("only_here", "text", highlevel=("source",)),
    ),
    needed_on_highlevel=frozenset({"title"}),
)
READING = Reading(
    {Kind.CONTACT: CONTACT},
    Context(users=(Owner("u1", "Ann Lee", "ann@example.com"),), default_region="FR"),
)


def _read(field: str, value: Value) -> Value:
    return READING.value_for(replace(CONFLICT, kind=Kind.CONTACT, field=field), value)


@pytest.mark.parametrize(
    ("field", "typed", "value"),
    [
        ("name", "  Ada   Lovelace ", "Ada Lovelace"),
        ("phone", "06 12 34 56 78", "+33612345678"),
        ("phone", "+1 415 555 0100", "+14155550100"),
        ("phone", "", None),
        ("phone", None, None),
        ("email", "Ada@Example.COM", "ada@example.com"),
        ("age", "12,5", 12.5),
        ("age", 7, 7),
        ("vip", "no", False),
        ("vip", True, True),
        ("vip", "", False),
        ("born", "2026-11-05", "2026-11-05"),
        ("seen", "2026-11-05T10:00:00+01:00", "2026-11-05T09:00:00Z"),
        ("plan", "gold card", "gold"),
        ("tags", "VIP, new ,vip", ("new", "vip")),
        ("tags", ("VIP",), ("vip",)),
        ("roles", "boss | cook, boss", ("boss", "cook")),
        ("owner", "ann lee", "u1"),
        ("note", "<b>as typed</b>", "<b>as typed</b>"),
        ("only_here", " web ", "web"),
    ],
)
def test_decided_value_is_canonical(field: str, typed: Value, value: Value) -> None:
    assert _read(field, typed) == value


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("phone", "call me"),
        ("phone", "12"),
        ("email", "no mail"),
        ("age", "twelve"),
        ("vip", "maybe"),
        ("born", "tomorrow"),
        ("seen", "2026-13-01"),
        ("plan", "platinum"),
        ("owner", "nobody"),
        ("title", ""),
        ("gone", "x"),
    ],
)
def test_value_that_does_not_fit_its_field_is_refused_without_quoting_it(
    field: str, typed: str
) -> None:
    with pytest.raises(UseError) as caught:
        _read(field, typed)

    assert field in caught.value.happened
    assert not typed or typed not in caught.value.happened.replace(f"`{field}`", "")
    assert caught.value.unchanged


async def test_one_refused_decision_stores_none(world: World) -> None:
    first, second = world.emails()[:2]
    for email, digit in ((first, "1"), (second, "2")):
        world.edit_contact(world.contact_id(email), phone=f"+1212555011{digit}")
        world.time.edit_row("Contacts", world.row_id(email), {"Phone": f"+1212555012{digit}"})
    async with world.open() as connection:
        await connection.sync()
        good, bad = connection.conflicts()
        decisions = [Decision(good.id, "highlevel"), Decision(bad.id, "value", "no phone")]

        with pytest.raises(UseError):
            await connection.resolve_many(decisions)

        assert len(connection.conflicts()) == 2
        settled = await connection.resolve(good.id, "value", value="(212) 555-0143")
        with pytest.raises(UseError, match="closed"):
            await connection.resolve_many([decisions[0]])
        assert settled.writes_sent == 2
        assert not settled.failures
    phones = {row["Phone"] for row in world.rows("Contacts").values()}
    assert "+12125550143" in phones
    await world.settle(0)

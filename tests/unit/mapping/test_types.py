"""What each type makes of raw values."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from tests.unit.mapping.laws import CONTEXT, STAGES, field_of
from toolkit.errors import PlanChangedError, RejectedError
from toolkit.mapping.context import Context, Owner
from toolkit.mapping.spec import FieldMapping, FieldOptions, KindMapping
from toolkit.mapping.translate import Translator
from toolkit.model.ids import Kind, Side
from toolkit.model.policy import Direction

HL, TT = Side.HIGHLEVEL, Side.TIMETONIC
PROBLEM = object()


def _read(field: FieldMapping, raw: object, *, side: Side = TT, context: Context = CONTEXT):
    translator = Translator(KindMapping(Kind.CONTACT, "Contacts", (field,)), context)
    key = "X" if side is TT else "x"
    values, problems = translator.read(side, {key: raw})
    if problems:
        assert str(raw) not in problems[0].reason
        return PROBLEM
    return values["x"]


@pytest.mark.parametrize(
    ("type_name", "raw", "value"),
    [
        ("text", " a \r\nb\t\r c ", "a\nb\n c"),
        ("text", "e\u0301", "é"),
        ("text", 5, "5"),
        ("text", 5.0, "5"),
        ("text", 1.25, "1.25"),
        ("text", ["one"], "one"),
        ("text", ["one", "two"], PROBLEM),
        ("text", {"a": 1}, PROBLEM),
        ("text", True, PROBLEM),
        ("text", date(2026, 1, 2), "2026-01-02"),
        ("text", datetime(2026, 1, 2, 3, 4, 5, 600, UTC), "2026-01-02T03:04:05Z"),
        ("text", "half \ud83d", PROBLEM),
        ("email", " Ann@Example.COM ", "ann@example.com"),
        ("email", "ann@intranet.local", "ann@intranet.local"),
        ("email", "zoë@bücher.de", "zoë@bücher.de"),
        ("email", "ann@localhost", PROBLEM),
        ("email", "ann@intranet", PROBLEM),
        ("email", "ann at example.com", PROBLEM),
        ("email", "a..b@example.com", PROBLEM),
        ("phone", "(212) 555-0143", "+12125550143"),
        ("phone", "+44 (0)20 7946 0018", "+442079460018"),
        ("phone", "212 555 0143 ext. 7", "+12125550143"),
        ("phone", 2125550143, "+12125550143"),
        ("phone", "call me", PROBLEM),
        ("phone", "12", PROBLEM),
        ("phone", "06 98 76 54 32", PROBLEM),
        ("phone", "1 069 876 5432", PROBLEM),
        ("phone", "+1 069 876 5432", "+10698765432"),
        ("phone", "011 33 6 98 76 54 32", "+33698765432"),
        ("date", "2013-01-01T00:00:00.000Z", "2013-01-01"),
        ("date", "2013/01/31", "2013-01-31"),
        ("date", date(2013, 1, 1), "2013-01-01"),
        ("date", datetime(2013, 1, 1, 23, 59, tzinfo=UTC), "2013-01-01"),
        ("date", "2013-02-30", PROBLEM),
        ("date", "soon", PROBLEM),
        ("date", 20130101, PROBLEM),
        ("datetime", "2021-07-16 11:00:00", "2021-07-16T09:00:00Z"),
        ("datetime", "2023-09-25T16:00:00+05:30", "2023-09-25T10:30:00Z"),
        ("datetime", "2021-07-02T05:18:26.704Z", "2021-07-02T05:18:26Z"),
        ("datetime", date(2021, 7, 2), "2021-07-01T22:00:00Z"),
        ("datetime", datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=2))), PROBLEM),
        ("datetime", "soon", PROBLEM),
        ("datetime", 5, PROBLEM),
        ("number", 3.0, 3),
        ("number", -0.0, 0),
        ("number", 0.1 + 0.2, 0.3),
        ("number", "1 234,50", 1234.5),
        ("number", "1e3", 1000),
        ("number", "1,234,567", PROBLEM),
        ("number", 10**15, PROBLEM),
        ("number", float("nan"), PROBLEM),
        ("number", True, PROBLEM),
        ("number", "many", PROBLEM),
        ("number", [1, 2], PROBLEM),
        ("boolean", "YES", True),
        ("boolean", 0, False),
        ("boolean", 1.0, True),
        ("boolean", None, False),
        ("boolean", "", False),
        ("boolean", "maybe", PROBLEM),
        ("boolean", 2, PROBLEM),
        ("boolean", [1], PROBLEM),
        ("multi_choice", "b, a; b", PROBLEM),
        ("tags", ["VIP ", "new  lead", "vip", ""], ("new lead", "vip")),
        ("tags", "VIP, gold\nnew", ("gold", "new", "vip")),
        ("tags", [1], PROBLEM),
        ("tags", [" "], None),
        ("owner", "Ann Lee", PROBLEM),
        ("owner", "zoë brandt", "u3"),
        ("owner", "ANN@example.com", "u1"),
        ("owner", "u2", "u2"),
        ("owner", "u4", "u4"),
        ("name", "  Ann   van Dam ", "Ann van Dam"),
        ("note", "a\u00a0b", "a b"),
        ("note", "<b>x</b>", "<b>x</b>"),
    ],
)  # fmt: skip
def test_timetonic_values_become_neutral(type_name, raw, value):
    assert _read(field_of(type_name), raw) == value


@pytest.mark.parametrize("blank", [None, "", "  \n", [], ["", None], {}, ()])
@pytest.mark.parametrize(
    "type_name", ["text", "email", "phone", "date", "choice", "tags", "owner"]
)
def test_blank_is_none_and_missing_is_absent(type_name, blank):
    field = field_of(type_name)
    translator = Translator(KindMapping(Kind.CONTACT, "Contacts", (field,)), CONTEXT)

    assert translator.read(TT, {"X": blank}) == ({"x": None}, ())
    assert translator.read(TT, {"Other": "a"}) == ({}, ())
    assert translator.render(TT, {"x": None}) == {"X": None}


@pytest.mark.parametrize(
    ("side", "raw", "value"),
    [
        (HL, "LEAD IN", "lead"),
        (HL, "lead", "lead"),
        (HL, "prospect client", "lead"),
        (TT, "Prospect Client", "lead"),
        (TT, "kunde", "Kunde"),
        (TT, "Something", "Something"),
    ],
)
def test_options_are_known_by_any_spelling(side, raw, value):
    field = field_of("choice", choices=STAGES.choices, is_open=True)

    assert _read(field, raw, side=side) == value


def test_a_closed_list_refuses_what_it_does_not_list():
    assert _read(field_of("choice", choices=STAGES.choices), "Something") is PROBLEM
    assert _read(field_of("multi_choice", choices=STAGES.choices), ["lead", "?"]) is PROBLEM


def test_a_set_in_a_text_column_is_joined_and_split():
    field = field_of("tags", separator=" | ")
    translator = Translator(KindMapping(Kind.CONTACT, "Contacts", (field,)), CONTEXT)

    assert translator.render(TT, {"x": ("a, b", "c")}) == {"X": "a, b | c"}
    assert translator.read(TT, {"X": "a, b | c"}) == ({"x": ("a, b", "c")}, ())
    assert translator.render(HL, {"x": ("a", "c")}) == {"x": ["a", "c"]}


@pytest.mark.parametrize(
    ("type_name", "value", "highlevel", "timetonic"),
    [
        ("date", "2026-01-02", "2026-01-02", date(2026, 1, 2)),
        (
            "datetime",
            "2026-01-02T03:04:05Z",
            "2026-01-02T03:04:05Z",
            datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        ),
        ("owner", "u1", "u1", "ann@example.com"),
        ("owner", "u3", "u3", "Zoë Brandt"),
        ("owner", "u4", "u4", "u4"),
        ("tags", ("a", "b"), ["a", "b"], ["a", "b"]),
        ("boolean", False, False, False),
        ("number", 0, 0, 0),
    ],
)
def test_each_side_is_shown_its_own_form(type_name, value, highlevel, timetonic):
    translator = Translator(
        KindMapping(Kind.CONTACT, "Contacts", (field_of(type_name),)), CONTEXT
    )

    assert translator.render(HL, {"x": value}) == {"x": highlevel}
    assert translator.render(TT, {"x": value}) == {"X": timetonic}


@pytest.mark.parametrize(
    ("first", "last", "whole", "written"),
    [
        ("Ann", "van Dam", "Ann van Dam", {"firstName": "Ann", "lastName": "van Dam"}),
        ("Ann", None, "Ann", {"firstName": "Ann", "lastName": None}),
        ("", "Dam", "Dam", {"firstName": "Dam", "lastName": None}),
        (None, "", None, {"firstName": None, "lastName": None}),
    ],
)
def test_a_name_is_joined_and_split_at_the_first_blank(first, last, whole, written):
    field = field_of("name")
    translator = Translator(KindMapping(Kind.CONTACT, "Contacts", (field,)), CONTEXT)

    values, _ = translator.read(HL, {"firstName": first, "lastName": last})

    assert values == {"x": whole}
    assert translator.render(HL, values) == written


def test_half_a_name_is_a_name_and_none_of_it_is_absent():
    translator = Translator(KindMapping(Kind.CONTACT, "Contacts", (field_of("name"),)), CONTEXT)

    assert translator.read(HL, {"firstName": "Ann"}) == ({"x": "Ann"}, ())
    assert translator.read(HL, {}) == ({}, ())


def test_a_name_in_one_field_stays_whole():
    field = FieldMapping("x", "name", ("name",), "X")
    translator = Translator(KindMapping(Kind.CONTACT, "Contacts", (field,)), CONTEXT)

    assert translator.render(HL, {"x": "Ann van Dam"}) == {"name": "Ann van Dam"}


def test_an_owner_who_left_is_refused_when_written():
    translator = Translator(
        KindMapping(Kind.CONTACT, "Contacts", (field_of("owner"),)), CONTEXT
    )

    with pytest.raises(RejectedError, match="`x` cannot be shown on TimeTonic") as caught:
        translator.render(TT, {"x": "u99"})
    assert "u99" not in caught.value.sentence


def test_owners_without_name_do_not_meet_each_other():
    users = (Owner("a", "", ""), Owner("b", "", ""))

    assert _read(field_of("owner"), "b", context=Context(users=users)) == "b"


def test_a_field_that_never_flows_to_a_side_is_not_written_there():
    field = FieldMapping("x", "text", ("x",), "X", direction=Direction.TO_TIMETONIC)
    translator = Translator(KindMapping(Kind.CONTACT, "Contacts", (field,)), CONTEXT)

    assert translator.render(HL, {"x": "a"}) == {}
    assert translator.render(TT, {"x": "a"}) == {"X": "a"}


def test_a_field_that_left_the_mapping_voids_the_plan():
    translator = Translator(KindMapping(Kind.CONTACT, "Contacts", (field_of("text"),)), CONTEXT)

    with pytest.raises(PlanChangedError, match="no longer has the field `y`"):
        translator.render(TT, {"y": "a"})


def test_roll_ups_are_written_and_never_read():
    field = FieldMapping(
        "x",
        "rollup",
        timetonic="X",
        direction=Direction.TO_TIMETONIC,
        options=FieldOptions(rollup="open_tasks"),
    )
    translator = Translator(KindMapping(Kind.CONTACT, "Contacts", (field,)), CONTEXT)

    assert translator.columns(TT) == ()
    assert translator.read(TT, {"X": 5}) == ({}, ())
    assert translator.render(TT, {"x": 5}) == {"X": 5}
    assert translator.render(HL, {"x": 5}) == {}

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from toolkit.clients.highlevel.custom_fields import FieldCatalog, decode_value, encode_value
from toolkit.clients.highlevel.wire.contacts import CustomFieldValue
from toolkit.clients.highlevel.wire.surroundings import CustomFieldDefinition
from toolkit.errors import UseError

TYPES = (
    "TEXT LARGE_TEXT NUMERICAL PHONE MONETORY CHECKBOX SINGLE_OPTIONS MULTIPLE_OPTIONS DATE"
    " TEXTBOX_LIST FILE_UPLOAD RADIO EMAIL"
)


def defined(kind: str, *options: str, **more) -> CustomFieldDefinition:
    row = {"id": "f", "name": "Plan", "dataType": kind, "picklistOptions": list(options)}
    return CustomFieldDefinition.model_validate(row | more)


@pytest.mark.parametrize(
    ("kind", "value", "wire"),
    [
        ("TEXT", "x", "x"),
        ("LARGE_TEXT", "é\n😀", "é\n😀"),
        ("PHONE", "+33612345678", "+33612345678"),
        ("EMAIL", "a@b.c", "a@b.c"),
        ("TEXT", 5, "5"),
        ("TEXT", "", ""),
        ("SOMETHING_NEW", "x", "x"),
        ("SINGLE_OPTIONS", "a", "a"),
        ("RADIO", "b", "b"),
        ("RADIO", "", ""),
        ("CHECKBOX", ("a", "b"), ["a", "b"]),
        ("MULTIPLE_OPTIONS", ["b"], ["b"]),
        ("MULTIPLE_OPTIONS", [], []),
        ("NUMERICAL", 100, 100),
        ("NUMERICAL", 100.5, 100.5),
        ("NUMERICAL", "100.0", 100),
        ("NUMERICAL", Decimal("7.25"), 7.25),
        ("NUMERICAL", "", None),
        ("MONETORY", "12.30", 12.3),
        ("DATE", date(2026, 1, 2), "2026-01-02"),
        ("DATE", datetime(2026, 1, 2, 23, tzinfo=UTC), "2026-01-02"),
        ("DATE", "2026-01-02T23:00:00-11:00", "2026-01-02"),
        ("DATE", "01/02/2026", "2026-01-02"),
        ("DATE", "", ""),
        ("TEXTBOX_LIST", {"o1": "x"}, {"o1": "x"}),
        ("FILE_UPLOAD", {"u1": {"url": "x", "meta": {}}}, {"u1": {"url": "x", "meta": {}}}),
    ],
)
def test_each_data_type_is_encoded_in_its_own_shape(kind, value, wire):
    encoded = encode_value(defined(kind, "a", "b"), value)

    assert encoded == wire
    assert type(encoded) is type(wire)


@pytest.mark.parametrize("kind", TYPES.split())
def test_none_clears_every_data_type(kind):
    cleared = encode_value(defined(kind, "a"), None)

    assert cleared in ("", [], None)
    assert (cleared == []) is (kind in {"CHECKBOX", "MULTIPLE_OPTIONS"})


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("TEXT", True),
        ("TEXT", ["x"]),
        ("RADIO", "c"),
        ("SINGLE_OPTIONS", "A"),
        ("CHECKBOX", "a"),
        ("CHECKBOX", 5),
        ("CHECKBOX", [1]),
        ("MULTIPLE_OPTIONS", ["a", "c"]),
        ("NUMERICAL", "many"),
        ("NUMERICAL", True),
        ("NUMERICAL", float("nan")),
        ("NUMERICAL", [1]),
        ("DATE", "soon"),
        ("DATE", 5),
        ("TEXTBOX_LIST", ["x"]),
        ("FILE_UPLOAD", "x"),
    ],
)
def test_a_value_its_data_type_does_not_take_is_refused_unsent(kind, value):
    with pytest.raises(UseError, match="Plan takes") as caught:
        encode_value(defined(kind, "a", "b"), value)

    assert "soon" not in caught.value.sentence


@pytest.mark.parametrize(
    "definition",
    [
        defined("RADIO"),
        defined("RADIO", "a", isAllowedCustomOption=True),
        defined("RADIO", picklistOptions=[{"label": "a"}]),
    ],
)
def test_an_unlisted_option_passes_where_the_field_allows_or_lists_none(definition):
    assert encode_value(definition, "free") == "free"


@pytest.mark.parametrize(
    ("kind", "wire", "value"),
    [
        ("TEXT", "x", "x"),
        ("TEXT", None, None),
        ("NUMERICAL", 5, 5),
        ("NUMERICAL", "5", 5),
        ("MONETORY", "5.5", 5.5),
        ("NUMERICAL", "five", "five"),
        ("NUMERICAL", "inf", float("inf")),
        ("CHECKBOX", ["a"], ("a",)),
        ("MULTIPLE_OPTIONS", "a", ("a",)),
        ("DATE", "2013-01-01T00:00:00.000Z", date(2013, 1, 1)),
        ("DATE", "2013-01-01", date(2013, 1, 1)),
        ("DATE", 1356998400000, date(2013, 1, 1)),
        ("DATE", "soon", "soon"),
        ("TEXTBOX_LIST", {"o": 1}, {"o": 1}),
    ],
)
def test_each_data_type_is_decoded_or_kept_as_it_came(kind, wire, value):
    assert decode_value(defined(kind), wire) == value


CATALOG = FieldCatalog(
    CustomFieldDefinition.model_validate(row)
    for row in [
        {"id": "f1", "name": "Plan", "fieldKey": "contact.plan", "dataType": "TEXT"},
        {"id": "f2", "name": "Twin", "fieldKey": "contact.twin_a", "dataType": "TEXT"},
        {"id": "f3", "name": "Twin", "fieldKey": "opportunity.twin_b", "dataType": "TEXT"},
        {"id": "f4", "name": "Keyless", "dataType": "NUMERICAL"},
    ]
)


@pytest.mark.parametrize(
    ("name", "field_id"),
    [
        ("f1", "f1"),
        ("plan", "f1"),
        ("contact.plan", "f1"),
        ("Plan", "f1"),
        ("twin_b", "f3"),
        ("Keyless", "f4"),
        ("Twin", None),
        ("", None),
        ("nothing", None),
    ],
)
def test_a_field_is_found_by_id_key_or_a_name_borne_once(name, field_id):
    found = CATALOG.find(name)

    assert (found and found.id) == field_id


def test_an_unknown_field_is_refused():
    with pytest.raises(UseError, match="nothing"):
        CATALOG.encode({"nothing": "x"})


def test_values_come_back_by_key_and_unknown_ones_by_id():
    values = [
        CustomFieldValue(id="f1", value="gold"),
        CustomFieldValue(id="f4", value="4"),
        CustomFieldValue(id="f9", value=[1]),
    ]

    assert CATALOG.decode(values) == {"plan": "gold", "f4": 4, "f9": [1]}

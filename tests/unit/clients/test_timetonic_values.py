from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit.clients.timetonic.dates import read_day, read_instant, read_stamp
from toolkit.clients.timetonic.profile import CapabilityProfile
from toolkit.clients.timetonic.schema import Field, FieldId, FieldKind
from toolkit.clients.timetonic.values import LinkedRow, StoredFile, Unreadable, read_value
from toolkit.clients.timetonic.writing import write_value, write_values
from toolkit.errors import UseError

PLAIN = CapabilityProfile()
NOON = datetime(2026, 7, 1, 10, 0, tzinfo=UTC)
DATE_CODECS = ("epoch_s", "iso_date", "formatted")
DATETIME_CODECS = ("epoch_s", "iso_datetime", "formatted")
FORMATS = ("", "YYYY-MM-DD", "DD/MM/YYYY", "MM/DD/YYYY", "DD.MM.YYYY")
ZONES = ("Europe/Paris", "UTC", "America/New_York", "Asia/Kolkata")


def field(kind: FieldKind, **extra) -> Field:
    return Field(id=FieldId(1), name="The field", kind=kind, **extra)


def round_trip(value, kind, profile, **extra):
    definition = field(kind, **extra)
    return read_value(write_value(value, definition, profile), definition, profile)


@pytest.mark.parametrize(
    ("kind", "raw", "value"),
    [
        (FieldKind.TEXT, None, None),
        (FieldKind.TEXT, "", ""),
        (FieldKind.TEXT, "  a ", "  a "),
        (FieldKind.TEXT, 12, "12"),
        (FieldKind.TEXT, 1.5, "1.5"),
        (FieldKind.TEXT, {"value": "a"}, "a"),
        (FieldKind.EMAIL, "a@x.org", "a@x.org"),
        (FieldKind.NUMBER, None, None),
        (FieldKind.NUMBER, " ", None),
        (FieldKind.NUMBER, 1.1, Decimal("1.1")),
        (FieldKind.NUMBER, "1.10", Decimal("1.10")),
        (FieldKind.NUMBER, "1,5", Decimal("1.5")),
        (FieldKind.NUMBER, "1\u202f234,50", Decimal("1234.50")),
        (FieldKind.NUMBER, "1.234,5", Decimal("1234.5")),
        (FieldKind.NUMBER, "1,234.5", Decimal("1234.5")),
        (FieldKind.NUMBER, 3, Decimal(3)),
        (FieldKind.INTEGER, "3", 3),
        (FieldKind.INTEGER, "3.0", 3),
        (FieldKind.INTEGER, 3.5, Decimal("3.5")),
        (FieldKind.INTEGER, "", None),
        (FieldKind.BOOLEAN, None, None),
        (FieldKind.BOOLEAN, "", None),
        (FieldKind.BOOLEAN, 1, True),
        (FieldKind.BOOLEAN, "1", True),
        (FieldKind.BOOLEAN, "true", True),
        (FieldKind.BOOLEAN, True, True),
        (FieldKind.BOOLEAN, "Oui", True),
        (FieldKind.BOOLEAN, 0, False),
        (FieldKind.BOOLEAN, "false", False),
        (FieldKind.DATE, None, None),
        (FieldKind.DATE, "", None),
        (FieldKind.DATE, "2026-07-01", date(2026, 7, 1)),
        (FieldKind.DATE, "01/07/2026", date(2026, 7, 1)),
        (FieldKind.DATE, "2026-07-01 23:30:00", date(2026, 7, 1)),
        (FieldKind.DATETIME, "", None),
        (FieldKind.DATETIME, "2026-07-01T10:00:00Z", NOON),
        (FieldKind.DATETIME, "2026-07-01 12:00:00", NOON),
        (FieldKind.DATETIME, "01/07/2026 12:00", NOON),
        (FieldKind.DATETIME, "01/07/2026 12:00:00", NOON),
        (FieldKind.DATETIME, int(NOON.timestamp()), NOON),
        (FieldKind.DATETIME, str(int(NOON.timestamp())), NOON),
        (FieldKind.CHOICE, None, None),
        (FieldKind.CHOICE, "Pro", "Pro"),
        (FieldKind.CHOICE, ["Pro"], "Pro"),
        (FieldKind.CHOICE, ["Pro", "Basic"], ("Pro", "Basic")),
        (FieldKind.CHOICE, [], None),
        (FieldKind.MULTI_CHOICE, None, ()),
        (FieldKind.MULTI_CHOICE, [], ()),
        (FieldKind.MULTI_CHOICE, "", ()),
        (FieldKind.MULTI_CHOICE, ["a", "b,c"], ("a", "b,c")),
        (FieldKind.MULTI_CHOICE, "a, b", ("a", "b")),
        (FieldKind.MULTI_CHOICE, [{"value": "a"}, {"label": 2}], ("a", "2")),
        (FieldKind.MULTI_CHOICE, [7], ("7",)),
        (FieldKind.LINK, None, ()),
        (FieldKind.LINK, [], ()),
        (FieldKind.LINK, [{"row_id": 5, "value": "L"}], (LinkedRow(5, "L"),)),
        (FieldKind.LINK, [{"row_id": "5", "value": None}], (LinkedRow(5, ""),)),
        (FieldKind.LINK, {"id": 5, "name": "L"}, (LinkedRow(5, "L"),)),
        (FieldKind.LINK, [5], (LinkedRow(5),)),
        (FieldKind.LINK, "L", (LinkedRow(None, "L"),)),
        (FieldKind.FILES, None, ()),
        (FieldKind.FILES, [{"uuid": "u", "originName": "a.jpg"}], (StoredFile("u", "a.jpg"),)),
        (FieldKind.FILES, {"uuid": "u"}, (StoredFile("u", ""),)),
        (FieldKind.OTHER, None, None),
        (FieldKind.OTHER, [], None),
        (FieldKind.OTHER, True, True),
        (FieldKind.OTHER, "x", "x"),
    ],
)
def test_every_known_cell_is_read(kind, raw, value):
    assert read_value(raw, field(kind), PLAIN) == value


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        (FieldKind.TEXT, {"other": 1}),
        (FieldKind.NUMBER, "many"),
        (FieldKind.NUMBER, True),
        (FieldKind.NUMBER, "NaN"),
        (FieldKind.BOOLEAN, "maybe"),
        (FieldKind.DATE, "soon"),
        (FieldKind.DATE, {"a": 1}),
        (FieldKind.DATE, True),
        (FieldKind.DATETIME, ["x"]),
        (FieldKind.DATETIME, 1e300),
        (FieldKind.LINK, [True]),
        (FieldKind.LINK, [{"row_id": "x"}]),
        (FieldKind.FILES, [{"name": "no uuid"}]),
        (FieldKind.CHOICE, {"other": 1}),
    ],
)
def test_cell_that_does_not_fit_is_unreadable_and_not_blank(kind, raw):
    value = read_value(raw, field(kind), PLAIN)

    assert value == Unreadable(raw)
    assert "raw" not in repr(value)


@pytest.mark.parametrize(
    ("profile", "kind", "value", "raw"),
    [
        ({"boolean_codec": "words"}, FieldKind.BOOLEAN, True, "true"),
        ({"boolean_codec": "words"}, FieldKind.BOOLEAN, False, "false"),
        ({"boolean_codec": "int"}, FieldKind.BOOLEAN, True, 1),
        ({"boolean_codec": "bool"}, FieldKind.BOOLEAN, False, False),
        ({"number_codec": "json"}, FieldKind.NUMBER, Decimal("1.5"), 1.5),
        ({"number_codec": "json"}, FieldKind.NUMBER, 2.0, 2),
        ({"number_codec": "json"}, FieldKind.NUMBER, Decimal("0.1234567890123456789"),
         "0.1234567890123456789"),
        ({"number_codec": "string"}, FieldKind.NUMBER, 1.5, "1.5"),
        ({"number_codec": "decimal_comma"}, FieldKind.NUMBER, Decimal("1.5"), "1,5"),
        ({"number_codec": "string"}, FieldKind.INTEGER, 3, "3"),
        ({"date_codec": "iso_date"}, FieldKind.DATE, "2026-07-01", "2026-07-01"),
        ({"date_codec": "epoch_s"}, FieldKind.DATE, date(2026, 7, 1), 1782856800),
        ({"datetime_codec": "iso_datetime"}, FieldKind.DATETIME, NOON, "2026-07-01T10:00:00Z"),
        ({"datetime_codec": "formatted"}, FieldKind.DATETIME, NOON, "2026-07-01 12:00:00"),
        ({"datetime_codec": "epoch_s"}, FieldKind.DATETIME, "2026-07-01T10:00:00Z", 1782900000),
        ({"multi_codec": "list"}, FieldKind.MULTI_CHOICE, ("a", "b"), ["a", "b"]),
        ({"multi_codec": "comma"}, FieldKind.MULTI_CHOICE, ("a", "b"), "a,b"),
        ({}, FieldKind.LINK, (LinkedRow(5, "L"), 6),
         [{"row_id": 5, "value": "L"}, {"row_id": 6, "value": ""}]),
        ({}, FieldKind.TEXT, "", ""),
        ({"clear_with": "null"}, FieldKind.TEXT, None, None),
        ({"clear_with": "empty"}, FieldKind.NUMBER, None, ""),
        ({"clear_with": "empty"}, FieldKind.MULTI_CHOICE, (), ""),
    ],
)  # fmt: skip
def test_written_form_follows_the_profile(profile, kind, value, raw):
    written = write_value(value, field(kind), CapabilityProfile(**profile))

    assert (written, type(written)) == (raw, type(raw))


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (FieldKind.TEXT, 5),
        (FieldKind.NUMBER, "secret words"),
        (FieldKind.NUMBER, True),
        (FieldKind.INTEGER, 1.5),
        (FieldKind.BOOLEAN, "true"),
        (FieldKind.DATE, NOON),
        (FieldKind.DATE, "secret words"),
        (FieldKind.DATETIME, date(2026, 1, 1)),
        (FieldKind.DATETIME, datetime(2026, 1, 1)),  # noqa: DTZ001 — that is the point
        (FieldKind.MULTI_CHOICE, "secret words"),
        (FieldKind.LINK, "secret words"),
        (FieldKind.LINK, [LinkedRow(None, "secret words")]),
    ],
)
def test_value_of_another_kind_is_refused_without_being_quoted(kind, value):
    with pytest.raises(UseError, match="takes a") as caught:
        write_value(value, field(kind), PLAIN)

    assert "secret" not in caught.value.sentence


@pytest.mark.parametrize(
    "extra",
    [
        {"kind": FieldKind.TEXT, "is_read_only": True},
        {"kind": FieldKind.COMMENTS},
        {"kind": FieldKind.ACTIVITY},
        {"kind": FieldKind.FILES},
    ],
)
def test_field_that_cannot_be_written_is_refused(extra):
    with pytest.raises(UseError, match="cannot be written"):
        write_value("x", field(**extra), PLAIN)


def test_field_values_are_keyed_by_field_id_as_text():
    assert write_values({field(FieldKind.TEXT): "a"}, PLAIN) == {"1": "a"}


@settings(deadline=None, max_examples=60)
@given(day=st.dates(min_value=date(1910, 1, 1), max_value=date(2199, 12, 31)))
@pytest.mark.parametrize("zone", ZONES)
def test_day_survives_every_codec_format_and_zone(zone, day):
    for codec, pattern in product(DATE_CODECS, FORMATS):
        profile = CapabilityProfile(date_codec=codec, tz=zone)

        assert round_trip(day, FieldKind.DATE, profile, date_format=pattern) == day


@settings(deadline=None, max_examples=60)
@given(
    moment=st.datetimes(
        min_value=datetime(1970, 1, 2),  # noqa: DTZ001 — zone given below
        max_value=datetime(2199, 12, 31),  # noqa: DTZ001 — zone given below
        timezones=st.just(UTC),
    )
)
@pytest.mark.parametrize("zone", ZONES)
def test_instant_survives_every_codec_format_and_zone_to_the_second(zone, moment):
    whole = moment.replace(microsecond=0)
    for codec, pattern in product(DATETIME_CODECS, FORMATS):
        profile = CapabilityProfile(datetime_codec=codec, tz=zone)

        seen = round_trip(moment, FieldKind.DATETIME, profile, date_format=pattern)

        # Local text without an offset cannot tell the two hours of an autumn night apart.
        is_repeated_hour = codec == "formatted" and whole - seen == timedelta(hours=1)
        assert seen == whole or is_repeated_hour


@settings(deadline=None)
@given(
    number=st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**12),
                       max_value=10**12)
)  # fmt: skip
@pytest.mark.parametrize("codec", ["json", "string", "decimal_comma"])
def test_number_survives_every_codec(codec, number):
    assert round_trip(number, FieldKind.NUMBER, CapabilityProfile(number_codec=codec)) == number


@given(flag=st.booleans())
@pytest.mark.parametrize("codec", ["words", "int", "bool"])
def test_boolean_survives_every_codec(codec, flag):
    profile = CapabilityProfile(boolean_codec=codec)

    assert round_trip(flag, FieldKind.BOOLEAN, profile) is flag


@given(text=st.text(), kind=st.sampled_from([FieldKind.TEXT, FieldKind.URL, FieldKind.PHONE]))
def test_text_survives_as_it_is(text, kind):
    assert round_trip(text, kind, PLAIN) == text


@given(labels=st.lists(st.text(alphabet="abcé 🎉", min_size=1).map(str.strip).filter(bool)))
@pytest.mark.parametrize("codec", ["list", "comma"])
def test_labels_survive_every_codec(codec, labels):
    profile = CapabilityProfile(multi_codec=codec)

    assert round_trip(tuple(labels), FieldKind.MULTI_CHOICE, profile) == tuple(labels)


@pytest.mark.parametrize("clear_with", ["null", "empty"])
@pytest.mark.parametrize(
    ("kind", "blank"),
    [
        (FieldKind.NUMBER, None),
        (FieldKind.BOOLEAN, None),
        (FieldKind.DATE, None),
        (FieldKind.DATETIME, None),
        (FieldKind.CHOICE, None),
        (FieldKind.MULTI_CHOICE, ()),
        (FieldKind.LINK, ()),
    ],
)
def test_cleared_cell_reads_as_blank(clear_with, kind, blank):
    assert round_trip(None, kind, CapabilityProfile(clear_with=clear_with)) == blank


@pytest.mark.parametrize("hour", [0, 22, 23])
def test_seconds_of_midnight_in_utc_or_paris_are_the_same_day(hour):
    # 22:00 and 23:00 UTC are midnight in Paris, in summer and in winter.
    months = {0: 7, 22: 7, 23: 1}
    midnight = datetime(2026, months[hour], 1, tzinfo=UTC)
    seconds = int(midnight.timestamp()) - (0 if hour == 0 else (24 - hour) * 3600)

    assert read_day(seconds, pattern="", profile=PLAIN) == midnight.date()


def test_day_first_is_believed_unless_the_field_says_month_first():
    assert read_day("03/04/2026", pattern="", profile=PLAIN) == date(2026, 4, 3)
    assert read_day("03/04/2026", pattern="MM/DD/YYYY", profile=PLAIN) == date(2026, 3, 4)


def test_stamp_is_seconds_times_ten_thousand():
    assert read_stamp(15583609109172) == datetime(2019, 5, 20, 14, 1, 50, 917200, tzinfo=UTC)


def test_text_without_an_offset_is_local_to_the_profile():
    profile = CapabilityProfile(tz="Asia/Kolkata")

    moment = read_instant("2026-07-01 15:30:00", pattern="", profile=profile)

    assert moment == NOON

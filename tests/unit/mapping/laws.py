"""Strategies and fields for the law `canon(render(v)) == v`."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import strategies as st

from toolkit.mapping.context import Context, Owner
from toolkit.mapping.spec import Choice, FieldMapping, FieldOptions

USERS = (
    Owner("u1", "Ann Lee", "ann@example.com"),
    Owner("u2", "Ann Lee", "ann.lee@example.com"),
    Owner("u3", "Zoë  Brandt", "zoe@example.com"),
    Owner("u4", "", ""),
    Owner("u5", "u4", "u5@example.com"),
)
CONTEXT = Context(users=USERS, default_region="US", tz="Europe/Paris")
STAGES = FieldOptions(
    choices=(Choice("lead", "Lead In", "Prospect client"), Choice("Kunde"), Choice("lost")),
    is_open=True,
)

_pieces = st.sampled_from(
    ["a", "B", " ", "  ", "\n", "\r\n", "\r", "\t", "\f", "e\u0301", "\u0308", "\u00a0", "é", "ß",
     "İ", "\u2000", "漢字", "שלום", "😀", "<", ">", "&", "&amp;", "<b>", "</p>", "<br>", "<p>",
     "<ann@example.com>", "<script>", "<!--", "&#9;", "&nbsp;", ";", ",", "\x00", "\x0b", "'", '"']
)  # fmt: skip
texts = st.one_of(st.lists(_pieces, max_size=12).map("".join), st.text(max_size=20))
_labels = st.from_regex(r"[A-Za-z0-9]([A-Za-z0-9-]{0,6}[A-Za-z0-9])?", fullmatch=True)
_locals = st.from_regex(r"[A-Za-z0-9_+%'é-]{1,8}(\.[A-Za-z0-9_+%-]{1,4})?", fullmatch=True)
emails = st.builds(
    "{}@{}.{}".format, _locals, _labels, st.sampled_from(["com", "CO.UK", "test", "DE", "рф"])
)
phones = st.one_of(
    st.builds("+1{}{}".format, st.integers(200, 999), st.integers(2_000_000, 9_999_999)),
    st.builds("({}) {}-{}".format, st.integers(200, 999), st.integers(200, 999),
              st.integers(1000, 9999)),
    st.builds("+33 {}".format, st.integers(100_000_000, 999_999_999)),
    st.builds("+39 0{}".format, st.integers(10_000_000, 99_999_999)),
    st.builds("+44 (0) {}".format, st.integers(2_000_000_000, 2_099_999_999)),
)  # fmt: skip
days = st.one_of(
    st.dates(), st.dates().map(str), st.dates().map(lambda d: f"{d}T00:00:00.000Z")
)
_moments = st.datetimes(min_value=datetime(2, 1, 1), max_value=datetime(9999, 1, 1))  # noqa: DTZ001
moments = st.one_of(
    _moments,
    _moments.map(lambda m: m.replace(tzinfo=UTC)),
    _moments.map(lambda m: m.isoformat() + "+05:30"),
    st.dates(min_value=datetime(2, 1, 1).date()),  # noqa: DTZ001
)
numbers = st.one_of(
    st.integers(-(10**15) + 1, 10**15 - 1),
    st.floats(-1e14, 1e14),
    st.decimals(-1000, 1000, places=2).map(lambda d: str(d).replace(".", ",")),
)
booleans = st.one_of(st.booleans(), st.sampled_from([0, 1, "1", "true", "No", "X", 0.0]))
stages = st.one_of(st.sampled_from(["LEAD", "lead in", "prospect CLIENT", "kunde"]), texts)
lists = st.lists(texts, max_size=4)
owners = st.sampled_from(
    ["u1", "u2", "u4", "u5", "ANN@example.com", "zoë brandt", "Ann.Lee@example.com"]
)


def field_of(type_name: str, **options: object) -> FieldMapping:
    """A field of that type with places on both sides."""
    return FieldMapping(
        "x",
        type_name,  # type: ignore[arg-type]
        ("firstName", "lastName") if type_name == "name" else ("x",),
        "X",
        options=FieldOptions(**options),  # type: ignore[arg-type]
    )


CASES = {
    "text": (field_of("text"), texts),
    "longtext": (field_of("longtext"), texts),
    "note": (field_of("note"), texts),
    "email": (field_of("email"), emails),
    "phone": (field_of("phone"), phones),
    "phone of a region": (field_of("phone", region="FR"), phones),
    "date": (field_of("date"), days),
    "datetime": (field_of("datetime"), moments),
    "number": (field_of("number"), numbers),
    "boolean": (field_of("boolean"), booleans),
    "closed choice": (
        field_of("choice", choices=STAGES.choices),
        st.sampled_from(["LEAD", "Kunde ", "lost", "Prospect Client"]),
    ),
    "open choice": (field_of("choice", choices=STAGES.choices, is_open=True), stages),
    "multi_choice": (
        field_of("multi_choice", choices=STAGES.choices, is_open=True),
        st.lists(stages, max_size=4),
    ),
    "tags": (field_of("tags"), lists),
    "owner": (field_of("owner"), owners),
    "name": (field_of("name"), texts),
}

"""What every HighLevel model shares: tolerant reading, strict writing.

Attribute names are ours (`owner_id`, `due_at`); the vendor's (`assignedTo`, `dueDate`) live in
the aliases here and nowhere else. Whether a key was absent, null or empty stays visible:
`model_fields_set` holds the names that were present.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Any, Self

from pydantic import (
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
)
from pydantic.alias_generators import to_camel

from toolkit.errors import UseError

_E164 = re.compile(r"\+[1-9]\d{6,14}")
_YEAR_FIRST = re.compile(r"(\d{4})[-/._](\d{2})[-/._](\d{2})")
_YEAR_LAST = re.compile(r"(\d{2})[-/._](\d{2})[-/._](\d{4})$")


class WireModel(BaseModel):
    """Something HighLevel answered; keys we do not know are kept in `model_extra`."""

    model_config = ConfigDict(
        frozen=True,
        extra="allow",
        alias_generator=to_camel,
        populate_by_name=True,
        coerce_numbers_to_str=True,
        hide_input_in_errors=True,
    )


class WriteModel(BaseModel):
    """Something to write: what is not given is not sent, None is sent as null.

    The vendor refuses any undeclared key (422), so an unknown name is refused here already.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    def declared(self) -> dict[str, Any]:
        """The given keys only, in the vendor's spelling."""
        return self.model_dump(mode="json", by_alias=True, exclude_unset=True)

    def requiring(self, *names: str) -> Self:
        """This value, if all of `names` are given.

        Raises:
            UseError: One is missing or None.
        """
        missing = [name for name in names if getattr(self, name) is None]
        if missing:
            raise UseError(
                f"{type(self).__name__} needs {', '.join(missing)}",
                unchanged="Nothing was sent",
            )
        return self


def wire_name(*names: str) -> Any:  # noqa: ANN401 — pydantic's own Field() is typed so
    """An optional attribute read from the first of `names` that is present."""
    return Field(default=None, validation_alias=AliasChoices(*names))


def written_as(name: str) -> Any:  # noqa: ANN401 — pydantic's own Field() is typed so
    """An optional attribute sent as `name`."""
    return Field(default=None, serialization_alias=name)


def iso_z(moment: datetime) -> str:
    """The spelling HighLevel itself uses: UTC, milliseconds, `Z`.

    Raises:
        UseError: `moment` has no time zone.
    """
    if moment.utcoffset() is None:
        raise UseError("A time without a zone cannot be sent", remedy="Give an aware datetime")
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def read_timestamp(value: object) -> object:
    """A time as aware UTC; None where the vendor wrote nothing readable.

    ISO text (no zone: UTC), epoch milliseconds, or a datetime.
    """
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = datetime.fromtimestamp(value / 1000, UTC)
    if not isinstance(value, datetime):
        return None
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def read_day(value: object) -> object:
    """A calendar day as `YYYY-MM-DD`, never shifted by a time zone; else the text as it came.

    Knows the eight spellings HighLevel accepts (issue 124 of its docs, read 2026-11), with
    any time of day after the year-first ones ignored.
    """
    if not isinstance(value, str):
        return value
    if found := _YEAR_FIRST.match(value):
        return "-".join(found.groups())
    if found := _YEAR_LAST.match(value):
        month, day, year = found.groups()
        return f"{year}-{month}-{day}"
    return value


def check_phone(value: str | None) -> str | None:
    """`value`, if it is None, empty or E.164.

    Raises:
        UseError: Without a country code the vendor would guess one.
    """
    if value and not _E164.fullmatch(value):
        raise UseError(
            "A phone number is not in international form",
            unchanged="Nothing was sent",
            remedy="Write it as +, country code and digits",
        )
    return value


Timestamp = Annotated[datetime | None, BeforeValidator(read_timestamp)]
Day = Annotated[str | None, BeforeValidator(read_day)]
SentTime = Annotated[datetime, PlainSerializer(iso_z, return_type=str)]
Words = Annotated[
    tuple[str, ...], BeforeValidator(lambda value: () if value is None else value)
]

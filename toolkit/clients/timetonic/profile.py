"""What an account was seen to do, as a value the client obeys.

TimeTonic publishes neither its limits nor the encodings of dates, numbers and booleans
(open questions, sources: help pages and published clients, read 2026-11). A profile in the
settings file says what an account was seen to do; the defaults are the likeliest guesses.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Literal, get_args
from zoneinfo import ZoneInfo

from toolkit.errors import UseError

DateCodec = Literal["epoch_s", "iso_date", "formatted"]
DatetimeCodec = Literal["epoch_s", "iso_datetime", "formatted"]
NumberCodec = Literal["json", "string", "decimal_comma"]
BooleanCodec = Literal["words", "int", "bool"]
MultiCodec = Literal["list", "comma"]
ClearWith = Literal["null", "empty"]
TmpIdMapping = Literal["read_back", "answer_fields", "tmp_ids"]

_CHOICES: Mapping[str, tuple[str, ...]] = {
    "date_codec": get_args(DateCodec),
    "datetime_codec": get_args(DatetimeCodec),
    "number_codec": get_args(NumberCodec),
    "boolean_codec": get_args(BooleanCodec),
    "multi_codec": get_args(MultiCodec),
    "clear_with": get_args(ClearWith),
    "tmp_id_mapping": get_args(TmpIdMapping),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CapabilityProfile:
    """How to speak to one TimeTonic account.

    The codecs decide what is *written*; reading accepts every variant of each.

    Attributes:
        page_size: Rows asked for per page, 1 or more. Three published clients use 100.
        write_batch_size: Rows per batch write, 1 or more. The vendor's own wrapper went
            200 -> 50 -> 10 within one summer and stayed at 10.
        date_codec: Seconds at local midnight, `YYYY-MM-DD`, or the field's own format.
        datetime_codec: Seconds, `YYYY-MM-DDTHH:MM:SSZ`, or local time in the field's format.
        number_codec: JSON number, text with a dot, text with a comma.
        boolean_codec: `"true"`/`"false"` words, 1/0, JSON booleans.
        multi_codec: Several labels as a JSON list or as comma-separated text.
        clear_with: What empties a cell: null or the empty text.
        tmp_id_mapping: How a batch answer tells which created row is which: not at all
            (read back by a key column), by mirrored fields, or by echoed tmp ids. For
            callers; receipts hold whatever an answer told.
        tz: Zone of stamps without an offset; Europe/Paris in every real sample.
        auth_error_patterns: Lower-case substrings that mean the session key is dead.
        quota_patterns: Substrings that mean the monthly call allowance is used up.
        missing_patterns: Substrings that mean the row, table or book is not there.
        forbidden_patterns: Substrings that mean the user may not do this here.
    """

    page_size: int = 100
    write_batch_size: int = 10
    date_codec: DateCodec = "epoch_s"
    datetime_codec: DatetimeCodec = "epoch_s"
    number_codec: NumberCodec = "json"
    boolean_codec: BooleanCodec = "words"
    multi_codec: MultiCodec = "list"
    clear_with: ClearWith = "null"
    tmp_id_mapping: TmpIdMapping = "answer_fields"
    tz: str = "Europe/Paris"
    auth_error_patterns: tuple[str, ...] = (
        "sesskey",
        "session",
        "oauth",
        "unauth",
        "invalid appkey",
        "invalid login",
    )
    quota_patterns: tuple[str, ...] = ("quota", "api call", "calls limit", "limit reached")
    missing_patterns: tuple[str, ...] = (
        "not found",
        "does not exist",
        "unknown row",
        "no such",
    )
    forbidden_patterns: tuple[str, ...] = ("permission", "forbidden", "not allowed", "no right")

    def __post_init__(self) -> None:
        for name, choices in _CHOICES.items():
            if getattr(self, name) not in choices:
                raise UseError(
                    f"the TimeTonic profile has no {name} of that name",
                    remedy="Use one of " + ", ".join(choices),
                )
        if self.page_size < 1 or self.write_batch_size < 1:
            raise UseError("page_size and write_batch_size of the TimeTonic profile start at 1")
        try:
            ZoneInfo(self.tz)
        except (LookupError, ValueError, OSError) as error:
            raise UseError("the TimeTonic profile names a time zone nobody knows") from error

    def to_json(self) -> dict[str, object]:
        """Plain JSON values, for the store; `from_json` gives an equal profile back."""
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in asdict(self).items()
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, object]) -> CapabilityProfile:
        """Read what `to_json` wrote; keys left out keep their default.

        Raises:
            UseError: A key or a value is not one a profile can have.
        """
        known = {field.name for field in fields(cls)}
        if unknown := sorted(set(stored) - known):
            raise UseError("the TimeTonic profile has no " + ", ".join(unknown))
        for name, value in stored.items():
            if not _fits(getattr(cls(), name), value):
                raise UseError(f"{name} of the TimeTonic profile is of the wrong type")
        ready = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in stored.items()
        }
        return cls(**ready)  # type: ignore[arg-type] # checked just above, name by name


def _fits(default: object, value: object) -> bool:
    if isinstance(default, tuple):
        return isinstance(value, list) and all(isinstance(item, str) for item in value)
    return type(value) is type(default)

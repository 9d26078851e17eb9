"""Cell values as they are written, in whichever encoding the variant takes (reference section 11)."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import NoReturn

from toolkit.sandbox.timetonic.envelope import RefusalError
from toolkit.sandbox.timetonic.php import Json, listed, truth, whole_number
from toolkit.sandbox.timetonic.schema import Field
from toolkit.sandbox.timetonic.stamps import EPOCH, PARIS, day_pattern
from toolkit.sandbox.timetonic.table import Table, Value
from toolkit.sandbox.timetonic.variant import Variant

_INTEGER = re.compile(r"[+-]?\d{1,18}")
_DECIMAL = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_BOOLEANS = frozenset({"true", "false", "1", "0"})
_DAY_S = 86_400


class Skipped(Exception):  # noqa: N818 — a signal, no error
    """The value is dropped without a word; its cell stays as it was."""


class Parsing:
    """Reads what clients send into cells, for one variant.

    Args:
        variant: Which encodings are taken, and what happens to the rest.
        tables: All tables by id, to resolve links.
    """

    def __init__(self, variant: Variant, tables: Mapping[int, Table]) -> None:
        self._variant = variant
        self._tables = tables
        self._day_pattern = day_pattern(variant.date_format)

    def read(self, column: Field, given: Json, *, separator: str = ",") -> Value:
        """The value to store for what a client sent; None empties the cell.

        Args:
            column: A writable field.
            given: Parsed JSON, or text out of a form.
            separator: Between the labels of a link written as text (`linkSeparator`).

        Raises:
            RefusalError: The field cannot hold it and the variant refuses.
            Skipped: It cannot hold it and the variant drops it silently.
        """
        if self._clears(column, given):
            return None
        if given == "" and column.is_text:
            return ""
        try:
            value = self._read_filled(column, given, separator)
        except (ValueError, OverflowError):
            self._drop_or_refuse(self._variant.bad_value, "bad_value", column)
        return value

    def _clears(self, column: Field, given: Json) -> bool:
        if isinstance(given, list | dict):
            return not given
        if given is None:
            if self._variant.clear_with == "empty":
                raise Skipped
            return True
        if given == "" and self._variant.clear_with == "null":
            if not column.is_text:
                self._drop_or_refuse(self._variant.bad_value, "bad_value", column)
            return False
        return given == ""

    def _drop_or_refuse(self, policy: str, name: str, column: Field) -> NoReturn:
        if policy == "drop":
            raise Skipped
        raise RefusalError(name, column.id)

    def _read_filled(self, column: Field, given: Json, separator: str) -> Value:
        if column.is_multiple:
            return self._read_labels(column, given)
        match column.type:
            case "int" | "double":
                return self._read_number(column.type, given)
            case "date":
                return self._read_moment(given) if column.has_time else self._read_day(given)
            case "boolean":
                return _read_boolean(given)
            case "link":
                return self._read_link(column, given, separator)
            case _:
                return self._read_text(column, given)

    def _read_text(self, column: Field, given: Json) -> Value:
        if isinstance(given, list | dict):
            raise ValueError("a structure in a text field")  # noqa: TRY004 — refused below
        text = given if isinstance(given, str) else str(given)
        choices = column.choices
        if choices is None or not choices.is_strict or text in choices.labels:
            return text
        if self._variant.strict_list != "store":
            self._drop_or_refuse(self._variant.strict_list, "not_in_list", column)
        return text

    def _read_labels(self, column: Field, given: Json) -> Value:
        if isinstance(given, str):
            given = list(given.split(","))
        labels = [str(each).strip() for each in listed(given)]
        known = [label for label in labels if label]
        choices = column.choices
        if choices is not None and choices.is_strict and not set(known) <= set(choices.labels):
            self._drop_or_refuse(self._variant.strict_list, "not_in_list", column)
        return tuple(dict.fromkeys(known)) or None

    def _read_number(self, kind: str, given: Json) -> Value:
        if isinstance(given, bool | list | dict):
            raise ValueError("not a number")  # noqa: TRY004 — refused by the caller
        text = str(given).strip()
        if self._variant.number == "decimal_comma":
            text = text.replace(",", ".")
        if _INTEGER.fullmatch(text):
            return int(text) if kind == "int" else float(text)
        if not _DECIMAL.fullmatch(text) or not math.isfinite(number := float(text)):
            raise ValueError("not a number")
        if kind == "int" and not number.is_integer():
            raise ValueError("not whole")
        return int(number) if kind == "int" else number

    def _read_day(self, given: Json) -> Value:
        if self._variant.date_codec == "epoch_s":
            moment = EPOCH + timedelta(seconds=_seconds(given))
            # Midnight UTC can only mean that UTC day: Paris is never on UTC.
            zone = UTC if moment.timestamp() % 86_400 == 0 else PARIS
            return moment.astimezone(zone).date()
        if not isinstance(given, str):
            raise ValueError("not a text")  # noqa: TRY004 — refused by the caller
        if self._variant.date_codec == "iso_date":
            return date.fromisoformat(given.strip())
        return datetime.strptime(given.strip(), self._day_pattern).date()  # noqa: DTZ007

    def _read_moment(self, given: Json) -> Value:
        if self._variant.datetime_codec == "epoch_s":
            return EPOCH + timedelta(seconds=_seconds(given))
        if not isinstance(given, str):
            raise ValueError("not a text")  # noqa: TRY004 — refused by the caller
        if self._variant.datetime_codec == "iso_datetime":
            moment = datetime.fromisoformat(given.strip()).replace(microsecond=0)
        else:
            pattern = self._day_pattern + " %H:%M:%S"
            moment = datetime.strptime(given.strip(), pattern)  # noqa: DTZ007 — zone set below
        zoned = moment if moment.tzinfo else moment.replace(tzinfo=PARIS)
        return zoned.astimezone(UTC)

    def _read_link(self, column: Field, given: Json, separator: str) -> Value:
        target = self._tables[column.links_to or 0]
        if isinstance(given, str):
            return self._by_label(column, target, given.split(separator))
        items = [given] if isinstance(given, int) else listed(given)
        ids = [
            whole_number(each.get("row_id") if isinstance(each, dict) else each)
            for each in items
        ]
        if any(row_id not in target for row_id in ids):
            raise RefusalError("unknown_row", column.id)
        return tuple(dict.fromkeys(ids)) or None

    def _by_label(self, column: Field, target: Table, labels: list[str]) -> Value:
        ids: list[int] = []
        for label in (each.strip() for each in labels):
            hits = target.find(target.label_field.id, label, is_exact=False) if label else []
            if label and not hits:
                self._drop_or_refuse(self._variant.unknown_label, "unknown_label", column)
            ids += hits[:1]
        return tuple(dict.fromkeys(ids)) or None


def _seconds(given: Json) -> int:
    if isinstance(given, bool) or not isinstance(given, str | int | float):
        raise ValueError("not seconds")  # noqa: TRY004 — refused by the caller
    text = str(given).strip()
    if not _INTEGER.fullmatch(text):
        raise ValueError("not seconds")
    return int(text)


def _read_boolean(given: Json) -> bool:
    text = str(given).strip().lower()
    if text not in _BOOLEANS:
        raise ValueError("not a boolean")
    return truth(text)

"""Cell values as they are read, in whichever encoding the variant speaks (reference section 11)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import cast

from toolkit.sandbox.timetonic.php import Json
from toolkit.sandbox.timetonic.schema import Field
from toolkit.sandbox.timetonic.stamps import EPOCH, PARIS, day_pattern
from toolkit.sandbox.timetonic.table import Media, Table, Value
from toolkit.sandbox.timetonic.variant import Variant

Renderer = Callable[[Value], Json]


class Rendering:
    """Shows stored cells in one variant's encodings.

    Args:
        variant: Which encodings are spoken.
        tables: All tables by id, to name linked rows.
    """

    def __init__(self, variant: Variant, tables: Mapping[int, Table]) -> None:
        self._variant = variant
        self._tables = tables
        self._day_pattern = day_pattern(variant.date_format)
        self._by_type: dict[str, Renderer] = {
            "date": self._show_day,
            "boolean": self._show_boolean,
            "files": _show_files,
        }
        if variant.number != "json":
            self._by_type |= {"int": self._show_number, "double": self._show_number}

    def renderer(self, column: Field) -> Renderer | None:
        """How filled cells of a field are shown; None where the stored value goes out as it is."""
        if column.is_multiple:
            return self._show_labels
        if column.type == "link":
            return partial(self._show_links, column)
        if column.type == "date" and column.has_time:
            return self._show_moment
        return self._by_type.get(column.type)

    def empty(self, column: Field) -> Json:
        """What an empty cell reads as."""
        is_shown_as_text = column.is_text and self._variant.empty_reads == "empty_text"
        return "" if is_shown_as_text else None

    def shown(self, column: Field, value: Value) -> Json:
        """One cell as it is read."""
        if value is None:
            return self.empty(column)
        render = self.renderer(column)
        return render(value) if render else value  # type: ignore[return-value]

    def as_text(self, column: Field, value: Value) -> str:
        """One cell as text: what filters compare and the activity log quotes."""
        if value is None:
            return ""
        if column.type == "link":
            return ", ".join(label for _, label in self._linked(column, value))
        if isinstance(value, tuple):
            return ", ".join(
                each.name if isinstance(each, Media) else str(each) for each in value
            )
        shown = self.shown(column, value)
        return shown if isinstance(shown, str) else str(shown)

    def _show_day(self, value: Value) -> Json:
        day = cast("date", value)
        if self._variant.date_codec == "epoch_s":
            # A calendar day as seconds is the midnight the user sees, in Paris.
            midnight = datetime(day.year, day.month, day.day, tzinfo=PARIS)
            return (midnight - EPOCH) // timedelta(seconds=1)
        is_iso = self._variant.date_codec == "iso_date"
        return day.isoformat() if is_iso else day.strftime(self._day_pattern)

    def _show_moment(self, value: Value) -> Json:
        moment = cast("datetime", value)
        if self._variant.datetime_codec == "epoch_s":
            return (moment - EPOCH) // timedelta(seconds=1)
        if self._variant.datetime_codec == "iso_datetime":
            return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return moment.astimezone(PARIS).strftime(self._day_pattern + " %H:%M:%S")

    def _show_number(self, value: Value) -> Json:
        text = repr(value)
        text = text.removesuffix(".0")
        return text.replace(".", ",") if self._variant.number == "decimal_comma" else text

    def _show_boolean(self, value: Value) -> Json:
        shown: dict[str, Json] = {
            "int": int(bool(value)),
            "bool": bool(value),
            "words": "true" if value else "false",
        }
        return shown[self._variant.boolean]

    def _show_labels(self, value: Value) -> Json:
        labels = list(cast("tuple[str, ...]", value))
        return ",".join(labels) if self._variant.multi_codec == "text" else [*labels]

    def _show_links(self, column: Field, value: Value) -> Json:
        linked: list[Json] = [
            {"row_id": row_id, "value": label} for row_id, label in self._linked(column, value)
        ]
        return linked or None

    def _linked(self, column: Field, value: Value) -> list[tuple[int, str]]:
        """Links to deleted rows vanish on read; a label is always the row's present one."""
        target = self._tables[column.links_to or 0]
        row_ids = cast("tuple[int, ...]", value)
        return [(row_id, target.label(row_id)) for row_id in row_ids if row_id in target]


def _show_files(value: Value) -> Json:
    return [media_json(each) for each in cast("tuple[Media, ...]", value)]


def media_json(media: Media) -> Json:
    """A stored file as cells and messages list it (key names seen in typed third-party models)."""
    return {
        "id": media.id,
        "uuid": media.uuid,
        "ext": media.extension,
        "originName": media.name,
        "internName": f"{media.uuid}.{media.extension}",
        "size": media.size_bytes,
        "type": media.media_type,
        "del": False,
    }

"""Cell values as they are read, in whichever encoding the variant speaks (reference section 11)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta

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
            return self._linker(self._tables.get(column.links_to or 0))
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
            target = self._tables.get(column.links_to or 0)
            ids = [row_id for row_id in _tuple(value) if isinstance(row_id, int)]
            return ", ".join(
                target.label(row_id) for row_id in ids if target and row_id in target
            )
        if isinstance(value, tuple):
            return ", ".join(
                each.name if isinstance(each, Media) else str(each) for each in value
            )
        shown = self.shown(column, value)
        return shown if isinstance(shown, str) else str(shown)

    def _show_day(self, value: Value) -> Json:
        if not isinstance(value, date):
            return None
        match self._variant.date_codec:
            case "epoch_s":
                # A calendar day as seconds is the midnight the user sees, in Paris.
                midnight = datetime(value.year, value.month, value.day, tzinfo=PARIS)
                return (midnight - EPOCH) // timedelta(seconds=1)
            case "iso_date":
                return value.isoformat()
            case "formatted":
                return value.strftime(self._day_pattern)

    def _show_moment(self, value: Value) -> Json:
        if not isinstance(value, datetime):
            return None
        match self._variant.datetime_codec:
            case "epoch_s":
                return (value - EPOCH) // timedelta(seconds=1)
            case "iso_datetime":
                return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            case "formatted":
                return value.astimezone(PARIS).strftime(self._day_pattern + " %H:%M:%S")

    def _show_number(self, value: Value) -> Json:
        text = repr(value)
        text = text.removesuffix(".0")
        return text.replace(".", ",") if self._variant.number == "decimal_comma" else text

    def _show_boolean(self, value: Value) -> Json:
        match self._variant.boolean:
            case "int":
                return int(bool(value))
            case "bool":
                return bool(value)
            case "words":
                return "true" if value else "false"

    def _show_labels(self, value: Value) -> Json:
        labels = [str(each) for each in _tuple(value)]
        return ",".join(labels) if self._variant.multi_codec == "text" else list(labels)

    def _linker(self, target: Table | None) -> Renderer:
        def show(value: Value) -> Json:
            ids = [row_id for row_id in _tuple(value) if isinstance(row_id, int)]
            if target is None:
                return None
            # Links to deleted rows vanish on read; the label is always the row's present one.
            rows: list[Json] = [
                {"row_id": row_id, "value": target.label(row_id)}
                for row_id in ids
                if row_id in target
            ]
            return rows or None

        return show


def _tuple(value: Value) -> tuple[object, ...]:
    return value if isinstance(value, tuple) else ()


def _show_files(value: Value) -> Json:
    return [media_json(each) for each in _tuple(value) if isinstance(each, Media)]


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

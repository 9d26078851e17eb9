"""Values and links as rows: canonical JSON text in, frozen values out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from toolkit.model.ids import CorrelationKey, Kind, LinkId, RecordId, Side
from toolkit.model.links import Link, LinkState
from toolkit.model.values import canonical_json

if TYPE_CHECKING:
    from sqlalchemy import RowMapping

    from toolkit.model.values import Value, Values


def encode_values(values: Values) -> str:
    """Values as text; absent fields stay absent, blank ones are null."""
    return canonical_json(dict(values))


def decode_values(text: str) -> dict[str, Value]:
    """The same values back; lists become the tuples they were."""
    return {name: _frozen(value) for name, value in json.loads(text).items()}


def encode_value(value: Value) -> str:
    """One value as text; blank is `null`."""
    return canonical_json(value)


def decode_value(text: str) -> Value:
    """One value back."""
    return _frozen(json.loads(text))


def row_of(connection: str, link: Link) -> dict[str, Any]:
    """A link as the columns of its table."""
    aliases = {side.value: dict(values) for side, values in link.aliases.items() if values}
    return {
        "connection": connection,
        "link_id": link.id,
        "kind": link.kind.value,
        "correlation": link.correlation,
        "highlevel_id": link.highlevel_id,
        "timetonic_id": link.timetonic_id,
        "state": link.state.value,
        "parent": link.parent,
        "base": encode_values(link.base),
        "aliases": canonical_json(aliases),
        "generation": link.generation,
        "reason": link.reason,
        "fails": link.fails,
        "not_before": link.not_before,
    }


def link_of(row: RowMapping) -> Link:
    """A link from its columns."""
    aliases = json.loads(row["aliases"]) if row["aliases"] != "{}" else {}
    return Link(
        id=LinkId(row["link_id"]),
        kind=Kind(row["kind"]),
        correlation=CorrelationKey(row["correlation"]),
        highlevel_id=_record_id(row["highlevel_id"]),
        timetonic_id=_record_id(row["timetonic_id"]),
        state=LinkState(row["state"]),
        parent=None if row["parent"] is None else LinkId(row["parent"]),
        base=decode_values(row["base"]),
        aliases={
            Side(side): {name: _frozen(value) for name, value in values.items()}
            for side, values in aliases.items()
        },
        generation=row["generation"],
        reason=row["reason"],
        fails=row["fails"],
        not_before=row["not_before"],
    )


def _record_id(text: str | None) -> RecordId | None:
    return None if text is None else RecordId(text)


def _frozen(value: Any) -> Value:  # noqa: ANN401 — straight out of the JSON reader
    return tuple(value) if isinstance(value, list) else value

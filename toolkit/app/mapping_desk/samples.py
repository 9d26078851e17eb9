"""Sample records: what both systems hold in fields, mapped or not. Kept in memory only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, cast

from toolkit.app.ready import build_sides
from toolkit.executor.port import RecordRef
from toolkit.mapping.convert import Converter, build_converter
from toolkit.mapping.problems import ConversionProblemError
from toolkit.mapping.translate import Translator
from toolkit.model.ids import Kind, LinkId, RecordId, Side
from toolkit.model.links import Link, LinkState
from toolkit.model.records import FieldProblem, Record

if TYPE_CHECKING:
    from toolkit.app.config import ConnectionConfig
    from toolkit.app.mapping_desk.shapes import Fields
    from toolkit.app.wiring import Parts
    from toolkit.mapping.context import Context
    from toolkit.mapping.spec import FieldMapping, KindMapping
    from toolkit.model.values import Value, Values

STORED: Final = 100
"""Records tried for failures."""
FRESH: Final = 8
"""Records read anew: one call each at HighLevel, one in all at TimeTonic."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One pair as both systems show it.

    Attributes:
        number: 1 for the first; how people find it again.
        name: What people call it.
        raw: Side -> field -> value; a field nobody looked at is absent.
        unread: Side -> neutral name -> why the last sync could not read it.
    """

    number: int
    link_id: LinkId
    name: str
    raw: Mapping[Side, Mapping[str, object]]
    unread: Mapping[Side, Mapping[str, str]] = field(default_factory=dict)
    is_fresh: bool = False


def stored_samples(
    parts: Parts, config: ConnectionConfig, kind: Kind, *, context: Context
) -> list[Sample]:
    """What the last syncs saw of mapped fields, turned back into each side's spelling."""
    mapping = config.mapping.kinds.get(kind)
    if mapping is None:
        return []
    pairs = [each for each in parts.store.links(kind) if each.state is LinkState.LIVE]
    chosen = _spread(pairs, STORED)
    seen = {
        side: parts.store.find_observed(side, kind, list(_ids(chosen, side))) for side in Side
    }
    reader = _Reader(mapping, context)
    return [
        reader.sample(number, link, {side: seen[side].get(_id(link, side)) for side in Side})
        for number, link in enumerate(chosen, 1)
    ]


async def fresh_samples(
    parts: Parts,
    config: ConnectionConfig,
    samples: Sequence[Sample],
    *,
    fields: Fields,
    kind: Kind,
) -> list[Sample]:
    """The same with the first few read from both systems now, every field of them.

    Raises:
        VendorError: A system could not be read.
        UseError: The table or a column of ours is not there.
    """
    first = list(samples[:FRESH])
    links = {each.id: each for each in parts.store.links(kind)}
    known = [(each, links[each.link_id]) for each in first if each.link_id in links]
    probe = _Probe({side: tuple(f.name for f in fields.on(side)) for side in Side})
    # The probe stands where the translator does: sides hand it every raw value they read.
    sides = build_sides(parts, config, translators={kind: cast("Translator", probe)})
    found: dict[Side, Mapping[RecordId, Record | None]] = {}
    for side in Side:
        refs = [ref for _, link in known for ref in _refs(parts, link, side)]
        found[side] = await sides[side].get_records(kind, refs)
    fresh = {
        sample.link_id: replace(
            sample, raw=_laid(sample, link, found), unread={}, is_fresh=True
        )
        for sample, link in known
    }
    return [fresh.get(each.link_id, each) for each in samples]


def _laid(
    sample: Sample, link: Link, found: Mapping[Side, Mapping[RecordId, Record | None]]
) -> dict[Side, Mapping[str, object]]:
    raw: dict[Side, Mapping[str, object]] = dict(sample.raw)
    for side in Side:
        record = found[side].get(_id(link, side))
        if record is not None:
            raw[side] = record.values
    return raw


def _refs(parts: Parts, link: Link, side: Side) -> Iterable[RecordRef]:
    record_id = link.id_on(side)
    parent = parts.store.get_link(link.parent) if link.parent else None
    if record_id is not None:
        yield RecordRef(record_id, parent.id_on(side) if parent else None)


class _Probe:
    """Stands in for a `Translator`: what it is given to read is its answer."""

    def __init__(self, names: Mapping[Side, tuple[str, ...]]) -> None:
        self._names = names

    def columns(self, side: Side) -> tuple[str, ...]:
        return self._names[side]

    def read(
        self, _side: Side, raw: Mapping[str, object]
    ) -> tuple[Values, tuple[FieldProblem, ...]]:
        return cast("Values", dict(raw)), ()


class _Reader:
    """Turns neutral values back into what a side holds, as far as that is known."""

    def __init__(self, mapping: KindMapping, context: Context) -> None:
        self._fields = {
            each.name: (each, build_converter(each, kind=mapping, context=context))
            for each in mapping.fields
            if not each.is_computed and each.options.rollup is None
        }
        self._title = "title" if "title" in self._fields else "name"

    def sample(self, number: int, link: Link, seen: Mapping[Side, Record | None]) -> Sample:
        raw = {side: self._raw(side, seen[side], link) for side in Side}
        unread = {
            side: {each.field: each.reason for each in record.problems}
            for side, record in seen.items()
            if record is not None
        }
        name = str(link.base.get(self._title) or link.base.get("body") or "")
        return Sample(number, link.id, name[:60], raw, unread)

    def _raw(self, side: Side, record: Record | None, link: Link) -> dict[str, object]:
        values = link.shown_on(side) if record is None else record.values
        raw: dict[str, object] = {}
        for name, value in values.items():
            if name in self._fields:
                mapped, converter = self._fields[name]
                raw |= _rendered(mapped, converter, side=side, value=value)
        return raw


def _rendered(
    mapped: FieldMapping, converter: Converter, *, side: Side, value: Value
) -> dict[str, object]:
    keys = mapped.names_on(side)
    if value is None or not keys:
        return dict.fromkeys(keys)
    try:
        raw = converter.render(side, value)
    except ConversionProblemError:
        return {}
    if len(keys) == 1:
        return {keys[0]: raw}
    parts: tuple[Any, ...] = raw if isinstance(raw, tuple) else (raw, None)
    return dict(zip(keys, parts, strict=False))


def _spread(pairs: Sequence[Link], count: int) -> list[Link]:
    """So many of them, from the whole length of the list: not only the oldest."""
    if len(pairs) <= count:
        return list(pairs)
    step = len(pairs) / count
    return [pairs[int(step * n)] for n in range(count)]


def _ids(links: Iterable[Link], side: Side) -> Iterable[RecordId]:
    return (record_id for link in links if (record_id := link.id_on(side)) is not None)


def _id(link: Link, side: Side) -> RecordId:
    return link.id_on(side) or RecordId("")

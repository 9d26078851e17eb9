"""A mapping as a draft, and the difference of two drafts in the words of the settings file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from toolkit.app.config_fields import build_field
from toolkit.app.config_schema import FieldSection
from toolkit.app.config_source import Place
from toolkit.app.mapping_desk.shapes import Entry, KindDraft, MappingDraft
from toolkit.errors import ConfigError
from toolkit.mapping.defaults import default_mapping
from toolkit.mapping.spec import FieldMapping, FieldOptions, KindMapping
from toolkit.mapping.spec import Mapping as FieldMappings
from toolkit.model.ids import Kind

Section = dict[str, Any]
"""`mapping:` of a connection, or one kind of it, as plain values."""

_SPARED: Final = ("direction", "on_conflict", "rides")
"""Left out of the file where what they say holds anyway."""


def draft_of(mapping: FieldMappings) -> MappingDraft:
    """A mapping as a draft; kinds that are switched off keep the lines they would begin with."""
    base = default_mapping().kinds
    return MappingDraft(
        kinds={
            kind: kind_draft(mapping.kinds.get(kind, own), is_enabled=kind in mapping.kinds)
            for kind, own in base.items()
        }
    )


def kind_draft(kind: KindMapping, *, is_enabled: bool = True) -> KindDraft:
    """One kind as a draft."""
    return KindDraft(
        enabled=is_enabled,
        table=kind.table,
        match_by=list(kind.match_by),
        lines={each.name: entry_of(each) for each in kind.fields},
    )


def entry_of(field: FieldMapping) -> Entry:
    """A field in the words of the file, nothing left to defaults."""
    entry: Entry = {"type": field.type}
    if field.highlevel:
        one = len(field.highlevel) == 1
        entry["highlevel"] = field.highlevel[0] if one else list(field.highlevel)
    if field.timetonic is not None:
        entry["timetonic"] = field.timetonic
    entry["direction"] = field.direction.value
    entry["on_conflict"] = field.on_conflict.value
    if field.rides:
        entry["rides"] = True
    return entry | _options(field)


def spelled(entry: Entry, base: FieldMapping | None) -> Entry:
    """An entry with a plain no where the default field of that name says yes."""
    default = {} if base is None or base.type != entry.get("type") else entry_of(base)
    return entry | {key: False for key in ("open", "rides") if default.get(key, False)} | entry


def _options(field: FieldMapping) -> Entry:
    options, plain = field.options, FieldOptions()
    given: dict[str, Any] = {
        "open": options.is_open or None,
        "separator": options.separator,
        "region": options.region,
        "value": options.constant,
        "template": options.template,
        "result": options.result if options.result != plain.result else None,
        "function": options.function,
        "canon": options.canon,
        "render": options.render,
        "count": options.rollup,
    }
    if options.choices:
        given["options"] = {
            each.value: _spelling(each.highlevel, each.timetonic) for each in options.choices
        }
    return {key: value for key, value in given.items() if value is not None}


def _spelling(highlevel: str | None, timetonic: str | None) -> dict[str, str] | None:
    spelled = {"highlevel": highlevel, "timetonic": timetonic}
    return {side: text for side, text in spelled.items() if text is not None} or None


def new_section(old: Section, *, before: MappingDraft, after: MappingDraft) -> Section:
    """`mapping:` with the difference between two drafts; what did not change stays as written.

    Args:
        old: As the file has it, in plain values.
        before: The file as a draft.
        after: What is wanted.
    """
    section = dict(old)
    for kind, wanted in after.kinds.items():
        had = before.kinds[kind]
        if wanted == had:
            continue
        own = _kind_section(dict(old.get(kind.value) or {}), kind, had=had, wanted=wanted)
        section[kind.value] = own
        if not own:
            del section[kind.value]
    return section


def _kind_section(own: Section, kind: Kind, *, had: KindDraft, wanted: KindDraft) -> Section:
    own = _with_habits(own, had, wanted)
    is_bare = own.get("extends") == "nothing"
    base = () if is_bare else default_mapping().kinds[kind].fields
    known = {each.name: each for each in base}
    fields = {name: dict(entry) for name, entry in (own.get("fields") or {}).items()}
    gone = had.lines.keys() - wanted.lines.keys()
    without = [each for each in own.get("without") or () if each not in wanted.lines]
    without += sorted(gone & known.keys())
    for name in gone:
        fields.pop(name, None)
    for name, entry in _changed(had, wanted):
        meaning = _Meaning(name, kind, known.get(name))
        fields[name] = meaning.written(fields.get(name, {}), had.lines.get(name, {}), entry)
        if not fields[name]:
            del fields[name]
    return _put(_put(own, "without", without), "fields", fields)


def _with_habits(own: Section, had: KindDraft, wanted: KindDraft) -> Section:
    own = dict(own)
    if wanted.enabled != had.enabled:
        own.pop("enabled", None)
        own |= {} if wanted.enabled else {"enabled": False}
    if wanted.table != had.table:
        own["table"] = wanted.table
    if wanted.match_by != had.match_by:
        own["match_by"] = list(wanted.match_by)
    return own


def _changed(had: KindDraft, wanted: KindDraft) -> Iterator[tuple[str, Entry]]:
    for name, entry in wanted.lines.items():
        if had.lines.get(name) != entry:
            yield name, entry


def _merged(written: Entry, *, old: Entry, new: Entry) -> Entry:
    merged = dict(written)
    for key in old.keys() | new.keys():
        if old.get(key) == new.get(key):
            continue
        if key in new:
            merged[key] = new[key]
        else:
            merged.pop(key, None)
    return {key: merged[key] for key in (*written, *new) if key in merged}


def _unlike(entry: Entry, base: Entry) -> Entry:
    return {key: value for key, value in entry.items() if base.get(key) != value}


@dataclass(frozen=True, slots=True)
class _Meaning:
    """What the file's words for one field come to."""

    name: str
    kind: Kind
    base: FieldMapping | None

    def written(self, stood: Entry, old: Entry, new: Entry) -> Entry:
        """The entry in the file; `stood` is what is written there, `old` what that meant."""
        full = spelled(new, self.base)
        words = _merged(stood, old=old, new=full)
        if not old:
            words = _unlike(full, {} if self.base is None else entry_of(self.base))
        fresh = [key for key in words if key not in stood or old.get(key) != full.get(key)]
        return self._spare(words, fresh, entry=new)

    def _spare(self, written: Entry, fresh: list[str], *, entry: Entry) -> Entry:
        """Without those fresh words that need not be said."""
        keys = fresh if self.base is not None else [key for key in fresh if key in _SPARED]
        for key in keys:
            shorter = {each: value for each, value in written.items() if each != key}
            if self._read(shorter) == entry:
                written = shorter
        return written

    def _read(self, written: Entry) -> Entry | None:
        """What the file would be read as; None where it would be refused."""
        if not written and self.base is None:
            return None
        with suppress(ConfigError, ValueError):
            section, place = FieldSection.model_validate(written), Place("", None)
            base, kind = self.base, self.kind
            return entry_of(build_field(self.name, section, base=base, kind=kind, place=place))
        return None


def _put(own: Section, key: str, value: object) -> Section:
    own = dict(own)
    if value:
        own[key] = value
    else:
        own.pop(key, None)
    return own

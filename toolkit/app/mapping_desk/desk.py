"""The mapping of one connection as an editor works on it: look, draft, try, plan, save."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pydantic import TypeAdapter

from toolkit.app.config_source import read_text
from toolkit.app.mapping_desk.checking import check_draft
from toolkit.app.mapping_desk.connecting import connect
from toolkit.app.mapping_desk.draft import draft_of, kind_draft
from toolkit.app.mapping_desk.fields import fields_of
from toolkit.app.mapping_desk.planning import ChangePlan, Progress, plan_change
from toolkit.app.mapping_desk.samples import Sample, fresh_samples, stored_samples
from toolkit.app.mapping_desk.shapes import Checked, KindDraft, MappingDraft, Opened
from toolkit.app.mapping_desk.suggesting import Likely, suggest_lines
from toolkit.app.mapping_desk.trying import LineTrial, try_lines
from toolkit.app.settings_file import (
    SettingsFile,
    consequence_of,
    open_settings,
    save_settings,
    take_back,
)
from toolkit.app.surroundings import load_surroundings
from toolkit.clients.highlevel import CustomFieldDefinition
from toolkit.clients.timetonic import Table
from toolkit.errors import ConfigError, UseError
from toolkit.mapping.defaults import default_mapping
from toolkit.model.ids import Kind, Side

if TYPE_CHECKING:
    from toolkit.app.config import ConnectionConfig
    from toolkit.app.wiring import Parts

_DEFINITIONS: TypeAdapter[tuple[CustomFieldDefinition, ...]] = TypeAdapter(
    tuple[CustomFieldDefinition, ...]
)
_TABLES: TypeAdapter[tuple[Table, ...]] = TypeAdapter(tuple[Table, ...])


@dataclass(frozen=True, slots=True)
class _Known:
    """What was read of both accounts last."""

    definitions: tuple[CustomFieldDefinition, ...]
    tables: tuple[Table, ...]


class MappingDesk:
    """Edits the mapping of one connection; nothing is written before `save`.

    Reading is from the store, except where a method says so. Drafts are values: whoever
    edits keeps them, so that a draft is lost to nobody else's doing.

    Args:
        parts: Of the connection. The settings in force are read from the file anew each
            time, so that what was saved counts at once.
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def open(self, *, is_fresh: bool = False) -> Opened:
        """The mapping as the file has it, and both systems' fields.

        Calls nobody where the accounts were asked within a day.

        Args:
            is_fresh: Ask them now: a field was made a minute ago.

        Raises:
            ConfigError: The file cannot be used.
            VendorError: The accounts have to be asked, and no answer came.
        """
        parts = self._parts
        file = await asyncio.to_thread(open_settings, parts.home.config_path, parts.config.name)
        config = await asyncio.to_thread(file.config)
        found = await load_surroundings(
            config,
            highlevel=parts.highlevel,
            timetonic=parts.timetonic,
            store=parts.store,
            is_fresh=is_fresh,
        )
        known = await asyncio.to_thread(self._known)
        kinds = {**default_mapping().kinds, **config.mapping.kinds}
        return Opened(
            file=file,
            config=config,
            draft=draft_of(config.mapping),
            fields={
                kind: fields_of(
                    kind, mapping, definitions=known.definitions, tables=known.tables
                )
                for kind, mapping in kinds.items()
            },
            context=found.context,
            definitions=known.definitions,
            tables=known.tables,
        )

    def with_table(self, opened: Opened, kind: Kind, table: str) -> Opened:
        """The same with the columns of another table; itself where it shows that one."""
        if opened.fields[kind].table == table:
            return opened
        mapping = opened.config.mapping.kinds.get(kind, default_mapping().kinds[kind])
        fields = fields_of(
            kind,
            replace(mapping, table=table),
            definitions=opened.definitions,
            tables=opened.tables,
        )
        return replace(opened, fields={**opened.fields, kind: fields})

    def check(self, opened: Opened, draft: MappingDraft) -> Checked:
        """What is wrong with a draft, what it lacks, what it would change; calls nobody."""
        return check_draft(opened, draft)

    def consequence(self, opened: Opened, checked: Checked) -> str:
        """What saving would do to a connection that writes; empty where nothing."""
        if checked.config is None or not checked.changes:
            return ""
        return consequence_of(self._parts, opened.config, checked.config)

    def connect(
        self, opened: Opened, draft: KindDraft, *, kind: Kind, highlevel: str, timetonic: str
    ) -> KindDraft:
        """The draft with a line between two fields; lines that ended there make way.

        Raises:
            UseError: There is no such field.
        """
        fields = opened.fields[kind]
        one, other = (
            fields.find(Side.HIGHLEVEL, highlevel),
            fields.find(Side.TIMETONIC, timetonic),
        )
        if one is None or other is None:
            raise UseError(
                "One of these fields is no longer there",
                unchanged="No line was drawn",
                remedy="Read the fields again",
            )
        return connect(draft, one, other, base=default_mapping().kinds[kind])

    async def samples(self, opened: Opened, kind: Kind) -> Sequence[Sample]:
        """Records of mapped fields as the last syncs saw them; calls nobody."""
        return await asyncio.to_thread(
            lambda: stored_samples(self._parts, opened.config, kind, context=opened.context)
        )

    async def read_samples(
        self, opened: Opened, kind: Kind, samples: Sequence[Sample]
    ) -> Sequence[Sample]:
        """The first eight read from both systems now, unmapped fields too: 9 calls.

        Raises:
            VendorError: A system could not be read.
        """
        mapping, fields = opened.config.mapping.kinds.get(kind), opened.fields[kind]
        if mapping is None or mapping.table != fields.table:
            return samples  # rows of another table are nobody's samples yet
        return await fresh_samples(
            self._parts, opened.config, samples, fields=fields, kind=kind
        )

    def suggest(
        self, opened: Opened, draft: KindDraft, *, kind: Kind, samples: Sequence[Sample] = ()
    ) -> Sequence[Likely]:
        """Lines worth drawing, best first."""
        fresh = [each for each in samples if each.is_fresh]
        return suggest_lines(opened.fields[kind], draft, fresh)

    def try_on(
        self, opened: Opened, config: ConnectionConfig, *, kind: Kind, samples: Sequence[Sample]
    ) -> Mapping[str, LineTrial]:
        """What each line of a checked draft makes of the samples.

        Raises:
            UseError: A template or a function cannot be used.
        """
        mapping = config.mapping.kinds.get(kind)
        if mapping is None:
            return {}
        return try_lines(mapping, samples, context=opened.context)

    async def plan_change(
        self,
        opened: Opened,
        draft: MappingDraft,
        *,
        progress: Progress = lambda _what, _done, _total: None,
    ) -> ChangePlan:
        """What a sync under the draft would do; reads both systems, remembers nothing.

        Raises:
            UseError: The draft cannot be saved as it is.
            VendorError: A system could not be read.
        """
        checked = await asyncio.to_thread(check_draft, opened, draft)
        if checked.config is None:
            raise _not_yet(checked)
        changed = changed_fields(opened.draft, draft)
        return await plan_change(
            replace(self._parts, config=checked.config),
            checked.config,
            context=opened.context,
            changed=changed,
            progress=progress,
        )

    def save(self, opened: Opened, draft: MappingDraft) -> SettingsFile:
        """Write the draft into the settings file, comments kept; the same again is nothing.

        Raises:
            UseError: It cannot be saved as it is.
            PlanChangedError: Somebody changed the file meanwhile; nothing was written.
            StateError: The disk is full; the file is as it was.
        """
        checked = check_draft(opened, draft)
        if checked.config is None:
            raise _not_yet(checked)
        if draft_of(checked.config.mapping) != _as_read(draft):
            # Never: what is read back must be what was drawn.
            raise ConfigError("this mapping cannot be written down as it was drawn")
        return save_settings(
            opened.file, checked.text, home=self._parts.home, at=self._parts.now()
        )

    def take_back(self) -> SettingsFile:
        """The settings as they were before the last save; again is forth again.

        Raises:
            UseError: Nothing was saved over yet.
            ConfigError: What was kept cannot be used any more.
        """
        parts = self._parts
        file = open_settings(parts.home.config_path, parts.config.name)
        return take_back(file, home=parts.home, at=parts.now())

    def has_changed(self, opened: Opened) -> bool:
        """Whether somebody saved the file since it was opened."""
        return read_text(opened.file.path) != opened.file.text

    def _known(self) -> _Known:
        store = self._parts.store
        highlevel = store.get_memo("surroundings.highlevel") or {}
        return _Known(
            _DEFINITIONS.validate_python(highlevel.get("definitions", ())),
            _TABLES.validate_python(store.get_memo("surroundings.timetonic") or ()),
        )


def changed_fields(before: MappingDraft, after: MappingDraft) -> dict[Kind, set[str]]:
    """Kinds that differ, with the lines that do."""
    changed: dict[Kind, set[str]] = {}
    for kind, new in after.kinds.items():
        old = before.kinds[kind]
        if new != old:
            names = new.lines.keys() | old.lines.keys()
            changed[kind] = {
                name for name in names if new.lines.get(name) != old.lines.get(name)
            }
    return changed


def _as_read(draft: MappingDraft) -> MappingDraft:
    """As the file will be read: a kind that is switched off shows what it begins with."""
    base = default_mapping().kinds
    return MappingDraft(
        kinds={
            kind: each if each.enabled else kind_draft(base[kind], is_enabled=False)
            for kind, each in draft.kinds.items()
        }
    )


def _not_yet(checked: Checked) -> UseError:
    first = next((each for each in checked.problems if each.is_refused), None)
    sentence = "The mapping cannot be saved as it is"
    if first is None:
        return UseError(sentence, unchanged="Nothing was changed")
    where = f"{first.field}: " if first.field else ""
    return UseError(
        f"{sentence}: {where}{first.message}",
        unchanged="Nothing was changed",
        remedy=first.remedy,
    )

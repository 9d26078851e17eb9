"""What the mapping editor works on: both systems' fields, lines between them, drafts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from toolkit.mapping.context import Context
from toolkit.model.ids import Kind, Side

if TYPE_CHECKING:
    from toolkit.app.config import ConnectionConfig
    from toolkit.app.settings_file import SettingsFile
    from toolkit.clients.highlevel import CustomFieldDefinition
    from toolkit.clients.timetonic import Table

Access: TypeAlias = Literal["both", "create", "read"]
Entry: TypeAlias = dict[str, Any]
"""One field in the words of the settings file, with nothing left to defaults."""


@dataclass(frozen=True, slots=True)
class SideField:
    """One field of one system.

    Attributes:
        name: As the settings file names it.
        title: As people know it.
        type: The mapping type that suits it; empty where none does.
        vendor_type: The system's own word.
        access: Whether it takes a value always, while creating only, or never.
        is_required: A new record cannot do without.
        options: Of a list.
    """

    side: Side
    name: str
    title: str
    type: str
    vendor_type: str
    access: Access = "both"
    is_required: bool = False
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fields:
    """Both systems' fields of one kind; those hightonic keeps for itself are left out.

    Attributes:
        table: TimeTonic's, whose columns these are.
        one_of: HighLevel wants a value in at least one of these for a new record.
    """

    highlevel: tuple[SideField, ...]
    timetonic: tuple[SideField, ...]
    table: str = ""
    one_of: frozenset[str] = frozenset()

    def on(self, side: Side) -> tuple[SideField, ...]:
        """Of one system."""
        return self.highlevel if side is Side.HIGHLEVEL else self.timetonic

    def find(self, side: Side, name: str) -> SideField | None:
        """A field by its name in the file."""
        return next((each for each in self.on(side) if each.name == name), None)


class KindDraft(BaseModel):
    """One kind as it would be saved.

    Attributes:
        lines: Neutral name -> its entry.
    """

    model_config = ConfigDict(extra="forbid")

    enabled: bool = True
    table: str = ""
    match_by: list[str] = Field(default_factory=list)
    lines: dict[str, Entry] = Field(default_factory=dict)


class MappingDraft(BaseModel):
    """The whole mapping as it would be saved."""

    model_config = ConfigDict(extra="forbid")

    kinds: dict[Kind, KindDraft] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LineProblem:
    """What is wrong with a draft.

    Attributes:
        kind: None where it is about more than one kind.
        field: Neutral name; empty where it is about the kind.
        is_refused: It cannot be saved so; otherwise it is a warning.
    """

    kind: Kind | None
    field: str
    message: str
    remedy: str = ""
    is_refused: bool = True


@dataclass(frozen=True, slots=True)
class Opened:
    """The mapping as it stands, with all that is known of both systems.

    Attributes:
        draft: The file as a draft: what is changed is the difference from it.
        fields: Of kinds that are switched off too.
        context: Of the location.
        definitions: HighLevel's custom fields.
        tables: Of the book.
    """

    file: SettingsFile
    config: ConnectionConfig
    draft: MappingDraft
    fields: Mapping[Kind, Fields]
    context: Context
    definitions: tuple[CustomFieldDefinition, ...] = ()
    tables: tuple[Table, ...] = ()

    @property
    def table_names(self) -> tuple[str, ...]:
        """Tables that records may stand in, by name."""
        return tuple(sorted(each.name for each in self.tables if each.is_user_table))


@dataclass(frozen=True, slots=True)
class Checked:
    """A draft that was looked at.

    Attributes:
        config: What it would be; None where it cannot be.
        text: The file with it; empty where it cannot be.
        missing: Required fields that no line fills, a sentence each, by kind.
        changes: What differs from the file, a sentence each.
    """

    problems: tuple[LineProblem, ...]
    missing: Mapping[Kind, tuple[str, ...]]
    changes: tuple[str, ...]
    config: ConnectionConfig | None = None
    text: str = ""

    @property
    def can_save(self) -> bool:
        """Whether there is something to save, and nothing against it."""
        return self.config is not None and bool(self.changes)


def places(entry: Entry, side: Side) -> tuple[str, ...]:
    """Where a line ends on one side."""
    given = entry.get(side.value)
    if given is None:
        return ()
    return (given,) if isinstance(given, str) else tuple(given)

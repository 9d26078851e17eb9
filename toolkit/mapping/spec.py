"""The mapping as values: which neutral field stands where, and who decides about it."""

from __future__ import annotations

from collections.abc import Mapping as MappingABC
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from toolkit.model.ids import Kind, Side
from toolkit.model.policy import (
    Brakes,
    ConflictPolicy,
    DeleteMode,
    Direction,
    FieldPolicy,
    KindPolicy,
    SyncPolicy,
)
from toolkit.model.values import Value

FieldType = Literal[
    "text",
    "longtext",
    "note",
    "email",
    "phone",
    "date",
    "datetime",
    "number",
    "boolean",
    "choice",
    "multi_choice",
    "tags",
    "owner",
    "name",
    "constant",
    "template",
    "function",
    "rollup",
]
RollupName = Literal["total_tasks", "open_tasks"]

SET_TYPES = frozenset({"multi_choice", "tags"})
COMPUTED_TYPES = frozenset({"constant", "template"})
"""Types whose value is made from other fields, and flows one way."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a choice field.

    Attributes:
        value: The neutral spelling.
        highlevel: HighLevel's spelling where it differs.
        timetonic: TimeTonic's spelling where it differs.
    """

    value: str
    highlevel: str | None = None
    timetonic: str | None = None

    def shown_on(self, side: Side) -> str:
        """How this side spells it."""
        own = self.highlevel if side is Side.HIGHLEVEL else self.timetonic
        return self.value if own is None else own


@dataclass(frozen=True, slots=True)
class FieldOptions:
    """What only some types take; the rest stays at its default.

    Attributes:
        choices: Known options of `choice` and `multi_choice`.
        is_open: Options nobody listed are taken as they are.
        separator: Set when TimeTonic holds several values in one text column.
        region: ISO country for phone numbers without a country code.
        constant: Value of a `constant`.
        template: Jinja text of a `template`, over the neutral fields.
        result: Type of what a template, function or constant gives.
        function: `package.module:name` or `file.py:name`; takes the neutral values.
        canon: The same; takes side and raw value, gives the neutral value.
        render: The same; takes side and neutral value, gives the raw value.
        rollup: What a `rollup` counts.
    """

    choices: tuple[Choice, ...] = ()
    is_open: bool = False
    separator: str | None = None
    region: str | None = None
    constant: Value = None
    template: str | None = None
    result: FieldType = "text"
    function: str | None = None
    canon: str | None = None
    render: str | None = None
    rollup: RollupName | None = None


@dataclass(frozen=True, slots=True)
class FieldMapping:
    """One neutral field and its places.

    Attributes:
        highlevel: HighLevel wire names, `custom.<key>` for a custom field; two for `name`.
        timetonic: Column name, as a person sees it in the table.
        rides: Never compared; written along with other changes.
        line: Where the mapping file says so, 1-based; not part of its meaning.
    """

    name: str
    type: FieldType = "text"
    highlevel: tuple[str, ...] = ()
    timetonic: str | None = None
    direction: Direction = Direction.BOTH
    on_conflict: ConflictPolicy = ConflictPolicy.NEWEST
    options: FieldOptions = field(default_factory=FieldOptions)
    rides: bool = False
    create_only_on: frozenset[Side] = frozenset()
    line: int | None = field(default=None, compare=False)

    @property
    def is_computed(self) -> bool:
        """Whether the origin side's value is made from other fields."""
        return self.type in COMPUTED_TYPES or self.options.function is not None

    def names_on(self, side: Side) -> tuple[str, ...]:
        """Raw keys on one side; empty where the field has no place there."""
        if side is Side.HIGHLEVEL:
            return self.highlevel
        return () if self.timetonic is None else (self.timetonic,)

    def to_policy(self) -> FieldPolicy:
        """The part the planner needs."""
        return FieldPolicy(
            name=self.name,
            direction=self.direction,
            on_conflict=self.on_conflict,
            is_set=self.type in SET_TYPES,
            rides=self.rides,
            create_only_on=self.create_only_on,
            rollup=self.options.rollup,
        )


def _unlink_both() -> dict[Side, DeleteMode]:
    return dict.fromkeys(Side, DeleteMode.UNLINK)


@dataclass(frozen=True, slots=True)
class KindMapping:
    """One kind: its table, its fields and its habits.

    Attributes:
        table: TimeTonic table name.
        match_by: Fields used once to find a partner, strongest first.
        parent_column: TimeTonic link column that points to the contact's row.
        key_column: TimeTonic column holding our correlation key.
        key_field: HighLevel custom field holding our correlation key, where the kind
            has custom fields.
        id_column: TimeTonic column showing the HighLevel id, for people.
        stamp_column: TimeTonic column written with the moment of each write.
        archive_tag: HighLevel tag that marks an archived contact.
        folder: Where relative `file.py:name` references start; not part of its meaning.
        line: Where the mapping file says so; not part of its meaning.
    """

    kind: Kind
    table: str
    fields: tuple[FieldMapping, ...]
    match_by: tuple[str, ...] = ()
    direction: Direction = Direction.BOTH
    on_delete: MappingABC[Side, DeleteMode] = field(default_factory=_unlink_both)
    required_on_highlevel: frozenset[str] = frozenset()
    needed_on_highlevel: frozenset[str] = frozenset()
    parent_column: str | None = "Contact"
    key_column: str = "Hightonic key"
    key_field: str | None = None
    id_column: str | None = "HighLevel id"
    stamp_column: str | None = None
    archive_tag: str = "archived"
    folder: Path = field(default=Path(), compare=False)
    line: int | None = field(default=None, compare=False)

    def find_field(self, name: str) -> FieldMapping | None:
        """The field of that name, where there is one."""
        return next((each for each in self.fields if each.name == name), None)

    def to_policy(self) -> KindPolicy:
        """The part the planner needs."""
        return KindPolicy(
            kind=self.kind,
            fields={each.name: each.to_policy() for each in self.fields},
            match_keys=self.match_by,
            direction=self.direction,
            on_delete=dict(self.on_delete),
            required_on_highlevel=self.required_on_highlevel,
            needed_on_highlevel=self.needed_on_highlevel,
        )


@dataclass(frozen=True, slots=True)
class Mapping:
    """All kinds of one connection; a kind that is switched off is not in it.

    Attributes:
        own: Tables of our own rows, by kind. Not part of what a plan is made under: a
            table renamed there moves no record of anybody's.
    """

    kinds: MappingABC[Kind, KindMapping]
    own: MappingABC[Kind, KindMapping] = field(default_factory=dict, compare=False)


def to_policy(
    mapping: Mapping,
    *,
    scope: str,
    brakes: Brakes | None = None,
    first_sync_winner: Side = Side.HIGHLEVEL,
) -> SyncPolicy:
    """What the planner needs of a mapping.

    Args:
        mapping: The connection's mapping.
        scope: Names location and book in correlation keys.
        brakes: Limits on one plan; the defaults of `Brakes` where None.
        first_sync_winner: Side that stands where nothing else decides.
    """
    return SyncPolicy(
        scope=scope,
        kinds={kind: each.to_policy() for kind, each in mapping.kinds.items()},
        brakes=brakes or Brakes(),
        first_sync_winner=first_sync_winner,
    )

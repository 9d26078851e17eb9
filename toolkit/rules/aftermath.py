"""What is sure of a contact once a rule has acted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from toolkit.model.values import Value
from toolkit.rules.comparisons import folded
from toolkit.rules.conditions import Condition, Counted
from toolkit.rules.templates import Text
from toolkit.rules.words import ABSENT, Absent, FieldRef
from toolkit.rules.writes import Write


@dataclass(frozen=True, slots=True)
class Aftermath:
    """What is sure of a contact once a rule has acted; everything else is unknown.

    Attributes:
        values: Fields with the value they then have.
        tags: Tag -> whether the contact then carries it.
        segments: Name -> its condition.
    """

    values: Mapping[FieldRef, Value]
    tags: Mapping[str, bool]
    segments: Mapping[str, Condition]

    @classmethod
    def of(cls, writes: Iterable[Write], segments: Mapping[str, Condition]) -> Aftermath:
        """What these writes leave sure."""
        values: dict[FieldRef, Value] = {}
        tags: dict[str, bool] = {}
        for write in writes:
            if write.tag is not None:
                tags[write.tag] = write.is_added
            elif write.ref is not None:
                values[write.ref] = write.value
        return cls(values, tags, segments)

    def read(self, ref: FieldRef) -> Value | Absent:
        """The field's value, where the rule wrote it."""
        return self.values.get(ref, ABSENT)

    def has_tag(self, tag: Text) -> bool | None:
        """Whether it carries the tag, where the rule saw to that."""
        return self.tags.get(folded(tag.source)) if tag.is_fixed else None

    def count(self, what: Counted) -> int | None:
        """Nobody knows."""
        del what
        return None

    def has_task(self, title: Text, *, is_open: bool | None) -> bool | None:
        """Nobody knows."""
        del title, is_open
        return None

    def ask(self, function: str) -> bool | None:
        """Nobody knows."""
        del function
        return None

    def segment(self, name: str) -> Condition:
        """What makes a contact belong to the segment."""
        return self.segments[name]

    def days_since(self, value: Value) -> float | None:
        """Nobody knows when the rule will run."""
        del value
        return None

    def is_before(self, value: Value, moment: str) -> bool | None:
        """Nobody knows when the rule will run."""
        del value, moment
        return None

    def is_after(self, value: Value, moment: str) -> bool | None:
        """Nobody knows when the rule will run."""
        del value, moment
        return None

"""A kind's field policies, sorted by what the planner does with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from toolkit.model.ids import Digest, Side
from toolkit.model.policy import FieldPolicy, KindPolicy
from toolkit.model.records import Record
from toolkit.model.values import Value, Values, digest

_NOWHERE: frozenset[Side] = frozenset()


def is_blank(value: Value) -> bool:
    """Nothing is there. False and 0 are something."""
    return value is None or value in ("", ())


def is_same(one: Value, two: Value) -> bool:
    """Equal, with every spelling of blank equal to every other."""
    return one == two or (is_blank(one) and is_blank(two))


@dataclass(frozen=True, slots=True)
class KindFields:
    """One kind's fields by role.

    Attributes:
        compared: Fields whose changes cause something.
        riders: Side -> fields written there only along with other changes.
        rollups: Fields counted from tasks.
        writable: Field -> sides that kind and field together let us write to.
        two_way: Compared fields that flow both ways; what "the same content" means.
    """

    policy: KindPolicy
    compared: tuple[str, ...]
    riders: Mapping[Side, tuple[str, ...]]
    rollups: tuple[FieldPolicy, ...]
    writable: Mapping[str, frozenset[Side]]
    two_way: tuple[str, ...]

    @classmethod
    def of(cls, policy: KindPolicy) -> KindFields:
        """Sort a policy's fields by role."""
        fields = [policy.fields[name] for name in sorted(policy.fields)]
        compared = tuple(f.name for f in fields if not f.rides and f.rollup is None)
        writable = {
            f.name: frozenset(
                side
                for side in Side
                if policy.direction.writes(side) and f.direction.writes(side)
            )
            for f in fields
        }
        two_way = tuple(
            name for name in compared if all(map(policy.fields[name].direction.writes, Side))
        )
        return cls(
            policy=policy,
            compared=compared,
            riders={
                side: tuple(f.name for f in fields if f.rides and side in writable[f.name])
                for side in Side
            },
            rollups=tuple(f for f in fields if f.rollup is not None),
            writable=writable,
            two_way=two_way or compared,
        )

    def may_write(self, name: str, side: Side) -> bool:
        """Whether changes of the field may flow to `side`."""
        return side in self.writable.get(name, _NOWHERE)

    def is_quiet(self, record: Record, shown: Values) -> bool:
        """Whether the record shows what it showed last; the path of nearly every record."""
        if record.problems:
            return False
        values = record.values
        # A loop, not all(): one generator per record is a third of the time of an idle run.
        for name in self.compared:
            if name in values and values[name] != shown.get(name):
                return False
        return True

    def shown_digest(self, values: Values) -> Digest:
        """Digest of what a record shows, as `Update.expected` and `Delete.expected` hold it.

        Only compared fields count and blank ones are left out, so a fresh read and the
        memory of an older one agree whichever of them spells blanks as absent.
        """
        return digest(
            {
                name: values[name]
                for name in self.compared
                if name in values and not is_blank(values[name])
            }
        )

    def content_digest(self, values: Values) -> Digest:
        """Digest of the two-way fields: equal for twins written by hand on both sides."""
        return digest(
            {
                name: values[name]
                for name in self.two_way
                if name in values and not is_blank(values[name])
            }
        )

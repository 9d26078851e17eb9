"""How a contact stands between the two sides, as a word."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from toolkit.model.ids import Side
from toolkit.model.links import LinkState

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from toolkit.app.grid.shelf import StoredContact
    from toolkit.model.values import Value

_ABSENT = object()
_ALONE = frozenset({LinkState.HALF, LinkState.UNLINKED})


class RowState(StrEnum):
    """What the sync column says; the most pressing word that fits."""

    CONFLICT = "conflict"
    """Both sides changed a field, and a person decides."""
    PARKED = "parked"
    """Not touched until a person says so."""
    ONE_SIDE = "one side only"
    """The other side has no record, or lost it."""
    WAITING = "waiting"
    """A change was seen, or is under way, that the other side does not show yet."""
    IN_STEP = "in step"


def quick_state(state: str, *, is_alone: bool, is_contested: bool) -> RowState | None:
    """What is known without looking at values; None where they decide."""
    if is_contested:
        return RowState.CONFLICT
    if state == LinkState.PARKED:
        return RowState.PARKED
    if is_alone or state in _ALONE:
        return RowState.ONE_SIDE
    return None


def find_differences(
    contact: StoredContact, compared: Collection[str]
) -> dict[str, dict[Side, Value]]:
    """Fields of which a side was last seen to show something else than was agreed.

    Args:
        contact: One pair.
        compared: Names of fields that count; those that ride along never do.

    Returns:
        Field -> what each side shows. A field that was not seen on a side is no difference.
    """
    found: dict[str, dict[Side, Value]] = {}
    base = contact.base
    for side, values in contact.seen.items():
        aliases = contact.aliases.get(side, {})
        for name, value in values.items():
            # Most values are as agreed: the rest is looked at only where one is not.
            if value == base.get(name, _ABSENT) or name not in compared:
                continue
            if value != aliases.get(name, _ABSENT):
                found[name] = _both(contact, name)
    return found


def _both(contact: StoredContact, name: str) -> dict[Side, Value]:
    base: Mapping[str, Value] = contact.base
    return {
        side: contact.seen.get(side, {}).get(name, base.get(name))
        for side in Side
        if side in contact.seen or name in base
    }

"""Stored pairs as lines that front ends show: nothing is read or decided here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from toolkit.model.cards import (
    ConflictCard,
    ConflictLine,
    ContactHit,
    FieldLine,
    FieldManner,
    NoteLine,
    TaskLine,
)
from toolkit.model.ids import Kind, Side

if TYPE_CHECKING:
    from toolkit.mapping.spec import Mapping as FieldMappings
    from toolkit.model.ids import LinkId
    from toolkit.model.links import Link
    from toolkit.model.values import Value
    from toolkit.store import ConflictEntry

LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)
LATE: Final = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Names:
    """What lines call people by.

    Attributes:
        owners: HighLevel user id -> name, as read last.
        contacts: Pair -> the contact's name.
    """

    owners: Mapping[str, str]
    contacts: Mapping[LinkId, str]

    def owner(self, owner_id: Value) -> str:
        """A user's name; an id nobody knows is better than nothing."""
        id_ = text(owner_id)
        return self.owners.get(id_) or id_


def name_of(link: Link) -> str:
    """What a record is called: by its name, else by what else is known of it."""
    named = (text(link.base.get(each)) for each in ("name", "email", "phone", "title"))
    return next((each for each in named if each), "")


def hit(link: Link) -> ContactHit:
    """A contact in search results."""
    return ContactHit(
        link.id,
        name_of(link),
        email=text(link.base.get("email")),
        phone=text(link.base.get("phone")),
        sides=frozenset(side for side in Side if link.id_on(side) is not None),
    )


def task_line(link: Link, names: Names, now: datetime) -> TaskLine:
    """A task in a list."""
    due_at = moment(link.base.get("due_at"))
    is_completed = link.base.get("is_completed") is True
    return TaskLine(
        link.id,
        text(link.base.get("title")),
        due_at=due_at,
        is_completed=is_completed,
        is_overdue=due_at is not None and due_at < now and not is_completed,
        owner=names.owner(link.base.get("owner_id")),
        contact=names.contacts.get(link.parent, "") if link.parent else "",
    )


def by_due(line: TaskLine) -> tuple[datetime, str, str]:
    """Sorts tasks: those due first ahead, those without a day last."""
    return line.due_at or LATE, line.title, line.id


def note_line(link: Link, names: Names) -> NoteLine:
    """A note in a list."""
    return NoteLine(
        link.id,
        text(link.base.get("body")),
        author=names.owner(link.base.get("author")),
        written_at=moment(link.base.get("written_at")),
    )


def field_lines(
    link: Link, shown: Mapping[Side, Mapping[str, Value]], names: Names
) -> tuple[FieldLine, ...]:
    """A record's fields, side by side.

    Args:
        link: The pair.
        shown: What each side was seen to hold; a side that was not seen has nothing.
        names: For owners, who are shown by name.
    """
    fields = dict.fromkeys([*link.base, *(name for each in shown.values() for name in each)])
    return tuple(
        FieldLine(
            name,
            {
                side: _readable(name, values[name], names)
                for side, values in shown.items()
                if name in values
            },
        )
        for name in fields
    )


def manners_of(mapping: FieldMappings) -> dict[str, FieldManner]:
    """How each field of a contact is asked for, as the mapping has it."""
    kind = mapping.kinds.get(Kind.CONTACT)
    return {
        each.name: FieldManner(
            each.name,
            each.type,
            tuple(choice.value for choice in each.options.choices),
            is_typed=not (each.is_computed or each.rides or each.type == "rollup"),
        )
        for each in (kind.fields if kind else ())
    }


def conflict_line(entry: ConflictEntry) -> ConflictLine:
    """One field that both sides changed."""
    conflict = entry.conflict
    return ConflictLine(
        entry.id,
        conflict.field,
        highlevel=conflict.highlevel,
        timetonic=conflict.timetonic,
        base=conflict.base,
    )


def conflict_card(
    mine: Sequence[ConflictEntry], every: Iterable[ConflictEntry], *, link: Link | None
) -> ConflictCard:
    """A record's conflicts, with how many others are about the same fields.

    Args:
        mine: Of the record; at least one.
        every: All that are open.
        link: The record's pair, where it is known.
    """
    id_, fields = mine[0].conflict.link_id, {each.conflict.field for each in mine}
    others = [
        each for each in every if each.conflict.field in fields and each.conflict.link_id != id_
    ]
    return ConflictCard(
        id=id_,
        name=name_of(link) if link else "",
        lines=tuple(map(conflict_line, mine)),
        similar=len(others),
        since=min(each.opened_at for each in mine),
    )


def conflict_cards(
    every: Sequence[ConflictEntry], find: Callable[[LinkId], Link | None]
) -> list[ConflictCard]:
    """All conflicts by record, in the order they are given.

    Args:
        every: All that are open.
        find: Looks a pair up.
    """
    by_link: dict[LinkId, list[ConflictEntry]] = {}
    for each in every:
        by_link.setdefault(each.conflict.link_id, []).append(each)
    return [conflict_card(mine, every, link=find(id_)) for id_, mine in by_link.items()]


def pages(link: Link, *, location_id: str) -> dict[Side, str]:
    """Where HighLevel's own pages show a contact; of TimeTonic's we know none of a row.

    HighLevel documents no such address; public integrations build it so (read 2026-11).
    """
    if link.highlevel_id is None:
        return {}
    place = f"https://app.gohighlevel.com/v2/location/{location_id}/contacts/detail"
    return {Side.HIGHLEVEL: f"{place}/{link.highlevel_id}"}


def text(value: Value) -> str:
    """A value as one text; blank for none."""
    return "" if value is None else str(value)


def moment(value: Value) -> datetime | None:
    """An instant as the store keeps it; None for anything else."""
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return found if found.tzinfo else None


def _readable(name: str, value: Value, names: Names) -> Value:
    return names.owner(value) if name == "owner_id" and value is not None else value

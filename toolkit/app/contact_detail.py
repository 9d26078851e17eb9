"""One contact with all that is known of it on this machine; asks no service.

Every field says what each side was last seen to hold, what both agreed on, and which run
wrote it last.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Final

from toolkit.errors import UseError
from toolkit.model.ids import Kind, LinkId, RecordId, RunId, Side
from toolkit.model.links import LinkState
from toolkit.model.outcomes import OutcomeState

if TYPE_CHECKING:
    from toolkit.app.live import Switched
    from toolkit.mapping.spec import FieldMapping
    from toolkit.model.cards import ConflictLine, NoteLine, TaskLine
    from toolkit.model.links import Link
    from toolkit.model.values import Value
    from toolkit.store import JournalEntry

MOST_LINES: Final = 80
"""Lines of history that are shown, newest first."""
_OF_CHILD: Final = 10
_CHILDREN: Final = 40
_NOWHERE: Final = "written by no run yet"


@dataclass(frozen=True, slots=True)
class SideRecord:
    """Where the contact stands on one side.

    Attributes:
        id: The side's own id; None where it has no record there.
        was_seen: Whether the record was ever read.
        updated_at: The vendor's stamp as last seen; None where it keeps none.
        url: Where people can open it; empty where the vendor has no address.
    """

    side: Side
    id: RecordId | None
    was_seen: bool = False
    updated_at: datetime | None = None
    url: str = ""


@dataclass(frozen=True, slots=True)
class DetailField:
    """One field and where its value comes from.

    Attributes:
        name: Neutral name.
        title: As the grid heads its column.
        agreed: What both sides agreed on last; None for blank or for nothing yet.
        is_agreed: Whether there is an agreement at all.
        shown: Side -> what it was last seen with; absent where it was not seen.
        places: Side -> what the vendor calls the field.
        written_at: When a run wrote it last; None for never.
        written_by: What that run was, and the side it wrote.
        problem: Why a side's value could not be read, in a clause.
        differs: Whether a side was last seen with something else than was agreed.
    """

    name: str
    title: str
    agreed: Value = None
    is_agreed: bool = False
    shown: Mapping[Side, Value] = field(default_factory=dict)
    places: Mapping[Side, str] = field(default_factory=dict)
    written_at: datetime | None = None
    written_by: str = ""
    problem: str = ""
    differs: bool = False


@dataclass(frozen=True, slots=True)
class Meeting:
    """An appointment."""

    id: str
    title: str
    starts_at: str = ""
    ends_at: str = ""
    status: str = ""


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """What was done to the contact, or to something that hangs on it.

    Attributes:
        what: `changed`, `created`, ... and of what, in words.
        side: The written side; empty where none was.
        changes: Field -> (before, after).
        state: `done`, `failed`, ...
        reason: Why it is not done, in a clause.
        run: Id of the run.
        by: What the run was: `sync`, `edit`, `undo`, ...
    """

    at: datetime
    what: str
    side: str
    changes: Mapping[str, tuple[Value, Value]]
    state: str
    reason: str
    run: str
    by: str


@dataclass(frozen=True, slots=True)
class ContactDetail:
    """All that is known of one contact.

    Attributes:
        state: Of the pair: `live`, `parked`, ...
        reason: Why it stands so, where somebody wrote it down.
        synced_at: When something of it was written last; None for never.
        history: Newest first, at most `MOST_LINES`.
    """

    id: LinkId
    name: str
    state: str
    reason: str
    synced_at: datetime | None
    records: tuple[SideRecord, ...]
    fields: tuple[DetailField, ...]
    tasks: tuple[TaskLine, ...]
    notes: tuple[NoteLine, ...]
    meetings: tuple[Meeting, ...]
    conflicts: tuple[ConflictLine, ...]
    history: tuple[HistoryLine, ...]


class DetailReader:
    """Reads the parts of a contact's detail that cards do not show."""

    def __init__(self, parts: Switched) -> None:
        self._parts = parts
        self._store = parts.store
        self._verbs: dict[RunId, str] = {}

    def history(self, family: Iterable[Link], contact: LinkId) -> tuple[HistoryLine, ...]:
        """What happened to the contact and to what hangs on it, newest first."""
        return tuple(self._line(each) for each in self._journal(family, contact)[:MOST_LINES])

    def fields(self, link: Link, titles: Mapping[str, str]) -> tuple[DetailField, ...]:
        """Every mapped field in the mapping's order, with its provenance.

        Args:
            link: The contact.
            titles: Neutral name -> what people read above it.
        """
        records = {side: self._seen(link, side) for side in Side}
        written = self._last_writes(link.id)
        mapping = self._parts.config.mapping.kinds[link.kind]
        return tuple(
            self._field(each, link, records, written, titles.get(each.name, each.name))
            for each in mapping.fields
        )

    def records(self, link: Link, urls: Mapping[Side, str]) -> tuple[SideRecord, ...]:
        """Where the contact stands, side by side."""
        found = []
        for side in Side:
            record_id = link.id_on(side)
            seen = None
            if record_id is not None:
                seen = self._store.get_observed(side, link.kind, RecordId(record_id))
            found.append(
                SideRecord(
                    side,
                    None if record_id is None else RecordId(record_id),
                    was_seen=seen is not None,
                    updated_at=None if seen is None else seen.updated_at,
                    url=urls.get(side, ""),
                )
            )
        return tuple(found)

    def meetings(self, family: Iterable[Link]) -> tuple[Meeting, ...]:
        """Appointments, the latest first."""
        found = [
            Meeting(
                each.id,
                _text(each.base.get("title")),
                starts_at=_text(each.base.get("starts_at")),
                ends_at=_text(each.base.get("ends_at")),
                status=_text(each.base.get("status")),
            )
            for each in family
            if each.kind is Kind.APPOINTMENT and each.state is not LinkState.DELETED
        ]
        return tuple(sorted(found, key=lambda each: each.starts_at, reverse=True))

    def _seen(self, link: Link, side: Side) -> tuple[Mapping[str, Value], Mapping[str, str]]:
        record_id = link.id_on(side)
        if record_id is None:
            return {}, {}
        record = self._store.get_observed(side, link.kind, RecordId(record_id))
        if record is None:
            return link.shown_on(side), {}
        return record.values, {each.field: each.reason for each in record.problems}

    def _field(
        self,
        field_: FieldMapping,
        link: Link,
        records: Mapping[Side, tuple[Mapping[str, Value], Mapping[str, str]]],
        written: Mapping[str, JournalEntry],
        title: str,
    ) -> DetailField:
        name, last = field_.name, written.get(field_.name)
        problems = [records[side][1][name] for side in Side if name in records[side][1]]
        shown = {side: values[name] for side, (values, _) in records.items() if name in values}
        return DetailField(
            name,
            title,
            agreed=link.base.get(name),
            is_agreed=name in link.base,
            shown=shown,
            places={
                side: ", ".join(field_.names_on(side)) for side in Side if field_.names_on(side)
            },
            written_at=None if last is None else last.at,
            written_by=_NOWHERE if last is None else self._written_by(last),
            problem=problems[0] if problems else "",
            differs=_differs(field_, link, shown),
        )

    def _last_writes(self, link_id: LinkId) -> dict[str, JournalEntry]:
        found: dict[str, JournalEntry] = {}
        entries = self._store.list_journal(link_id=link_id, states=[OutcomeState.DONE])
        for entry in entries:
            for name in entry.after if entry.side is not None else ():
                found.setdefault(name, entry)
        return found

    def _journal(self, family: Iterable[Link], contact: LinkId) -> list[JournalEntry]:
        found = self._store.list_journal(link_id=contact, limit=MOST_LINES)
        children = [each.id for each in family if each.id != contact]
        for child in children[:_CHILDREN]:
            found += self._store.list_journal(link_id=child, limit=_OF_CHILD)
        return sorted(found, key=lambda each: each.seq, reverse=True)

    def _written_by(self, entry: JournalEntry) -> str:
        side = entry.side.label if entry.side else ""
        return f"by {self._verb(entry.run_id)} into {side}"

    def _line(self, entry: JournalEntry) -> HistoryLine:
        is_lost = entry.verb == "lost"
        names = dict.fromkeys([*entry.before, *entry.after])
        changes = {
            name: (entry.before.get(name), entry.after.get(name))
            for name in names
            if entry.before.get(name) != entry.after.get(name)
        }
        return HistoryLine(
            entry.at,
            _what(entry),
            side=entry.side.label if entry.side else "",
            changes={} if is_lost else changes,
            state=entry.state.value,
            reason=entry.reason,
            run=entry.run_id,
            by=self._verb(entry.run_id),
        )

    def _verb(self, run_id: RunId) -> str:
        if run_id not in self._verbs:
            self._verbs[run_id] = "a run"
            with suppress(UseError):  # old runs are forgotten before their lines are
                self._verbs[run_id] = self._store.get_run(run_id).verb
        return self._verbs[run_id]


_WORDS: Final = {
    "create": "made",
    "update": "changed",
    "delete": "deleted",
    "unlink": "parted",
    "join": "paired",
    "rebase": "agreed",
    "lost": "decided against",
}


def _differs(field_: FieldMapping, link: Link, shown: Mapping[Side, Value]) -> bool:
    if field_.rides or field_.is_computed or field_.name not in link.base:
        return False
    agreed = link.base[field_.name]
    return any(
        value not in (agreed, link.shown_on(side).get(field_.name, agreed))
        for side, value in shown.items()
    )


def _what(entry: JournalEntry) -> str:
    return f"{entry.kind.value.capitalize()} {_WORDS.get(entry.verb, entry.verb)}"


def _text(value: Value) -> str:
    return "" if value is None else str(value)

"""People at work in both systems' own screens, and what these screens show."""

from dataclasses import dataclass
from datetime import timedelta

from toolkit.model.ids import Kind, RecordId, Side
from toolkit.sandbox.highlevel.records import Contact, Note, Task
from toolkit.sandbox.highlevel.state import HighLevelState
from toolkit.sandbox.timetonic.state import TimeTonicState

FIELDS = {
    Kind.CONTACT: ("name", "email", "source", "tags"),
    Kind.TASK: ("title", "body", "is_completed"),
    Kind.NOTE: ("body",),
}
# What HighLevel writes itself into contacts that come without a source.
_SERVERS_OWN = {"public api"}


@dataclass(frozen=True)
class Shown:
    """One record as a person sees it, without our columns and stamps."""

    values: dict[str, object]
    parent_id: RecordId | None = None


class HighLevelHands:
    """A person in HighLevel; the vendor's own screens have no rate limit and no faults."""

    side = Side.HIGHLEVEL

    def __init__(self, state: HighLevelState) -> None:
        self._state = state

    def add(self, kind: Kind, values: dict, parent_id: RecordId | None = None) -> RecordId:
        state, now = self._state, self._state.now()
        if kind is Kind.CONTACT:
            contact = Contact(state.ids.short(), added_at=now, updated_at=now)
            _fill_contact(contact, values)
            state.save(contact)
            return RecordId(contact.id)
        if kind is Kind.TASK:
            task = Task(
                id=state.ids.hexadecimal(),
                contact_id=parent_id,
                title=values["title"],
                body=values["body"],
                due_at=now + timedelta(days=1),
                is_completed=values["is_completed"],
                assigned_to=None,
                added_at=now,
                updated_at=now,
            )
            state.save_task(task)
            return RecordId(task.id)
        note = Note(state.ids.short(), parent_id, values["body"], user_id=None, added_at=now)
        state.notes.setdefault(parent_id, {})[note.id] = note
        return RecordId(note.id)

    def edit(self, kind: Kind, record_id: RecordId, values: dict) -> None:
        state = self._state
        if kind is Kind.CONTACT:
            contact = state.contacts[record_id]
            _fill_contact(contact, values)
            state.touch(contact)
        elif kind is Kind.TASK:
            task = state.tasks[record_id]
            for name, value in values.items():
                setattr(task, name, value)
            task.updated_at = state.now()
            state.save_task(task)
        else:
            self._note(record_id).body = values["body"]

    def remove(self, kind: Kind, record_id: RecordId) -> None:
        if kind is Kind.CONTACT:
            self._state.remove(self._state.contacts[record_id])
        elif kind is Kind.TASK:
            self._state.remove_task(self._state.tasks[record_id])
        else:
            note = self._note(record_id)
            del self._state.notes[note.contact_id][note.id]

    def shown(self, kind: Kind) -> dict[RecordId, Shown]:
        state = self._state
        if kind is Kind.CONTACT:
            return {RecordId(each.id): _shown_contact(each) for each in state.contacts.values()}
        if kind is Kind.TASK:
            return {
                RecordId(each.id): Shown(
                    {
                        "title": each.title or None,
                        "body": each.body or None,
                        "is_completed": each.is_completed,
                    },
                    RecordId(each.contact_id),
                )
                for each in state.tasks.values()
            }
        return {
            RecordId(each.id): Shown({"body": each.body or None}, RecordId(each.contact_id))
            for notes in state.notes.values()
            for each in notes.values()
        }

    def _note(self, record_id: RecordId) -> Note:
        found = (notes.get(record_id) for notes in self._state.notes.values())
        return next(note for note in found if note is not None)


def _fill_contact(contact: Contact, values: dict) -> None:
    plain = {name: values[name] for name in ("email", "source") if name in values}
    if "name" in values:
        first, _, last = (values["name"] or "").partition(" ")
        plain |= {"firstName": first or None, "lastName": last or None}
    filled = {**contact.values, **plain}
    contact.values = {name: value for name, value in filled.items() if value is not None}
    if "tags" in values:
        contact.tags = list(values["tags"])


def _shown_contact(contact: Contact) -> Shown:
    source = contact.values.get("source")
    return Shown(
        {
            "name": contact.name or None,
            "email": contact.values.get("email") or None,
            "source": None if source in _SERVERS_OWN else source or None,
            "tags": tuple(sorted(contact.tags)),
        }
    )


_TABLES = {Kind.CONTACT: "Contacts", Kind.TASK: "Tasks", Kind.NOTE: "Notes"}
_COLUMNS = {
    Kind.CONTACT: {"name": "Name", "email": "Email", "source": "Source", "tags": "Tags"},
    Kind.TASK: {"title": "Title", "body": "Description", "is_completed": "Done"},
    Kind.NOTE: {"body": "Body"},
}


class TimeTonicHands:
    """A person in TimeTonic."""

    side = Side.TIMETONIC

    def __init__(self, state: TimeTonicState) -> None:
        self._state = state

    def add(self, kind: Kind, values: dict, parent_id: RecordId | None = None) -> RecordId:
        cells = _cells(kind, values)
        if kind is Kind.TASK:
            # HighLevel takes no task without a date.
            cells["Due"] = self._state.stamps.now() + timedelta(days=1)
        if parent_id is not None:
            cells["Contact"] = (int(parent_id),)
        return RecordId(str(self._state.add_row(_TABLES[kind], cells)))

    def edit(self, kind: Kind, record_id: RecordId, values: dict) -> None:
        self._state.edit_row(_TABLES[kind], int(record_id), _cells(kind, values))

    def remove(self, kind: Kind, record_id: RecordId) -> None:
        self._state.remove_row(_TABLES[kind], int(record_id))

    def shown(self, kind: Kind) -> dict[RecordId, Shown]:
        columns = _COLUMNS[kind]
        found = {}
        for row_id, row in self._state.rows(_TABLES[kind]).items():
            values = {name: row[column] or None for name, column in columns.items()}
            if "tags" in values:
                values["tags"] = tuple(sorted(values["tags"] or ()))
            if "is_completed" in values:
                values["is_completed"] = bool(values["is_completed"])
            parents = row.get("Contact") or ()
            parent_id = RecordId(str(parents[0])) if parents else None
            found[RecordId(str(row_id))] = Shown(values, parent_id)
        return found


def _cells(kind: Kind, values: dict) -> dict:
    columns = _COLUMNS[kind]
    return {columns[name]: value or None for name, value in values.items()}

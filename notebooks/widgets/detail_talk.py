"""What the detail pane's page and Python say to each other: one contact, whole."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from notebooks.widgets.talk import Answer, Answerer, Message, Talk
from toolkit.errors import HightonicError
from toolkit.model.ids import LinkId

if TYPE_CHECKING:
    from notebooks.session import Session
    from toolkit.app.contact_detail import ContactDetail, DetailField, HistoryLine
    from toolkit.model.values import Value

Draw = Callable[[str, "Value"], "Value"]
"""`drawn(field, value)`: a value as people know it, owners by name."""


class DetailTalk(Talk):
    """Shows the contact that was selected last, and reads it anew when asked to.

    Args:
        session: The kernel's.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._titles = {each.field: each.title for each in session.grid.columns}
        self._contact: LinkId | None = None
        self._drawn: dict[str, Any] | None = None
        super().__init__()
        self._leave = [
            session.bus.listen("select", self._select),
            session.bus.listen("changed", self._again),
        ]

    def answers(self) -> Mapping[str, Answerer]:
        """What the pane's page asks."""
        return {"open": self._open, "refresh": self._refresh, "show": self._show}

    def close(self) -> None:
        """Listen no longer."""
        for leave in self._leave:
            leave()

    def _open(self, _: Message) -> Answer:
        return Answer({"kind": "opened", "detail": self._drawn})

    def _show(self, message: Message) -> Answer:
        self._select(contact=LinkId(message["contact"]))
        return Answer({"kind": "reading"})

    def _refresh(self, message: Message) -> Answer:
        contact = LinkId(message["contact"])

        async def look() -> ContactDetail:
            await self._session.desk.look(contact)
            return await self._read(contact)

        def seen(detail: ContactDetail) -> None:
            self._tell(detail)
            self.push("said", sentence="Both sides were read again. Nothing was written.")
            self._session.grid.refresh(at_once=True)

        self.when_done(self._session.start(look()), seen, kind="refused")
        return Answer({"kind": "reading"})

    def _select(self, *, contact: LinkId, **_facts: object) -> None:
        self._contact = contact
        self.when_done(self._session.start(self._read(contact)), self._tell, kind="refused")

    def _again(self, **_facts: object) -> None:
        if self._contact is not None:
            self._select(contact=self._contact)

    async def _read(self, contact: LinkId) -> ContactDetail:
        return await self._session.desk.read(lambda it: it.detail(contact, self._titles))

    def _tell(self, detail: ContactDetail) -> None:
        # Somebody who moves down the rows is shown the last one, whatever is read last.
        if detail.id != self._contact:
            return
        self._drawn = draw_detail(detail, self._titles, self._drawn_value)
        self.push("detail", detail=self._drawn)

    def _drawn_value(self, name: str, value: Value) -> Value:
        try:
            return self._session.grid.drawn(name, value)
        except HightonicError:  # no column of the grid: shown as it is
            return value


def draw_detail(
    detail: ContactDetail, titles: Mapping[str, str], drawn: Draw
) -> dict[str, Any]:
    """A contact as JSON for the page.

    Args:
        detail: The contact.
        titles: Neutral field -> what people call it.
        drawn: See `Draw`.
    """
    return {
        "id": detail.id,
        "name": detail.name,
        "state": detail.state,
        "reason": detail.reason,
        "synced_at": _moment(detail.synced_at),
        "records": [
            {
                "side": each.side.label,
                "id": each.id,
                "updated_at": _moment(each.updated_at),
                "url": each.url,
            }
            for each in detail.records
        ],
        "fields": [_field(each, drawn) for each in detail.fields],
        "tasks": [
            {
                "title": each.title,
                "due_at": _moment(each.due_at),
                "is_completed": each.is_completed,
                "is_overdue": each.is_overdue,
                "owner": each.owner,
            }
            for each in detail.tasks
        ],
        "notes": [
            {"body": each.body, "author": each.author, "written_at": _moment(each.written_at)}
            for each in detail.notes
        ],
        "meetings": [
            {
                "title": each.title,
                "starts_at": each.starts_at,
                "ends_at": each.ends_at,
                "status": each.status,
            }
            for each in detail.meetings
        ],
        "conflicts": [
            {
                "title": titles.get(each.field, each.field),
                "highlevel": drawn(each.field, each.highlevel),
                "timetonic": drawn(each.field, each.timetonic),
                "base": drawn(each.field, each.base),
            }
            for each in detail.conflicts
        ],
        "history": [_line(each, titles, drawn) for each in detail.history],
    }


def _field(field: DetailField, drawn: Draw) -> dict[str, Any]:
    return {
        "title": field.title,
        "agreed": drawn(field.name, field.agreed),
        "is_agreed": field.is_agreed,
        "shown": {side.label: drawn(field.name, value) for side, value in field.shown.items()},
        "places": {side.label: place for side, place in field.places.items()},
        "written_at": _moment(field.written_at),
        "written_by": field.written_by,
        "problem": field.problem,
        "differs": field.differs,
    }


def _line(line: HistoryLine, titles: Mapping[str, str], drawn: Draw) -> dict[str, Any]:
    return {
        "at": _moment(line.at),
        "what": line.what,
        "side": line.side,
        "state": line.state,
        "reason": line.reason,
        "run": line.run,
        "by": line.by,
        "is_new": line.what.endswith(" made"),
        "changes": [
            [titles.get(name, _title(name)), drawn(name, before), drawn(name, after)]
            for name, (before, after) in line.changes.items()
        ],
    }


def _title(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _moment(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat(timespec="seconds").replace("+00:00", "Z")

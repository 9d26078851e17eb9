"""The archive: contacts set aside by a tag and a row that says who, when and why.

Nothing is deleted by it, and the row copies nothing but name and e-mail.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from toolkit.app.effects_run import Wish
from toolkit.app.rule_facts import FactBook
from toolkit.errors import UseError
from toolkit.model.automation import ArchiveContact, EditTags
from toolkit.model.ids import Kind, LinkId, RecordId
from toolkit.model.links import Link, LinkState
from toolkit.model.values import Value
from toolkit.rules.calendar import Calendar
from toolkit.rules.derived import derive

ARCHIVE, RESTORE = "archive", "restore"
"""Verbs of the runs."""


@dataclass(frozen=True, slots=True)
class ArchivedContact:
    """A contact that is set aside.

    Attributes:
        name: As both sides agreed on it; personal.
        archived_at: ISO; empty where there is only the tag (somebody else put it there).
        reason: As it was given.
        row_id: Of the book's archive; None where it has no row there.
    """

    contact: LinkId
    highlevel_id: RecordId | None
    timetonic_id: RecordId | None
    name: str = ""
    archived_at: str = ""
    reason: str = ""
    row_id: RecordId | None = None


def list_archived(links: Iterable[Link], *, tag: str) -> list[ArchivedContact]:
    """Contacts that bear the tag, those archived last first.

    Args:
        links: Every stored pair.
        tag: The tag of archived contacts.
    """
    known = list(links)
    rows = {each.parent: each for each in known if _is_row(each)}
    found = [_archived(each, rows.get(each.id)) for each in known if _is_tagged(each, tag)]
    return sorted(found, key=lambda each: (each.archived_at, each.contact), reverse=True)


def list_stale(
    book: FactBook, *, days: int, now: datetime, calendar: Calendar, tag: str
) -> list[LinkId]:
    """Contacts without activity for so many days, by id; archived ones are left out.

    Activity is what the recipe `stale_archive` goes by: notes, past appointments, tasks
    that were done, the day of the last contact, and when the pair was first seen.
    """
    before = f"{now - timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}"
    stale = []
    for facts in book.contacts():
        last = derive(facts, now=now, calendar=calendar)["last_activity_at"]
        is_archived = tag in _tags(facts.values.get("tags"))
        if isinstance(last, str) and last < before and not is_archived:
            stale.append(facts.link_id)
    return stale


def archive_wish(contacts: Sequence[LinkId], *, reason: str) -> Wish:
    """Set these contacts aside."""
    effects = tuple(ArchiveContact(each, reason) for each in contacts)
    return Wish(effects, ARCHIVE, reason)


def restore_wish(contacts: Sequence[LinkId], *, tag: str) -> Wish:
    """Take these contacts back: the tag goes, and so does the row."""
    effects = tuple(EditTags(each, remove=(tag,)) for each in contacts)
    return Wish(effects, RESTORE, unarchive=tuple(contacts))


def choose_contacts(links: Iterable[Link], typed: Sequence[str]) -> list[LinkId]:
    """The contacts that are meant, each once, in the order typed.

    Args:
        links: Every stored pair.
        typed: E-mails, ids of either side, or beginnings of a pair's own id.

    Raises:
        UseError: One is nobody's, or fits several contacts; none is chosen.
    """
    contacts = [each for each in links if each.kind is Kind.CONTACT and _is_standing(each)]
    return list(dict.fromkeys(_choose(contacts, each.strip()) for each in typed))


def _choose(contacts: Collection[Link], typed: str) -> LinkId:
    wanted = typed.lower()
    exact = [each.id for each in contacts if wanted and wanted in _names_of(each)]
    begun = [each.id for each in contacts if wanted and each.id.startswith(wanted)]
    found = exact or begun
    if len(found) == 1:
        return found[0]
    many = f"{len(found)} contacts are called" if found else "No contact in step is called"
    raise UseError(
        f"{many} {typed}",
        unchanged="Nothing was changed",
        remedy="Give an e-mail, or an id of either side",
    )


def _names_of(link: Link) -> set[str]:
    names = (link.id, link.highlevel_id, link.timetonic_id, link.base.get("email"))
    return {str(each).lower() for each in names if each}


def _is_standing(link: Link) -> bool:
    return link.state in {LinkState.LIVE, LinkState.PARKED}


def _is_row(link: Link) -> bool:
    return link.kind is Kind.ARCHIVE and link.state is LinkState.LIVE


def _is_tagged(link: Link, tag: str) -> bool:
    is_contact = link.kind is Kind.CONTACT and _is_standing(link)
    return is_contact and tag in _tags(link.base.get("tags"))


def _tags(value: Value) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else ()


def _archived(contact: Link, row: Link | None) -> ArchivedContact:
    shown = {} if row is None else row.base
    return ArchivedContact(
        contact.id,
        contact.highlevel_id,
        contact.timetonic_id,
        name=str(contact.base.get("name") or ""),
        archived_at=str(shown.get("archived_at") or ""),
        reason=str(shown.get("reason") or ""),
        row_id=None if row is None else row.timetonic_id,
    )

"""Commands that look: contacts, tasks, notes, sync, help."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from bot.commands.arguments import text, user
from bot.parse import Compared, Due
from bot.views import answers, contacts, deciding, syncing, tasks
from bot.views.blocks import Message, message, section
from toolkit.app.front_readings import TaskQuery

if TYPE_CHECKING:
    from bot.commands.scene import Handler, Scene
    from bot.parse import Parsed
    from toolkit.model.cards import TaskLine


def show_help(scene: Scene, parsed: Parsed) -> Message:
    """What this person may do."""
    return answers.helped(scene.voice, scene.person.role, object_=text(parsed, "object"))


def find_contact(scene: Scene, parsed: Parsed) -> Message:
    """A card for one, a list for several."""
    wanted = text(parsed, "text")
    hits, total = scene.cards.find(wanted)
    card = scene.cards.card(hits[0].id) if total == 1 else None
    if card is not None:
        return contacts.card(scene.voice, card)
    return contacts.found(scene.voice, wanted, hits, total=total)


def show_contact(scene: Scene, parsed: Parsed) -> Message:
    """Both sides of one contact."""
    wanted = text(parsed, "contact")
    card = scene.cards.card(wanted)
    if card is None:
        hits, total = scene.cards.find(wanted)
        return contacts.found(scene.voice, wanted, hits, total=total)
    return contacts.card(scene.voice, card)


def list_tasks(scene: Scene, parsed: Parsed) -> Message:
    """Open tasks, the first due first."""
    found, total = tasks_of(scene, parsed)
    return tasks.listed(scene.voice, found, total=total)


def tasks_of(scene: Scene, parsed: Parsed) -> tuple[list[TaskLine], int]:
    """The tasks that are meant, and how many in all."""
    whose = parsed.values.get("whose", "")
    meant = user(parsed, "whose", me=scene.person.user)
    owner_id = _owner_of(scene, scene.person.user if whose == "mine" else meant)
    query = TaskQuery(
        owner_id=owner_id,
        is_overdue=whose == "overdue",
        before=_before(parsed, scene.voice.zone),
        contact=text(parsed, "contact"),
    )
    is_nobody = not owner_id and (bool(meant) or whose == "mine")
    return ([], 0) if is_nobody else scene.cards.tasks(query)


def list_notes(scene: Scene, parsed: Parsed) -> Message:
    """A contact's notes."""
    wanted = text(parsed, "contact")
    found = scene.cards.notes(wanted)
    if found is None:
        return contacts.found(scene.voice, wanted, [], total=0)
    name, notes, total = found
    return tasks.notes(scene.voice, name, notes, total=total)


def sync_status(scene: Scene, parsed: Parsed) -> Message:
    """How every connection, or one, is doing."""
    wanted = text(parsed, "connection")
    states = [each for each in scene.cards.states() if wanted in {"", each.connection}]
    return syncing.status(scene.voice, states)


def list_conflicts(scene: Scene, parsed: Parsed) -> Message:
    """The first record whose conflicts wait, and how many more there are.

    With `after`, the record that comes after that one; the last leads back to the first.
    """
    cards = scene.cards.conflicts()
    if not cards:
        none = scene.voice.say("answer.no_conflicts")
        return message(scene.voice, none, [section(none)])
    seen = next((at for at, each in enumerate(cards) if each.id == text(parsed, "after")), -1)
    cards = [*cards[seen + 1 :], *cards[: seen + 1]]
    first = deciding.conflict(scene.voice, cards[0])
    if len(cards) == 1:
        return first
    more = section(scene.voice.say("answer.more_conflicts", count=len(cards) - 1))
    return message(scene.voice, first.text, [*first.blocks, more])


def _owner_of(scene: Scene, slack_user: str) -> str:
    """The HighLevel user somebody is linked to; empty for nobody."""
    if not slack_user:
        return ""
    person = scene.shelf.people.find_person(scene.team, slack_user)
    return person.owner_id if person else ""


def _before(parsed: Parsed, zone: str) -> datetime | None:
    """The first moment that is too late, in the zone of who asks."""
    value = parsed.values.get("due")
    due = value.value if isinstance(value, Compared) else value
    if not isinstance(due, Due):
        return None
    includes_day = not isinstance(value, Compared) or value.operator == "<="
    day = due.day + timedelta(days=1) if includes_day else due.day
    return datetime.combine(day, time(), tzinfo=ZoneInfo(zone))


READING: Final[dict[str, Handler]] = {
    "help show": show_help,
    "menu open": show_help,
    "contact find": find_contact,
    "contact show": show_contact,
    "task list": list_tasks,
    "note list": list_notes,
    "sync status": sync_status,
    "sync conflicts": list_conflicts,
}

"""Commands that write: each is prepared from what was typed, then planned or carried out.

A deed is carried out by a job that survives the process. Its `once` names the delivery it
came by, so a job that runs twice writes once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from bot.commands.arguments import text, user
from bot.commands.ground import Ground, Preparation, Prepared
from bot.commands.promises import see_through
from bot.parse import Due, PersonRef
from bot.views.blocks import Message, message, section
from toolkit.app.front_reading import FrontReading
from toolkit.errors import UseError
from toolkit.model.automation import DeleteRecord, EditTags, NewRecord, SetFields
from toolkit.model.ids import Kind, LinkId, Side

if TYPE_CHECKING:
    from bot.parse import Parsed
    from toolkit.app.front_desk import FrontDesk
    from toolkit.model.plan import Plan

_UNCHANGED: Final = "Nothing was changed"
_LEFT: Final = "Left it alone: "
_DUE_AT: Final = time(17, 0)
"""The hour of a due date that names a day only, in the zone of who asks."""


async def add_contact(ground: Ground, parsed: Parsed) -> Prepared:
    """A contact from the fields that were typed."""
    front = ground.front(text(parsed, "connection"))
    values = await front.read_values(Kind.CONTACT, _typed(ground, parsed))
    name = str(values.get("name") or values.get("email") or "")
    effects = (NewRecord(Kind.CONTACT, None, values),)
    told = ground.scene.voice.say("deed.contact_added", name=name)
    return Prepared(front, effects, told, "add")


async def edit_contact(ground: Ground, parsed: Parsed) -> Prepared:
    """Fields of a contact, on both sides."""
    front, contact = await ground.contact(text(parsed, "contact"))
    values = await front.read_values(Kind.CONTACT, _typed(ground, parsed))
    told = ground.scene.voice.say(
        "deed.contact_edited",
        name=await _name(front, contact),
        fields=", ".join(sorted(values)),
    )
    return Prepared(front, (SetFields(contact, Kind.CONTACT, values),), told)


async def tag_contact(ground: Ground, parsed: Parsed) -> Prepared:
    """Tags of a contact; what others put there stays."""
    front, contact = await ground.contact(text(parsed, "contact"))
    effect = EditTags(contact, add=parsed.tags_added, remove=parsed.tags_removed)
    told = ground.scene.voice.say("deed.tagged", name=await _name(front, contact))
    return Prepared(front, (effect,), told, "tag")


async def merge_contacts(ground: Ground, parsed: Parsed) -> Prepared:
    """Two contacts that are one person: one is completed, the other marked."""
    front, keep = await ground.contact(text(parsed, "keep"))
    other = await front.read(partial(FrontReading.find, typed=text(parsed, "other")))
    if keep == other:
        raise UseError("Both are the same contact", unchanged=_UNCHANGED)
    told = ground.scene.voice.say(
        "deed.merged", name=await _name(front, keep), other=await _name(front, other)
    )
    return Prepared(front, await front.merge_effects(keep, other), told, "merge")


async def delete_contact(ground: Ground, parsed: Parsed) -> Prepared:
    """A contact on both sides."""
    front, contact = await ground.contact(text(parsed, "contact"))
    told = ground.scene.voice.say("deed.contact_deleted", name=await _name(front, contact))
    return Prepared(front, (DeleteRecord(contact, Kind.CONTACT),), told, "delete")


async def add_task(ground: Ground, parsed: Parsed) -> Prepared:
    """A task on a contact."""
    wanted = text(parsed, "contact")
    if not wanted:
        raise UseError(ground.scene.voice.tell("deed.which_contact"), unchanged=_UNCHANGED)
    front, contact = await ground.contact(wanted)
    title = text(parsed, "title")
    values: dict[str, object] = {"title": title, "is_completed": False}
    values["due_at"] = _instant(parsed.values.get("due"), ground.scene.now)
    if body := text(parsed, "body"):
        values["body"] = body
    if owner := await _owner(ground, parsed, "owner"):
        values["owner_id"] = owner
    name = await _name(front, contact)
    told = ground.scene.voice.say("deed.task_added", name=name, title=title)
    record = NewRecord(Kind.TASK, contact, values)  # type: ignore[arg-type] # texts and a flag
    return Prepared(front, (record,), told, "task")


async def finish_task(ground: Ground, parsed: Parsed) -> Prepared:
    """A task is done."""
    front, task = await ground.task(text(parsed, "task"))
    told = ground.scene.voice.say("deed.task_done", title=task.base.get("title"))
    return Prepared(
        front, (SetFields(task.id, Kind.TASK, {"is_completed": True}),), told, "task"
    )


async def snooze_task(ground: Ground, parsed: Parsed) -> Prepared:
    """A task is due later."""
    front, task = await ground.task(text(parsed, "task"))
    due_at = _instant(parsed.values.get("due"), ground.scene.now)
    day = ground.scene.voice.day(datetime.fromisoformat(due_at).date())
    told = ground.scene.voice.say("deed.task_snoozed", title=task.base.get("title"), day=day)
    return Prepared(front, (SetFields(task.id, Kind.TASK, {"due_at": due_at}),), told, "task")


async def assign_task(ground: Ground, parsed: Parsed) -> Prepared:
    """A task becomes somebody else's."""
    front, task = await ground.task(text(parsed, "task"))
    owner = await _owner(ground, parsed, "to")
    name = await front.read(lambda it: it.owner_name(owner))
    told = ground.scene.voice.say(
        "deed.task_assigned", title=task.base.get("title"), owner=name
    )
    return Prepared(front, (SetFields(task.id, Kind.TASK, {"owner_id": owner}),), told, "task")


async def delete_task(ground: Ground, parsed: Parsed) -> Prepared:
    """A task on both sides."""
    front, task = await ground.task(text(parsed, "task"))
    told = ground.scene.voice.say("deed.task_deleted", title=task.base.get("title"))
    return Prepared(front, (DeleteRecord(task.id, Kind.TASK),), told, "delete")


async def add_note(ground: Ground, parsed: Parsed) -> Prepared:
    """A note on a contact."""
    front, contact = await ground.contact(text(parsed, "contact"))
    told = ground.scene.voice.say("deed.note_added", name=await _name(front, contact))
    record = NewRecord(Kind.NOTE, contact, {"body": text(parsed, "text")})
    return Prepared(front, (record,), told, "note")


PREPARATIONS: Final[dict[str, Preparation]] = {
    "contact add": add_contact,
    "contact edit": edit_contact,
    "contact tag": tag_contact,
    "contact merge": merge_contacts,
    "contact delete": delete_contact,
    "task add": add_task,
    "task done": finish_task,
    "task snooze": snooze_task,
    "task assign": assign_task,
    "task delete": delete_task,
    "note add": add_note,
}
"""Commands whose writes are effects: planned, approved where risky, carried out, undone."""


async def carry(ground: Ground, prepared: Prepared) -> Message:
    """Write it, and say what came of it."""
    front, verb, once = prepared.front, prepared.verb, ground.once
    return await see_through(
        ground,
        front,
        lambda: front.edit(prepared.effects, verb=verb, once=once),
        said=prepared.told,
        left=lambda: left_alone(prepared, once=once),
    )


async def left_alone(prepared: Prepared, *, once: str) -> tuple[str, ...]:
    """Why some of it is not done: the record rests, is gone, or waits for a choice."""
    plan = await prepared.front.preview_effects(prepared.effects, verb=prepared.verb, once=once)
    return reasons_of(plan)


def reasons_of(plan: Plan) -> tuple[str, ...]:
    """What a wish's plan leaves alone, each reason once."""
    return tuple(dict.fromkeys(each.reason.removeprefix(_LEFT) for each in plan.findings))


def _typed(ground: Ground, parsed: Parsed) -> Mapping[str, str]:
    if not parsed.fields:
        raise UseError(ground.scene.voice.tell("deed.nothing_typed"), unchanged=_UNCHANGED)
    return parsed.fields


async def _name(front: FrontDesk, contact: LinkId) -> str:
    card = await front.read(lambda it: it.card(contact))
    return card.name or card.id


async def _owner(ground: Ground, parsed: Parsed, name: str) -> str:
    """The HighLevel user a mention stands for; empty where nobody was named."""
    meant = user(parsed, name, me=ground.scene.person.user)
    if not meant:
        named = parsed.values.get(name)
        if isinstance(named, PersonRef) and named.name:
            raise UseError(
                "Nobody is named", unchanged=_UNCHANGED, remedy="Mention the person with @"
            )
        return ""
    people = ground.scene.shelf.people
    person = await asyncio.to_thread(people.find_person, ground.scene.team, meant)
    if person is None or not person.owner_id:
        raise UseError(
            ground.scene.voice.tell("deed.unlinked_owner", user=f"<@{meant}>"),
            unchanged=_UNCHANGED,
        )
    return person.owner_id


def _instant(due: object, now: datetime) -> str:
    """When it is due, in UTC; tomorrow where nothing was said: HighLevel takes none without."""
    if not isinstance(due, Due):
        local = (now + timedelta(days=1)).replace(microsecond=0)
        return f"{local.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    local = datetime.combine(due.day, due.time or _DUE_AT, tzinfo=ZoneInfo(due.zone))
    return f"{local.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


async def show_plan(ground: Ground, plan: Plan) -> Message:
    """What a sync would write, counted."""
    voice = ground.scene.voice
    if not plan.writes:
        said = voice.say("deed.plan_nothing")
        return message(voice, said, [section(said)])
    said = voice.say("deed.plan", count=len(plan.writes))
    lines = [f"{side.label}: {_counted(plan, side)}" for side in Side if _counted(plan, side)]
    reasons = [each.reason for each in plan.brakes]
    return message(voice, said, [section(said), *map(section, [*lines, *reasons])])


def _counted(plan: Plan, side: Side) -> str:
    counts: dict[str, int] = {}
    for op in plan.writes:
        if op.side is side:
            key = f"{op.op} {op.kind.value}"
            counts[key] = counts.get(key, 0) + 1
    return ", ".join(f"{count} {key}" for key, count in counts.items())

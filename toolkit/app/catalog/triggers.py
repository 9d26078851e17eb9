"""What fires: the vendors' events, our schedule, and the lines of the feed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from pydantic import ConfigDict, Field

from toolkit.app.catalog.delivering import Delivered
from toolkit.app.catalog.entry import Entry, Example, Input
from toolkit.clients.highlevel.webhooks import EVENT_TYPES
from toolkit.model.events import EventKind, usual_severity

# Not in the client's list: hightonic keeps and counts them, and syncs nothing by them.
_OPPORTUNITIES: Final = (
    "OpportunityCreate",
    "OpportunityUpdate",
    "OpportunityDelete",
    "OpportunityStageUpdate",
    "OpportunityStatusUpdate",
    "OpportunityMonetaryValueUpdate",
    "OpportunityAssignedToUpdate",
)
_HAPPENED: Final[Mapping[str, str]] = {
    "Create": "was created",
    "Update": "was changed",
    "Delete": "was deleted",
    "TagUpdate": "was given or lost a tag",
    "DndUpdate": "may be reached in other ways than before",
    "Complete": "was completed",
    "StageUpdate": "moved to another stage",
    "StatusUpdate": "was won, lost or opened again",
    "MonetaryValueUpdate": "is worth something else",
    "AssignedToUpdate": "has another owner",
}
_EXAMPLES: Final[Mapping[str, Example]] = {
    "Contact": {"id": "CONTACT_ID"},
    "Task": {"id": "TASK_ID", "contactId": "CONTACT_ID"},
    "Note": {"id": "NOTE_ID", "contactId": "CONTACT_ID"},
    "Appointment": {"id": "APPOINTMENT_ID", "contactId": "CONTACT_ID"},
    "Opportunity": {"id": "OPPORTUNITY_ID", "contactId": "CONTACT_ID"},
}


class RecordEvent(Input):
    """A vendor's event about one record; what else the payload holds is passed on as it is."""

    model_config = ConfigDict(extra="allow")
    id: str = Field(min_length=1)
    contactId: str | None = None  # noqa: N815 — the vendor's own key, since this is its payload


class BareEvent(Input):
    """A vendor's event about no record of ours."""

    model_config = ConfigDict(extra="allow")


class RowEvent(Input):
    """What an automation in TimeTonic posts about a row."""

    model_config = ConfigDict(extra="allow")
    id: int
    table: str = "Contacts"


class NoEvent(Input):
    """The moment itself; nothing is told."""


class FeedEvent(Input):
    """What a line of the feed is about."""

    highlevel_id: str | None = None
    timetonic_id: str | None = None
    fields: tuple[str, ...] = ()
    facts: dict[str, str | int | float | bool | None] = Field(default_factory=dict)


def trigger_entries() -> Iterator[Entry]:
    """Everything that can fire."""
    for event_type in (*EVENT_TYPES, *_OPPORTUNITIES):
        yield _highlevel(event_type)
    for word in ("created", "updated", "deleted"):
        yield _trigger(
            f"timetonic.row_{word}",
            f"A row of the book was {word}, as an automation there tells it.",
            RowEvent,
            {"id": "ROW_ID", "table": "Contacts"},
        )
    yield _trigger("schedule", "The time of the next comparison has come.", NoEvent, {})
    for kind in EventKind:
        severity = usual_severity(kind).value
        yield _trigger(
            f"feed.{kind.value}",
            f"The feed tells: {kind.value.replace('_', ' ')} ({severity}).",
            FeedEvent,
            {"highlevel_id": "CONTACT_ID"},
        )


def _highlevel(event_type: str) -> Entry:
    noun = next((each for each in _EXAMPLES if event_type.startswith(each)), "")
    verb = event_type.removeprefix(noun)
    about = f"HighLevel tells: a{'n' if noun[:1] in 'AO' else ''} {noun.lower()}"
    summary = f"{about} {_HAPPENED.get(verb, 'changed')}."
    if noun == "Opportunity":
        summary += " Kept and counted; nothing is synced by it."
    if not noun:
        summary = f"HighLevel tells: {event_type}. Kept and counted."
    model = RecordEvent if noun else BareEvent
    return _trigger(f"highlevel.{event_type}", summary, model, _EXAMPLES.get(noun, {}))


def _trigger(name: str, summary: str, model: type[Input], example: Example) -> Entry:
    source, _, word = name.partition(".")
    return Entry(
        id=f"trigger.{name}",
        title=f"When: {(word or source).replace('_', ' ')}",
        system=source if source in ("highlevel", "timetonic") else "hightonic",  # type: ignore[arg-type] # the three names
        group=f"trigger.{source}",
        role="trigger",
        summary=summary,
        input=model,
        output=Delivered,
        is_write=True,
        calls=None if source != "feed" else 0,
        example=example,
    )

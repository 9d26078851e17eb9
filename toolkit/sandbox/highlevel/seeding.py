"""Turns a world into a location: ids, stamps, custom fields, credentials."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from toolkit.sandbox.common import EmulatorClock
from toolkit.sandbox.highlevel.auth import SCOPES, Grant
from toolkit.sandbox.highlevel.furniture import furnish
from toolkit.sandbox.highlevel.oauth_app import OAuthApp, RefreshToken
from toolkit.sandbox.highlevel.options import HighLevelOptions
from toolkit.sandbox.highlevel.records import (
    Appointment,
    BusinessRecord,
    Contact,
    FieldDefinition,
    Note,
    Opportunity,
    Task,
)
from toolkit.sandbox.highlevel.state import HighLevelState
from toolkit.sandbox.highlevel.wire import Ids
from toolkit.sandbox.seed import Person, World

_AGE: Final = timedelta(days=400)
_OPPORTUNITY_EVERY: Final = 10
_ADDITIONAL_EMAIL_EVERY: Final = 97
_EXTRAS_EVERY: Final = 8


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a caller needs; `token` is a private integration token with every scope."""

    token: str
    location_id: str
    company_id: str
    client_id: str
    client_secret: str
    refresh_token: str


def seed_state(
    world: World, *, clock: EmulatorClock, options: HighLevelOptions
) -> tuple[HighLevelState, Credentials]:
    """A location that holds this world; the same world gives the same ids and stamps."""
    ids = Ids(world.seed)
    app = OAuthApp(
        client_id=ids.hexadecimal(), client_secret=ids.uuid(), app_id=ids.hexadecimal()
    )
    state = HighLevelState(
        clock=clock,
        options=options,
        ids=ids,
        location_id=ids.short(),
        company_id=ids.short(),
        oauth=app,
        started_at=world.now,
    )
    furnish(state, world)
    business_ids = _seed_businesses(state, world)
    contact_ids = _seed_contacts(state, world, business_ids)
    _seed_tasks(state, world, contact_ids)
    _seed_notes(state, world, contact_ids)
    _seed_meetings(state, world, contact_ids)
    _seed_opportunities(state, contact_ids)
    state.index.settle()
    return state, _credentials(state)


def _credentials(state: HighLevelState) -> Credentials:
    token, refresh_token = state.ids.pit(), state.ids.jwt()
    state.keyring.add(token, Grant("pit", SCOPES, state.location_id, key="pit token"))
    state.oauth.refresh_tokens[refresh_token] = RefreshToken(
        "location", SCOPES, state.started_at + timedelta(days=365)
    )
    return Credentials(
        token=token,
        location_id=state.location_id,
        company_id=state.company_id,
        client_id=state.oauth.client_id,
        client_secret=state.oauth.client_secret,
        refresh_token=refresh_token,
    )


def _seed_businesses(state: HighLevelState, world: World) -> list[str]:
    for business in world.businesses:
        business_id = state.ids.hexadecimal()
        values = {
            "name": business.name,
            "email": business.email,
            "phone": business.phone,
            "website": business.website,
            "city": business.city,
            "country": business.country,
        }
        since = world.now - _AGE
        state.businesses[business_id] = BusinessRecord(business_id, values, since, since)
    return list(state.businesses)


def _seed_contacts(state: HighLevelState, world: World, business_ids: list[str]) -> list[str]:
    rng = random.Random(f"highlevel contacts {world.seed}")
    keys = {one.field_key.removeprefix("contact."): one for one in state.fields.values()}
    user_ids = list(state.users)
    step = (_AGE - timedelta(days=1)) / max(len(world.people), 1)
    for number, person in enumerate(world.people):
        added_at = _to_ms(world.now - _AGE + step * number)
        until_now_s = (world.now - added_at).total_seconds()
        contact = Contact(
            id=state.ids.short(),
            added_at=added_at,
            updated_at=_to_ms(added_at + timedelta(seconds=until_now_s * rng.random() * 0.99)),
            values=_values(person, user_ids),
            tags=list(person.tags),
            custom=_custom(person, number, keys),
        )
        if person.business_index is not None:
            contact.business_id = business_ids[person.business_index]
        if number % _ADDITIONAL_EMAIL_EVERY == 1:
            contact.additional_emails = [f"second.{number}@example.org"]
        state.save(contact)
    return list(state.contacts)


def _values(person: Person, user_ids: list[str]) -> dict[str, Any]:
    values = {
        "firstName": person.first_name,
        "lastName": person.last_name,
        "email": person.email,
        "phone": person.phone,
        "companyName": person.company,
        "city": person.city,
        "country": person.country,
        "website": person.website,
        "source": person.source,
        "assignedTo": None if person.owner_index is None else user_ids[person.owner_index],
    }
    return {name: value for name, value in values.items() if value is not None}


def _custom(person: Person, number: int, keys: dict[str, FieldDefinition]) -> dict[str, Any]:
    days = {
        "last_contacted": person.last_contacted,
        "next_action_date": person.next_action_date,
    }
    values: dict[str, Any] = {
        name: f"{day.isoformat()}T00:00:00.000Z"
        for name, day in days.items()
        if day is not None
    }
    if person.lifecycle_stage is not None:
        values["lifecycle_stage"] = person.lifecycle_stage
    if person.plan is not None:
        values["plan"] = person.plan
    if number % _EXTRAS_EVERY == 0:
        values |= {
            "job_title": "Head of purchasing",
            "background": "Came by twice.\nLikes samples.",
            "employees": number % 250,
            "annual_revenue": number * 12.5,
            "interests": ["tea", "cocoa"],
            "channels": ["e-mail"],
            "preferred_language": "Français",
            "milestones": dict.fromkeys(keys["milestones"].text_boxes, "done"),
        }
    return {keys[name].id: value for name, value in values.items()}


def _seed_tasks(state: HighLevelState, world: World, contact_ids: list[str]) -> None:
    rng = random.Random(f"highlevel tasks {world.seed}")
    user_ids = list(state.users)
    for task in world.tasks:
        age = timedelta(
            seconds=rng.randrange(3600, 90 * 86_400), milliseconds=rng.randrange(1000)
        )
        added_at = _to_ms(world.now - age)
        state.save_task(
            Task(
                id=state.ids.hexadecimal(),
                contact_id=None
                if task.person_index is None
                else contact_ids[task.person_index],
                title=task.title,
                body=task.body,
                due_at=task.due_at,
                is_completed=task.is_completed,
                assigned_to=None if task.owner_index is None else user_ids[task.owner_index],
                added_at=added_at,
                updated_at=_to_ms(added_at + age / 2),
            )
        )


def _seed_notes(state: HighLevelState, world: World, contact_ids: list[str]) -> None:
    user_ids = list(state.users)
    for note in world.notes:
        contact_id = contact_ids[note.person_index]
        stored = Note(
            id=state.ids.short(),
            contact_id=contact_id,
            body=note.body,
            user_id=None if note.owner_index is None else user_ids[note.owner_index],
            added_at=_to_ms(note.written_at),
        )
        state.notes.setdefault(contact_id, {})[stored.id] = stored


def _seed_meetings(state: HighLevelState, world: World, contact_ids: list[str]) -> None:
    user_ids, calendar_ids = list(state.users), list(state.calendars)
    for meeting in world.appointments:
        since = _to_ms(meeting.starts_at - timedelta(days=30))
        stored = Appointment(
            id=state.ids.short(),
            calendar_id=calendar_ids[meeting.calendar_index],
            contact_id=contact_ids[meeting.person_index],
            title=meeting.title,
            status=meeting.status,
            starts_at=meeting.starts_at,
            ends_at=meeting.ends_at,
            added_at=since,
            updated_at=since,
            assigned_to=user_ids[meeting.owner_index],
        )
        state.appointments[stored.id] = stored


def _seed_opportunities(state: HighLevelState, contact_ids: list[str]) -> None:
    pipeline = state.pipelines[0]
    for number, contact_id in enumerate(contact_ids[::_OPPORTUNITY_EVERY]):
        contact = state.contacts[contact_id]
        stage = pipeline["stages"][number % len(pipeline["stages"])]
        state.save_opportunity(
            Opportunity(
                id=state.ids.short(),
                contact_id=contact_id,
                name=f"{contact.name}: order",
                pipeline_id=pipeline["id"],
                stage_id=stage["id"],
                status=("open", "won", "lost")[number % 3],
                monetary_value=float(number * 100),
                assigned_to=contact.values.get("assignedTo"),
                added_at=contact.added_at,
                updated_at=contact.updated_at,
            )
        )
        state.index.put(contact)


def _to_ms(at: datetime) -> datetime:
    return at.replace(microsecond=at.microsecond // 1000 * 1000)

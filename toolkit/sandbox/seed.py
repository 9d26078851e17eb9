"""The seeded world: the same number gives the same people, tasks and notes on every machine."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Final

from toolkit.sandbox import seed_words as words

LONG_NOTE_CHARACTERS: Final = 10_000
_LONG_NOTE_EVERY: Final = 100
_STANDALONE_TASK_EVERY: Final = 150

# Exchanges that operators keep for fiction, so that no seeded number rings anywhere:
# 555 in North America, 01 99 00 in France.
_AREA_CODES: Final = (212, 213, 305, 312, 404, 415, 503, 512, 617, 646, 702, 713, 718, 808, 917)
_LINES: Final = 10_000
# Of the shared people, so few contradict the other side that a person can look at each.
_CONTRADICTING_TURNS: Final = frozenset({3, 13, 23})
_SHARE_COMPLETED: Final = 0.3
_LONG_NOTE_OFFSET: Final = 7


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody a team knows. `email` and `phone` (E.164) are unique within a world."""

    first_name: str
    last_name: str
    email: str
    phone: str
    company: str | None = None
    city: str | None = None
    country: str | None = None
    website: str | None = None
    source: str | None = None
    plan: str | None = None
    lifecycle_stage: str | None = None
    tags: tuple[str, ...] = ()
    owner_index: int | None = None
    business_index: int | None = None
    last_contacted: date | None = None
    next_action_date: date | None = None


@dataclass(frozen=True, slots=True)
class SeedTask:
    """Work to do; `person_index` is None for a task that hangs on nobody."""

    person_index: int | None
    title: str
    body: str | None
    due_at: datetime
    is_completed: bool
    owner_index: int | None


@dataclass(frozen=True, slots=True)
class SeedNote:
    """Something written about a person."""

    person_index: int
    body: str
    owner_index: int | None
    written_at: datetime


@dataclass(frozen=True, slots=True)
class SeedAppointment:
    """A meeting; `calendar_index` is 0 to 2."""

    person_index: int
    title: str
    starts_at: datetime
    ends_at: datetime
    status: str
    owner_index: int
    calendar_index: int


@dataclass(frozen=True, slots=True)
class Owner:
    """A member of the team."""

    first_name: str
    last_name: str
    email: str
    phone: str

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}"


@dataclass(frozen=True, slots=True)
class Business:
    """A company as a record of its own."""

    name: str
    email: str
    phone: str
    website: str
    city: str
    country: str


@dataclass(frozen=True, slots=True)
class World:
    """Everything both emulated vendors start from.

    `people` live in HighLevel, `leads` in TimeTonic. The first `shared` leads are people of
    HighLevel too: `leads[i]` is `people[shared_people[i]]`, with some values blank or different.
    """

    people: tuple[Person, ...]
    tasks: tuple[SeedTask, ...]
    notes: tuple[SeedNote, ...]
    appointments: tuple[SeedAppointment, ...]
    owners: tuple[Owner, ...]
    businesses: tuple[Business, ...]
    leads: tuple[Person, ...]
    shared_people: tuple[int, ...]
    now: datetime
    seed: int


def make_world(  # noqa: PLR0913 — each is a size a reader of a test wants to see by name
    *,
    now: datetime,
    seed: int = 1,
    contacts: int = 1000,
    tasks: int = 600,
    notes: int = 300,
    leads: int = 200,
    shared: int = 50,
    appointments: int | None = None,
) -> World:
    """The world of a seed number; the same arguments give an equal world.

    Args:
        now: Aware time that all dates are laid around.
        seed: Any integer.
        contacts: People in HighLevel, 0 to 100,000.
        tasks: Tasks in HighLevel; about one in 150 hangs on no contact.
        notes: Notes in HighLevel; every hundredth has 10,000 characters.
        leads: Rows of the TimeTonic table of contacts.
        shared: Leads that are people of HighLevel too; cut to the smaller of both counts.
        appointments: Meetings in HighLevel; None means one for 20 people.
    """
    rng = random.Random(seed)
    businesses = tuple(_business(index) for index in range(len(words.COMPANIES)))
    people = tuple(_person(rng, number, now.date()) for number in range(contacts))
    shared = min(shared, leads, contacts)
    shared_people = tuple(sorted(rng.sample(range(contacts), shared)))
    twins = tuple(_lead_of(people[index], turn) for turn, index in enumerate(shared_people))
    others = tuple(_person(rng, contacts + n, now.date()) for n in range(leads - shared))
    meetings = contacts // 20 if appointments is None else appointments
    everybody = range(contacts)
    return World(
        people=people,
        tasks=tuple(_task(rng, number, everybody, now) for number in range(tasks)),
        notes=tuple(
            _note(rng, number, everybody, now) for number in range(notes * bool(contacts))
        ),
        appointments=tuple(
            _meeting(rng, everybody, now) for _ in range(meetings * bool(contacts))
        ),
        owners=tuple(_owner(index) for index in range(len(words.OWNERS))),
        businesses=businesses,
        leads=twins + tuple(replace(one, lifecycle_stage="lead") for one in others),
        shared_people=shared_people,
        now=now.astimezone(UTC),
        seed=seed,
    )


def _person(rng: random.Random, number: int, today: date) -> Person:
    firsts, lasts = rng.choice(words.NAMES)
    first, first_latin = rng.choice(firsts)
    last, last_latin = rng.choice(lasts)
    company_index = rng.randrange(len(words.COMPANIES) * 2)
    is_employed = company_index < len(words.COMPANIES)
    city, country = rng.choice(words.PLACES)
    last_age_days, next_days = rng.randrange(1, 300), rng.randrange(1, 60)
    return Person(
        first_name=first,
        last_name=last,
        email=f"{first_latin}.{last_latin}.{number}@example.com",
        phone=_phone(number),
        company=words.COMPANIES[company_index] if is_employed else None,
        city=city if number % 5 else None,
        country=country,
        website=f"https://www.example.com/{first_latin}-{number}" if number % 4 == 0 else None,
        source=rng.choice(words.SOURCES) if number % 7 else None,
        plan=rng.choice(words.PLANS) if number % 3 else None,
        lifecycle_stage=rng.choice(words.STAGES),
        tags=tuple(sorted(rng.sample(words.TAGS, rng.randrange(4)))),
        owner_index=rng.randrange(len(words.OWNERS)) if number % 6 else None,
        business_index=company_index if is_employed and number % 2 else None,
        last_contacted=today - timedelta(days=last_age_days) if number % 4 else None,
        next_action_date=today + timedelta(days=next_days) if number % 3 == 0 else None,
    )


def _phone(number: int) -> str:
    """Unique by number: one in ten is French, the others walk through the area codes."""
    french, is_not_tenth = divmod(number, 10)
    if is_not_tenth == 0 and french < _LINES:
        return f"+3319900{french:04d}"
    block, line = divmod(number, _LINES)
    # 11 and 15 have no common divisor, so 15 blocks meet 15 different codes on every line.
    area = _AREA_CODES[(line + 11 * block) % len(_AREA_CODES)]
    exchange = 555 if block < len(_AREA_CODES) else 200 + block
    return f"+1{area}{exchange}{line:04d}"


def _lead_of(person: Person, turn: int) -> Person:
    """The same person as TimeTonic knows them: blanks and a few differences, never in e-mail or phone."""
    match turn % 5:
        case 0:
            return replace(person, plan=None, city=None, owner_index=None)
        case 1:
            return replace(person, last_contacted=None, next_action_date=None, website=None)
        case 2:
            return replace(person, tags=(), source=None, company=None)
        case _:
            is_other = turn in _CONTRADICTING_TURNS
            return (
                replace(person, lifecycle_stage="customer", city="Genève")
                if is_other
                else person
            )


def _task(rng: random.Random, number: int, everybody: range, now: datetime) -> SeedTask:
    is_standalone = (
        not everybody or number % _STANDALONE_TASK_EVERY == _STANDALONE_TASK_EVERY - 1
    )
    due_at = now + timedelta(hours=rng.randrange(-24 * 40, 24 * 40))
    return SeedTask(
        person_index=None if is_standalone else rng.choice(everybody),
        title=f"{rng.choice(words.TASK_TITLES)} #{number}",
        body=rng.choice(words.TASK_BODIES),
        due_at=due_at.astimezone(UTC).replace(
            minute=rng.choice((0, 15, 30)), second=0, microsecond=0
        ),
        is_completed=rng.random() < _SHARE_COMPLETED,
        owner_index=rng.randrange(len(words.OWNERS)) if number % 4 else None,
    )


def _note(rng: random.Random, number: int, everybody: range, now: datetime) -> SeedNote:
    body = f"{rng.choice(words.NOTE_BODIES)} ({number})"
    if number % _LONG_NOTE_EVERY == _LONG_NOTE_OFFSET:
        repeats = LONG_NOTE_CHARACTERS // len(body) + 1
        body = ((body + "\n") * repeats)[: LONG_NOTE_CHARACTERS - 1] + "."
    age = timedelta(minutes=rng.randrange(60, 60 * 24 * 90))
    return SeedNote(
        person_index=rng.choice(everybody),
        body=body,
        owner_index=rng.randrange(len(words.OWNERS)) if number % 3 else None,
        written_at=(now - age).astimezone(UTC),
    )


def _meeting(rng: random.Random, everybody: range, now: datetime) -> SeedAppointment:
    hours = rng.randrange(-24 * 20, 24 * 20)
    starts_at = (
        (now + timedelta(hours=hours))
        .astimezone(UTC)
        .replace(minute=0, second=0, microsecond=0)
    )
    return SeedAppointment(
        person_index=rng.choice(everybody),
        title=rng.choice(words.MEETINGS),
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=rng.choice((30, 60))),
        status=rng.choice(("confirmed", "new", "cancelled", "showed")),
        owner_index=rng.randrange(len(words.OWNERS)),
        calendar_index=rng.randrange(3),
    )


def _owner(index: int) -> Owner:
    first, last = words.OWNERS[index]
    return Owner(first, last, f"owner{index}@example.org", f"+1212555{9900 + index}")


def _business(index: int) -> Business:
    city, country = words.PLACES[index]
    return Business(
        name=words.COMPANIES[index],
        email=f"office{index}@example.net",
        phone=f"+1213555{9900 + index}",
        website=f"https://www.example.net/{index}",
        city=city,
        country=country,
    )

"""A small world for the flows: both emulated systems, a home, the hands of people, and an oracle.

The oracle reads what the emulators hold, not what hightonic remembers, and pairs records by what
people would: e-mail, title under a contact, text under a contact.
"""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any
from unicodedata import normalize

from toolkit.app.connection import Connection, open_connection
from toolkit.app.home import Home
from toolkit.app.setup import connect_sandbox
from toolkit.app.wiring import Transports
from toolkit.clients.pacing import ManualClock
from toolkit.model.ids import Kind, LinkId, RecordId, Side
from toolkit.model.links import Link, LinkState
from toolkit.model.outcomes import RunReport
from toolkit.sandbox.common import EmulatorClock
from toolkit.sandbox.faults import Fault
from toolkit.sandbox.highlevel.records import Contact, Note, Task
from toolkit.sandbox.serve import Sandbox, SandboxOptions

HIGH, TIME = Side.HIGHLEVEL, Side.TIMETONIC
START_AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SMALL = SandboxOptions(
    contacts=12, tasks=8, notes=5, leads=6, shared=2, seed=1, rate_limit=False
)
MEDIUM = SandboxOptions(
    contacts=40, tasks=20, notes=10, leads=12, shared=4, seed=1, rate_limit=False
)

_TAG = re.compile(r"</?[a-z]+>")

Facts = dict[str, Any]
Keyed = dict[Any, Facts]


@dataclass
class World:
    """Both systems and one home. Deep copies are independent worlds (see `copy_to`)."""

    sandbox: Sandbox
    clock: ManualClock
    home: Path
    name: str = "main"
    settings: Facts = field(default_factory=dict)
    pairs: list[Link] = field(default_factory=list)
    """The stored pairs when the world settled last."""

    # -- running ------------------------------------------------------------------------

    @asynccontextmanager
    async def open(self, name: str | None = None) -> AsyncIterator[Connection]:
        """The connection, over the emulators in this process and on this world's clock."""
        async with open_connection(
            name or self.name,
            home=self.home,
            transports=Transports(**self.sandbox.transports()),
            clock=self.clock,
        ) as connection:
            yield connection

    async def sync(self, **options: Any) -> RunReport:
        """One run in a process's life of its own."""
        async with self.open() as connection:
            return await connection.sync(**options)

    async def settle(self, runs: int = 3, **options: Any) -> list[RunReport]:
        """Faults away, then sync until a run writes nothing; fails after `runs` more runs."""
        self.sandbox.faults.set([])
        reports = []
        async with self.open() as connection:
            for _ in range(runs + 1):
                self.clock.advance(4_000)  # more than a record refused twice rests
                writes = self.writes()
                reports.append(await connection.sync(**options))
                if self.writes() == writes:
                    assert reports[-1].writes_sent == 0
                    self.pairs = connection._parts.store.links()
                    return reports
        raise AssertionError(f"still writing after {runs} runs: {reports[-1].tallies}")

    def fail(self, *faults: Fault) -> None:
        """Put a fault plan in force."""
        self.sandbox.faults.set(faults)

    @property
    def hits(self) -> int:
        """How often the fault plan struck."""
        return sum(row["hits"] for row in self.sandbox.faults.to_json()["faults"])

    def writes(self) -> int:
        """Write calls that reached either system."""
        return self.sandbox.recorder.count(is_write=True)

    def configure(self, **sections: Mapping[str, Any]) -> None:
        """Merge sections (`sync`, `mapping`, `timetonic`, `highlevel`) into the settings."""
        for name, section in sections.items():
            self.settings[name] = {**self.settings.get(name, {}), **section}
        ready = self.sandbox.ready_line()
        high, time = ready["highlevel"], ready["timetonic"]
        connection = {
            "highlevel": {"location_id": high["location_id"], "base_url": high["base_url"]},
            "timetonic": {
                name: time[name] for name in ("user", "book_owner", "book_code", "url")
            },
        }
        for name, section in self.settings.items():
            connection[name] = {**connection.get(name, {}), **section}
        document = {"version": 1, "connections": {self.name: connection}}
        (self.home / "hightonic.yaml").write_text(json.dumps(document), encoding="utf-8")

    def copy_to(self, home: Path) -> World:
        """The same world once more, with a home of its own."""
        # The control door's web application cannot be copied, and nobody here knocks at it.
        control = self.sandbox._control
        twin = deepcopy(replace(self, home=home), {id(control): control})
        shutil.copytree(self.home, home)
        return twin

    # -- people's hands in HighLevel -----------------------------------------------------

    @property
    def high(self) -> Any:
        """What the emulated HighLevel holds."""
        return self.sandbox.highlevel.state

    def add_contact(self, email: str, **values: Any) -> str:
        """A contact made in HighLevel's own screens."""
        self.clock.advance(1)
        now = self.high.now()
        first, _, last = email.partition("@")[0].partition(".")
        plain = {"firstName": first.title(), "lastName": last.title(), "email": email}
        tags = values.pop("tags", [])
        made = Contact(
            self.high.ids.short(), now, now, values={**plain, **values}, tags=list(tags)
        )
        self.high.save(made)
        return made.id

    def edit_contact(self, contact_id: str, **values: Any) -> None:
        """Plain fields by wire name, custom fields by key; None clears."""
        self.clock.advance(1)
        contact = deepcopy(self.high.contacts[contact_id])
        custom = {
            one.field_key.removeprefix("contact."): one for one in self.high.fields.values()
        }
        for name, value in values.items():
            if name == "tags":
                contact.tags = list(value)
                continue
            place, key = (
                (contact.custom, custom[name].id) if name in custom else (contact.values, name)
            )
            if value is None:
                place.pop(key, None)
            else:
                place[key] = value
        self.high.touch(contact)

    def remove_contact(self, contact_id: str) -> None:
        """Deleted by hand, with what hangs on it."""
        self.clock.advance(1)
        self.high.remove(self.high.contacts[contact_id])

    def add_task(self, contact_id: str, title: str, *, body: str | None = None) -> str:
        """A task made by hand."""
        self.clock.advance(1)
        now = self.high.now()
        due_at = (now + timedelta(days=2)).replace(microsecond=0)
        made = Task(
            self.high.ids.hexadecimal(), contact_id, title, body, due_at, False, None, now, now
        )
        self.high.save_task(made)
        return made.id

    def edit_task(self, task_id: str, **values: Any) -> None:
        """Attributes of the emulator's task."""
        self.clock.advance(1)
        task = replace(self.high.tasks[task_id], updated_at=self.high.now(), **values)
        self.high.save_task(task)

    def remove_task(self, task_id: str) -> None:
        """Deleted by hand."""
        self.high.remove_task(self.high.tasks[task_id])

    def add_note(self, contact_id: str, body: str) -> str:
        """A note written by hand; the contact's stamp moves, so that it is read again."""
        self.clock.advance(1)
        made = Note(self.high.ids.short(), contact_id, body, None, self.high.now())
        self.high.notes.setdefault(contact_id, {})[made.id] = made
        self.high.touch(self.high.contacts[contact_id])
        return made.id

    def edit_note(self, note_id: str, body: str) -> None:
        """Rewritten by hand."""
        self.clock.advance(1)
        note = self.note(note_id)
        note.body = body
        self.high.touch(self.high.contacts[note.contact_id])

    def remove_note(self, note_id: str) -> None:
        """Deleted by hand."""
        self.clock.advance(1)
        note = self.note(note_id)
        del self.high.notes[note.contact_id][note_id]
        self.high.touch(self.high.contacts[note.contact_id])

    def note(self, note_id: str) -> Note:
        """One note wherever it hangs."""
        return next(notes[note_id] for notes in self.high.notes.values() if note_id in notes)

    # -- people's hands in TimeTonic -----------------------------------------------------

    @property
    def time(self) -> Any:
        """What the emulated TimeTonic holds: `add_row`, `edit_row`, `remove_row`."""
        return self.sandbox.timetonic.state

    def rows(self, table: str) -> dict[int, Facts]:
        """Rows by id."""
        found: dict[int, Facts] = self.time.rows(table)
        return found

    # -- finding -------------------------------------------------------------------------

    def contact_id(self, email: str) -> str:
        """HighLevel's contact of this address."""
        (found,) = [
            each.id for each in self.high.contacts.values() if each.values.get("email") == email
        ]
        return str(found)

    def row_id(self, email: str) -> int:
        """TimeTonic's row of this address."""
        (found,) = [
            row for row, each in self.rows("Contacts").items() if each["Email"] == email
        ]
        return found

    def emails(self) -> list[str]:
        """Addresses that stand on both sides, sorted."""
        mine = {one.values.get("email") for one in self.high.contacts.values()}
        theirs = {row["Email"] for row in self.rows("Contacts").values()}
        return sorted(each for each in mine & theirs if each)

    def children_of(self, email: str, kind: Kind) -> list[str]:
        """HighLevel ids of a contact's tasks or notes, in a fixed order."""
        contact_id = self.contact_id(email)
        if kind is Kind.TASK:
            return sorted(task.id for task in self.high.tasks_of(contact_id))
        return sorted(self.high.notes.get(contact_id, {}))

    def row_like(self, table: str, **values: Any) -> int:
        """The one row that shows these values; underscores stand for blanks."""
        wanted = {name.replace("_", " "): value for name, value in values.items()}
        (found,) = [
            row_id for row_id, row in self.rows(table).items() if wanted.items() <= row.items()
        ]
        return found

    def task_id(self, email: str, title: str) -> str:
        """HighLevel's task of this title below a contact."""
        tasks = self.high.tasks_of(self.contact_id(email))
        (found,) = [task.id for task in tasks if task.title == title]
        return str(found)

    def note_id(self, email: str, body: str) -> str:
        """HighLevel's note of this text below a contact."""
        notes = self.high.notes.get(self.contact_id(email), {})
        (found,) = [note.id for note in notes.values() if note.body == body]
        return str(found)

    # -- the oracle ----------------------------------------------------------------------

    def facts(self, side: Side, kind: Kind) -> list[tuple[Any, Facts]]:
        """(identity, mapped fields) of every record, as the emulator stores it."""
        return list(_FACTS[side, kind](self))

    def by_identity(self, side: Side, kind: Kind) -> Keyed:
        """The same keyed; fails where two records have one identity."""
        found = [(_composed(key), _composed(facts)) for key, facts in self.facts(side, kind)]
        twice = [key for key, count in Counter(key for key, _ in found).items() if count > 1]
        assert not twice, f"{side} holds {kind}s twice: {twice}"
        return dict(found)

    async def links(self) -> list[Link]:
        """The stored pairs as they are now."""
        async with self.open() as connection:
            return connection._parts.store.links()


def _composed(value: Any) -> Any:
    """Texts as Unicode NFC: one person's accents may be one sign or two."""
    match value:
        case str():
            return normalize("NFC", value)
        case list() | tuple():
            return type(value)(_composed(each) for each in value)
        case dict():
            return {name: _composed(each) for name, each in value.items()}
        case _:
            return value


def _owner(world: World, user_id: str | None) -> str | None:
    return world.high.users[user_id]["name"] if user_id else None


def _unless(value: str | None, filler: str) -> str | None:
    return None if value in {"", filler} else value


def _day(stamp: str | None) -> str | None:
    return stamp[:10] if stamp else None


def _high_contacts(world: World) -> Iterable[tuple[Any, Facts]]:
    keys = {
        one.field_key.removeprefix("contact."): one.id for one in world.high.fields.values()
    }
    for contact in world.high.contacts.values():
        values, custom = contact.values, contact.custom
        yield (
            values.get("email") or contact.name,
            {
                "name": contact.name or None,
                "email": values.get("email") or None,
                "phone": values.get("phone") or None,
                "owner": _owner(world, values.get("assignedTo")),
                "tags": sorted(contact.tags),
                # HighLevel's own word where a create names no source; nobody entered it.
                "source": _unless(values.get("source"), "public api"),
                "stage": custom.get(keys["lifecycle_stage"]) or None,
                "plan": custom.get(keys["plan"]) or None,
                "last": _day(custom.get(keys["last_contacted"])),
                "next": _day(custom.get(keys["next_action_date"])),
            },
        )


def _time_contacts(world: World) -> Iterable[tuple[Any, Facts]]:
    for row in world.rows("Contacts").values():
        yield (
            row["Email"] or row["Name"],
            {
                "name": row["Name"],
                "email": row["Email"],
                "phone": row["Phone"],
                "owner": row["Owner"],
                "tags": sorted(row["Tags"] or ()),
                "source": _unless(row["Source"], "public api"),
                "stage": row["Lifecycle stage"],
                "plan": row["Plan"],
                "last": row["Last contacted"] and row["Last contacted"].isoformat(),
                "next": row["Next action date"] and row["Next action date"].isoformat(),
            },
        )


def _high_tasks(world: World) -> Iterable[tuple[Any, Facts]]:
    for task in world.high.tasks.values():
        if task.contact_id is None:
            continue
        email = world.high.contacts[task.contact_id].values.get("email")
        yield (
            (email, task.title),
            {
                "body": task.body or None,
                "due": task.due_at.replace(microsecond=0),
                "done": task.is_completed,
                "owner": _owner(world, task.assigned_to),
            },
        )


def _time_tasks(world: World) -> Iterable[tuple[Any, Facts]]:
    for row in world.rows("Tasks").values():
        yield (
            (_parent_email(world, row), row["Title"]),
            {
                "body": row["Description"],
                "due": row["Due"],
                "done": bool(row["Done"]),
                "owner": row["Owner"],
            },
        )


def _high_notes(world: World) -> Iterable[tuple[Any, Facts]]:
    for contact_id, notes in world.high.notes.items():
        email = world.high.contacts[contact_id].values.get("email")
        for note in notes.values():
            # A note is HTML in HighLevel and plain text in TimeTonic.
            yield (email, unescape(_TAG.sub("", note.body))), {}


def _time_notes(world: World) -> Iterable[tuple[Any, Facts]]:
    for row in world.rows("Notes").values():
        yield (_parent_email(world, row), row["Body"]), {}


def _parent_email(world: World, row: Facts) -> str | None:
    linked = row["Contact"] or ()
    contacts = world.rows("Contacts")
    return contacts[linked[0]]["Email"] if linked and linked[0] in contacts else None


_FACTS = {
    (HIGH, Kind.CONTACT): _high_contacts,
    (TIME, Kind.CONTACT): _time_contacts,
    (HIGH, Kind.TASK): _high_tasks,
    (TIME, Kind.TASK): _time_tasks,
    (HIGH, Kind.NOTE): _high_notes,
    (TIME, Kind.NOTE): _time_notes,
}
TWO_WAY = (Kind.CONTACT, Kind.TASK, Kind.NOTE)


def assert_converged(world: World, kinds: Sequence[Kind] = TWO_WAY) -> None:
    """Both sides hold the same records once each, equal on every mapped field."""
    for kind in kinds:
        mine, theirs = world.by_identity(HIGH, kind), world.by_identity(TIME, kind)
        assert mine.keys() == theirs.keys(), (
            f"{kind}: only HighLevel {mine.keys() - theirs.keys()}, "
            f"only TimeTonic {theirs.keys() - mine.keys()}"
        )
        differing = {key: (mine[key], theirs[key]) for key in mine if mine[key] != theirs[key]}
        assert not differing, f"{kind}s differ: {differing}"


def assert_linked(world: World) -> None:
    """Of a settled world: every record stands in exactly one live pair, none is half-way."""
    links = world.pairs
    unsettled = [link for link in links if link.state in {LinkState.HALF, LinkState.PARKED}]
    assert not unsettled, unsettled
    held: dict[tuple[Kind, Side], Counter[RecordId]] = {}
    for link in links:
        if link.state is LinkState.LIVE and link.kind.is_paired:
            for side in Side:
                record_id = link.id_on(side)
                assert record_id is not None
                held.setdefault((link.kind, side), Counter())[record_id] += 1
    for kind in TWO_WAY:
        mine = held.get((kind, HIGH), Counter())
        theirs = held.get((kind, TIME), Counter())
        assert set(mine.values()) <= {1}
        assert set(theirs.values()) <= {1}
        assert len(mine) == len(world.facts(HIGH, kind))
        assert len(theirs) == len(world.facts(TIME, kind))


def assert_nothing_lost(world: World, seeded: Mapping[Kind, Iterable[Any]]) -> None:
    """Every identity given stands on both sides."""
    for kind, keys in seeded.items():
        for side in Side:
            missing = set(keys) - world.by_identity(side, kind).keys()
            assert not missing, f"{side} lost {kind}s {missing}"


def identities(world: World) -> dict[Kind, set[Any]]:
    """Everything that stands on either side now."""
    return {
        kind: {_composed(key) for side in Side for key, _ in world.facts(side, kind)}
        for kind in TWO_WAY
    }


async def build_world(home: Path, options: SandboxOptions = SMALL) -> World:
    """A connected world, nothing synced yet."""
    clock = ManualClock(START_AT)
    sandbox = Sandbox(options, clock=EmulatorClock(wall=clock.now, steady=clock.monotonic))
    world = World(sandbox, clock, home)
    await connect_sandbox(
        Home(home), world.name, sandbox.ready_line(), transports=sandbox.transports()
    )
    # A row of figures would be one more write to count in every test; those about it ask.
    world.configure(metrics={"enabled": False})
    sandbox.recorder.clear()
    return world


def link_between(links: Iterable[Link], highlevel_id: str) -> Link:
    """The pair of a HighLevel record."""
    (found,) = [link for link in links if link.highlevel_id == highlevel_id]
    return found


def link_named(links: Iterable[Link], link_id: LinkId) -> Link:
    """A pair by id."""
    (found,) = [link for link in links if link.id == link_id]
    return found

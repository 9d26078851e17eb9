"""Small values the store's tests are written in."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from toolkit.executor.port import Settled
from toolkit.executor.settle import Ending, half_link, settle
from toolkit.model.ids import CorrelationKey, Digest, Kind, LinkId, RecordId, Side
from toolkit.model.links import Link
from toolkit.model.outcomes import Outcome, OutcomeState
from toolkit.model.plan import Conflict, Create, Delete, Update
from toolkit.model.records import Record
from toolkit.store import Arrival

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)

# Every shape a value can have, and the three that must never be taken for each other:
# blank, empty and absent.
VALUES = {
    "name": "Zoë 🎈 مرحبا",
    "blank": None,
    "empty": "",
    "no_tags": (),
    "tags": ("a", "b"),
    "count": 3,
    "ratio": 3.0,
    "yes": True,
    "zero": 0,
}


class Ticks:
    """A clock that goes on by a second each time it is looked at."""

    def __init__(self, at: datetime = NOON) -> None:
        self.at = at

    def __call__(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at


def a_link(number: int = 1, **changes) -> Link:
    link = Link(
        id=LinkId(f"link{number}"),
        kind=Kind.CONTACT,
        correlation=CorrelationKey(f"key{number}"),
        highlevel_id=RecordId(f"h{number}"),
        timetonic_id=RecordId(f"t{number}"),
        base={"name": f"Person {number}"},
    )
    return replace(link, **changes)


def a_create(number: int = 1, **changes) -> Create:
    create = Create(
        link_id=LinkId(f"link{number}"),
        kind=Kind.CONTACT,
        side=Side.TIMETONIC,
        origin_id=RecordId(f"h{number}"),
        correlation=CorrelationKey(f"key{number}"),
        values={"name": f"Person {number}"},
        shown={"name": f"Person {number}", "email": None},
    )
    return replace(create, **changes)


def an_update(number: int = 1, **changes) -> Update:
    update = Update(
        link_id=LinkId(f"link{number}"),
        kind=Kind.CONTACT,
        side=Side.HIGHLEVEL,
        id=RecordId(f"h{number}"),
        before={"name": "Old"},
        after={"name": "New"},
        other={"name": "New"},
        expected=Digest("d"),
    )
    return replace(update, **changes)


def a_delete(number: int = 1) -> Delete:
    return Delete(
        link_id=LinkId(f"link{number}"),
        kind=Kind.CONTACT,
        side=Side.TIMETONIC,
        id=RecordId(f"t{number}"),
        mode="delete",
        before={"name": "Old"},
        expected=Digest("d"),
    )


def a_record(number: int = 1, **changes) -> Record:
    record = Record(
        side=Side.HIGHLEVEL,
        kind=Kind.CONTACT,
        id=RecordId(f"h{number}"),
        values={"name": f"Person {number}"},
    )
    return replace(record, **changes)


def an_arrival(number: int = 1, **changes) -> Arrival:
    arrival = Arrival(
        source=Side.HIGHLEVEL,
        event_id=f"event{number}",
        event_type="ContactUpdate",
        body={"type": "ContactUpdate", "id": f"h{number}"},
        received_at=NOON,
        kind=Kind.CONTACT,
        record_id=RecordId(f"h{number}"),
    )
    return replace(arrival, **changes)


def a_conflict(number: int = 1, **changes) -> Conflict:
    conflict = Conflict(
        link_id=LinkId(f"link{number}"),
        kind=Kind.CONTACT,
        field="email",
        highlevel_id=RecordId(f"h{number}"),
        timetonic_id=RecordId(f"t{number}"),
        base="old@example.com",
        highlevel="here@example.com",
        timetonic="there@example.com",
    )
    return replace(conflict, **changes)


def created(create: Create, *, new_id: str, link: Link | None = None) -> Settled:
    """What the executor settles after a create that went well."""
    outcome = Outcome(create, OutcomeState.DONE, id=RecordId(new_id))
    return settle(link or half_link(create), Ending(outcome), now=NOON)


def ended(operation, state: OutcomeState, *, link: Link | None, **changes) -> Settled:
    return Settled(Outcome(operation, state, **changes), link)

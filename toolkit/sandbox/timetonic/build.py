"""Puts an emulator together: users, the customer book with its leads, the vendor's test book."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from toolkit.sandbox.common import EmulatorClock
from toolkit.sandbox.faults import FaultPlan
from toolkit.sandbox.recording import Recorder
from toolkit.sandbox.seed import World
from toolkit.sandbox.timetonic.app import TimeTonicEmulator
from toolkit.sandbox.timetonic.blueprint import TABLES, seed_customer_book
from toolkit.sandbox.timetonic.fixture import seed_fixture_book
from toolkit.sandbox.timetonic.state import Message, Session, TimeTonicState, User
from toolkit.sandbox.timetonic.variant import Variant

API_PATH = "/live/api.php"


def build_timetonic(  # noqa: PLR0913 — each is a part that a test may want to hold
    world: World,
    *,
    clock: EmulatorClock,
    faults: FaultPlan | None = None,
    recorder: Recorder | None = None,
    variant: Mapping[str, object] | None = None,
    book_owner: str = "hightonic",
    book_code: str = "customers",
) -> TimeTonicEmulator:
    """An emulator whose table Contacts holds the leads of a world; its other tables are empty.

    Args:
        world: The same world gives the same rows, ids and keys.
        clock: Of the stamps and of the recording.
        faults: What goes wrong; nothing when left out.
        recorder: Told of each request; a new one when left out.
        variant: Settings of `Variant` by name; what is left out keeps its default.
        book_owner: User code that owns the book and the session key.
        book_code: Code of the customer book.

    Raises:
        UseError: The variant names a setting there is not.
    """
    state = TimeTonicState(clock=clock, variant=Variant.from_mapping(variant), seed=world.seed)
    user = User(
        code=book_owner,
        password="correct horse",  # noqa: S106 — of an account that exists on this machine alone
        name="Hightonic Sync",
        email=f"{book_owner}@example.org",
        key=state.new_key(),
    )
    state.users[user.code] = user
    state.sessions[user.key] = Session(user.key, user.code)
    book = seed_customer_book(state, world, code=book_code, owner=book_owner)
    opened_at = world.now - timedelta(days=90)
    book.messages.append(
        Message(
            id=state.next_id(),
            uuid=f"addDb-{int(opened_at.timestamp())}",
            user="timetonic",
            text="Book creation",
            created_epoch_s=int(opened_at.timestamp()),
            sstamp=int(opened_at.timestamp() * 10_000),
        )
    )
    seed_fixture_book(state, reader=book_owner)
    credentials = {
        "path": API_PATH,
        "user": user.code,
        "sesskey": user.key,
        "password": user.password,
        "book_owner": book.owner,
        "book_code": book.code,
        "tables": {name: table.id for name, table in zip(TABLES, book.tables, strict=False)},
    }
    return TimeTonicEmulator(
        state,
        credentials=credentials,
        clock=clock,
        faults=faults or FaultPlan(),
        recorder=recorder or Recorder(),
    )

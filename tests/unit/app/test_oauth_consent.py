"""What a consent and the intake leave in the store, on a file and on a server.

The way of a person through the pages is told in tests/unit/server/test_consents.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.unit.server.door import open_store
from tests.unit.store import postgres as servers
from toolkit.app.intake_inbox import StoredInbox
from toolkit.app.oauth_memory import StoredStates, VaultTokens
from toolkit.clients.highlevel.oauth import TokenSet
from toolkit.model.ids import ConnectionName, Kind, Side
from toolkit.store import Arrival, Store, new_key, open_database, open_vault

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
SOON = NOW + timedelta(minutes=10)
MAIN = ConnectionName("main")


@pytest.fixture(scope="module")
def server() -> Iterator[servers.Postgres]:
    try:
        with servers.serving() as running:
            yield running
    except servers.NoServerError as error:
        pytest.skip(f"no PostgreSQL can be started here: {error}")


@pytest.fixture(params=["sqlite", "postgresql"])
def both(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Store, Store]]:
    """Two processes' stores on one database."""
    if request.param == "sqlite":
        stores = [open_store(tmp_path, lambda: NOW) for _ in range(2)]
    else:
        url = request.getfixturevalue("server").new_database()
        stores = [Store(open_database(url), clock=lambda: NOW) for _ in range(2)]
    yield stores[0], stores[1]
    for store in stores:
        store.close()


def test_state_is_taken_by_one_of_many(both: tuple[Store, Store]) -> None:
    shelves = [StoredStates(store) for store in both]
    shelves[0].put_state("abc", MAIN, expires_at=SOON)

    with ThreadPoolExecutor(8) as threads:
        taken = list(threads.map(lambda n: shelves[n % 2].take_state("abc"), range(16)))

    assert sorted(taken, key=str) == [(MAIN, SOON), *[None] * 15]


def test_state_of_another_digest_stays(both: tuple[Store, Store]) -> None:
    shelves = [StoredStates(store) for store in both]
    shelves[0].put_state("abc", MAIN, expires_at=SOON)
    shelves[0].put_state("abd", ConnectionName("second"), expires_at=SOON)

    assert shelves[1].take_state("ab") is None
    assert shelves[1].take_state("abd") == ("second", SOON)
    assert shelves[1].take_state("abc") == (MAIN, SOON)


def test_only_states_that_ended_are_forgotten(both: tuple[Store, Store]) -> None:
    memory = both[0].connection(MAIN)
    memory.put_memo("surroundings.highlevel", 1, NOW - timedelta(days=9))
    shelf = StoredStates(both[0])
    shelf.put_state("old", MAIN, expires_at=NOW - timedelta(seconds=1))
    shelf.put_state("new", MAIN, expires_at=SOON)

    assert shelf.take_state("old") is None
    assert shelf.take_state("new") is not None
    assert memory.get_memo("surroundings.highlevel") == 1


async def test_tokens_are_read_by_the_other_process_and_sealed(
    both: tuple[Store, Store], tmp_path: Path
) -> None:
    environ = {"HIGHTONIC_KEY": new_key()}
    ours, theirs = (
        VaultTokens(open_vault(store, tmp_path, environ=environ), MAIN) for store in both
    )
    tokens = TokenSet(
        access_token="acc-hush", expires_at=SOON, refresh_token="ref-hush", location_id="l"
    )

    before = await theirs.load()
    await ours.save(tokens)

    assert before is None
    assert await theirs.load() == tokens
    assert "hush" not in repr(tokens)


def test_one_delivery_at_two_doors_is_kept_once(both: tuple[Store, Store]) -> None:
    inboxes = [StoredInbox(store) for store in both]

    def put(number: int) -> bool:
        arrival = Arrival(
            source=Side.HIGHLEVEL,
            event_id=f"w-{number // 2}",
            event_type="ContactUpdate",
            body={"note": "\ud800\0"},
            received_at=NOW,
            kind=Kind.CONTACT if number // 2 else None,
        )
        (is_new,) = inboxes[number % 2].put_events([(MAIN, arrival)])
        return is_new

    with ThreadPoolExecutor(4) as threads:
        fresh = list(threads.map(put, range(20)))

    assert sum(fresh) == 10
    # What nobody can work on does not wait.
    assert [inbox.count_waiting() for inbox in inboxes] == [9, 9]

import shutil
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import event as sql_event
from sqlalchemy import insert

from tests.unit.store.samples import (
    NOON,
    VALUES,
    a_conflict,
    a_create,
    a_link,
    a_record,
    an_arrival,
    created,
)
from tests.unit.store.test_events import an_event
from toolkit.errors import StateBusyError, StateDamagedError, UseError
from toolkit.model.ids import Kind, RecordId, Side
from toolkit.store import Store, Work, migrate_store, moving, new_key, open_vault
from toolkit.store.gcra import Allowance
from toolkit.store.schema import metadata


def fill(store: Store) -> None:
    """Something in every table."""
    memory = store.connection("main")
    run = memory.begin_run("sync", plan_hash="p", config_digest="d")
    memory.put_links([a_link(7, base=VALUES, not_before=NOON)])
    memory.record_intent(run, [a_create(1), a_create(2)])
    memory.record_settled(run, [created(a_create(1), new_id="t1")])
    memory.sync_conflicts(run, [a_conflict(1, link_id="link7")])
    memory.upsert_observed(Side.HIGHLEVEL, Kind.CONTACT, [a_record(n) for n in range(1500)])
    memory.put_cursor(Side.HIGHLEVEL, Kind.CONTACT, "all", {"after": 1})
    memory.put_memo("profile", {"pages": 500})
    memory.put_note_reads([RecordId("h1")], NOON)
    memory.add_calls(Side.TIMETONIC, "2026-11", 2**40)
    memory.put_plan("hash", "{}")
    memory.put_events([an_arrival(n) for n in range(5)])
    memory.bump_generation(3)
    memory.feed.append_events([an_event(), an_event(once="a")])
    memory.feed.put_event_cursor("slack", 1)
    memory.reserve(Side.HIGHLEVEL, Allowance(), work=Work.WEBHOOK)
    memory.set_live("d", memory.put_rehearsal("d", "{}").id)
    memory.finish_run(run, "{}", "good")


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    home = tmp_path_factory.mktemp("filled")
    with Store.open(home) as store:
        fill(store)
        vault = open_vault(store, home, environ={"HIGHTONIC_KEY": new_key()})
        vault.put("main", "highlevel.token", "secret")
    return home / "hightonic.db"


@pytest.fixture
def source(filled, tmp_path):
    home = tmp_path / "old"
    home.mkdir()
    return Path(shutil.copy(filled, home))


@pytest.fixture(params=["sqlite", "postgresql"])
def target(request, tmp_path):
    if request.param == "postgresql":
        return request.getfixturevalue("clean_url")
    return f"sqlite:///{tmp_path / 'new' / 'hightonic.db'}"


def contents(store: Store) -> dict[str, set]:
    with store.transactions.reading() as connection:
        return {
            table.name: {tuple(row) for row in connection.execute(table.select())}
            for table in metadata.sorted_tables
        }


def test_everything_arrives_as_it_was(source, target):
    told = []

    counts = migrate_store(source, target, lambda *step: told.append(step))

    with Store.open(source.parent) as old, Store.open(target) as new:
        assert contents(new) == contents(old)
        rows = {name: len(found) for name, found in contents(old).items()}
    assert counts == {
        name: (count, count) for name, count in rows.items() if name not in ("worker", "lease")
    }
    assert counts["observed"] == (1501, 1501)
    assert [step for step in told if step[0] == "observed"] == [
        ("observed", 0, 1501),
        ("observed", 1000, 1501),
        ("observed", 1501, 1501),
    ]


def test_work_goes_on_in_the_new_place(source, target):
    migrate_store(source, target)

    with Store.open(target) as store:
        memory = store.connection("main")
        assert [each.operation.link_id for each in memory.list_pending()] == ["link2"]
        run = memory.begin_run("sync")
        memory.record_settled(run, [created(a_create(2), new_id="t2")])
        assert memory.list_pending() == []
        assert [each.run_id for each in memory.list_journal(limit=1)] == [run]
        assert not memory.put_event(an_arrival(1))
        assert memory.put_event(an_arrival(9))
        assert memory.take_batch()[-1].seq > 5


def test_numbers_that_were_given_are_not_given_again(source, target):
    with Store.open(source.parent) as store:
        store.feed.append_events([an_event(), an_event()])
        store.feed.put_event_cursor("slack", 4)
        store.feed.prune_events(NOON + timedelta(days=1))

    migrate_store(source, target)

    with Store.open(target) as store:
        store.feed.append_events([an_event()])
        reader = store.feed
        assert [each.seq for each in reader.list_events(reader.get_event_cursor("slack"))] == [
            5
        ]


def test_a_state_moves_back_too(source, target, tmp_path):
    back = tmp_path / "back" / "hightonic.db"
    with Store.open(source.parent) as store:
        store.feed.prune_events(NOON + timedelta(days=1))

    migrate_store(source, target)
    migrate_store(target, back)

    with Store.open(source.parent) as old, Store.open(back.parent) as new:
        assert contents(new) == contents(old)
        new.feed.append_events([an_event()])
        assert [each.seq for each in new.feed.list_events()] == [3]


def test_an_empty_state_moves(tmp_path, target):
    Store.open(tmp_path).close()

    counts = migrate_store(tmp_path / "hightonic.db", target)

    assert set(counts.values()) == {(0, 0)}
    with Store.open(target) as store:
        assert store.connection("main").put_event(an_arrival(1))


def test_a_target_in_use_is_left_alone(source, target):
    with Store.open(target) as store:
        store.workers.beat("a", "all", now=NOON)
        before = contents(store)

    with pytest.raises(UseError, match="in use already"):
        migrate_store(source, target)

    with Store.open(target) as store:
        assert contents(store) == before


def test_a_place_does_not_move_onto_itself(source):
    with pytest.raises(UseError, match="in use already"):
        migrate_store(source, source)


@pytest.mark.parametrize("missing", ["nowhere/hightonic.db", ""])
def test_a_source_that_is_not_there_is_not_made(tmp_path, missing):
    with pytest.raises(UseError, match="There is no state"):
        migrate_store(tmp_path / missing, tmp_path / "new.db")

    assert list(tmp_path.iterdir()) == []


def test_a_copy_that_was_broken_off_is_started_again(source, target):
    def break_off(table, done, total):
        if (table, done) == ("observed", 1000):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        migrate_store(source, target, break_off)

    with Store.open(target) as store:
        assert not any(contents(store).values())
    assert migrate_store(source, target)["observed"] == (1501, 1501)


def test_a_copy_that_differs_is_not_kept(source, target, monkeypatch):
    real = moving.open_database

    def open_and_forge(where):
        engine = real(where)
        if where == target:

            @sql_event.listens_for(engine, "before_cursor_execute")
            def forge(connection, _cursor, statement, *_):
                if statement.startswith("INSERT INTO memo"):
                    connection.execute(insert(metadata.tables["note_read"]), [FORGED])

        return engine

    monkeypatch.setattr(moving, "open_database", open_and_forge)

    with pytest.raises(StateDamagedError, match="note_read"):
        migrate_store(source, target)

    with Store.open(target) as store:
        assert not any(contents(store).values())


FORGED = {"connection": "x", "contact_id": "x", "notes_read_at": NOON}


def test_a_file_that_another_one_writes_to_is_not_moved(source, target, monkeypatch):
    hasty = partial(moving.open_database, busy_timeout_s=0.05)
    monkeypatch.setattr(moving, "open_database", hasty)
    store = Store.open(source.parent)

    with store, store.transactions.writing(), pytest.raises(StateBusyError):
        migrate_store(source, target)

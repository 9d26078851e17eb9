import os
import shutil
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError, ProgrammingError

from tests.unit.store.conftest import as_nobody
from tests.unit.store.samples import a_create, a_link
from toolkit.errors import StateBusyError, StateDamagedError, StateError, UseError
from toolkit.store import Store, check_database, faults, open_database


def filled(path: Path, *, links: int = 500) -> Path:
    """A closed state file with something in it."""
    with Store(open_database(path)) as store:
        store.connection("main").put_links([a_link(number) for number in range(links)])
    return path


def test_a_new_file_is_for_its_owner_only(tmp_path):
    path = filled(tmp_path / "deep" / "home" / "hightonic.db")

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_every_commit_is_on_the_disk_before_the_call_returns(store):
    with store.transactions.reading() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }

    assert found == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 50,
    }


def test_what_was_stored_is_there_after_opening_again(tmp_path):
    path = filled(tmp_path / "hightonic.db")

    with Store(open_database(str(path))) as store:
        assert len(store.connection("main").links()) == 500
    with Store(open_database(f"sqlite:///{path}")) as store:
        assert store.connections() == ["main"]
    with Store.open(tmp_path) as store:
        check_database(store.transactions.engine)
        assert store.connections() == ["main"]


def cut_in_half(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def cut_inside_the_first_page(path: Path) -> None:
    os.truncate(path, 1000)


def emptied(path: Path) -> None:
    os.truncate(path, 0)


def text_instead(path: Path) -> None:
    path.write_text("Dear diary, this is not a database at all.\n" * 200)


def scribbled_over(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(4096 * 3)
        file.write(b"\xff" * 4096 * 4)


def of_another_program(path: Path) -> None:
    path.unlink()
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE cookies (taste)")
    connection.close()


@pytest.mark.parametrize(
    ("harm", "says"),
    [
        (cut_in_half, "is damaged or half-written"),
        (cut_inside_the_first_page, "is damaged or half-written"),
        (emptied, "is empty"),
        (text_instead, "is damaged or half-written"),
        (scribbled_over, "is damaged or half-written"),
        (of_another_program, "belongs to another program"),
    ],
)
def test_a_damaged_file_is_named_and_left_as_it_is(tmp_path, harm, says):
    path = filled(tmp_path / "hightonic.db")
    harm(path)
    content = path.read_bytes()

    with pytest.raises(StateDamagedError) as caught:
        open_database(path)

    assert str(caught.value) == f"{path} {says}"
    assert "left as it is" in caught.value.sentence
    assert path.read_bytes() == content


def test_damage_in_a_large_file_is_reported_when_it_is_met(tmp_path, monkeypatch):
    path = filled(tmp_path / "hightonic.db")
    scribbled_over(path)
    monkeypatch.setattr("toolkit.store.database._CHECKED_BYTES", 1000)

    with Store(open_database(path)) as store:
        with pytest.raises(StateDamagedError):
            store.connection("main").links()
        with pytest.raises(StateDamagedError):
            check_database(store.transactions.engine)


@pytest.mark.parametrize("bytes_there", [b"{\xff\xfe}", b"not JSON"])
def test_a_stored_text_that_cannot_be_read_is_damage(tmp_path, bytes_there):
    path = filled(tmp_path / "hightonic.db")
    with sqlite3.connect(path) as raw:
        raw.execute("UPDATE link SET base = CAST(? AS TEXT)", [bytes_there])
    raw.close()

    with Store(open_database(path)) as store, pytest.raises(StateDamagedError) as caught:
        store.connection("main").links()

    assert "left as it is" in caught.value.sentence
    assert caught.value.__cause__ is None


def test_a_walk_that_finds_fault_says_so(tmp_path, monkeypatch):
    path = filled(tmp_path / "hightonic.db")
    with sqlite3.connect(path) as raw:
        # An index that lost its rows: nothing fails, but the sums do not add up.
        raw.execute("PRAGMA writable_schema = ON")
        raw.execute(
            "UPDATE sqlite_master SET rootpage = (SELECT rootpage FROM sqlite_master "
            "WHERE name = 'ix_outbox_open') WHERE name = 'ux_link_highlevel'"
        )
    raw.close()
    with pytest.raises(StateDamagedError):
        open_database(path)
    monkeypatch.setattr("toolkit.store.database._CHECKED_BYTES", 1000)

    engine = open_database(path)

    with pytest.raises(StateDamagedError):
        check_database(engine)
    engine.dispose()


def test_a_folder_in_place_of_the_file_is_refused(tmp_path):
    (tmp_path / "hightonic.db").mkdir()

    with pytest.raises(StateError, match="is a folder where a file is needed"):
        open_database(tmp_path / "hightonic.db")


def test_a_file_in_place_of_the_home_is_refused(tmp_path):
    (tmp_path / "home").write_text("")

    with pytest.raises(StateError, match="cannot be opened"):
        open_database(tmp_path / "home" / "hightonic.db")


def test_a_home_that_may_not_be_written_is_refused(others_home):
    with as_nobody(others_home), pytest.raises(StateError) as caught:
        open_database(others_home / "hightonic.db")

    assert "is not allowed" in str(caught.value)
    assert "HIGHTONIC_HOME" in caught.value.sentence
    assert list(others_home.iterdir()) == []


def test_a_state_file_that_may_not_be_written_is_refused(others_home):
    path = filled(others_home / "hightonic.db")
    path.chmod(0o444)

    with as_nobody(others_home), pytest.raises(StateError):
        open_database(path)

    assert len(Store(open_database(path)).connection("main").links()) == 500


def test_a_write_to_a_state_that_became_read_only_is_refused(store):
    @event.listens_for(store.transactions.engine, "checkout")
    def turn_read_only(raw, _record, _proxy):
        raw.execute("PRAGMA query_only = ON")

    with pytest.raises(StateError, match="is not allowed"):
        store.connection("main").put_links([a_link()])


def test_a_full_disk_stores_nothing_of_the_step_and_loses_nothing_before_it(store):
    memory = store.connection("main")
    memory.put_links([a_link(1)])
    engine = store.transactions.engine
    limits = {"pages": 60}

    @event.listens_for(engine, "checkout")
    def limit(raw, _record, _proxy):
        raw.execute(f"PRAGMA max_page_count = {limits['pages']}")

    with pytest.raises(StateError) as caught:
        memory.record_intent("run", [a_create(number) for number in range(2, 3000)])
    limits["pages"] = 1_000_000

    assert "is full" in str(caught.value)
    assert memory.list_pending() == []
    assert [link.id for link in memory.links()] == ["link1"]
    memory.record_intent("run", [a_create(2)])
    assert len(memory.list_pending()) == 1


@pytest.fixture
def small_disk(tmp_path):
    """A real disk of one megabyte."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount, umount = shutil.which("mount"), shutil.which("umount")
    order = [mount or "mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if mount is None or subprocess.run(order, capture_output=True, check=False).returncode:
        pytest.skip("this user may not mount a small disk")
    yield folder
    subprocess.run([umount or "umount", str(folder)], check=True)


def test_a_really_full_disk_is_named_and_what_was_stored_stays(small_disk):
    with Store.open(small_disk) as store:
        memory = store.connection("main")
        memory.put_links([a_link(1)])
        (small_disk / "films").write_bytes(b"x" * 150_000)

        with pytest.raises(StateError, match="is full"):
            memory.put_links([a_link(number) for number in range(2, 5000)])

        (small_disk / "films").unlink()
        assert [link.id for link in memory.links()] == ["link1"]
        memory.put_links([a_link(2)])


def test_a_home_on_a_full_disk_leaves_no_half_made_file(small_disk):
    (small_disk / "films").write_bytes(b"x" * 1_000_000)

    with pytest.raises(StateError):
        open_database(small_disk / "hightonic.db")

    assert [file.name for file in small_disk.iterdir()] == ["films"]


def test_a_writer_that_waits_too_long_is_told_of_the_other(store, tmp_path):
    other = open_database(tmp_path / "hightonic.db", busy_timeout_s=0.05)

    with Store(other).transactions.writing(), pytest.raises(StateBusyError):
        store.connection("main").put_links([a_link()])

    store.connection("main").put_links([a_link()])
    other.dispose()


def test_readers_do_not_wait_for_a_writer(store):
    memory = store.connection("main")
    memory.put_links([a_link()])

    with store.transactions.writing() as connection:
        connection.execute(text("DELETE FROM link"))
        assert len(memory.links()) == 1


@pytest.mark.parametrize(
    ("where", "says"),
    [
        ("sqlite://", "needs a file"),
        ("sqlite:///:memory:", "needs a file"),
        ("what://is this://", "not a database URL"),
        ("nonsense://somewhere/db", "No driver for nonsense"),
        ("postgresql+psycopg://somewhere/db", "No driver for postgresql"),
    ],
)
def test_a_place_that_cannot_be_served_is_refused(monkeypatch, where, says):
    monkeypatch.setitem(sys.modules, "psycopg", None)

    with pytest.raises(UseError, match=says):
        open_database(where)


def test_a_fault_of_our_own_is_not_blamed_on_the_disk(store):
    with pytest.raises(OperationalError), store.transactions.reading() as connection:
        connection.execute(text("SELECT * FROM no_such_table"))
    with pytest.raises(ProgrammingError), store.transactions.reading() as connection:
        connection.exec_driver_sql("SELECT ?", ())


def test_errors_never_quote_what_was_to_be_stored(store):
    memory = store.connection("main")
    memory.put_links([a_link(1)])

    with pytest.raises(StateError, match="claim the same record") as caught:
        memory.put_links([a_link(2, highlevel_id="h1", base={"name": "Secret Person"})])

    assert "Secret Person" not in repr(caught.value.__cause__) + str(caught.value.__cause__)


@pytest.mark.parametrize(
    ("code", "says"),
    [
        (sqlite3.SQLITE_IOERR_FSYNC, "cannot be opened"),
        (sqlite3.SQLITE_CANTOPEN, "cannot be opened"),
        (sqlite3.SQLITE_LOCKED, "Another process is writing"),
        (sqlite3.SQLITE_PERM, "is not allowed"),
    ],
)
def test_rarer_result_codes_have_their_sentence(code, says):
    error = sqlite3.OperationalError("x")
    error.sqlite_errorcode = code

    with pytest.raises(StateError, match=says), faults.plain_errors("the file"):
        raise error


@pytest.mark.parametrize(
    ("number", "says"),
    [(28, "is full"), (30, "is not allowed"), (13, "is not allowed"), (5, "cannot be opened")],
)
def test_errors_of_the_file_system_have_their_sentence(number, says):
    with pytest.raises(StateError, match=says), faults.plain_errors("the file"):
        raise OSError(number, "x")


def test_a_server_that_does_not_answer_is_named():
    error = OperationalError("SELECT 1", {}, ConnectionError("refused"))

    assert str(faults.of_database(error)) == "The database cannot be opened"
    assert faults.of_database(ProgrammingError("x", {}, TypeError())) is None

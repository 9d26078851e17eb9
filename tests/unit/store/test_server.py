"""What only a server can do to us, on a real one."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from tests.unit.store.samples import a_link
from tests.unit.store.test_events import an_event
from toolkit.errors import StateBusyError, StateError
from toolkit.store import Store, check_database, faults, migrations, open_database
from toolkit.store.events import _row
from toolkit.store.schema_service import event
from toolkit.store.transactions import Transactions, wait_for_turn


@pytest.fixture
def server(clean_url):
    with Store(open_database(clean_url, busy_timeout_s=0.2)) as store:
        yield store


def test_the_short_names_of_the_database_will_do(clean_url):
    for name in ("postgres", "postgresql"):
        url = clean_url.replace("postgresql+psycopg", name)

        with Store.open(url) as store:
            assert store.transactions.engine.driver == "psycopg"
            check_database(store.transactions.engine)


def test_options_in_the_url_are_kept(clean_url):
    store = Store.open(clean_url + "?options=-c%20lock_timeout%3D123")

    with store, store.transactions.reading() as connection:
        assert connection.scalar(text("SHOW lock_timeout")) == "123ms"


def test_workers_that_start_at_once_make_the_tables_once(postgres):
    url = postgres.new_database()

    with ThreadPoolExecutor(4) as pool:
        engines = list(pool.map(open_database, [url] * 4))

    assert {migrations.current_version(each) for each in engines} == {migrations.HEAD}
    for engine in engines:
        engine.dispose()


def test_a_database_without_an_encoding_is_refused(postgres):
    postgres.run(
        "CREATE DATABASE odd TEMPLATE template0 ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C'"
    )

    with pytest.raises(StateError, match="SQL_ASCII, not as UTF8"):
        open_database(postgres.url_of("odd"))


def test_a_server_that_is_not_there_is_named_without_its_password():
    with pytest.raises(StateError) as caught:
        open_database("postgresql+psycopg://me:secret-word@127.0.0.1:9/nowhere")

    assert str(caught.value) == "The database cannot be opened"
    assert "HIGHTONIC_DATABASE_URL" in caught.value.sentence
    assert "secret-word" not in caught.value.sentence


def test_a_server_that_may_only_be_read_is_named(server):
    says = "Writing to the database is not allowed"

    server.transactions = Transactions(
        server.transactions.engine.execution_options(postgresql_readonly=True)
    )

    with pytest.raises(StateError, match=says):
        server.connection("main").put_links([a_link()])


@pytest.mark.parametrize(
    ("state", "says"),
    [
        ("53100", "The disk that holds the database is full"),
        ("40P01", "Another process is writing to the database"),
        ("57P01", "The database cannot be opened"),
        (None, "The database cannot be opened"),
    ],
)
def test_what_a_server_says_has_its_sentence(state, says):
    origin = Exception("x")
    origin.sqlstate = state

    assert str(faults.of_database(OperationalError("SELECT 1", {}, origin))) == says


def test_connections_that_a_restart_cut_are_opened_anew(server, postgres):
    memory = server.connection("main")
    memory.put_links([a_link(1)])
    postgres.cut_connections(server.transactions.engine.url.database)

    assert len(memory.links()) == 1


def test_writers_of_one_connection_take_turns_and_others_do_not_wait(server):
    one, two = server.connection("one"), server.connection("two")

    with server.transactions.of("one").writing():
        two.put_links([a_link(1)])
        with pytest.raises(StateBusyError):
            one.put_links([a_link(1)])

    one.put_links([a_link(1)])
    assert [len(one.links()), len(two.links())] == [1, 1]


def test_one_reading_sees_one_state(server):
    memory = server.connection("main")
    memory.put_links([a_link(1)])

    with server.transactions.reading() as connection:
        count = text("SELECT count(*) FROM link")
        before = connection.scalar(count)
        memory.put_links([a_link(2)])
        after = connection.scalar(count)

    assert (before, after) == (1, 1)


def test_a_reader_of_the_feed_never_passes_an_event_that_is_yet_to_come(clean_url):
    """Without turns, number 2 would be seen before number 1, and 1 never."""
    store = Store(open_database(clean_url))
    with store, ThreadPoolExecutor(1) as pool:
        with store.transactions.adding() as first:
            # What `append_events` does, stopped before its commit.
            wait_for_turn(first, "events")
            first.execute(event.insert(), [_row(an_event(reference="first"))])
            second = pool.submit(store.feed.append_events, [an_event(reference="second")])
            seen_early = store.feed.list_events()
            with pytest.raises(TimeoutError):
                second.result(0.2)
        second.result(10)
        seen = store.feed.list_events()

    assert seen_early == []
    assert [each.reference for each in seen] == ["first", "second"]

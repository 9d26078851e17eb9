"""The session of a kernel: one connection, work beside the kernel, a bus between panels."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from notebooks.session import Bus, Session, open_session
from toolkit.errors import UseError


@pytest.fixture
def session(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    monkeypatch.setenv("HIGHTONIC_HIGHLEVEL_TOKEN", "pit-made-up")
    monkeypatch.setenv("HIGHTONIC_TIMETONIC_SESSKEY", "made-up")
    opened = open_session(home=home)
    yield opened
    opened.close()


def test_second_call_gives_the_same_session_until_it_is_closed(
    session: Session, home: Path
) -> None:
    again = open_session(home=home)
    again.close()
    anew = open_session(home=home)

    assert again is session
    assert anew is not session
    assert (anew.name, anew.grid.connection) == ("main", "main")
    anew.close()
    anew.close()


def test_work_runs_on_a_thread_of_its_own(session: Session) -> None:
    async def where() -> str:
        await asyncio.sleep(0)
        return threading.current_thread().name

    assert session.start(where()).result(5) == "hightonic session"


def test_desk_reads_what_the_grid_shows(session: Session) -> None:
    names = session.start(session.desk.ask(lambda it: it.contact_names())).result(5)

    assert session.grid.rows(0, 1).rows[0].id in names


def test_connection_that_is_none_is_said_and_nothing_stays_open(
    session: Session, home: Path
) -> None:
    before = threading.active_count()
    with pytest.raises(UseError):
        open_session("nobody", home=home)

    assert session.is_closed is False
    assert threading.active_count() == before


def test_listener_that_fails_hurts_nobody_and_one_that_left_hears_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    bus, heard = Bus(), []

    def fail(**_facts: object) -> None:
        raise ValueError

    bus.listen("select", fail)
    leave = bus.listen("select", lambda **facts: heard.append(facts))
    bus.tell("select", contact="c1")
    leave()
    leave()
    bus.tell("select", contact="c2")

    assert heard == [{"contact": "c1"}]
    assert "panel did not listen" in caplog.text

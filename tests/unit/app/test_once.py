"""Runs by the act they were begun for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from toolkit.app.once import OnceBook
from toolkit.model.ids import RunId
from toolkit.store import ConnectionStore, Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ConnectionStore]:
    with Store.open(tmp_path) as opened:
        yield opened.connection("main")


def begun(store: ConnectionStore, once: str) -> RunId:
    run_id = store.begin_run("edit")
    OnceBook(store).note(once, run_id)
    return run_id


def test_an_act_nobody_began_has_no_runs(store: ConnectionStore) -> None:
    assert OnceBook(store).acts("a") == []


def test_a_run_that_was_cut_off_is_not_whole_and_the_next_try_is(
    store: ConnectionStore,
) -> None:
    cut, whole = begun(store, "a"), begun(store, "a")
    begun(store, "b")
    report = {"writes": 2, "held": 1, "approval": "x", "brakes": ["many"], "failures": []}
    store.finish_run(whole, json.dumps(report), "done")

    acts = OnceBook(store).acts("a")

    assert [(each.id, each.is_whole, each.writes) for each in acts] == [
        (cut, False, 0),
        (whole, True, 2),
    ]
    assert (acts[1].held, acts[1].approval, acts[1].brakes) == (1, "x", ("many",))


@pytest.mark.parametrize("verdict", ["interrupted", "failed: it broke"])
def test_a_run_that_ended_badly_is_not_whole(store: ConnectionStore, verdict: str) -> None:
    run_id = begun(store, "a")
    store.finish_run(run_id, json.dumps({"writes": 1}), verdict)

    (act,) = OnceBook(store).acts("a")

    assert (act.is_whole, act.writes) == (False, 1)


def test_a_run_that_is_remembered_no_longer_is_left_out(store: ConnectionStore) -> None:
    OnceBook(store).note("a", RunId("long-gone"))

    assert OnceBook(store).runs("a") == ("long-gone",)
    assert OnceBook(store).acts("a") == []


def test_the_latest_acts_are_kept(store: ConnectionStore) -> None:
    book = OnceBook(store)
    for number in range(205):
        book.note(f"act {number}", RunId(f"run {number}"))

    assert book.runs("act 4") == ()
    assert book.runs("act 5") == ("run 5",)
    assert book.runs("act 204") == ("run 204",)

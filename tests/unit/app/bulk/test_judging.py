"""How an item stands, by what is stored and by what its batch's runs did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from toolkit.app.bulk import Birth, Cell, ItemState, Tags
from toolkit.app.bulk.batch import BatchState, ItemLine
from toolkit.app.bulk.judging import Traces, judge, shown_value
from toolkit.app.bulk.words import said_of, state_of
from toolkit.app.grid.shelf import StoredContact
from toolkit.executor.objections import EDITED, GONE, SHOWN
from toolkit.model.ids import Kind, LinkId, Side
from toolkit.model.links import LinkState
from toolkit.model.outcomes import OutcomeState

HIGH, TIME = Side.HIGHLEVEL, Side.TIMETONIC
DONE, FAILED, SKIPPED = OutcomeState.DONE, OutcomeState.FAILED, OutcomeState.SKIPPED
WHO = LinkId("c1")
CELL = Cell(WHO, "plan", "old", "new")
TAGS = Tags(WHO, add=("VIP",), remove=("cold",))


@dataclass
class Entry:
    """A journal line as far as it is read."""

    side: Side | None
    state: OutcomeState = DONE
    reason: str = ""
    error: str = ""
    verb: str = "update"
    link_id: LinkId = WHO
    after: Mapping[str, Any] = field(default_factory=lambda: {"plan": "new", "tags": ()})


def contact(seen: Mapping[Side, Mapping[str, Any]] | None = None, **base: Any) -> StoredContact:
    aliases = {TIME: {"plan": "Old."}}
    return StoredContact(
        WHO, LinkState.LIVE, "", is_alone=False, base=base, aliases=aliases, seen=seen or {}
    )


def judged(item: Any, stored: StoredContact | None, *entries: Entry, born: Any = ()) -> Any:
    traces = Traces()
    traces.read(entries)  # type: ignore[arg-type]
    known = {} if stored is None else {str(WHO): stored}
    names = {item.number: LinkId("n1")} if isinstance(item, Birth) else {}
    (line,) = judge([item], known, traces, names=names, born=born, writable=lambda _name: 2)
    return line


@pytest.mark.parametrize(
    ("stored", "entries", "state"),
    [
        (contact(plan="old"), [], ItemState.OPEN),
        (contact(plan="new"), [], ItemState.DONE),
        (contact(plan="other"), [], ItemState.CHANGED),
        (contact(), [], ItemState.CHANGED),
        (None, [], ItemState.GONE),
        (contact({HIGH: {"plan": "mine"}}, plan="old"), [], ItemState.CHANGED),
        (contact({HIGH: {"plan": "new"}}, plan="old"), [], ItemState.OPEN),
        (contact({TIME: {"plan": "Old."}}, plan="old"), [], ItemState.OPEN),
        (contact(plan="old"), [Entry(HIGH), Entry(TIME)], ItemState.DONE),
        (contact(plan="old"), [Entry(HIGH)], ItemState.OPEN),
        (contact(plan="later"), [Entry(HIGH)], ItemState.DONE),
        (None, [Entry(HIGH), Entry(TIME)], ItemState.DONE),
        (contact(plan="old"), [Entry(HIGH), Entry(TIME, SKIPPED, SHOWN)], ItemState.DONE),
        (contact(plan="old"), [Entry(HIGH), Entry(TIME, FAILED, "no")], ItemState.FAILED),
        (contact(plan="old"), [Entry(TIME, FAILED), Entry(TIME), Entry(HIGH)], ItemState.DONE),
        (contact(plan="old"), [Entry(HIGH, SKIPPED, EDITED)], ItemState.CHANGED),
        (contact(plan="old"), [Entry(HIGH, SKIPPED, GONE)], ItemState.GONE),
        (contact(plan="old"), [Entry(HIGH, SKIPPED, "stopped")], ItemState.OPEN),
        (contact(plan="old"), [Entry(HIGH, FAILED, "key", "CredentialsError")], ItemState.OPEN),
        (contact(plan="old"), [Entry(HIGH, OutcomeState.UNKNOWN, "?")], ItemState.FAILED),
        (contact(plan="old"), [Entry(None), Entry(HIGH, verb="delete")], ItemState.OPEN),
    ],
)
def test_cell_stands_as_the_store_and_its_own_runs_say(
    stored: StoredContact | None, entries: list[Entry], state: ItemState
) -> None:
    assert judged(CELL, stored, *entries).state is state


def test_what_somebody_else_put_there_is_told() -> None:
    assert judged(CELL, contact(plan="other")).now == "other"
    assert judged(CELL, contact({HIGH: {"plan": "mine"}}, plan="old")).now == "mine"
    assert judged(CELL, contact(plan="old"), Entry(HIGH, FAILED, "why")).reason == "why"


@pytest.mark.parametrize(
    ("stored", "entries", "state"),
    [
        (contact(tags=("cold",)), [], ItemState.OPEN),
        (contact(tags=("vip", "cold")), [], ItemState.OPEN),
        (contact(tags=("vip", "warm")), [], ItemState.DONE),
        (contact(tags=None), [], ItemState.OPEN),
        (None, [], ItemState.GONE),
        (contact(tags=()), [Entry(HIGH), Entry(TIME)], ItemState.DONE),
        (contact(tags=()), [Entry(HIGH, FAILED, "no")], ItemState.FAILED),
    ],
)
def test_tags_stand_as_they_are_whatever_else_is_there(
    stored: StoredContact | None, entries: list[Entry], state: ItemState
) -> None:
    assert judged(TAGS, stored, *entries).state is state


@pytest.mark.parametrize(
    ("born", "entries", "state"),
    [
        ((), [], ItemState.OPEN),
        (("n1",), [], ItemState.DONE),
        ((), [Entry(TIME, FAILED, "no", verb="create", link_id=LinkId("n1"))], ItemState.FAILED),
    ],
)  # fmt: skip
def test_new_record_is_done_once_it_was_made(
    born: tuple[str, ...], entries: list[Entry], state: ItemState
) -> None:
    birth = Birth(Kind.NOTE, WHO, {"body": "x"})

    assert judged(birth, contact(), *entries, born=born).state is state


def test_field_that_was_never_agreed_on_shows_what_a_side_has() -> None:
    stored = contact({HIGH: {"plan": None}, TIME: {"plan": "x"}})

    assert (shown_value(stored, "plan"), shown_value(stored, "name")) == ("x", None)


@pytest.mark.parametrize(
    ("states", "state", "words"),
    [
        ([ItemState.DONE], BatchState.DONE, ""),
        ([], BatchState.DONE, ""),
        ([ItemState.DONE, ItemState.OPEN], BatchState.STOPPED, "1 of 2 are done, 1 not sent"),
        ([ItemState.FAILED], BatchState.PARTLY, "Retry the failed ones"),
        ([ItemState.CHANGED, ItemState.GONE], BatchState.PARTLY, "1 changed by somebody since"),
        ([ItemState.REFUSED, ItemState.DONE], BatchState.PARTLY, "stands as it is"),
    ],
)
def test_batch_says_what_was_done_what_was_not_and_what_to_do(
    states: list[ItemState], state: BatchState, words: str
) -> None:
    lines = [ItemLine(CELL, each) for each in states]

    assert state_of(lines) is state
    assert words in said_of(lines, state)

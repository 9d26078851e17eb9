"""Since when rules count, what is parked and what is held."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from toolkit.app.rule_memory import ParkedRule, RuleMemory, rule_digest
from toolkit.model.automation import Firing, Happening, Trigger
from toolkit.model.outcomes import HeldRules
from toolkit.rules.spec import Rule, When
from toolkit.store import Store
from toolkit.store.firings import FiringState

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def store(tmp_path: Path):
    with Store.open(tmp_path, clock=lambda: NOW) as opened:
        yield opened.connection("main")


def a_rule(name="one", **source) -> Rule:
    return Rule(name, (When(Trigger.NOTE_ADDED),), source={"name": name, **source})


def begin(store, *rules, at=NOW):
    return RuleMemory(store).begin(list(rules), store.begin_run("sync"), at)


def test_a_rule_counts_from_when_it_was_first_met(store):
    first = begin(store, a_rule())

    assert begin(store, a_rule(), at=LATER) == first
    assert first["one"].at == NOW


def test_a_changed_rule_begins_anew_and_what_it_left_is_dropped(store):
    begin(store, a_rule(), a_rule("two"))
    memory = RuleMemory(store)
    store.put_firings(
        [Firing(name, Happening("k", Trigger.NOTE_ADDED, NOW)) for name in ("one", "two")]
    )
    memory.park(ParkedRule("one", ("one", "one"), "k", NOW))
    memory.park(ParkedRule("two", ("two", "two"), "k", NOW))
    memory.hold(HeldRules("abc", {"one": 3}, 6, ("why",)))
    memory.hold(HeldRules("def", {"two": 3}, 6, ("why",)))

    since = begin(store, a_rule(then="other"), a_rule("two"), at=LATER)

    assert (since["one"].at, since["two"].at) == (LATER, NOW)
    assert memory.parked().keys() == {"two"}
    assert [each.approval for each in memory.held()] == ["def"]
    states = {each.firing.rule: each.state for each in store.list_firings()}
    assert states == {"one": FiringState.SKIPPED, "two": FiringState.WAITING}


def test_a_rule_that_was_taken_away_and_comes_back_begins_anew(store):
    begin(store, a_rule(), a_rule("two"))
    begin(store, a_rule("two"), at=LATER)

    assert begin(store, a_rule(), a_rule("two"), at=LATER)["one"].at == LATER


def test_parked_is_parked_once_until_a_person_says_otherwise(store):
    memory = RuleMemory(store)
    first = ParkedRule("one", ("one", "two", "one"), "k", NOW)
    memory.park(first)
    memory.park(replace(first, happening="later"))

    assert memory.parked() == {"one": first}
    assert memory.unpark("one")
    assert not memory.unpark("one")
    assert memory.parked() == {}


def test_what_is_held_is_kept_once_for_each_approval(store):
    memory = RuleMemory(store)
    one, two = (HeldRules(word, {"one": 3}, 6, ("why",)) for word in ("abc", "def"))
    for each in (one, two, one):
        memory.hold(each)

    assert memory.held() == [two, one]
    memory.let_go("def")
    assert memory.held() == [one]


def test_where_a_rule_stands_is_no_part_of_what_it_says():
    bare = Rule("one", (When(Trigger.NOTE_ADDED),))

    assert rule_digest(replace(a_rule(), line=3)) == rule_digest(replace(a_rule(), line=9))
    assert rule_digest(a_rule()) != rule_digest(a_rule(then="x"))
    assert rule_digest(bare) != rule_digest(replace(bare, name="two"))

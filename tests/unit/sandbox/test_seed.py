"""The seeded world: repeatable, unique, in many scripts, and cheap."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime
from typing import Any

import phonenumbers
import pytest

from toolkit.sandbox.seed import World, _phone, make_world

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
WORLD = make_world(now=NOW)


def test_same_seed_gives_an_equal_world_and_another_seed_does_not() -> None:
    assert make_world(now=NOW) == WORLD
    assert make_world(now=NOW, seed=2).people != WORLD.people


def test_sizes_are_those_asked_for() -> None:
    assert (len(WORLD.people), len(WORLD.tasks), len(WORLD.notes)) == (1000, 600, 300)
    assert (len(WORLD.leads), len(WORLD.shared_people), len(WORLD.appointments)) == (
        200,
        50,
        50,
    )
    assert (len(WORLD.owners), len(WORLD.businesses)) == (5, 12)


def test_people_are_unique_by_email_and_phone() -> None:
    everybody = [*WORLD.people, *WORLD.leads[len(WORLD.shared_people) :]]

    assert len({one.email for one in everybody}) == len(everybody)
    assert len({one.phone for one in everybody}) == len(everybody)


def test_phones_stay_unique_far_beyond_the_largest_world() -> None:
    assert len({_phone(number) for number in range(200_000)}) == 200_000


def test_phones_are_valid_e164() -> None:
    for person in [*WORLD.people, *WORLD.leads]:
        number = phonenumbers.parse(person.phone)
        assert phonenumbers.is_valid_number(number)
        assert (
            phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
            == person.phone
        )


@pytest.mark.parametrize(
    "script",
    [
        "LATIN",
        "CYRILLIC",
        "GREEK",
        "ARABIC",
        "HEBREW",
        "CJK",
        "HANGUL",
        "DEVANAGARI",
        "COMBINING",
    ],
)
def test_names_and_texts_come_in_several_scripts(script: str) -> None:
    text = "".join(one.first_name + one.last_name for one in WORLD.people)

    assert any(script in unicodedata.name(letter, "") for letter in set(text))


def test_a_few_notes_are_ten_thousand_characters_long() -> None:
    assert sum(len(note.body) == 10_000 for note in WORLD.notes) == 3
    assert any("🦊" in one.first_name for one in WORLD.people)


def test_shared_leads_are_the_same_people_with_blanks_and_few_contradictions() -> None:
    twins = list(zip(WORLD.leads, WORLD.shared_people, strict=False))
    contradictions = blanks = 0
    for lead, index in twins:
        person = WORLD.people[index]
        assert (lead.email, lead.phone) == (person.email, person.phone)
        contradictions += lead.lifecycle_stage != person.lifecycle_stage
        blanks += lead.plan is None and person.plan is not None

    assert len(twins) == 50
    assert 1 <= contradictions <= 3
    assert blanks > 3


def test_work_hangs_on_people_there_are() -> None:
    hanging = [*WORLD.tasks, *WORLD.notes, *WORLD.appointments]

    assert all(one.person_index in (None, *range(1000)) for one in hanging)
    assert sum(task.person_index is None for task in WORLD.tasks) == 4


@pytest.mark.parametrize(
    ("sizes", "leads", "shared", "notes"),
    [
        ({"contacts": 0}, 200, 0, 0),
        ({"contacts": 10}, 200, 10, 300),
        ({"leads": 0}, 0, 0, 300),
        ({"leads": 5}, 5, 5, 300),
        ({"shared": 0}, 200, 0, 300),
    ],
)
def test_odd_sizes_make_a_sound_world(
    sizes: dict[str, Any], leads: int, shared: int, notes: int
) -> None:
    world: World = make_world(now=NOW, **sizes)

    assert len(world.shared_people) == shared
    assert len(world.leads) == leads
    assert len(world.notes) == notes


def test_owner_has_a_name() -> None:
    assert WORLD.owners[0].name == "Nora Lindqvist"

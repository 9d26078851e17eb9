"""Every TimeTonic and HighLevel the emulators can be: the same day ends the same way."""

from __future__ import annotations

import json
from collections import ChainMap
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.flows.world import (
    HIGH,
    SMALL,
    TIME,
    World,
    assert_converged,
    assert_linked,
    assert_nothing_lost,
    build_world,
    identities,
)
from tests.sampling import IS_EXHAUSTIVE
from toolkit.app.home import Home
from toolkit.app.setup import connect_sandbox
from toolkit.model.ids import Kind
from toolkit.sandbox.highlevel import HighLevelOptions

TINY = replace(SMALL, contacts=7, tasks=3, notes=3, leads=4)
"""Enough for every way a value travels; each variant lives through a whole day."""

Oddity = tuple[Mapping[str, Any], Mapping[str, Any]]
"""How a server differs, and the profile a probe of it would store."""

TIMETONICS: list[list[Oddity]] = [
    # What stands in one list goes together, and one world has all of it by default.
    [
        (
            {"date_codec": "iso_date", "datetime_codec": "iso_datetime"},
            {"date_codec": "iso_date", "datetime_codec": "iso_datetime"},
        ),
        ({"number": "string"}, {"number_codec": "string"}),
        ({"boolean": "bool"}, {"boolean_codec": "bool"}),
        ({"create_answer": "ids_only"}, {"tmp_id_mapping": "read_back"}),
        ({"multi_codec": "text"}, {"multi_codec": "comma"}),
        ({"clear_with": "null"}, {"clear_with": "null"}),
    ],
    [
        (
            {
                "date_codec": "formatted",
                "datetime_codec": "formatted",
                "date_format": "DD/MM/YYYY",
            },
            {"date_codec": "formatted", "datetime_codec": "formatted"},
        ),
        ({"number": "decimal_comma"}, {"number_codec": "decimal_comma"}),
        ({"boolean": "words"}, {"boolean_codec": "words"}),
        (
            {"create_answer": "ids_only", "answer_order": "reversed"},
            {"tmp_id_mapping": "read_back"},
        ),
        ({"max_page_size": 5, "default_page_size": 3}, {"page_size": 5}),
        ({"clear_with": "empty", "empty_reads": "empty_text"}, {"clear_with": "empty"}),
    ],
    [
        ({"boolean": "int"}, {"boolean_codec": "int"}),
        (
            {"create_answer": "tmp_ids", "answer_order": "reversed"},
            {"tmp_id_mapping": "tmp_ids"},
        ),
        ({"batch_cap": 3}, {"write_batch_size": 3}),
        ({"missing_functions": ("deleteTableRows",)}, {}),
        ({"deadlock_times": 3}, {}),
        ({"collation": "exact"}, {}),
    ],
    [
        ({"rows_key": "id"}, {}),
        ({"deleted_delete": "ok"}, {}),
        ({"unknown_req": "json", "auth_http_status": 401}, {}),
        ({"bad_value": "drop", "strict_list": "drop", "read_only": "drop"}, {}),
    ],
]


def _together(oddities: Sequence[Oddity]) -> Oddity:
    variants, profiles = zip(*oddities, strict=True)
    return dict(ChainMap(*variants)), dict(ChainMap(*profiles))


def _timetonics() -> list[Oddity]:
    """All that a server can be, in a few worlds; one by one when exhaustive."""
    if IS_EXHAUSTIVE:
        return [oddity for oddities in TIMETONICS for oddity in oddities]
    return [_together(oddities) for oddities in TIMETONICS]


async def _live(world: World) -> None:
    """First sync, a day of edits on both sides with blanks and deletions, and quiet."""
    world.configure(sync={"deletes": {"from_highlevel": "delete", "from_timetonic": "delete"}})
    seeded = identities(world)
    report = await world.sync()
    assert report.failures == ()
    assert_nothing_lost(world, seeded)
    assert_converged(world)
    one, two, three, *_ = world.emails()
    world.edit_contact(
        world.contact_id(one), source=None, tags=["vip"], last_contacted="2026-02-01"
    )
    world.add_task(world.contact_id(one), "first task", body="two\nlines")
    world.add_note(world.contact_id(two), "first note")
    row = world.row_id(two)
    world.time.edit_row("Contacts", row, {"Tags": ("beta", "vip"), "Plan": None})
    task = next(iter(world.rows("Tasks")))
    world.time.edit_row("Tasks", task, {"Done": True, "Description": None})
    world.time.remove_row("Contacts", world.row_id(three))
    for number in range(4):
        named = {"Name": f"New Row{number}", "Email": f"new.row{number}@example.com"}
        world.time.add_row("Contacts", named)
    reports = await world.settle()
    assert all(each.failures == () for each in reports)
    assert_converged(world)
    assert_linked(world)


@pytest.mark.parametrize(
    ("variant", "profile"), _timetonics(), ids=lambda each: json.dumps(each)[:60]
)
async def test_every_timetonic_is_kept_in_step(
    tmp_path: Path, variant: Mapping[str, Any], profile: Mapping[str, Any]
) -> None:
    options = replace(TINY, timetonic_variant=variant)
    world = await build_world(tmp_path / "home", options)
    world.configure(timetonic={"profile": dict(profile)})

    await _live(world)


@pytest.mark.parametrize(
    ("options", "settings"),
    [
        (HighLevelOptions(), {"api_version": "v3"}),
        (HighLevelOptions(bumps_date_updated=True), {}),
        (HighLevelOptions(task_search_status=200), {}),
        (HighLevelOptions(rejects_unknown_custom_field=True), {}),
        (HighLevelOptions(unique_identifiers=("phone", "email")), {}),
        (HighLevelOptions(index_lag_s=3.0), {}),
    ],
    ids=str,
)
async def test_every_highlevel_is_kept_in_step(
    tmp_path: Path, options: HighLevelOptions, settings: Mapping[str, Any]
) -> None:
    world = await build_world(tmp_path / "home", replace(TINY, highlevel=options))
    world.configure(highlevel=dict(settings))
    world.clock.advance(60)

    await _live(world)


async def test_window_of_a_slow_account_is_kept(tmp_path: Path) -> None:
    options = replace(SMALL, rate_limit=True, highlevel=HighLevelOptions(burst=25))
    world = await build_world(tmp_path / "home", options)

    await world.sync()

    assert world.sandbox.recorder.count(system="highlevel", status=429) <= 1
    assert_converged(world)


async def test_connections_of_one_home_do_not_mix(tmp_path: Path) -> None:
    one = await build_world(tmp_path / "home", SMALL)
    two = await build_world(tmp_path / "other", replace(SMALL, seed=2))
    ready, transports = two.sandbox.ready_line(), two.sandbox.transports()
    await connect_sandbox(Home(one.home), "second", ready, transports=transports)
    two.home, two.name = one.home, "second"

    await one.sync()
    await two.sync()

    for world in (one, two):
        await world.settle(0)
        assert_converged(world)
        assert_linked(world)
    await one.sync()
    assert len(await one.links()) != 0
    assert {link.id for link in await one.links()}.isdisjoint(
        link.id for link in await two.links()
    )


async def test_field_taken_out_of_the_mapping_stays_as_it_is_on_both_sides(
    world: World,
) -> None:
    email = world.emails()[0]
    before = world.by_identity(TIME, Kind.CONTACT)[email]["stage"]
    world.configure(mapping={"contact": {"without": ["lifecycle_stage"]}})
    world.edit_contact(world.contact_id(email), lifecycle_stage="prospect", source="edited")

    await world.settle()

    assert world.by_identity(TIME, Kind.CONTACT)[email]["stage"] == before
    assert world.by_identity(TIME, Kind.CONTACT)[email]["source"] == "edited"


async def test_field_added_to_the_mapping_is_filled_and_nobody_is_deleted(world: World) -> None:
    world.configure(sync={"deletes": {"from_highlevel": "delete", "from_timetonic": "delete"}})
    await world.settle()
    people = {side: len(world.facts(side, Kind.CONTACT)) for side in (HIGH, TIME)}
    city = {"type": "text", "highlevel": "city", "timetonic": "City"}
    brakes = {"update_floor": 100, "create_floor": 100}
    world.configure(mapping={"contact": {"fields": {"city": city}}}, sync={"brakes": brakes})

    await world.settle()

    assert {side: len(world.facts(side, Kind.CONTACT)) for side in (HIGH, TIME)} == people
    cities = {
        row["Email"]: row["City"] for row in world.rows("Contacts").values() if row["City"]
    }
    known = {
        one.values.get("email"): one.values["city"]
        for one in world.high.contacts.values()
        if one.values.get("city")
    }
    assert known.items() <= cities.items()


async def test_kind_switched_off_is_left_alone_and_on_again_is_caught_up(world: World) -> None:
    world.configure(mapping={"note": {"enabled": False}})
    email = world.emails()[0]
    world.add_note(world.contact_id(email), "while off")
    before = len(world.rows("Notes"))
    await world.settle()
    assert len(world.rows("Notes")) == before

    world.settings.pop("mapping")
    world.configure()
    await world.settle()

    assert len(world.rows("Notes")) == before + 1
    assert_converged(world)

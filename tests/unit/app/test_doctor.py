"""What the doctor finds, and that one failure hides no other."""

from __future__ import annotations

import errno
from typing import Any

import pytest

from tests.flows.world import World
from toolkit.app.doctor import Check, run_doctor
from toolkit.app.home import Home
from toolkit.app.wiring import Transports
from toolkit.sandbox.faults import Fault, FaultKind
from toolkit.sandbox.highlevel import auth


async def _examine(world: World) -> dict[str, Check]:
    transports = Transports(**world.sandbox.transports())
    checks = await run_doctor(Home(world.home), name=world.name, transports=transports)
    return {check.name: check for check in checks}


async def test_healthy_home_has_nothing_to_mend(world: World) -> None:
    checks = await _examine(world)

    assert [check.ok for check in checks.values()] == [True] * 7
    assert not any(check.remedy for check in checks.values())


async def test_broken_settings_end_the_examination(world: World) -> None:
    (world.home / "hightonic.yaml").write_text("version: 1\nconections: {}\n")

    checks = await _examine(world)

    assert list(checks) == ["settings"]
    assert checks["settings"].ok is False


async def test_home_without_a_connection_says_what_to_do(world: World) -> None:
    (world.home / "hightonic.yaml").write_text("version: 1\nconnections: {}\n")

    checks = await _examine(world)

    assert "hightonic connect" in checks["settings"].remedy


async def test_unknown_connection_is_told(world: World) -> None:
    world.name = "nowhere"

    assert (await _examine(world))["state"].ok is False


async def test_full_disk_is_told_beside_what_is_well(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("toolkit.app.doctor.os.fsync", no_room)

    checks = await _examine(world)

    assert checks["state"].ok is False
    assert "full" in checks["state"].detail
    assert checks["state"].remedy
    assert checks["mapping"].ok


@pytest.mark.parametrize(
    ("system", "kind", "broken", "fine"),
    [
        ("highlevel", FaultKind.UNAUTHORISED, "HighLevel key", "TimeTonic key"),
        ("timetonic", FaultKind.DEAD_SESSION, "TimeTonic key", "HighLevel key"),
    ],
)
async def test_dead_key_does_not_hide_the_other(
    world: World, system: str, kind: FaultKind, broken: str, fine: str
) -> None:
    world.fail(Fault(kind, system=system, times=0))

    checks = await _examine(world)

    assert (checks[broken].ok, checks[fine].ok) == (False, True)
    assert "mapping" not in checks


async def test_token_that_may_not_list_users_is_a_hint(world: World) -> None:
    keyring = world.high.keyring
    for token, grant in list(keyring.grants.items()):
        scopes = grant.scopes - {"users.readonly"}
        keyring.grants[token] = auth.Grant(grant.kind, scopes, grant.location_id, key=grant.key)

    checks = await _examine(world)

    assert checks["HighLevel users"].ok is None


async def test_column_and_field_that_are_missing_are_named(world: World) -> None:
    fields = {
        "job": {"type": "text", "highlevel": "custom.shoe_size", "timetonic": "Shoe size"}
    }
    world.configure(mapping={"contact": {"fields": fields}})

    found = (await _examine(world))["mapping"]

    assert found.ok is False
    assert "shoe_size" in found.detail
    assert "Shoe size" in found.detail
    assert "--create-fields" in found.remedy


async def test_open_work_is_mentioned(world: World) -> None:
    email, other, *_ = world.emails()
    world.edit_contact(world.contact_id(email), firstName="Here")
    world.time.edit_row("Contacts", world.row_id(email), {"Name": "There"})
    world.time.edit_row("Contacts", world.row_id(other), {"Source": "edited"})
    world.fail(
        Fault(FaultKind.TIMEOUT_BEFORE, system="highlevel", match="^update-contact", times=0)
    )
    await world.sync()
    world.fail()

    checks = await _examine(world)

    assert checks["unanswered writes"].ok is None
    assert checks["conflicts"].ok is None


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"metrics": {"enabled": True, "table": "Figures"}}, ["Figures table"]),
        ({"metrics": {"enabled": False, "table": "Figures"}}, []),
        ({"mapping": {"archive": {"key_column": "Key"}}}, ["Archive table"]),
    ],
)
async def test_tables_of_our_own_that_the_book_lacks_are_told_and_fail_nothing(
    world: World, settings: dict[str, Any], told: list[str]
) -> None:
    world.configure(**settings)

    checks = await _examine(world)

    lacking = {name: check for name, check in checks.items() if name.endswith("table")}
    assert list(lacking) == told
    assert all(check.ok is None and check.remedy for check in lacking.values())

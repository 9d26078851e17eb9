"""Setting up: a key is tried before it is stored, and twice is once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.flows.world import World
from toolkit.app.home import Home
from toolkit.app.setup import connect_highlevel, connect_timetonic, init_home
from toolkit.errors import ConfigError, CredentialsError, ForbiddenError, UseError, VendorError
from toolkit.sandbox.faults import Fault, FaultKind


async def _high(world: World, home: Path, **changes: Any) -> list[str]:
    ready = world.sandbox.ready_line()["highlevel"]
    given = {name: ready[name] for name in ("base_url", "location_id", "token")} | changes
    transport = world.sandbox.transports()["highlevel"]
    return await connect_highlevel(Home(home), "main", transport=transport, **given)


async def _time(world: World, home: Path, **changes: Any) -> list[str]:
    ready = world.sandbox.ready_line()["timetonic"]
    names = ("url", "user", "book_owner", "book_code", "sesskey")
    given = {name: ready[name] for name in names} | changes
    transport = world.sandbox.transports()["timetonic"]
    return await connect_timetonic(Home(home), "main", transport=transport, **given)


def test_init_writes_a_file_that_loads_and_leaves_one_that_is_there(tmp_path: Path) -> None:
    written = init_home(Home(tmp_path / "home"))
    text = written.read_text() + "# mine\n"
    written.write_text(text)

    assert init_home(Home(tmp_path / "home")) == written
    assert written.read_text() == text
    written.write_text("version: [")
    with pytest.raises(ConfigError):
        init_home(Home(tmp_path / "home"))


async def test_connection_stands_when_both_halves_do(fresh: World, tmp_path: Path) -> None:
    home = tmp_path / "new"

    first = await _high(fresh, home)
    second = await _time(fresh, home)

    assert first[-2:-1] == ["TimeTonic is not connected yet."] or first[-1].startswith(
        "TimeTonic"
    )
    assert any("is in" in sentence for sentence in second)
    fresh.home = home
    async with fresh.open() as connection:
        assert (await connection.preview()).writes


async def test_half_may_be_connected_again(fresh: World) -> None:
    again = await _high(fresh, fresh.home)
    also = await _time(fresh, fresh.home)

    assert any("is in" in sentence for sentence in (*again, *also))


async def test_missing_custom_fields_are_named_or_created_once(
    fresh: World, tmp_path: Path
) -> None:
    fields = fresh.high.fields
    for field_id in [i for i, one in fields.items() if "hightonic_key" in one.field_key]:
        del fields[field_id]

    told = await _high(fresh, tmp_path / "new")
    made = await _high(fresh, tmp_path / "new", create_fields=True)
    count = len(fields)
    again = await _high(fresh, tmp_path / "new", create_fields=True)

    assert any("--create-fields" in sentence for sentence in told)
    assert any("Created the custom field Hightonic key" in sentence for sentence in made)
    assert any("is there" in sentence for sentence in again)
    assert len(fields) == count


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"token": "pit-wrong"}, CredentialsError),
        ({"location_id": "elsewhere"}, ForbiddenError),
    ],
)
async def test_refused_key_is_not_stored(
    fresh: World, tmp_path: Path, changes: dict[str, str], error: type[VendorError]
) -> None:
    with pytest.raises(error):
        await _high(fresh, tmp_path / "new", **changes)

    assert not (tmp_path / "new" / "hightonic.yaml").exists()


@pytest.mark.parametrize("changes", [{"sesskey": "WRONG"}, {"book_code": "nowhere"}])
async def test_refused_book_or_session_is_not_stored(
    fresh: World, tmp_path: Path, changes: dict[str, str]
) -> None:
    with pytest.raises(VendorError):
        await _time(fresh, tmp_path / "new", **changes)

    assert not (tmp_path / "new" / "hightonic.yaml").exists()


async def test_password_makes_a_key(fresh: World, tmp_path: Path) -> None:
    credentials = fresh.sandbox.timetonic.credentials

    said = await _time(
        fresh,
        tmp_path / "new",
        sesskey=None,
        login=credentials["user"],
        password=credentials["password"],
    )

    assert "TimeTonic answers" in said[0]
    for part in (tmp_path / "new").iterdir():
        assert str(credentials["password"]).encode() not in part.read_bytes()


async def test_neither_key_nor_password_is_refused(fresh: World, tmp_path: Path) -> None:
    with pytest.raises(UseError, match="session key"):
        await _time(fresh, tmp_path / "new", sesskey=None)


async def test_unreachable_service_stores_nothing(fresh: World, tmp_path: Path) -> None:
    fresh.fail(Fault(FaultKind.BROKEN_BEFORE, system="timetonic", times=0))

    with pytest.raises(VendorError):
        await _time(fresh, tmp_path / "new")
    assert not (tmp_path / "new" / "hightonic.yaml").exists()

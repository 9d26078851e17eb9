"""Ages of keys, and one refresh at a time among processes."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from tests.unit.sandbox.highlevel_door import Door
from tests.unit.server.door import open_store
from toolkit.app.credentials import (
    HIGHLEVEL_TOKEN,
    TIMETONIC_SESSKEY,
    KeyAge,
    get_app,
    key_ages,
    put_app,
    tell_expiring,
)
from toolkit.app.oauth_access import ChosenToken, ConsentedToken, RefreshTurn
from toolkit.app.oauth_consent import OAuthApp
from toolkit.app.oauth_memory import HIGHLEVEL_OAUTH, VaultTokens
from toolkit.clients.highlevel import PrivateToken
from toolkit.clients.highlevel.oauth import TokenSet
from toolkit.clients.pacing import ManualClock
from toolkit.errors import CredentialsError, StateBusyError, UseError
from toolkit.model.events import EventKind
from toolkit.model.ids import ConnectionName
from toolkit.sandbox.common import InProcessTransport
from toolkit.store import Store, Vault, new_key, open_vault

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
MAIN = ConnectionName("main")


class Counting(httpx.AsyncBaseTransport):
    """The emulated vendor, counting requests for tokens; each takes a moment."""

    def __init__(self, door: Door) -> None:
        self.inner = InProcessTransport(door.emulator.app)
        self.paths: list[str] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.paths.append(request.url.path)
        await asyncio.sleep(0.01)
        return await self.inner.handle_async_request(request)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
def store(tmp_path: Path, clock: ManualClock):
    with open_store(tmp_path, clock.now) as opened:
        yield opened


@pytest.fixture
def vault(store: Store, tmp_path: Path) -> Vault:
    return open_vault(store, tmp_path, environ={"HIGHTONIC_KEY": new_key()})


@pytest.fixture
def door(clock: ManualClock) -> Door:
    return Door(contacts=1)


def consent_to(vault: Vault, door: Door, **changes: object) -> TokenSet:
    """App and tokens as a consent leaves them; the tokens end at once."""
    given = door.emulator.credentials
    put_app(
        vault,
        MAIN,
        OAuthApp(
            client_id=given.client_id,
            client_secret=given.client_secret,
            redirect_uri="http://door/oauth/callback",
            scopes=("contacts.readonly",),
            location_id=given.location_id,
            base_url="http://vendor",
        ),
    )
    vault.promote(MAIN, "highlevel.oauth_app")
    tokens = {
        "access_token": "spent",
        "expires_at": NOW,
        "refresh_token": given.refresh_token,
        "user_type": "Location",
        "location_id": given.location_id,
    } | changes
    return TokenSet(**tokens)


def provider(vault: Vault, store: Store, clock: ManualClock, wire: Counting) -> ConsentedToken:
    return ConsentedToken(vault, store.connection(MAIN), clock=clock, transport=wire)


@pytest.mark.parametrize(
    ("days", "is_due", "left"),
    [
        (0, False, 90),
        (75, False, 15),
        (76, True, 14),
        (89, True, 1),
        (90, True, 0),
        (93, True, -3),
    ],
)
def test_key_is_due_fourteen_days_before_its_ninetieth(
    days: int, is_due: bool, left: int
) -> None:
    age = KeyAge(HIGHLEVEL_TOKEN, NOW - timedelta(days=days))

    assert (age.is_due(NOW), age.days_left(NOW)) == (is_due, left)


def test_each_stage_is_told_once() -> None:
    age = KeyAge(TIMETONIC_SESSKEY, NOW)
    told = [
        event
        for hours in range(24 * 100)
        for event in tell_expiring(MAIN, [age], now=NOW + timedelta(hours=hours))
    ]

    stages = list(dict.fromkeys(event.once for event in told))
    assert [stage.rpartition(":")[2] for stage in stages] == ["14", "7", "1", "0"]
    assert {event.kind for event in told} == {EventKind.CREDENTIAL_EXPIRING}
    assert len({event.fingerprint for event in told}) == 1
    assert told[0].facts == {"system": "timetonic", "days_left": 14}


def test_replaced_key_is_told_of_anew() -> None:
    late = NOW + timedelta(days=200)
    old, new = (
        next(tell_expiring(MAIN, [KeyAge(HIGHLEVEL_TOKEN, at)], now=late))
        for at in (NOW, NOW + timedelta(days=5))
    )

    assert old.once != new.once


def test_only_keys_that_people_replace_have_an_age(vault: Vault) -> None:
    for name in (HIGHLEVEL_TOKEN, TIMETONIC_SESSKEY, "timetonic.webhook"):
        vault.put(MAIN, name, "x")
    before = key_ages(vault, MAIN)
    vault.put(MAIN, HIGHLEVEL_OAUTH, "{}")
    after = key_ages(vault, MAIN)

    assert [age.name for age in before] == [HIGHLEVEL_TOKEN, TIMETONIC_SESSKEY]
    assert [(age.name, age.side) for age in after] == [(TIMETONIC_SESSKEY, "timetonic")]


def test_connection_without_an_app_says_how_to_get_one(vault: Vault) -> None:
    with pytest.raises(UseError, match="no HighLevel app") as refused:
        get_app(vault, MAIN)

    assert "--oauth" in refused.value.remedy


async def test_spent_token_is_refreshed_once_by_many(
    vault: Vault, store: Store, clock: ManualClock, door: Door
) -> None:
    wire = Counting(door)
    await VaultTokens(vault, MAIN).save(consent_to(vault, door))
    providers = [provider(vault, store, clock, wire) for _ in range(4)]

    tokens = await asyncio.gather(*(each.token() for each in providers for _ in range(3)))

    assert len(set(tokens)) == 1
    assert tokens[0] != "spent"
    assert wire.paths == ["/oauth/token"]
    for each in providers:
        await each.aclose()


async def test_refused_token_is_renewed_once_by_many(
    vault: Vault, store: Store, clock: ManualClock, door: Door
) -> None:
    wire = Counting(door)
    tokens = consent_to(vault, door, expires_at=NOW + timedelta(days=1))
    await VaultTokens(vault, MAIN).save(tokens)
    providers = [provider(vault, store, clock, wire) for _ in range(3)]
    assert [await each.token() for each in providers] == ["spent"] * 3

    fresh = await asyncio.gather(*(each.renewed("spent") for each in providers))

    assert len(set(fresh)) == 1
    assert wire.paths == ["/oauth/token"]
    for each in providers:
        await each.aclose()


async def test_agency_consent_is_exchanged_for_the_location(
    vault: Vault, store: Store, clock: ManualClock, door: Door
) -> None:
    wire = Counting(door)
    state = door.emulator.state
    consent_to(vault, door)
    state.oauth.codes["agency"] = ("company", frozenset({"contacts.readonly", "oauth.write"}))
    app = get_app(vault, MAIN)
    from toolkit.clients.highlevel.oauth import OAuth

    async with OAuth(
        client_id=app.client_id,
        client_secret=app.client_secret,
        base_url="http://vendor",
        transport=wire,
        clock=clock,
    ) as oauth:
        await VaultTokens(vault, MAIN).save(await oauth.exchange_code("agency"))
    tokens = provider(vault, store, clock, wire)

    first, second = await tokens.token(), await tokens.token()
    clock.advance(6)
    third = await tokens.token()

    assert first == second == third
    assert state.keyring.grants[first].location_id == app.location_id
    assert wire.paths.count("/oauth/locationToken") == 1
    await tokens.aclose()


async def test_consent_that_is_spent_asks_for_another(
    vault: Vault, store: Store, clock: ManualClock, door: Door
) -> None:
    wire = Counting(door)
    await VaultTokens(vault, MAIN).save(consent_to(vault, door, refresh_token="unknown"))
    tokens = provider(vault, store, clock, wire)

    with pytest.raises(CredentialsError):
        await tokens.token()

    assert store.connection(MAIN).get_lease(name="oauth.refresh") is None
    await tokens.aclose()


async def test_turn_of_a_dead_process_ends_within_the_vendors_grace(
    store: Store, clock: ManualClock
) -> None:
    memory = store.connection(MAIN)
    memory.acquire_lease("dead", ttl_s=15, name="oauth.refresh")

    async with RefreshTurn(memory, clock=clock)():
        waited = clock.now() - NOW

    assert timedelta(seconds=14) < waited < timedelta(seconds=30)


async def test_turn_that_never_comes_is_said(store: Store, clock: ManualClock) -> None:
    memory = store.connection(MAIN)
    memory.acquire_lease("other", ttl_s=3_600, name="oauth.refresh")

    with pytest.raises(StateBusyError):
        async with RefreshTurn(memory, clock=clock)():
            pass


async def test_token_changes_sides_while_it_runs() -> None:
    held = [False]
    chosen = ChosenToken(
        lambda: held[0], consented=PrivateToken("consented"), private=PrivateToken("private")
    )

    before = await chosen.token()
    held[0] = True

    assert (before, await chosen.token()) == ("private", "consented")
    assert await chosen.renewed("consented") is None

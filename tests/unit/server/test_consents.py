"""A person's way to HighLevel and back, at the emulated vendor and through the real door."""

from __future__ import annotations

import asyncio
import logging
import re
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.unit.sandbox.highlevel_door import Door as HighLevelDoor
from tests.unit.server.door import MAIN, Door, open_door
from toolkit.app.oauth_consent import Consent, OAuthApp
from toolkit.app.oauth_memory import HIGHLEVEL_OAUTH, StoredStates, VaultTokens
from toolkit.clients.pacing import ManualClock
from toolkit.errors import StateError, UseError
from toolkit.model.ids import ConnectionName
from toolkit.sandbox.common import InProcessTransport
from toolkit.sandbox.faults import Fault, FaultKind
from toolkit.store import Store, Vault, open_vault

CALLBACK = "/oauth/callback"


@dataclass
class Journey:
    """The vendor, the door, and a person's browser between them."""

    vendor: HighLevelDoor = field(default_factory=lambda: HighLevelDoor(contacts=1))
    changes: dict[str, Any] = field(default_factory=dict)
    tokens: Any = None
    states: Any = None
    door: Door = field(init=False)
    consent: Consent = field(init=False)
    vault: Vault = field(init=False)
    seen: set[str] = field(default_factory=set)

    def build(self, store: Store, clock: ManualClock) -> Consent:
        credentials = self.vendor.emulator.credentials
        self.vault = open_vault(store, Path("unused"), environ={"HIGHTONIC_KEY": KEY})
        app = OAuthApp(
            **{
                "client_id": credentials.client_id,
                "client_secret": credentials.client_secret,
                "redirect_uri": f"http://door{CALLBACK}",
                "scopes": ("contacts.readonly", "contacts.write"),
                "location_id": credentials.location_id,
                "base_url": "http://vendor",
                "chooser_url": "http://vendor",
                **self.changes,
            }
        )

        def app_of(name: ConnectionName) -> OAuthApp:
            if name != MAIN:
                raise UseError("no app")
            return app

        self.consent = Consent(
            apps=app_of,
            states=self.states or StoredStates(store),
            tokens=self.tokens or (lambda name: VaultTokens(self.vault, name)),
            clock=clock,
            transport=InProcessTransport(self.vendor.emulator.app),
        )
        return self.consent

    async def agree(self, url: str) -> str:
        """The person agrees; where the vendor sends them back to."""
        transport = InProcessTransport(self.vendor.emulator.app)
        async with httpx.AsyncClient(transport=transport) as browser:
            answer = await browser.get(url)
        back = answer.headers["location"]
        self.seen |= {
            value for values in parse_qs(urlsplit(back).query).values() for value in values
        }
        return str(back)

    async def come_back(self, url: str, **changes: str | None) -> httpx.Response:
        """The browser follows the way back, with parts of the query changed or left out."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        params = {k: v for k, v in (query | changes).items() if v is not None}
        return await self.door.client.get(CALLBACK, params=params)


KEY = "Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyYmE="


@asynccontextmanager
async def journey(tmp_path: Path, **given: Any) -> AsyncIterator[Journey]:
    one = Journey(**given)
    async with open_door(tmp_path, consent=one.build) as door:
        one.door = door
        yield one


def reasons(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str, str]]:
    return [
        (record.getMessage(), record.__dict__["reason"], record.__dict__["connection"])
        for record in caplog.records
        if record.name.startswith("toolkit.app")
    ]


async def test_person_agrees_and_tokens_reach_the_vault(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with journey(tmp_path) as one:
        page = await one.come_back(await one.agree(one.consent.begin_consent(MAIN)))
        stored = await VaultTokens(one.vault, MAIN).load()

        assert page.status_code == 200
        assert "You can close this window" in page.text
        assert stored is not None
        assert stored.location_id == one.vendor.location
        path = f"/contacts/{one.vendor.contact_ids[0]}"
        answer = await asyncio.to_thread(one.vendor.ask, "GET", path, token=stored.access_token)
        assert answer.is_success
        assert reasons(caplog) == [("consent given", "connected", "main")]
        # The browser of this test is httpx, whose own lines name what a browser is sent.
        ours = [vars(record) for record in caplog.records if record.name.startswith("toolkit")]
        said = page.text + str(ours) + repr(stored)
        secrets = one.seen | {stored.access_token, str(stored.refresh_token)}
        secrets.add(one.vendor.emulator.credentials.client_secret)
        assert len(secrets) == 5
        assert not [secret for secret in secrets if secret in said]


async def test_page_runs_nothing_and_leaks_nothing(tmp_path: Path) -> None:
    async with journey(tmp_path) as one:
        page = await one.come_back(await one.agree(one.consent.begin_consent(MAIN)))

    assert page.headers["content-type"].startswith("text/html")
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["content-security-policy"].startswith("default-src 'none'")
    assert not re.search(r"<script|<img|<link|href=|src=", page.text)


@pytest.mark.parametrize(
    ("changes", "reason", "connection"),
    [
        ({"state": "guessed"}, "wrong_state", ""),
        ({"state": ""}, "wrong_state", ""),
        ({"state": None}, "wrong_state", ""),
        ({"code": None}, "no_code", "main"),
        ({"code": ""}, "no_code", "main"),
        ({"code": "guessed"}, "not_accepted", "main"),
        ({"error": "access_denied", "code": None}, "denied", "main"),
        ({"error": "<script>"}, "denied", "main"),
    ],
)
async def test_way_back_that_is_not_right_stores_nothing(
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    changes: dict[str, str | None],
    reason: str,
    connection: str,
) -> None:
    caplog.set_level(logging.INFO, logger="toolkit")
    async with journey(tmp_path) as one:
        page = await one.come_back(await one.agree(one.consent.begin_consent(MAIN)), **changes)

        assert page.status_code == 400
        assert "Nothing was stored" in page.text
        assert "script" not in page.text
        assert one.vault.names(MAIN) == []
        assert reasons(caplog) == [("consent refused", reason, connection)]


async def test_wrong_state_does_not_spoil_the_right_one(tmp_path: Path) -> None:
    async with journey(tmp_path) as one:
        back = await one.agree(one.consent.begin_consent(MAIN))
        wrong = await one.come_back(back, state="guessed")
        right = await one.come_back(back)

    assert (wrong.status_code, right.status_code) == (400, 200)


async def test_state_is_good_once(tmp_path: Path) -> None:
    async with journey(tmp_path) as one:
        back = await one.agree(one.consent.begin_consent(MAIN))
        answers = await asyncio.gather(*(one.come_back(back) for _ in range(5)))

        assert sorted(answer.status_code for answer in answers) == [200, 400, 400, 400, 400]
        assert one.vault.names(MAIN) == [HIGHLEVEL_OAUTH]


@pytest.mark.parametrize(("seconds", "status"), [(599, 200), (600, 400), (86_400, 400)])
async def test_state_ends_after_ten_minutes(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, seconds: int, status: int
) -> None:
    async with journey(tmp_path) as one:
        back = await one.agree(one.consent.begin_consent(MAIN))
        one.door.clock.advance(seconds)
        page = await one.come_back(back)

        assert page.status_code == status
        assert reasons(caplog) == (
            [("consent refused", "expired", "main")] if status == 400 else []
        )


async def test_state_is_known_to_another_process_and_nowhere_in_plain(tmp_path: Path) -> None:
    async with journey(tmp_path) as one:
        url = one.consent.begin_consent(MAIN)
        state = parse_qs(urlsplit(url).query)["state"][0]
        with closing(sqlite3.connect(tmp_path / "hightonic.db")) as other:
            kept = other.execute("SELECT connection, key, value FROM memo").fetchall()

        assert len(state) >= 40
        assert [row[0] for row in kept] == ["main"]
        assert state not in str(kept)


async def test_forgotten_states_go_with_the_next_one(tmp_path: Path) -> None:
    async with journey(tmp_path) as one:
        first = await one.agree(one.consent.begin_consent(MAIN))
        one.door.clock.advance(601)
        one.consent.begin_consent(MAIN)
        with closing(sqlite3.connect(tmp_path / "hightonic.db")) as other:
            (count,) = other.execute("SELECT count(*) FROM memo").fetchone()
        page = await one.come_back(first)

    assert (count, page.status_code) == (1, 400)


async def test_head_takes_nothing(tmp_path: Path) -> None:
    async with journey(tmp_path) as one:
        back = await one.agree(one.consent.begin_consent(MAIN))
        looked = await one.door.client.head(back)
        page = await one.come_back(back)

    assert (looked.status_code, page.status_code) == (405, 200)


async def test_consent_for_another_location_is_not_taken(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with journey(tmp_path, changes={"location_id": "another"}) as one:
        page = await one.come_back(await one.agree(one.consent.begin_consent(MAIN)))

        assert page.status_code == 400
        assert one.vault.names(MAIN) == []
        assert reasons(caplog) == [("consent refused", "wrong_location", "main")]


async def test_wrong_app_secret_is_said_and_not_shown(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with journey(tmp_path, changes={"client_secret": "hush-hush"}) as one:
        page = await one.come_back(await one.agree(one.consent.begin_consent(MAIN)))

    assert page.status_code == 400
    assert reasons(caplog) == [("consent refused", "not_accepted", "main")]
    assert "hush" not in page.text + str([vars(record) for record in caplog.records])


async def test_vendor_that_does_not_answer(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with journey(tmp_path) as one:
        back = await one.agree(one.consent.begin_consent(MAIN))
        one.vendor.faults.set(
            [Fault(FaultKind.BAD_GATEWAY_BEFORE, match="/oauth/token", times=0)]
        )
        page = await one.come_back(back)

        assert page.status_code == 502
        assert one.vault.names(MAIN) == []
        assert reasons(caplog) == [("consent refused", "not_reached", "main")]


async def test_disk_that_takes_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    class Full:
        async def load(self) -> None:
            return None

        async def save(self, _tokens: object) -> None:
            raise StateError("The disk is full")

    async with journey(tmp_path, tokens=lambda _name: Full()) as one:
        page = await one.come_back(await one.agree(one.consent.begin_consent(MAIN)))

    assert page.status_code == 500
    assert "disk" in page.text
    assert reasons(caplog) == [("consent refused", "not_stored", "main")]
    refused = [record for record in caplog.records if record.getMessage() == "consent refused"]
    assert refused[0].__dict__["error"] == "StateError"


async def test_app_removed_meanwhile(tmp_path: Path) -> None:
    class Begun:
        def put_state(self, *_: object, **__: object) -> None: ...

        def take_state(self, _digest: str) -> Any:
            return ConnectionName("gone"), one.door.clock.now().replace(year=2030)

    async with journey(tmp_path, states=Begun()) as one:
        page = await one.door.client.get(CALLBACK, params={"state": "s", "code": "c"})

    assert page.status_code == 500
    assert "no HighLevel app" in page.text


async def test_tokens_are_none_before_the_first_consent(tmp_path: Path) -> None:
    async with journey(tmp_path) as one:
        assert await VaultTokens(one.vault, MAIN).load() is None

"""Waiting for a person who does not come, and addresses nobody answers at."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from toolkit.app.home import Home
from toolkit.app.oauth_connect import connecting, is_served, place_to_listen
from toolkit.app.oauth_consent import OAuthApp
from toolkit.clients.pacing import ManualClock
from toolkit.errors import CredentialsError, UseError
from toolkit.store import Store, open_vault

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
APP = OAuthApp(
    client_id="app",
    client_secret="hush",
    redirect_uri="http://127.0.0.1:8080/oauth/callback",
    scopes=("contacts.readonly",),
    location_id="loc",
)


async def test_person_who_never_comes_back_is_waited_for_ten_minutes(tmp_path: Path) -> None:
    clock = ManualClock(NOW)
    with (
        pytest.raises(UseError, match="Nobody came back"),
        connecting(Home(tmp_path), "main", APP, clock=clock) as begun,
    ):
        await begun.wait()

    assert 600 <= (clock.now() - NOW).total_seconds() < 602
    with Store.open(tmp_path) as store:
        assert open_vault(store, tmp_path, environ={}).names("main") == []


async def test_return_after_the_command_ended_stores_nothing(tmp_path: Path) -> None:
    clock = ManualClock(NOW)
    with connecting(Home(tmp_path), "main", APP, clock=clock) as begun:
        state = begun.page.rpartition("state=")[2]
        with Store.open(tmp_path) as store:
            open_vault(store, tmp_path, environ={}).delete("main", "highlevel.oauth_app.next")
        await begun.consent.finish_consent(state=state, code="c")
        with pytest.raises(CredentialsError, match="has no HighLevel app"):
            await begun.wait()


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/oauth/callback", "://x/oauth/callback"])
async def test_address_nobody_answers_at_is_not_served(url: str) -> None:
    assert not await is_served(url)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_place_on_this_machine_is_listened_at(host: str) -> None:
    assert place_to_listen(f"http://{host}:8123/oauth/callback") == (host, 8123)

"""Keys of Slack: sealed, one installation a workspace, renewed once; tickets good once."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from toolkit.app.slack_calls import SlackCaller
from toolkit.app.slack_keys import SERVICE, AppKeys, Installation, SlackKeys
from toolkit.app.slack_tickets import TICKET_AGE
from toolkit.errors import (
    CredentialsError,
    NotReachedError,
    RejectedError,
    UnknownOutcomeError,
    VendorError,
)
from toolkit.sandbox.slack import SlackApp, SlackOptions, SlackSandbox
from toolkit.store import Store, open_vault

START = datetime(2026, 11, 23, 9, tzinfo=UTC)


class Clock:
    def __init__(self):
        self.at = START

    def now(self):
        return self.at

    async def sleep(self, seconds):
        await asyncio.sleep(0)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def open_keys(tmp_path, clock):
    opened = []

    def open_():
        store = Store.open(tmp_path, clock=clock.now)
        opened.append(store)
        return SlackKeys(store, open_vault(store, tmp_path), clock=clock)

    yield open_
    for store in opened:
        store.close()


def installed(team="T1", **more):
    return Installation(team=team, bot_token="xoxb-very-secret", **more)


def test_installations_are_kept_by_workspace_and_sealed(open_keys, tmp_path):
    keys = open_keys()
    keys.put(installed("T2"))
    keys.put(installed("T1", scopes=("chat:write",), installed_at=START))
    keys.put_app(AppKeys(app_token="xapp-very-secret", client_id="1.2"))

    again = open_keys()

    assert again.teams() == ["T1", "T2"]
    assert again.find("T1") == installed("T1", scopes=("chat:write",), installed_at=START)
    assert again.app().app_token == "xapp-very-secret"
    again.forget("T1")
    assert (keys.find("T1"), keys.teams()) == (None, ["T2"])
    for path in tmp_path.iterdir():
        assert b"very-secret" not in path.read_bytes(), path
    assert "very-secret" not in repr((again.find("T2"), again.app(), keys))


def test_a_ticket_is_good_once_for_its_purpose_and_its_time(open_keys, clock):
    one, other = open_keys().tickets, open_keys().tickets
    ticket, late = one.give("link", {"user": "U1"}), one.give("link", {"user": "U2"})

    assert one.take("install", ticket) is None
    assert other.look("link", ticket) == other.look("link", ticket) == {"user": "U1"}
    assert other.take("link", ticket) == {"user": "U1"}
    assert one.take("link", ticket) is None
    clock.at += TICKET_AGE
    assert (one.look("link", late), one.take("link", late)) == (None, None)
    assert one.look("link", "forged") is None


def test_expired_tickets_are_forgotten_and_no_ticket_is_stored_as_such(
    open_keys, clock, tmp_path
):
    tickets = open_keys().tickets
    first = tickets.give("link", {})
    clock.at += TICKET_AGE + timedelta(seconds=1)
    second = tickets.give("link", {})

    store = Store.open(tmp_path)
    with store.transactions.reading() as opened:
        rows = opened.exec_driver_sql("select key from memo where connection = ?", (SERVICE,))
        keys = [row[0] for row in rows]
    store.close()

    assert len(keys) == 1
    assert not [text for text in keys if first in text or second in text]


async def test_one_of_many_renews_a_token_that_is_about_to_end(open_keys, clock):
    options = SlackOptions(app=SlackApp(rotates_tokens=True))
    async with SlackSandbox.running(options) as sandbox:
        held = sandbox.workspace.credentials
        keys = open_keys()
        keys.put_app(
            AppKeys(
                client_id=held.client_id,
                client_secret=held.client_secret,
                base_url=held.base_url,
            )
        )
        sandbox.workspace.state.refresh_tokens.add("xoxe-1-first")
        ends = START + timedelta(hours=12)
        keys.put(installed(refresh_token="xoxe-1-first", expires_at=ends))

        assert await keys.token("T1") == "xoxb-very-secret"
        clock.at = ends - timedelta(minutes=30)
        others = [open_keys() for _ in range(4)]
        got = await asyncio.gather(*(each.token("T1") for each in [keys, *others]))

        asked = [
            one for one in sandbox.workspace.state.calls if one.method == "oauth.v2.access"
        ]
        assert len(asked) == 1
        assert len(set(got)) == 1
        assert got[0] in sandbox.workspace.state.tokens
        renewed = keys.find("T1")
        assert renewed is not None
        assert renewed.refresh_token != "xoxe-1-first"
        assert renewed.expires_at == clock.at + timedelta(hours=12)


async def test_a_token_that_slack_does_not_renew_is_a_matter_of_credentials(open_keys, clock):
    async with SlackSandbox.running() as sandbox:
        held = sandbox.workspace.credentials
        keys = open_keys()
        keys.put_app(
            AppKeys(
                client_id=held.client_id,
                client_secret=held.client_secret,
                base_url=held.base_url,
            )
        )
        keys.put(installed(refresh_token="xoxe-1-spent", expires_at=START))

        with pytest.raises(CredentialsError):
            await keys.token("T1")


@pytest.mark.parametrize("word", ["internal_error", "invalid_refresh_token"])
async def test_a_token_that_cannot_be_renewed_yet_is_good_until_it_ends(open_keys, clock, word):
    async with SlackSandbox.running() as sandbox:
        sandbox.workspace.refuse("oauth.v2.access", word, times=2)
        keys = open_keys()
        keys.put_app(AppKeys(base_url=sandbox.workspace.credentials.base_url))
        keys.put(installed(refresh_token="xoxe-1", expires_at=START + timedelta(minutes=30)))

        assert await keys.token("T1") == "xoxb-very-secret"
        clock.at += timedelta(minutes=30)
        with pytest.raises(VendorError):
            await keys.token("T1")


async def test_a_workspace_without_the_app_has_no_token(open_keys):
    with pytest.raises(CredentialsError, match="not installed in the workspace T9"):
        await open_keys().token("T9")


def answering(response):
    def answer(request):
        if isinstance(response, Exception):
            raise response
        return response

    return httpx.MockTransport(answer)


@pytest.mark.parametrize(
    ("response", "error"),
    [
        (httpx.Response(200, json={"ok": False, "error": "invalid_auth"}), CredentialsError),
        (httpx.Response(200, json={"ok": False, "error": "users_not_found"}), RejectedError),
        (httpx.Response(200, json={"ok": False}), RejectedError),
        (httpx.Response(429, headers={"retry-after": "1"}), NotReachedError),
        (httpx.Response(200, text="<!doctype html>"), UnknownOutcomeError),
        (httpx.Response(200, json=["ok"]), UnknownOutcomeError),
        (httpx.ConnectError("no"), NotReachedError),
        (httpx.ReadTimeout("no"), UnknownOutcomeError),
    ],
)
async def test_what_slack_answers_is_typed_by_what_to_do_next(response, error):
    async with SlackCaller(transport=answering(response)) as caller:
        with pytest.raises(error) as failed:
            await caller.call("auth.test", token="xoxb-very-secret")

    assert failed.value.system == "slack"
    assert "very-secret" not in failed.value.sentence

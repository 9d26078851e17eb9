"""Slack's calls over HTTP: ours to refuse before anything reads them, handed to the app's loop."""

from __future__ import annotations

import hashlib
import hmac
from types import SimpleNamespace

import httpx
import pytest
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from starlette.applications import Starlette
from starlette.routing import Mount

from bot.install.doors import EventsDoor, open_doors
from toolkit.app.slack_home import slack_home
from toolkit.app.slack_keys import AppKeys, Installation
from toolkit.clients.pacing import SystemClock
from toolkit.store import Store, open_vault

SECRET, NOW_S = "s3cret", 1_795_425_600
BASE = "http://127.0.0.1:8080"
BODY = b"command=%2Fhightonic&text=help&team_id=T1&user_id=U1&channel_id=C1"


def signed(body=BODY, *, secret=SECRET, stamp=str(NOW_S)):
    made = hmac.new(secret.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256)
    return {
        "x-slack-request-timestamp": stamp,
        "x-slack-signature": f"v0={made.hexdigest()}",
        "content-type": "application/x-www-form-urlencoded",
    }


def client_of(app):
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE)


@pytest.fixture
def door():
    return EventsDoor(lambda: SECRET, now_s=lambda: float(NOW_S))


@pytest.fixture
def bolt():
    async def authorize(enterprise_id, team_id):
        return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, bot_token="xoxb-1")

    app = AsyncApp(
        authorize=authorize, process_before_response=True, request_verification_enabled=False
    )
    heard = []

    @app.command("/hightonic")
    async def command(ack, body):
        heard.append(body["text"])
        await ack("Here")

    app.heard = heard
    return app


async def test_a_signed_call_reaches_the_app_and_its_answer_slack(door, bolt):
    door.lead_to(bolt)
    async with client_of(door) as client:
        answer = await client.post("/", content=BODY, headers=signed())
        door.lead_to(None)
        later = await client.post("/", content=BODY, headers=signed())

    assert (answer.status_code, bolt.heard) == (200, ["help"])
    assert "Here" in answer.text
    assert later.status_code == 503


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        (signed(secret="other"), BODY, 401),
        (signed(stamp=str(NOW_S - 301)), BODY, 401),
        (signed(stamp="now"), BODY, 401),
        ({}, BODY, 401),
        (signed(), BODY + b"x", 401),
        (signed(b"x" * 1_000_001), b"x" * 1_000_001, 413),
    ],
)
async def test_what_slack_did_not_sign_reaches_nobody(door, bolt, headers, body, status):
    door.lead_to(bolt)
    async with client_of(door) as client:
        answer = await client.post("/", content=body, headers=headers)

    assert (answer.status_code, bolt.heard) == (status, [])


async def test_only_posts_are_taken(door):
    async with client_of(door) as client:
        assert (await client.get("/")).status_code == 405


@pytest.fixture
def host(tmp_path):
    store = Store.open(tmp_path)
    clock = SystemClock()
    doors = {}
    made = SimpleNamespace(
        slack=slack_home(store, open_vault(store, tmp_path), [], clock=clock),
        mount=doors.__setitem__,
        doors=doors,
    )
    yield made
    store.close()


@pytest.mark.parametrize(
    ("keys", "open_at"),
    [
        (AppKeys(app_token="xapp-1"), {"link/x": 410}),
        (AppKeys(app_token="xapp-1", signing_secret=SECRET), {"link/x": 410}),
        (AppKeys(signing_secret=SECRET), {"link/x": 410, "events": 405}),
        (
            AppKeys(client_id="1.2", client_secret="c", signing_secret=SECRET, public_url=BASE),
            {"link/x": 410, "events": 405, "install": 302, "oauth_redirect": 400},
        ),
    ],
)
async def test_only_the_addresses_that_are_used_are_open(host, keys, open_at):
    host.slack.keys.put_app(keys)
    host.slack.keys.put(Installation(team="T1", bot_token="xoxb-1"))
    _linking, door = open_doors(host)
    app = Starlette(routes=[Mount(path, app=each) for path, each in host.doors.items()])
    app.router.redirect_slashes = False
    async with client_of(app) as client:
        for path in ("link/x", "events", "install", "oauth_redirect"):
            answer = await client.get(f"/slack/{path}")
            assert answer.status_code == open_at.get(path, 404), path
        called = await client.post("/slack/events", content=BODY, headers=signed())

    assert (door is not None) is ("events" in open_at)
    assert called.status_code == (401 if door else 404)


def test_a_home_without_slack_opens_nothing(host):
    _linking, door = open_doors(host)

    assert (door, host.doors) == (None, {})

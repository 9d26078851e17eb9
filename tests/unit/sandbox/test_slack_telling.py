"""How the app is told: signatures, deadlines, retries, sockets; and what people see of failures."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs

import aiohttp
import httpx
import pytest
import pytest_asyncio

from tests.unit.sandbox.slack_caller import (
    ANNA,
    OPS,
    Caller,
    buttons,
    make,
    modal,
    plain,
    section,
)
from toolkit.errors import UseError
from toolkit.sandbox.slack import SlackApp, SlackOptions, SlackSandbox
from toolkit.sandbox.slack.outgoing import Ending, Kind, Outgoing, Reply
from toolkit.sandbox.slack.seeding import APP_TOKEN, SIGNING_SECRET


class Receiver:
    """An app that answers as told and keeps what it got."""

    def __init__(self) -> None:
        self.got: list[httpx.Request] = []
        self.answers: list[httpx.Response] = []
        self.delay_s = 0.0

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.got.append(request)
        await asyncio.sleep(self.delay_s)
        return self.answers.pop(0) if self.answers else httpx.Response(200)

    @property
    def forms(self) -> list[dict[str, str]]:
        return [{k: v[0] for k, v in parse_qs(r.content.decode()).items()} for r in self.got]

    @property
    def interactions(self) -> list[dict[str, Any]]:
        return [json.loads(one["payload"]) for one in self.forms if "payload" in one]

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(r.content) for r in self.got if r.content.startswith(b"{")]


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest_asyncio.fixture
async def call(receiver: Receiver) -> AsyncIterator[Caller]:
    caller = make(is_socket_mode=False, shortcuts={"g": "global", "m": "message"})
    caller.workspace.reach_by_http(
        "http://app.invalid/slack", transport=httpx.MockTransport(receiver)
    )
    yield caller
    await caller.workspace.aclose()


async def test_requests_are_signed_over_time_and_body(call: Caller, receiver: Receiver) -> None:
    await call.workspace.types("anna", "#ops", "/hightonic help me")

    request = receiver.got[0]
    text = (
        b"v0:" + request.headers["x-slack-request-timestamp"].encode() + b":" + request.content
    )
    digest = hmac.new(SIGNING_SECRET.encode(), text, hashlib.sha256).hexdigest()
    assert request.headers["x-slack-signature"] == f"v0={digest}"
    form = receiver.forms[0]
    assert {
        name: form[name]
        for name in ("command", "text", "user_id", "channel_id", "channel_name", "team_domain")
    } == {
        "command": "/hightonic",
        "text": "help me",
        "user_id": ANNA,
        "channel_id": OPS,
        "channel_name": "ops",
        "team_domain": "sandbox",
    }


async def test_forged_and_stale_signatures_on_demand(call: Caller, receiver: Receiver) -> None:
    line = call.workspace.reach_by_http(
        "http://app.invalid/slack", transport=httpx.MockTransport(receiver)
    )
    line.skew_s, line.is_forged = -600, True

    await call.workspace.types("anna", "#ops", "/hightonic")

    request = receiver.got[0]
    stamp = request.headers["x-slack-request-timestamp"]
    assert call.workspace.clock.now().timestamp() - int(stamp) >= 600
    text = f"v0:{stamp}:".encode() + request.content
    digest = hmac.new(SIGNING_SECRET.encode(), text, hashlib.sha256).hexdigest()
    assert request.headers["x-slack-signature"] != f"v0={digest}"


@pytest.mark.parametrize(
    ("body", "is_echo"),
    [
        ({"json": {"challenge": "challenge-of-the-sandbox"}}, True),
        ({"text": "challenge-of-the-sandbox"}, True),
        ({"json": {"challenge": "other"}}, False),
        ({"status_code": 500}, False),
    ],
)
async def test_the_address_is_verified_by_a_challenge(
    call: Caller, receiver: Receiver, body: dict[str, Any], is_echo: bool
) -> None:
    receiver.answers.append(httpx.Response(**{"status_code": 200, **body}))
    line = call.workspace.reach_by_http(
        "http://app.invalid/slack", transport=httpx.MockTransport(receiver)
    )

    assert await line.verify(token="t", within_s=1) is is_echo
    assert receiver.events[0]["type"] == "url_verification"


def test_the_app_is_on_this_machine() -> None:
    with pytest.raises(UseError, match=r"127\.0\.0\.1"):
        make().workspace.reach_by_http("https://example.org/slack")


@pytest.mark.parametrize(
    ("answer", "ending", "error"),
    [
        (httpx.Response(500), Ending.REFUSED, "dispatch_failed"),
        (httpx.Response(404), Ending.REFUSED, "dispatch_failed"),
        (
            httpx.Response(200, headers={"content-type": "application/json"}, content=b"{"),
            Ending.REFUSED,
            "dispatch_failed",
        ),
    ],
)
async def test_a_refused_command_is_said_so_and_never_repeated(
    call: Caller, receiver: Receiver, answer: httpx.Response, ending: Ending, error: str
) -> None:
    receiver.answers.append(answer)

    reply = await call.workspace.types("anna", "#ops", "/hightonic")
    await call.workspace.advance(400)

    assert isinstance(reply, Reply)
    assert reply.ending is ending
    assert call.workspace.notices("anna") == [f'/hightonic failed with the error "{error}"']
    assert len(receiver.got) == 1


async def test_an_app_that_is_nowhere_is_unreachable(call: Caller) -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("nobody", request=request)

    call.workspace.reach_by_http("http://app.invalid", transport=httpx.MockTransport(refuse))
    await call.workspace.types("anna", "#ops", "/hightonic")
    call.workspace.teller.line = None
    await call.workspace.types("anna", "#ops", "/hightonic")

    assert (
        call.workspace.notices("anna")
        == ['/hightonic failed with the error "app_unreachable"'] * 2
    )


async def test_events_are_told_again_at_once_after_one_and_after_five_minutes(
    call: Caller, receiver: Receiver
) -> None:
    receiver.answers += [httpx.Response(500) for _ in range(4)]
    await call.workspace.types("anna", "#ops", "hello")

    counts = [len(await call.workspace.advance(s)) for s in (0, 59, 1, 299, 1, 1000)]

    assert counts == [1, 0, 1, 0, 1, 0]
    assert [one.headers.get("x-slack-retry-num") for one in receiver.got] == [
        None,
        "1",
        "2",
        "3",
    ]
    assert receiver.got[1].headers["x-slack-retry-reason"] == "http_error"
    assert len({one["event_id"] for one in receiver.events}) == 1


async def test_late_events_say_so_and_accepted_ones_rest(
    call: Caller, receiver: Receiver
) -> None:
    call.workspace.teller.deadline_s, receiver.delay_s = 0.01, 0.05
    await call.workspace.types("anna", "#ops", "hello")
    call.workspace.teller.deadline_s, receiver.delay_s = 1.0, 0.0
    await call.workspace.advance(0)
    await call.workspace.advance(1000)

    assert [one.headers.get("x-slack-retry-reason") for one in receiver.got] == [
        None,
        "http_timeout",
    ]


async def test_an_app_can_ask_for_no_retry(call: Caller, receiver: Receiver) -> None:
    receiver.answers.append(httpx.Response(500, headers={"X-Slack-No-Retry": "1"}))

    await call.workspace.types("anna", "#ops", "hello")

    assert call.workspace.teller.waiting == 0


async def test_the_same_thing_can_be_told_twice(call: Caller, receiver: Receiver) -> None:
    await call.workspace.types("anna", "#ops", "/hightonic")

    await call.workspace.repeat(call.workspace.teller.told[0])

    assert receiver.forms[0] == receiver.forms[1]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("/nothing", "/nothing is not a valid command."),
        ("/hightonic thread", "/hightonic is not supported in threads. Sorry!"),
    ],
)
async def test_what_slack_itself_refuses_never_reaches_the_app(
    call: Caller, receiver: Receiver, text: str, sentence: str
) -> None:
    thread_ts = "1.1" if "thread" in text else ""

    assert await call.workspace.types("anna", "#ops", text, thread_ts=thread_ts) is None
    assert call.workspace.notices("anna") == [sentence]
    assert receiver.got == []


@pytest.mark.parametrize(
    ("body", "seen_by_bruno", "seen_by_anna"),
    [
        (
            {"json": {"text": "for all", "response_type": "in_channel"}},
            ["for all"],
            ["for all"],
        ),
        ({"json": {"blocks": [section("one")]}}, [], ["one"]),
        ({"text": "plain"}, [], ["plain"]),
        ({"json": {}}, [], []),
    ],
)
async def test_acknowledgements_of_commands_are_shown(
    call: Caller,
    receiver: Receiver,
    body: dict[str, Any],
    seen_by_bruno: list[str],
    seen_by_anna: list[str],
) -> None:
    receiver.answers.append(httpx.Response(200, **body))

    await call.workspace.types("anna", "#ops", "/hightonic")

    assert call.workspace.reads("bruno", "#ops") == seen_by_bruno
    assert call.workspace.reads("anna", "#ops") == seen_by_anna


async def test_a_badly_worded_acknowledgement_is_said_so(
    call: Caller, receiver: Receiver
) -> None:
    receiver.answers.append(httpx.Response(200, json={"text": "x", "blocks": [{"type": "x"}]}))

    await call.workspace.types("anna", "#ops", "/hightonic")

    assert call.workspace.notices("anna") == ["The app answered badly: invalid_blocks"]


async def test_clicks_carry_what_was_clicked(call: Caller, receiver: Receiver) -> None:
    overflow = {
        "type": "section",
        "text": plain("more"),
        "accessory": {
            "type": "overflow",
            "action_id": "o",
            "options": [{"text": plain("Mute"), "value": "m"}],
        },
    }
    await call("chat.postMessage", channel=OPS, text="x", blocks=[buttons("go"), overflow])

    await call.workspace.clicks("anna", "go")
    await call.workspace.clicks("anna", "o", option="Mute")

    click, chosen = receiver.interactions
    assert (click["type"], click["actions"][0]["action_id"]) == ("block_actions", "go")
    assert click["container"]["type"] == "message"
    assert click["channel"] == {"id": OPS, "name": "ops"}
    assert click["message"]["text"] == "x"
    assert chosen["actions"][0]["selected_option"]["value"] == "m"


async def test_a_failed_click_is_said_so(call: Caller, receiver: Receiver) -> None:
    receiver.answers.append(httpx.Response(500))
    await call("chat.postMessage", channel=OPS, text="x", blocks=[buttons("go")])

    await call.workspace.clicks("anna", "go")

    assert call.workspace.notices("anna") == ["This app responded with an error."]


async def test_clicks_go_nowhere_without_interactivity() -> None:
    call = make(is_interactive=False)
    await call("chat.postMessage", channel=OPS, text="x", blocks=[buttons("go")])

    reply = await call.workspace.clicks("anna", "go")

    assert reply is not None
    assert reply.ending is Ending.UNREACHABLE


async def test_shortcuts_carry_the_message(call: Caller, receiver: Receiver) -> None:
    await call("chat.postMessage", channel=OPS, text="x")
    message = call.workspace.messages("anna", "#ops")[0]

    await call.workspace.uses_shortcut("anna", "g")
    receiver.answers.append(httpx.Response(500))
    await call.workspace.uses_shortcut("anna", "m", message=message)

    assert [one["type"] for one in receiver.interactions] == ["shortcut", "message_action"]
    assert receiver.interactions[1]["message"]["text"] == "x"
    assert call.workspace.notices("anna") == ["This shortcut did not work."]
    with pytest.raises(UseError, match="no global shortcut"):
        await call.workspace.uses_shortcut("anna", "m")


RESPONSES: list[tuple[dict[str, Any], str]] = [
    ({"response_action": "errors", "errors": {"x": "no"}}, "no input block is called x"),
    ({"response_action": "errors"}, "errors must be an object"),
    (
        {"response_action": "update", "view": {"type": "modal"}},
        "missing required field: blocks",
    ),
    ({"response_action": "dance"}, "unknown response_action dance"),
]


@pytest.mark.parametrize(("body", "words"), RESPONSES)
async def test_wrong_answers_to_a_submission_leave_the_modal_open(
    call: Caller, receiver: Receiver, body: dict[str, Any], words: str
) -> None:
    trigger = call.workspace.state.new_trigger(ANNA)
    await call("views.open", trigger_id=trigger, view=modal(submit=plain("Save")))
    receiver.answers.append(httpx.Response(200, json=body))

    await call.workspace.submits("anna")

    assert words in call.workspace.notices("anna")[0]
    assert call.workspace.modal("anna")


async def test_a_failed_submission_leaves_the_modal_open(
    call: Caller, receiver: Receiver
) -> None:
    trigger = call.workspace.state.new_trigger(ANNA)
    await call("views.open", trigger_id=trigger, view=modal(submit=plain("Save")))
    receiver.answers.append(httpx.Response(500))

    await call.workspace.submits("anna")

    assert call.workspace.notices("anna") == ["We had some trouble connecting. Try again?"]
    assert call.workspace.modal("anna")


async def test_submissions_carry_response_urls_of_chosen_conversations(
    call: Caller, receiver: Receiver
) -> None:
    field = {
        "type": "input",
        "block_id": "c",
        "label": plain("Where"),
        "element": {
            "type": "conversations_select",
            "action_id": "a",
            "response_url_enabled": True,
        },
    }
    trigger = call.workspace.state.new_trigger(ANNA)
    await call("views.open", trigger_id=trigger, view=modal(field, submit=plain("Save")))

    await call.workspace.submits("anna", {"Where": "#ops"})

    [given] = receiver.interactions[0]["response_urls"]
    assert (given["channel_id"], given["block_id"]) == (OPS, "c")
    assert (await call.posts_to(given["response_url"], {"text": "done"})).status_code == 200


async def test_housekeeping_reaches_the_app(call: Caller, receiver: Receiver) -> None:
    channels = call.workspace.channels
    channels.make("news", members=("anna",), is_private=True)
    await channels.add_member("news", "bot")
    await channels.add_member("#ops", "ezra")
    await channels.rename("#ops", "operations")
    await channels.archive("news")
    await call.workspace.opens_home("anna", tab="messages")
    await channels.uninstall()

    assert [one["event"]["type"] for one in receiver.events] == [
        "member_joined_channel",
        "member_joined_channel",
        "channel_rename",
        "channel_archive",
        "app_home_opened",
        "tokens_revoked",
        "app_uninstalled",
    ]
    assert receiver.events[2]["event"]["channel"]["name"] == "operations"
    with pytest.raises(UseError):
        channels.remove_bot("nowhere")


async def test_unheard_events_are_not_told(receiver: Receiver) -> None:
    call = make(is_socket_mode=False, events=())
    call.workspace.reach_by_http("http://a.invalid", transport=httpx.MockTransport(receiver))

    await call.workspace.types("anna", "#ops", "@hightonic https://timetonic.com/x")

    assert receiver.got == []


async def test_direct_messages_are_no_mentions(call: Caller, receiver: Receiver) -> None:
    await call.workspace.types("anna", "bot", "@hightonic hello")

    assert [one["event"]["channel_type"] for one in receiver.events] == ["im"]


async def test_only_members_write() -> None:
    workspace = make().workspace
    workspace.channels.make("news")

    with pytest.raises(UseError, match="not in #news"):
        await workspace.types("olivia", "news", "x")


OPTIONS = SlackOptions(app=SlackApp(is_socket_mode=True), deadline_s=0.3)


@pytest_asyncio.fixture
async def sandbox() -> AsyncIterator[SlackSandbox]:
    async with SlackSandbox.running(OPTIONS) as running:
        yield running


async def open_url(sandbox: SlackSandbox) -> str:
    headers = {"Authorization": f"Bearer {APP_TOKEN}"}
    async with httpx.AsyncClient() as client:
        url = f"{sandbox.workspace.credentials.base_url}apps.connections.open"
        return str((await client.post(url, headers=headers)).json()["url"])


async def test_a_socket_says_hello_and_takes_envelopes(sandbox: SlackSandbox) -> None:
    workspace = sandbox.workspace
    url = await open_url(sandbox)
    async with aiohttp.ClientSession() as session, session.ws_connect(url) as socket:
        hello = await socket.receive_json()
        typed = asyncio.create_task(workspace.types("anna", "#ops", "/hightonic hi"))
        envelope = await socket.receive_json()
        await socket.send_str("no json")
        await socket.send_json({"envelope_id": "unknown"})
        await socket.send_json(
            {"envelope_id": envelope["envelope_id"], "payload": {"text": "there"}}
        )
        reply = await typed

    assert (hello["type"], hello["num_connections"]) == ("hello", 1)
    assert (envelope["type"], envelope["payload"]["text"]) == ("slash_commands", "hi")
    assert envelope["accepts_response_payload"]
    assert isinstance(reply, Reply)
    assert reply.is_accepted
    assert workspace.sockets.spoken == [envelope["envelope_id"]]
    assert workspace.reads("anna", "#ops") == ["there"]


async def test_a_ticket_is_good_once(sandbox: SlackSandbox) -> None:
    url = await open_url(sandbox)
    async with aiohttp.ClientSession() as session, session.ws_connect(url) as socket:
        await socket.receive_json()
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(url)


async def test_silence_and_a_lost_socket_are_told_apart(sandbox: SlackSandbox) -> None:
    workspace = sandbox.workspace
    nobody = await workspace.types("anna", "#ops", "/hightonic")
    url = await open_url(sandbox)
    async with aiohttp.ClientSession() as session, session.ws_connect(url) as socket:
        await socket.receive_json()
        late = await workspace.types("anna", "#ops", "/hightonic")
        lost = asyncio.create_task(workspace.types("anna", "#ops", "/hightonic"))
        await socket.receive_json()
        await socket.receive_json()
        await workspace.sockets.drop()
        gone = await lost

    assert [one.ending for one in (nobody, late, gone) if isinstance(one, Reply)] == [
        Ending.UNREACHABLE,
        Ending.LATE,
        Ending.UNREACHABLE,
    ]


async def test_envelopes_are_shared_between_sockets_and_leaving_ones_get_none(
    sandbox: SlackSandbox,
) -> None:
    sockets = sandbox.workspace.sockets
    urls = [await open_url(sandbox) for _ in range(2)]
    async with aiohttp.ClientSession() as session:
        first, second = [await session.ws_connect(url) for url in urls]
        hellos = [await one.receive_json() for one in (first, second)]
        event = Outgoing(Kind.EVENT, {"event": {}}, retry=1, reason="timeout")
        told = [await sockets.tell(event, within_s=0.05) for _ in range(2)]
        seen = [await one.receive_json() for one in (first, second)]
        await sockets.refresh("warning")
        assert sockets.is_connected
        await sockets.refresh()
        warned = [(await first.receive_json())["reason"] for _ in range(2)]
        after = await sockets.tell(event, within_s=0.05)
        await first.close()
        await second.close()

    assert [one["num_connections"] for one in hellos] == [1, 2]
    assert [one.ending for one in told] == [Ending.LATE] * 2
    assert [(one["retry_attempt"], one["retry_reason"]) for one in seen] == [(1, "timeout")] * 2
    assert warned == ["warning", "refresh_requested"]
    assert after.ending is Ending.UNREACHABLE


async def test_an_eleventh_socket_is_turned_away(sandbox: SlackSandbox) -> None:
    tickets = [sandbox.workspace.sockets.open_ticket() for _ in range(11)]
    async with aiohttp.ClientSession() as session:
        opened = [await session.ws_connect(one) for one in tickets]
        said = [await one.receive_json() for one in opened]
        for one in opened:
            await one.close()

    assert [one["type"] for one in said] == ["hello"] * 10 + ["disconnect"]
    assert said[-1]["reason"] == "too_many_websockets"


async def test_waiting_for_a_socket_ends(sandbox: SlackSandbox) -> None:
    with pytest.raises(TimeoutError):
        await sandbox.workspace.sockets.wait_connected(timeout_s=0.01)


async def test_unanswered_events_come_again_over_the_socket(sandbox: SlackSandbox) -> None:
    workspace = sandbox.workspace
    await workspace.types("anna", "#ops", "hello")
    await workspace.advance(0)

    assert [one.outgoing.retry for one in workspace.teller.told][:2] == [0, 1]
    assert workspace.teller.told[1].outgoing.reason == "connection_failed"

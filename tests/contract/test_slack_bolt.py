"""The emulated Slack against the real libraries: slack-bolt in both modes, slack-sdk's client."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
import pytest_asyncio
from slack_bolt.adapter.asgi.async_handler import AsyncSlackRequestHandler
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from toolkit.sandbox.slack import SlackApp, SlackOptions, SlackSandbox, SlackWorkspace
from toolkit.sandbox.slack.outgoing import Ending, Reply

SHORTCUTS = {"task_new": "global", "note_from_message": "message"}


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def text_field(block_id: str, label: str, **more: Any) -> dict[str, Any]:
    element = {"type": "plain_text_input", "action_id": "v", **more}
    return {"type": "input", "block_id": block_id, "label": plain(label), "element": element}


def form(title: str = "Edit contact") -> dict[str, Any]:
    tags = {
        "type": "multi_external_select",
        "action_id": "tags",
        "min_query_length": 1,
        "placeholder": plain("Tags"),
    }
    owner = {"type": "users_select", "action_id": "owner", "placeholder": plain("Owner")}
    return {
        "type": "modal",
        "callback_id": "edit",
        "private_metadata": "c1",
        "notify_on_close": True,
        "title": plain(title),
        "submit": plain("Save"),
        "close": plain("Cancel"),
        "blocks": [
            text_field("email", "E-mail"),
            {**text_field("phone", "Phone"), "optional": True},
            {
                "type": "input",
                "block_id": "t",
                "label": plain("Tags"),
                "optional": True,
                "element": tags,
            },
            {
                "type": "input",
                "block_id": "o",
                "label": plain("Owner"),
                "optional": True,
                "element": owner,
            },
        ],
    }


def card(name: str) -> list[dict[str, Any]]:
    return [
        {"type": "section", "text": {"type": "mrkdwn", "text": f"*{name}*"}},
        {
            "type": "actions",
            "elements": [
                {"type": "button", "action_id": "edit", "text": plain("Edit"), "value": "c1"},
                {"type": "button", "action_id": "done", "text": plain("Done"), "value": "c1"},
                {
                    "type": "overflow",
                    "action_id": "more",
                    "options": [{"text": plain("Mute"), "value": "mute"}],
                },
            ],
        },
    ]


class Bot:
    """A small bot; what it hears is kept in `heard`."""

    def __init__(self, base_url: str, token: str, secret: str) -> None:
        self.heard: list[tuple[str, Any]] = []
        client = AsyncWebClient(token=token, base_url=base_url)
        self.app = AsyncApp(client=client, signing_secret=secret, process_before_response=True)
        self._listen()

    def _listen(self) -> None:
        app = self.app
        app.command("/hightonic")(self.command)
        app.action("edit")(self.edit)
        app.action("done")(self.done)
        app.action("more")(self.more)
        app.view("edit")(self.save)
        app.view_closed("edit")(self.closed)
        app.options("tags")(self.tags)
        app.shortcut("task_new")(self.task_new)
        app.shortcut("note_from_message")(self.note)
        for name in ("app_home_opened", "link_shared", "message", "app_mention"):
            app.event(name)(self.event)

    async def command(
        self, ack: Any, command: dict[str, Any], client: Any, respond: Any
    ) -> None:
        self.heard.append(("command", command["text"]))
        match command["text"]:
            case "quick":
                await ack("at once")
                return
            case "silent":
                await asyncio.sleep(0.3)
        await ack()
        await client.chat_postMessage(
            channel=command["channel_id"], text="found", blocks=card(command["text"])
        )
        await respond(text="for you alone", response_type="ephemeral")

    async def edit(self, ack: Any, body: dict[str, Any], client: Any) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=form())

    async def done(self, ack: Any, body: dict[str, Any], respond: Any) -> None:
        await ack()
        self.heard.append(("done", body["actions"][0]["value"]))
        await respond(text="handled", replace_original=True)

    async def more(self, ack: Any, body: dict[str, Any]) -> None:
        await ack()
        self.heard.append(("more", body["actions"][0]["selected_option"]["value"]))

    async def save(self, ack: Any, view: dict[str, Any]) -> None:
        values = view["state"]["values"]
        email = values["email"]["v"]["value"]
        self.heard.append(("save", values))
        if "@" not in email:
            await ack(response_action="errors", errors={"email": "That is no address"})
        elif email == "two@x.test":
            await ack(response_action="push", view=form("Second step"))
        elif email == "new@x.test":
            await ack(response_action="update", view=form("Changed"))
        elif email == "all@x.test":
            await ack(response_action="clear")
        else:
            await ack()

    async def closed(self, ack: Any, body: dict[str, Any]) -> None:
        await ack()
        self.heard.append(("closed", body["is_cleared"]))

    async def tags(self, ack: Any, payload: dict[str, Any]) -> None:
        names = [one for one in ("gold", "green", "vip") if one.startswith(payload["value"])]
        await ack(options=[{"text": plain(one), "value": one} for one in names])

    async def task_new(self, ack: Any, shortcut: dict[str, Any], client: Any) -> None:
        await ack()
        await client.views_open(trigger_id=shortcut["trigger_id"], view=form("New task"))

    async def note(self, ack: Any, shortcut: dict[str, Any]) -> None:
        await ack()
        self.heard.append(("note", shortcut["message"]["text"]))

    async def event(self, event: dict[str, Any], client: Any) -> None:
        self.heard.append((event["type"], event))
        if event["type"] == "app_home_opened":
            home = {"type": "home", "blocks": card("All in sync")}
            await client.views_publish(user_id=event["user"], view=home)
        if event["type"] == "link_shared":
            url = event["links"][0]["url"]
            blocks = [{"type": "section", "text": plain("Anna Petit")}]
            await client.chat_unfurl(
                channel=event["channel"],
                ts=event["message_ts"],
                unfurls={url: {"blocks": blocks}},
            )


def options(**more: Any) -> SlackOptions:
    app = SlackApp(shortcuts=SHORTCUTS, is_socket_mode=more.pop("is_socket_mode", True))
    return SlackOptions(app=app, channel_burst=5, **more)


@asynccontextmanager
async def connected(mode: str, **more: Any) -> AsyncIterator[tuple[SlackWorkspace, Bot]]:
    chosen = options(is_socket_mode=mode == "socket", **more)
    async with SlackSandbox.running(chosen) as sandbox:
        held = sandbox.workspace.credentials
        bot = Bot(held.base_url, held.bot_token, held.signing_secret)
        if mode == "http":
            asgi = AsyncSlackRequestHandler(bot.app)
            transport = httpx.ASGITransport(app=asgi)
            sandbox.workspace.reach_by_http(
                "http://bot.invalid/slack/events", transport=transport
            )
            yield sandbox.workspace, bot
            return
        handler = AsyncSocketModeHandler(bot.app, held.app_token)
        await handler.connect_async()
        await sandbox.workspace.sockets.wait_connected()
        try:
            yield sandbox.workspace, bot
        finally:
            await handler.close_async()


@pytest_asyncio.fixture(params=["http", "socket"])
async def both(request: pytest.FixtureRequest) -> AsyncIterator[tuple[SlackWorkspace, Bot]]:
    async with connected(request.param) as pair:
        yield pair


async def test_a_command_is_acknowledged_posted_and_answered(
    both: tuple[SlackWorkspace, Bot],
) -> None:
    workspace, bot = both

    reply = await workspace.types("anna", "#ops", "/hightonic find @bruno a@x.test <b>")
    await workspace.until(lambda: len(workspace.messages("anna", "#ops")) == 2)

    assert isinstance(reply, Reply)
    assert reply.is_accepted
    assert bot.heard == [
        ("command", "find <@U0000000004|bruno> <mailto:a@x.test|a@x.test> &lt;b&gt;")
    ]
    assert workspace.reads("anna", "#ops") == [
        "find @Bruno Membre a@x.test <b>\n[Edit] [Done] [⋯ Mute]",
        "for you alone",
    ]
    assert len(workspace.reads("bruno", "#ops")) == 1


async def test_an_acknowledgement_can_carry_the_answer(
    both: tuple[SlackWorkspace, Bot],
) -> None:
    workspace, _ = both

    await workspace.types("anna", "#ops", "/hightonic quick")

    assert workspace.reads("anna", "#ops") == ["at once"]
    assert workspace.reads("bruno", "#ops") == []


async def test_a_click_opens_a_modal_that_is_filled_and_handed_in(
    both: tuple[SlackWorkspace, Bot],
) -> None:
    workspace, bot = both
    await workspace.types("anna", "#ops", "/hightonic find")
    await workspace.clicks("anna", "Edit")

    assert await workspace.submits("anna") is None
    assert "! Please complete this required field." in workspace.reads_modal("anna")
    await workspace.submits("anna", {"E-mail": "nonsense"})
    assert "! That is no address" in workspace.reads_modal("anna")
    assert await workspace.suggests("anna", "Tags", "g") == ["gold", "green"]
    reply = await workspace.submits(
        "anna", {"E-mail": "a@x.test", "Tags": ["gold", "vip"], "Owner": "bruno"}
    )

    assert reply is not None
    assert reply.is_accepted
    assert workspace.state.top_view("U0000000003") is None
    values = bot.heard[-1][1]
    assert values["email"]["v"] == {"type": "plain_text_input", "value": "a@x.test"}
    assert [one["value"] for one in values["t"]["tags"]["selected_options"]] == ["gold", "vip"]
    assert values["o"]["owner"]["selected_user"] == "U0000000004"
    assert values["phone"]["v"]["value"] is None


async def test_a_submission_can_push_update_and_clear(both: tuple[SlackWorkspace, Bot]) -> None:
    workspace, bot = both
    await workspace.types("anna", "#ops", "/hightonic find")
    await workspace.clicks("anna", "Edit")

    await workspace.submits("anna", {"E-mail": "new@x.test"})
    assert workspace.reads_modal("anna").startswith("# Changed\nE-mail: new@x.test")
    await workspace.submits("anna", {"E-mail": "two@x.test"})
    assert workspace.reads_modal("anna").startswith("# Second step\nE-mail: \n")
    await workspace.closes("anna")
    assert bot.heard[-1] == ("closed", False)
    await workspace.submits("anna", {"E-mail": "all@x.test"})

    assert workspace.state.stacks["U0000000003"] == []


async def test_a_click_answers_by_replacing_the_message(
    both: tuple[SlackWorkspace, Bot],
) -> None:
    workspace, bot = both
    await workspace.types("anna", "#ops", "/hightonic find")

    await workspace.clicks("anna", "more", option="Mute")
    await workspace.clicks("anna", "Done")
    await workspace.until(lambda: workspace.reads("bruno", "#ops") == ["handled"])

    assert bot.heard[-2:] == [("more", "mute"), ("done", "c1")]


async def test_shortcuts_home_links_and_messages_reach_the_app(
    both: tuple[SlackWorkspace, Bot],
) -> None:
    workspace, bot = both

    await workspace.opens_home("anna")
    assert workspace.reads_home("anna").startswith("All in sync\n[Edit]")
    await workspace.clicks("anna", "Edit")
    await workspace.closes("anna", everything=True)
    await workspace.uses_shortcut("anna", "task_new")
    assert workspace.reads_modal("anna").startswith("# New task")
    await workspace.closes("anna")
    written = await workspace.types("anna", "#ops", "see https://app.gohighlevel.com/x?a=1&b=2")
    assert not isinstance(written, Reply)
    assert written is not None
    await workspace.uses_shortcut("anna", "note_from_message", message=written)
    await workspace.types("anna", "#ops", "@hightonic hello")

    heard = [name for name, _ in bot.heard]
    assert heard == [
        "app_home_opened",
        "closed",
        "closed",
        "message",
        "link_shared",
        "note",
        "message",
        "app_mention",
    ]
    assert workspace.reads("bruno", "#ops") == [
        "see https://app.gohighlevel.com/x?a=1&b=2\nAnna Petit",
        "@hightonic hello",
    ]


async def test_a_late_app_is_said_to_time_out() -> None:
    async with connected("http", deadline_s=0.1) as (workspace, _):
        reply = await workspace.types("anna", "#ops", "/hightonic silent")

        assert isinstance(reply, Reply)
        assert reply.ending is Ending.LATE
        assert workspace.notices("anna") == [
            '/hightonic failed with the error "operation_timeout"'
        ]


async def test_a_refreshed_socket_is_replaced_by_the_client() -> None:
    async with connected("socket") as (workspace, bot):
        await workspace.sockets.refresh()
        await workspace.sockets.wait_connected()

        await workspace.types("anna", "#ops", "/hightonic quick")

        assert bot.heard == [("command", "quick")]
        assert (workspace.sockets.opened, workspace.sockets.connections) == (2, 1)


async def test_the_official_client_meets_slacks_errors() -> None:
    async with SlackSandbox.running(options()) as sandbox:
        held = sandbox.workspace.credentials
        client = AsyncWebClient(token=held.bot_token, base_url=held.base_url)

        who = await client.auth_test()
        assert (who["team_id"], who["bot_id"]) == ("T0000000001", "B0000000001")
        assert "chat:write" in who.headers["x-oauth-scopes"]
        long = {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}}
        with pytest.raises(SlackApiError) as wrong:
            await client.chat_postMessage(channel="#ops", text="x", blocks=[long])
        assert wrong.value.response["error"] == "invalid_blocks"
        assert wrong.value.response["response_metadata"]["messages"] == [
            "[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]"
        ]
        channels = [
            one["name"]
            async for page in await client.conversations_list(limit=1)
            for one in page["channels"]
        ]
        assert channels == ["general", "ops", "shared"]
        await client.files_upload_v2(
            content="a,b", filename="plan.csv", title="Plan", channel="C0000000002"
        )
        assert sandbox.workspace.reads("anna", "#ops") == ["📎 Plan"]
        for _ in range(5):
            await client.chat_postMessage(channel="#ops", text="burst")
        with pytest.raises(SlackApiError) as limited:
            await client.chat_postMessage(channel="#ops", text="one too many")
        assert limited.value.response.status_code == 429
        assert limited.value.response.headers["Retry-After"] == "1"

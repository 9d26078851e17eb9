"""The page over TCP: what it shows, what it takes, and what it refuses; a sandbox on a thread."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from tests.unit.sandbox.slack_caller import ANNA, OPS, buttons, modal, plain, section
from toolkit.errors import UseError
from toolkit.sandbox.faults import Fault, FaultKind
from toolkit.sandbox.serving import open_socket
from toolkit.sandbox.slack import SlackApp, SlackOptions, SlackSandbox
from toolkit.sandbox.slack.outgoing import Ending, Outgoing, Reply
from toolkit.sandbox.slack.seeding import BOT_TOKEN, CLIENT

OPTIONS = SlackOptions(
    app=SlackApp(shortcuts={"new": "global", "note": "message"}), rate_limit=False
)


class Line:
    """Takes everything; offers gold."""

    def __init__(self) -> None:
        self.got: list[Outgoing] = []

    async def tell(self, outgoing: Outgoing, *, within_s: float) -> Reply:
        self.got.append(outgoing)
        is_search = outgoing.payload.get("type") == "block_suggestion"
        body = {"options": [{"text": plain("Gold"), "value": "gold"}]} if is_search else {}
        return Reply(Ending.ACCEPTED, body)


@pytest_asyncio.fixture
async def sandbox() -> AsyncIterator[SlackSandbox]:
    async with SlackSandbox.running(OPTIONS) as running:
        running.workspace.teller.line = Line()
        yield running


@pytest_asyncio.fixture
async def browser(sandbox: SlackSandbox) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=sandbox.page_url) as client:
        yield client


async def post(sandbox: SlackSandbox, method: str, **arguments: Any) -> Any:
    headers = {"Authorization": f"Bearer {BOT_TOKEN}"}
    async with httpx.AsyncClient(base_url=sandbox.workspace.credentials.base_url) as client:
        answer = await client.post(method, headers=headers, json=arguments)
    assert answer.json()["ok"], answer.json()
    return answer.json()


async def state(browser: httpx.AsyncClient, **query: Any) -> Any:
    return (await browser.get("/page/state", params={"user": "anna", **query})).json()


async def act(browser: httpx.AsyncClient, act_name: str, **more: Any) -> httpx.Response:
    return await browser.post("/page/act", json={"user": "anna", "act": act_name, **more})


def told(sandbox: SlackSandbox) -> list[str]:
    line = sandbox.workspace.teller.line
    assert isinstance(line, Line)
    return [str(one.payload.get("type", one.payload.get("command"))) for one in line.got]


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/", "text/html"), ("/page/page.css", "text/css"), ("/page/page.js", "text/javascript")],
)
async def test_the_page_brings_everything_itself(
    browser: httpx.AsyncClient, path: str, kind: str
) -> None:
    answer = await browser.get(path)

    assert answer.headers["content-type"] == f"{kind}; charset=utf-8"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "://" not in answer.text.replace("http://www.w3.org", "")


async def test_other_files_are_not_served(browser: httpx.AsyncClient) -> None:
    assert (await browser.get("/page/../page.py")).status_code == 404
    assert (await browser.get("/page/secret.txt")).status_code == 404


@pytest.mark.parametrize(
    "headers", [{"host": "evil.test"}, {"origin": "http://evil.test"}, {"origin": "null"}]
)
async def test_other_sites_are_refused(
    browser: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    answer = await browser.post("/page/act", json={}, headers=headers)

    assert answer.status_code == 403


async def test_the_own_origin_is_taken(
    browser: httpx.AsyncClient, sandbox: SlackSandbox
) -> None:
    origin = sandbox.page_url.rstrip("/")

    answer = await browser.post(
        "/page/act", json={"user": "anna", "act": "home"}, headers={"origin": origin}
    )

    assert answer.status_code == 200


async def test_a_person_sees_their_channels_messages_and_home(
    browser: httpx.AsyncClient, sandbox: SlackSandbox
) -> None:
    root = await post(sandbox, "chat.postMessage", channel=OPS, text="root")
    await post(sandbox, "chat.postMessage", channel=OPS, text="leaf", thread_ts=root["ts"])
    await post(
        sandbox,
        "views.publish",
        user_id=ANNA,
        view={"type": "home", "blocks": [section("welcome")]},
    )

    shown = await state(browser, channel=OPS)
    guest = await state(browser, user="gina", channel="#general")

    assert [one["name"] for one in shown["channels"]] == [
        "#general",
        "#ops",
        "#sales-private",
        "#shared",
        "hightonic",
    ]
    assert ["root" in one["html"] or "leaf" in one["html"] for one in shown["messages"]] == [
        True
    ] * 2
    assert "answer" in shown["messages"][1]["html"]
    assert "welcome" in shown["home"]
    assert shown["modal"] is None
    assert shown["shortcuts"][0] == {"id": "new", "kind": "global", "name": "new"}
    assert guest["channel"] == OPS
    assert [one["standing"] for one in shown["people"]].count("guest") == 1


async def test_a_look_waits_for_what_is_newer(
    browser: httpx.AsyncClient, sandbox: SlackSandbox
) -> None:
    import asyncio

    first = await state(browser, channel=OPS)
    waiting = asyncio.create_task(state(browser, channel=OPS, since=first["version"]))
    await asyncio.sleep(0.05)
    assert not waiting.done()
    await post(sandbox, "chat.postMessage", channel=OPS, text="news")

    assert "news" in (await waiting)["messages"][0]["html"]


async def test_typing_clicking_and_shortcuts(
    browser: httpx.AsyncClient, sandbox: SlackSandbox
) -> None:
    posted = await post(
        sandbox,
        "chat.postMessage",
        channel=OPS,
        text="x",
        blocks=[{**buttons("go"), "block_id": "b"}],
    )
    place = f"message:{OPS}:{posted['ts']}"

    answers = [
        await act(browser, "type", channel=OPS, text="/hightonic help"),
        await act(browser, "type", channel=OPS, text="   "),
        await act(browser, "type", channel=OPS, text="answer", thread_ts=posted["ts"]),
        await act(browser, "click", place=place, block="b", action="go"),
        await act(browser, "shortcut", callback_id="new"),
        await act(browser, "shortcut", callback_id="note", place=place),
        await act(browser, "home"),
        await act(browser, "type", channel=OPS, text="/nothing"),
    ]

    assert [one.status_code for one in answers] == [200] * 8
    assert [one.json().get("ending") for one in answers[:4]] == [
        "accepted",
        None,
        None,
        "accepted",
    ]
    assert told(sandbox) == [
        "/hightonic",
        "event_callback",
        "block_actions",
        "shortcut",
        "message_action",
        "event_callback",
    ]
    assert (await state(browser))["notices"] == ["/nothing is not a valid command."]
    await act(browser, "dismiss")
    assert (await state(browser))["notices"] == []


async def test_filling_and_handing_in_a_form(
    browser: httpx.AsyncClient, sandbox: SlackSandbox
) -> None:
    fields = [
        {
            "type": "input",
            "block_id": kind,
            "label": plain(kind),
            "element": {"type": kind, "action_id": "a", **more},
        }
        for kind, more in (
            ("plain_text_input", {}),
            ("external_select", {"min_query_length": 1}),
        )
    ]
    trigger = sandbox.workspace.state.new_trigger(ANNA)
    view = modal(*fields, submit=plain("Save"))
    opened = (await post(sandbox, "views.open", trigger_id=trigger, view=view))["view"]
    where = {"place": f"view:{opened['id']}", "action": "a"}
    first = (await state(browser))["modal"]

    await act(browser, "submit")
    second = (await state(browser))["modal"]
    offered = await act(browser, "suggest", block="external_select", typed="g", **where)
    await act(browser, "choose", block="external_select", value="gold", **where)
    await act(browser, "choose", block="plain_text_input", value="words", **where)
    await act(browser, "submit")

    assert "Please complete this required field." in second["html"]
    assert first["key"] != second["key"]
    assert offered.json() == {"options": [{"text": "Gold", "value": "gold"}]}
    assert told(sandbox) == ["block_suggestion", "view_submission"]
    assert (await state(browser))["modal"] is None


async def test_closing_a_form(browser: httpx.AsyncClient, sandbox: SlackSandbox) -> None:
    trigger = sandbox.workspace.state.new_trigger(ANNA)
    await post(sandbox, "views.open", trigger_id=trigger, view=modal())

    await act(browser, "close", option="all")

    assert (await state(browser))["modal"] is None


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ({"act": "dance"}, "Cannot be done"),
        ({"act": "submit"}, "no modal open"),
        ({"act": "click", "place": "view:V9", "block": "b", "action": "a"}, "no longer there"),
        (
            {"act": "click", "place": "message:C9:1.1", "block": "b", "action": "a"},
            "no longer there",
        ),
        ({"act": "shortcut", "callback_id": "x"}, "no global shortcut"),
        ({"act": "type", "user": "nobody"}, "Nobody is called"),
    ],
)
async def test_what_cannot_be_done_is_said(
    browser: httpx.AsyncClient, what: dict[str, Any], words: str
) -> None:
    answer = await browser.post("/page/act", json={"user": "anna", **what})

    assert answer.status_code == 400
    assert words in answer.json()["sentence"]


async def test_clicks_on_what_changed_are_said(
    browser: httpx.AsyncClient, sandbox: SlackSandbox
) -> None:
    view = {"type": "home", "blocks": [section()]}
    home = (await post(sandbox, "views.publish", user_id=ANNA, view=view))["view"]
    place = f"view:{home['id']}"

    gone = await act(browser, "click", place=place, block="b", action="a")
    wrong = await act(browser, "shortcut", callback_id="note", place=place)

    assert "no longer there" in gone.json()["sentence"]
    assert "belongs to a message" in wrong.json()["sentence"]


async def test_errors_can_be_asked_for_over_the_page(
    browser: httpx.AsyncClient, sandbox: SlackSandbox
) -> None:
    await act(browser, "refuse", method="auth.test", error="token_revoked")

    with pytest.raises(AssertionError, match="token_revoked"):
        await post(sandbox, "auth.test")


async def test_unreadable_questions_are_refused(browser: httpx.AsyncClient) -> None:
    assert (await browser.get("/page/state", params={"since": "x"})).status_code == 400
    assert (await browser.get("/page/state", params={"user": "nobody"})).status_code == 400
    assert (await browser.post("/page/act", content=b"{")).status_code == 400


INSTALL = {"client_id": CLIENT[0], "redirect_uri": "http://127.0.0.1:1/back?a=1", "state": "s"}


async def test_installing_leads_back_with_a_code(
    browser: httpx.AsyncClient, sandbox: SlackSandbox
) -> None:
    query = {**INSTALL, "scope": "chat:write,commands"}

    answer = await browser.get("/oauth/v2/authorize", params=query)

    assert answer.status_code == 307
    [code] = sandbox.workspace.state.codes
    assert answer.headers["location"] == f"http://127.0.0.1:1/back?a=1&code={code}&state=s"


@pytest.mark.parametrize(
    "change",
    [{"client_id": "x"}, {"redirect_uri": "http://evil.test/"}, {"scope": "admin"}],
)
async def test_wrong_installations_are_refused(
    browser: httpx.AsyncClient, change: dict[str, str]
) -> None:
    answer = await browser.get("/oauth/v2/authorize", params={**INSTALL, **change})

    assert answer.status_code == 400


async def test_connections_can_be_cut(sandbox: SlackSandbox) -> None:
    sandbox.workspace.faults.set([Fault(FaultKind.CUT_AFTER, match="postMessage")])

    with pytest.raises(httpx.TransportError):
        await post(sandbox, "chat.postMessage", channel=OPS, text="done all the same")

    assert sandbox.workspace.reads("anna", "#ops") == ["done all the same"]


def test_a_sandbox_on_a_thread_starts_and_stops_twice() -> None:
    sandbox = SlackSandbox(OPTIONS)
    sandbox.stop()
    sandbox.start()
    sandbox.start()
    line = sandbox.ready_line()

    headers = {"Authorization": f"Bearer {line['bot_token']}"}
    answer = httpx.post(f"{line['base_url']}auth.test", headers=headers)
    sandbox.stop()
    sandbox.stop()

    assert answer.json()["ok"]
    assert line["page_url"] == line["base_url"].removesuffix("api/")
    with pytest.raises(httpx.ConnectError):
        httpx.get(line["page_url"])


async def test_a_taken_port_is_said() -> None:
    taken = open_socket(0)
    port = taken.getsockname()[1]
    taken.listen()

    with pytest.raises(UseError, match="taken"):
        SlackSandbox(OPTIONS, port=port).start()
    with pytest.raises(UseError, match="taken"):
        async with SlackSandbox.running(OPTIONS, port=port):
            pass
    taken.close()

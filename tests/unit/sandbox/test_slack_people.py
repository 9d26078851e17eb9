"""What people do with forms, menus and names; and the workspace they start with."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.sandbox.slack_caller import (
    ANNA,
    BRUNO,
    OPS,
    Caller,
    buttons,
    make,
    modal,
    plain,
    section,
)
from toolkit.errors import UseError
from toolkit.sandbox.slack.finding import channels_of, find_person
from toolkit.sandbox.slack.manifest import SlackApp
from toolkit.sandbox.slack.mentions import escape_typed
from toolkit.sandbox.slack.outgoing import Ending, Outgoing, Reply

GOLD, GREEN = ({"text": plain(name.title()), "value": name} for name in ("gold", "green"))


def field(kind: str, label: str = "Field", **more: Any) -> dict[str, Any]:
    outer = {name: more.pop(name) for name in ("optional", "dispatch_action") if name in more}
    element = {"type": kind, "action_id": "a", **more}
    return {
        "type": "input",
        "block_id": "b",
        "label": plain(label),
        "element": element,
        **outer,
    }


class Line:
    """Accepts everything; offers gold and green."""

    def __init__(self) -> None:
        self.got: list[dict[str, Any]] = []

    async def tell(self, outgoing: Outgoing, *, within_s: float) -> Reply:
        self.got.append(outgoing.payload)
        body = {"option_groups": [{"options": [GOLD, GREEN]}]}
        return Reply(Ending.ACCEPTED, body if outgoing.payload.get("value") else {})


async def opened(*blocks: dict[str, Any], **more: Any) -> tuple[Caller, Line]:
    call = make()
    line = Line()
    call.workspace.teller.line = line
    trigger = call.workspace.state.new_trigger(ANNA)
    answer = await call(
        "views.open", trigger_id=trigger, view=modal(*blocks, submit=plain("Save"), **more)
    )
    assert answer["ok"], answer
    return call, line


FILLED: list[tuple[dict[str, Any], object, str, object]] = [
    (field("plain_text_input"), "words", "value", "words"),
    (field("plain_text_input"), "", "value", None),
    (field("email_text_input", optional=True), None, "value", None),
    (field("url_text_input"), "https://x.test", "value", "https://x.test"),
    (field("number_input", is_decimal_allowed=True), 1.5, "value", "1.5"),
    (field("datepicker"), "2026-11-23", "selected_date", "2026-11-23"),
    (field("timepicker"), "09:30", "selected_time", "09:30"),
    (field("datetimepicker"), "2026-11-23T10:00", "selected_date_time", 1_795_424_400),
    (field("datetimepicker"), "2026-11-23T10:00+00:00", "selected_date_time", 1_795_428_000),
    (field("datetimepicker"), 1_795_428_000, "selected_date_time", 1_795_428_000),
    (field("static_select", options=[GOLD, GREEN]), "Gold", "selected_option", GOLD),
    (field("radio_buttons", options=[GOLD, GREEN]), "green", "selected_option", GREEN),
    (
        field("checkboxes", options=[GOLD, GREEN]),
        ["Gold", "Green"],
        "selected_options",
        [GOLD, GREEN],
    ),
    (field("multi_static_select", options=[GOLD, GREEN]), "Gold", "selected_options", [GOLD]),
    (field("external_select"), "Gol", "selected_option", GOLD),
    (field("multi_external_select"), ["Gold", "Green"], "selected_options", [GOLD, GREEN]),
    (field("users_select"), "@bruno", "selected_user", BRUNO),
    (field("multi_users_select"), ["anna", "bruno"], "selected_users", [ANNA, BRUNO]),
    (field("channels_select"), "#ops", "selected_channel", OPS),
    (field("multi_conversations_select"), ["#ops"], "selected_conversations", [OPS]),
    (
        field("rich_text_input"),
        "hi",
        "rich_text_value",
        {
            "type": "rich_text",
            "elements": [
                {"type": "rich_text_section", "elements": [{"type": "text", "text": "hi"}]}
            ],
        },
    ),
]


@pytest.mark.parametrize(("block", "value", "member", "held"), FILLED)
async def test_fields_hold_what_a_person_chose(
    block: dict[str, Any], value: object, member: str, held: object
) -> None:
    call, _ = await opened(block)

    view = await call.workspace.fills("anna", {"Field": value})

    assert view.values["b"]["a"] == {"type": block["element"]["type"], member: held}


@pytest.mark.parametrize(
    ("block", "value"),
    [
        (field("static_select", options=[GOLD]), "silver"),
        (field("external_select"), "silver"),
        (field("users_select"), "nobody"),
        (field("channels_select"), "#nowhere"),
        (field("timepicker"), "25:00"),
        (field("plain_text_input", label="Other"), "x"),
    ],
)
async def test_what_is_not_offered_cannot_be_chosen(block: dict[str, Any], value: str) -> None:
    call, _ = await opened(block)

    with pytest.raises(UseError):
        await call.workspace.fills("anna", {"Field": value})


COMPLAINTS: list[tuple[dict[str, Any], object, str]] = [
    (field("plain_text_input"), None, "Please complete this required field."),
    (field("plain_text_input", optional=True), None, ""),
    (field("plain_text_input", min_length=3), "ab", "Please enter at least 3 characters."),
    (
        field("plain_text_input", max_length=3),
        "abcd",
        "Please enter no more than 3 characters.",
    ),
    (field("email_text_input"), "anna", "Please enter a valid email address."),
    (field("url_text_input"), "x.test", "Please enter a valid URL."),
    (field("number_input", is_decimal_allowed=False), "1.5", "Please enter a valid number."),
    (field("number_input", is_decimal_allowed=True, min_value="2"), "1", "no less than 2"),
    (field("number_input", is_decimal_allowed=True, max_value="2"), "3", "no greater than 2"),
    (
        field("multi_static_select", options=[GOLD, GREEN], max_selected_items=1),
        ["Gold", "Green"],
        "Please choose no more than 1.",
    ),
]


@pytest.mark.parametrize(("block", "value", "sentence"), COMPLAINTS)
async def test_slacks_client_checks_before_it_hands_in(
    block: dict[str, Any], value: object, sentence: str
) -> None:
    call, line = await opened(block)

    reply = await call.workspace.submits("anna", {"Field": value})

    assert (reply is None) is bool(sentence)
    assert len(line.got) == (0 if sentence else 1)
    if sentence:
        assert sentence in call.workspace.modal("anna").errors["b"]


async def test_initial_values_are_handed_in_untouched() -> None:
    call, line = await opened(
        field("static_select", options=[GOLD], initial_option=GOLD),
        {
            "type": "section",
            "block_id": "s",
            "text": plain("x"),
            "accessory": {"type": "timepicker", "action_id": "t", "timezone": "Europe/Paris"},
        },
    )

    await call.workspace.submits("anna")

    values = line.got[0]["view"]["state"]["values"]
    assert values["b"]["a"]["selected_option"] == GOLD
    assert values["s"]["t"] == {
        "type": "timepicker",
        "selected_time": None,
        "timezone": "Europe/Paris",
    }


async def test_dispatching_fields_tell_the_app_at_once() -> None:
    call, line = await opened(field("email_text_input", dispatch_action=True))

    await call.workspace.chooses("anna", "Field", "a@x.test")

    assert line.got[0]["type"] == "block_actions"
    assert line.got[0]["actions"][0]["value"] == "a@x.test"
    assert line.got[0]["container"]["type"] == "view"


async def test_menus_in_messages_tell_the_app_and_keep_their_state() -> None:
    call, line = await opened()
    await call.workspace.closes("anna")
    menu = {"type": "static_select", "action_id": "m", "options": [GOLD, GREEN]}
    block = {"type": "section", "block_id": "s", "text": plain("Plan"), "accessory": menu}
    ts = (await call("chat.postMessage", channel=OPS, text="x", blocks=[block]))["ts"]

    await call.workspace.chooses("anna", "m", "Green")

    assert line.got[-1]["state"]["values"]["s"]["m"]["selected_option"] == GREEN
    assert call.workspace.reads("anna", "#ops") == ["Plan\n[Green ▾]"]
    await call("chat.update", channel=OPS, ts=ts, text="x", blocks=[block])
    assert call.workspace.reads("anna", "#ops") == ["Plan\n[… ▾]"]


async def test_suggestions_wait_for_enough_letters() -> None:
    call, line = await opened(field("external_select"))

    assert await call.workspace.suggests("anna", "Field", "go") == []
    assert await call.workspace.suggests("anna", "Field", "gol") == ["Gold", "Green"]
    assert line.got[0]["type"] == "block_suggestion"
    assert line.got[0]["value"] == "gol"


async def test_suggestions_below_messages_name_the_message() -> None:
    call, line = await opened()
    await call.workspace.closes("anna")
    menu = {"type": "external_select", "action_id": "m", "min_query_length": 0}
    block = {"type": "section", "text": plain("Plan"), "accessory": menu}
    await call("chat.postMessage", channel=OPS, text="x", blocks=[block])

    await call.workspace.suggests("anna", "m", "gold")

    assert line.got[-1]["container"]["type"] == "message"
    assert line.got[-1]["channel"]["id"] == OPS


async def test_bad_offers_are_said_so() -> None:
    call, _ = await opened(field("external_select"))

    class Bad:
        async def tell(self, outgoing: Outgoing, *, within_s: float) -> Reply:
            return Reply(Ending.ACCEPTED, {"options": [{"text": "gold", "value": "gold"}]})

    call.workspace.teller.line = Bad()

    assert await call.workspace.suggests("anna", "Field", "gold") == []
    assert "The app offered badly" in call.workspace.notices("anna")[0]


async def test_buttons_and_menus_are_not_mixed_up() -> None:
    call, _ = await opened(field("static_select", options=[GOLD]), buttons("go"))

    with pytest.raises(UseError, match="is no button"):
        await call.workspace.clicks("anna", "Field")
    with pytest.raises(UseError, match="takes no value"):
        await call.workspace.chooses("anna", "go", "x")
    with pytest.raises(UseError, match="does not ask the app"):
        await call.workspace.suggests("anna", "Field", "gold")
    with pytest.raises(UseError, match="Nothing is called"):
        await call.workspace.clicks("anna", "stop")


async def test_feedback_buttons_are_clicked_by_their_side() -> None:
    call, line = await opened()
    await call.workspace.closes("anna")
    sides = {f"{s}_button": {"text": plain(s), "value": s} for s in ("positive", "negative")}
    element = {"type": "feedback_buttons", "action_id": "f", **sides}
    block = {"type": "context_actions", "elements": [element]}
    await call("chat.postMessage", channel=OPS, text="x", blocks=[block])

    await call.workspace.clicks("anna", "f")
    await call.workspace.clicks("anna", "f", option="negative")

    assert [one["actions"][0]["value"] for one in line.got] == ["positive", "negative"]


async def test_closing_tells_only_apps_that_asked() -> None:
    quiet, quiet_line = await opened()
    await quiet.workspace.closes("anna")
    loud, loud_line = await opened(notify_on_close=True, clear_on_close=True)
    await loud.workspace.closes("anna")

    assert quiet_line.got == []
    assert [(one["type"], one["is_cleared"]) for one in loud_line.got] == [
        ("view_closed", True)
    ]


async def test_clicks_find_the_newest_message_that_has_the_button() -> None:
    call, line = await opened()
    await call.workspace.closes("anna")
    for text in ("old", "new"):
        await call(
            "chat.postMessage", channel=OPS, text=text, blocks=[section(text), buttons("go")]
        )
    await call(
        "views.publish", user_id=ANNA, view={"type": "home", "blocks": [buttons("home")]}
    )

    await call.workspace.clicks("anna", "go")
    await call.workspace.clicks("anna", "home")
    with pytest.raises(UseError, match="sees nothing called"):
        await call.workspace.clicks("anna", "nowhere")

    assert line.got[0]["message"]["text"] == "new"
    assert line.got[1]["view"]["type"] == "home"


def test_modals_and_homes_that_are_not_there() -> None:
    workspace = make().workspace

    assert workspace.reads_home("anna") == ""
    with pytest.raises(UseError, match="no modal open"):
        workspace.modal("anna")


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("olivia", ["general", "ops", "sales-private", "shared"]),
        ("bruno", ["general", "ops", "shared"]),
        ("gina", ["ops"]),
        ("ezra", ["shared"]),
    ],
)
def test_people_see_their_channels(name: str, seen: list[str]) -> None:
    state = make().workspace.state

    assert [one.name for one in channels_of(state, find_person(state, name))] == seen


@pytest.mark.parametrize(
    "name", ["anna", "@anna", "Anna Member", "anna@sandbox.test", "u0000000003"]
)
def test_people_have_many_names(name: str) -> None:
    assert find_person(make().workspace.state, name).id == ANNA


@pytest.mark.parametrize(
    ("typed", "in_command", "in_message"),
    [
        ("a & b <c>", "a &amp; b &lt;c&gt;", "a &amp; b &lt;c&gt;"),
        ("@anna", f"<@{ANNA}|anna>", f"<@{ANNA}>"),
        ("@nobody", "@nobody", "@nobody"),
        ("#ops", f"<#{OPS}|ops>", f"<#{OPS}|ops>"),
        ("#nowhere", "#nowhere", "#nowhere"),
        ("@here", "<!here>", "<!here>"),
        (
            "https://x.test/?a=1&b=2",
            "<https://x.test/?a=1&amp;b=2>",
            "<https://x.test/?a=1&amp;b=2>",
        ),
        ("mail a@x.test", "mail <mailto:a@x.test|a@x.test>", "mail <mailto:a@x.test|a@x.test>"),
    ],
)
def test_slack_marks_up_what_people_type(typed: str, in_command: str, in_message: str) -> None:
    state = make().workspace.state

    assert escape_typed(typed, state, with_names=True) == in_command
    assert escape_typed(typed, state, with_names=False) == in_message


async def test_commands_reach_unescaped_when_the_manifest_says_so() -> None:
    call = make(escapes_commands=False)
    line = Line()
    call.workspace.teller.line = line

    await call.workspace.types("anna", "#ops", "/hightonic find @anna & <b>")

    assert line.got[0]["text"] == "find @anna & <b>"


async def test_messages_in_threads_say_so() -> None:
    call = make()
    line = Line()
    call.workspace.teller.line = line
    root = (await call("chat.postMessage", channel=OPS, text="root"))["ts"]

    await call.workspace.types("anna", "#ops", "answer", thread_ts=root)

    assert line.got[0]["event"]["thread_ts"] == root
    await call(
        "chat.postMessage", channel=OPS, text="deeper", thread_ts=root, blocks=[buttons("go")]
    )
    message = call.workspace.messages("anna", "#ops", thread_ts=root)[-1]
    await call.workspace.clicks("anna", "go", within=message)
    assert line.got[-1]["container"]["thread_ts"] == root


MANIFEST: dict[str, Any] = {
    "display_information": {"name": "Bridge", "description": "x"},
    "features": {
        "app_home": {"home_tab_enabled": True},
        "slash_commands": [
            {
                "command": "/bridge",
                "description": "x",
                "usage_hint": "help",
                "should_escape": True,
            }
        ],
        "shortcuts": [
            {"name": "New", "type": "global", "callback_id": "new", "description": "x"}
        ],
        "unfurl_domains": ["x.test"],
    },
    "oauth_config": {"scopes": {"bot": ["commands"]}},
    "settings": {
        "event_subscriptions": {"bot_events": ["app_mention"]},
        "interactivity": {"is_enabled": True},
        "socket_mode_enabled": True,
        "token_rotation_enabled": False,
    },
}


def test_a_manifest_makes_the_app() -> None:
    assert SlackApp.from_manifest(MANIFEST) == SlackApp(
        name="Bridge",
        commands=("/bridge",),
        usage_hints={"/bridge": "help"},
        shortcuts={"new": "global"},
        shortcut_names={"new": "New"},
        scopes=("commands",),
        events=("app_mention",),
        unfurl_domains=("x.test",),
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"features": []}, "features is no object"),
        ({"features": {"slash_commands": [{"command": "/x"}]}}, "lacks description"),
        ({"display_information": {"name": "x" * 36}}, "longer than 35"),
        ({"display_information": {"description": "x" * 141}}, "longer than 140"),
    ],
)
def test_wrong_manifests_are_refused(change: dict[str, Any], words: str) -> None:
    with pytest.raises(UseError, match=words):
        SlackApp.from_manifest({**MANIFEST, **change})


async def test_waiting_looks_after_every_change_and_gives_up() -> None:
    call = make()
    state = call.workspace.state

    await call.workspace.until(lambda: True)
    with pytest.raises(TimeoutError):
        await call.workspace.until(lambda: False, timeout_s=0.02)
    assert await state.changes.wait_past(state.changes.version, timeout_s=0.01) == 0


def test_message_times_rise_even_when_the_clock_stands_still() -> None:
    state = make().workspace.state

    stamps = [state.new_ts() for _ in range(50)]

    assert stamps == sorted(set(stamps))

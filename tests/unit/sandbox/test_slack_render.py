"""What people read: markup, emoji, dates; as text and as HTML that holds no surprise."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.unit.sandbox.slack_caller import ANNA, OPS, make, plain, section
from tests.unit.sandbox.test_slack_blockkit import SOUND
from toolkit.sandbox.common import EmulatorClock
from toolkit.sandbox.slack import SlackWorkspace
from toolkit.sandbox.slack.inputs import initial_values
from toolkit.sandbox.slack.posting import fill_ids
from toolkit.sandbox.slack.render.html import blocks_html, message_html, view_html
from toolkit.sandbox.slack.render.markup import mrkdwn_html
from toolkit.sandbox.slack.render.mrkdwn import plain_mrkdwn
from toolkit.sandbox.slack.render.names import Names
from toolkit.sandbox.slack.render.plain import plain_blocks, plain_message, plain_view
from toolkit.sandbox.slack.values import Message, View

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
STAMP = int(NOON.timestamp())


@pytest.fixture
def names() -> Names:
    workspace = SlackWorkspace(clock=EmulatorClock.frozen(NOON))
    return Names(workspace.state, workspace.state.people[ANNA])


MARKUP: list[tuple[str, str, str]] = [
    ("a &amp; b &lt;c&gt;", "a & b <c>", "a &amp; b &lt;c&gt;"),
    ("*bold*", "bold", "<b>bold</b>"),
    ("_it_ ~no~", "it no", "<i>it</i> <s>no</s>"),
    ("*_both_*", "both", "<i><b>both</b></i>"),
    ("2*3*4 and snake_case_name", "2*3*4 and snake_case_name", "2*3*4 and snake_case_name"),
    ("`a *b* <c`", "a *b* <c", "<code>a *b* &lt;c</code>"),
    ("```x\n*y*```", "x\n*y*", "<pre>x\n*y*</pre>"),
    (f"<@{ANNA}>", "@Anna Member", '<span class="mention">@Anna Member</span>'),
    ("<@U9>", "@U9", '<span class="mention">@U9</span>'),
    (f"<#{OPS}>", "#ops", '<span class="mention">#ops</span>'),
    ("<#C9|gone>", "#gone", '<span class="mention">#gone</span>'),
    ("<!here>", "@here", '<span class="mention">@here</span>'),
    ("<!subteam^S1|@sales>", "@sales", '<span class="mention">@sales</span>'),
    ("<!strange|label>", "label", "label"),
    (
        "<https://x.test|here>",
        "here",
        '<a href="https://x.test" target="_blank" rel="noopener noreferrer">here</a>',
    ),
    (
        "see https://x.test/a.",
        "see https://x.test/a.",
        'see <a href="https://x.test/a" target="_blank" rel="noopener noreferrer">'
        "https://x.test/a</a>.",
    ),
    ("<javascript:alert(1)|x>", "x", "x"),
    (
        "<mailto:a@x.test|a@x.test>",
        "a@x.test",
        '<a href="mailto:a@x.test" target="_blank" rel="noopener noreferrer">a@x.test</a>',
    ),
    (":tada: :unknown_one:", "🎉 :unknown_one:", "🎉 :unknown_one:"),
    ("&gt; quoted\nnot", "quoted\nnot", '<span class="quote">quoted</span><br>not'),
    (f"<!date^{STAMP}^{{date_num}} {{time}}|x>", "2026-11-23 13:00", "2026-11-23 13:00"),
    ("a\nb", "a\nb", "a<br>b"),
]


@pytest.mark.parametrize(("markup", "text", "html"), MARKUP)
def test_markup_is_read(names: Names, markup: str, text: str, html: str) -> None:
    assert plain_mrkdwn(markup, names) == text
    assert mrkdwn_html(markup, names) == html


@pytest.mark.parametrize(
    ("days", "pattern", "text"),
    [
        (0, "{date_pretty}", "Today"),
        (-1, "{date_short_pretty}", "Yesterday"),
        (1, "{date_long_pretty}", "Tomorrow"),
        (-2, "{date_pretty}", "November 21st, 2026"),
        (-12, "{date_short}", "Nov 11, 2026"),
        (-1, "{date_long}", "Sunday, November 22nd, 2026"),
        (0, "{date_slash} {time_secs}", "11/23/2026 13:00:00"),
        (0, "{ago}", "today"),
        (-1, "{ago}", "1 day ago"),
        (3, "{ago}", "in 3 days"),
    ],
)
def test_dates_are_on_the_readers_clock(
    names: Names, days: int, pattern: str, text: str
) -> None:
    assert names.date(STAMP + days * 86_400, pattern) == text


@pytest.mark.parametrize(
    ("days", "pattern", "text"),
    [
        (0, "Depuis {date_pretty} {time}", "Depuis aujourd’hui 13:00"),  # noqa: RUF001
        (-2, "{date_short}", "21 nov. 2026"),
        (-200, "{date_short}", "7 mai 2026"),
        (-2, "{date_long}", "samedi 21 novembre 2026"),
        (0, "{date_slash}", "23/11/2026"),
        (-1, "{ago}", "il y a 1 jour"),
        (3, "{ago}", "dans 3 jours"),
    ],
)
def test_dates_are_in_the_readers_language(
    names: Names, days: int, pattern: str, text: str
) -> None:
    assert names.reader is not None
    names.reader.locale = "fr-FR"

    assert names.date(STAMP + days * 86_400, pattern) == text


def test_unknown_zones_fall_back_to_the_offset(names: Names) -> None:
    assert names.reader is not None
    names.reader.tz = "Nowhere/At_All"

    assert names.time(f"{STAMP}.000100") == "13:00"
    assert Names(names.state).time(f"{STAMP}.000100") == "12:00"


LINES: dict[str, list[str]] = {
    "section": ["hello", "[hello]"],
    "header": ["x" * 150],
    "context": ["hello hello (a)"],
    "image": ["hello", "(a)"],
    "divider": [],
    "input": ["hello: "],
    "table": ["a | b"] * 100,
    "data table": ["People", "Name | Age", "Anna | 41"],
    "bar chart": ["Synced", "a: Mon 1, Tue 2.5"],
    "pie chart": ["x", ", ".join(["a 1"] * 6)],
    "card": ["hello", "[hello]"],
    "container": ["hello", "hello", "[hello]"],
    "plan": ["Sync", "a (complete)"],
    "context actions": ["[hello] [hello]"],
    "rich text": ["@U1xtoday"],
    "radio buttons": ["hello", "[hello ▾]"],
}


@pytest.mark.parametrize(("kind", "lines"), LINES.items(), ids=[*LINES])
def test_blocks_read_as_text(names: Names, kind: str, lines: list[str]) -> None:
    blocks = fill_ids({"blocks": [SOUND[kind]]}, names.state)["blocks"]
    if kind == "rich text":
        blocks[0]["elements"][0]["elements"][2] |= {"timestamp": STAMP, "format": "{ago}"}

    assert plain_blocks(blocks, names, values=initial_values(blocks)) == lines


@pytest.mark.parametrize("block", SOUND.values(), ids=[*SOUND])
def test_every_block_is_drawn(names: Names, block: dict[str, Any]) -> None:
    blocks = fill_ids({"blocks": [block]}, names.state)["blocks"]

    html = blocks_html(blocks, names, values=initial_values(blocks))

    assert html.startswith(f'<div class="block {block["type"]}">')
    assert html.count("<div") == html.count("</div>")


HOSTILE = "<script>alert(1)</script>\"'&lt;img onerror=x&gt; <!channel> ]]> \u202eabc"


@pytest.mark.parametrize(
    "block",
    [
        {"type": "section", "text": plain(HOSTILE)},
        {"type": "section", "text": {"type": "mrkdwn", "text": HOSTILE}},
        {"type": "header", "text": plain(HOSTILE)},
        {
            "type": "markdown",
            "text": f"# x\n{HOSTILE}\n[a](javascript:alert(1)) ![a](https://x.test/a.png)",
        },
        {"type": "image", "image_url": "https://x.test", "alt_text": HOSTILE},
        {"type": "table", "rows": [[{"type": "raw_text", "text": HOSTILE}]]},
        {
            "type": "section",
            "text": plain("x"),
            "accessory": {
                "type": "button",
                "action_id": HOSTILE,
                "text": plain(HOSTILE),
                "value": HOSTILE,
                "url": 'https://x.test/?"><script>',
                "accessibility_label": '"><script>',
                "confirm": {"title": plain(HOSTILE), "text": plain(HOSTILE)},
            },
        },
        {
            "type": "input",
            "label": plain(HOSTILE),
            "element": {
                "type": "plain_text_input",
                "action_id": "a",
                "multiline": True,
                "initial_value": f"</textarea>{HOSTILE}",
            },
        },
        {
            "type": "input",
            "label": plain("x"),
            "element": {
                "type": "external_select",
                "action_id": "a",
                "initial_option": {"text": plain(HOSTILE), "value": HOSTILE},
            },
        },
        {
            "type": "data_visualization",
            "title": "<script>",
            "chart": {"type": "pie", "segments": [{"label": "<script>", "value": 1}]},
        },
        {"type": "task_card", "task_id": "1", "title": "<script>", "status": "pending"},
    ],
)
def test_nothing_that_is_shown_can_run(names: Names, block: dict[str, Any]) -> None:
    blocks = fill_ids({"blocks": [block]}, names.state)["blocks"]

    html = blocks_html(blocks, names, values=initial_values(blocks))

    assert "<script" not in html.lower()
    assert "<img" not in html.lower()
    assert 'href="javascript' not in html.lower()


RICH: list[tuple[dict[str, Any], str, str]] = [
    (
        {
            "type": "rich_text_list",
            "style": "ordered",
            "elements": [
                {"type": "rich_text_section", "elements": [{"type": "text", "text": "a"}]}
            ],
        },
        "1. a",
        '<ol class="indent0"><li>a</li></ol>',
    ),
    (
        {
            "type": "rich_text_list",
            "style": "bullet",
            "indent": 1,
            "elements": [
                {"type": "rich_text_section", "elements": [{"type": "emoji", "name": "tada"}]}
            ],
        },
        "• 🎉",
        '<ul class="indent1"><li>🎉</li></ul>',
    ),
    (
        {"type": "rich_text_quote", "elements": [{"type": "channel", "channel_id": OPS}]},
        "#ops",
        '<span class="quote"><span class="mention">#ops</span></span>',
    ),
    (
        {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "x < y"}]},
        "x < y",
        "<pre>x &lt; y</pre>",
    ),
    (
        {"type": "rich_text_section", "elements": [{"type": "broadcast", "range": "here"}]},
        "@here",
        '<p><span class="mention">@here</span></p>',
    ),
    (
        {
            "type": "rich_text_section",
            "elements": [{"type": "text", "text": "b", "style": {"bold": True, "code": True}}],
        },
        "b",
        "<p><code><b>b</b></code></p>",
    ),
    (
        {"type": "rich_text_section", "elements": [{"type": "color", "value": "#ff0000"}]},
        "#ff0000",
        "<p>#ff0000</p>",
    ),
    (
        {"type": "rich_text_section", "elements": [{"type": "link", "url": "https://x.test"}]},
        "https://x.test",
        '<p><a href="https://x.test" target="_blank" rel="noopener noreferrer">https://x.test</a></p>',
    ),
]


@pytest.mark.parametrize(("part", "text", "html"), RICH)
def test_rich_text_is_read(names: Names, part: dict[str, Any], text: str, html: str) -> None:
    block = {"type": "rich_text", "block_id": "b", "elements": [part]}

    assert plain_blocks([block], names) == [text]
    assert blocks_html([block], names) == f'<div class="block rich_text">{html}</div>'


async def test_escaped_markup_pings_nobody_and_real_markup_does() -> None:
    call = make()
    for text in ("&lt;!channel&gt; &lt;@U1&gt;", f"<!channel> <@{ANNA}>"):
        await call("chat.postMessage", channel=OPS, text=text, blocks=[section(text)])
    rich = {
        "type": "rich_text",
        "elements": [
            {
                "type": "rich_text_section",
                "elements": [
                    {"type": "broadcast", "range": "here"},
                    {"type": "user", "user_id": ANNA},
                ],
            }
        ],
    }
    await call("chat.postMessage", channel=OPS, text="x", blocks=[rich])

    pinged = [call.workspace.pings(one) for one in call.workspace.messages("anna", "#ops")]

    assert pinged == [set(), {"!channel", ANNA}, {"!here", ANNA}]


def test_messages_show_who_when_and_to_whom(names: Names) -> None:
    message = Message(
        OPS,
        f"{STAMP}.000100",
        "U0000000005",
        {
            "text": "hi",
            "attachments": [{"pretext": "pre", "text": "*in*", "blocks": [section("block")]}],
            "unfurls": {"https://x.test": {"blocks": [section("card")]}},
        },
        seen_by=ANNA,
        thread_ts="1.1",
        edited_ts="2.1",
        reactions={"eyes": [ANNA], "tada": []},
    )

    html = message_html(message, names)

    for part in (
        "Gina Guest",
        '<span class="badge">guest</span>',
        "<time>13:00</time>",
        "Only visible to you",
        "(edited)",
        "message answer",
        "<p><b>in</b></p>",
        "block",
        "card",
        '<span class="chip">👀 1</span>',
    ):
        assert part in html
    assert "🎉" not in html
    assert "U9" in message_html(Message(OPS, "1.1", "U9", {"text": ""}), names)


def test_views_show_title_errors_and_buttons(names: Names) -> None:
    content = {
        "type": "modal",
        "title": plain("Edit"),
        "submit": plain("Save"),
        "blocks": [{**section("body"), "block_id": "b"}],
    }
    view = View("V1", ANNA, content, "h", "V1", errors={"b": "no <good>"})

    html = view_html(view, names)

    assert '<p class="error" role="alert">no &lt;good&gt;</p>' in html
    assert ">Save</button>" in html
    assert ">Cancel</button>" in html
    assert plain_view(view, names) == "# Edit\nbody\n! no <good>\n[Save]"
    home = View("V2", ANNA, {"type": "home", "blocks": content["blocks"]}, "h", "V2")
    assert view_html(home, names).startswith('<div class="home" data-place="view:V2">')
    assert plain_view(home, names) == "body"


GOLD = {"text": plain("Gold"), "value": "gold", "description": plain("the best")}
HELD: list[tuple[str, dict[str, Any], list[str], str]] = [
    ("plain_text_input", {"initial_value": "a<b"}, ['value="a&lt;b"'], "a<b"),
    (
        "plain_text_input",
        {"multiline": True, "max_length": 9, "initial_value": "x"},
        ["<textarea", 'maxlength="9"', ">x</textarea>"],
        "x",
    ),
    (
        "number_input",
        {"is_decimal_allowed": True, "initial_value": "1.5"},
        ['type="number"', 'step="any"'],
        "1.5",
    ),
    ("datetimepicker", {"initial_date_time": STAMP}, ['value="2026-11-23T13:00"'], str(STAMP)),
    (
        "checkboxes",
        {"options": [GOLD], "initial_options": [GOLD]},
        ['type="checkbox"', "checked", "the best"],
        "Gold",
    ),
    (
        "multi_static_select",
        {"options": [GOLD], "initial_options": [GOLD]},
        ["multiple", "selected"],
        "Gold",
    ),
    (
        "static_select",
        {"option_groups": [{"label": plain("g"), "options": [GOLD]}]},
        ["<option"],
        "",
    ),
    (
        "multi_external_select",
        {"initial_options": [GOLD], "placeholder": plain("Tags")},
        ['data-many="1"', "Gold ✕", 'placeholder="Tags"'],
        "Gold",
    ),
    ("users_select", {"initial_user": ANNA}, [f'value="{ANNA}" selected'], "@Anna Member"),
    ("multi_channels_select", {"initial_channels": [OPS]}, [f'value="{OPS}" selected'], "#ops"),
    ("file_input", {}, ["Files are not taken here"], ""),
    (
        "rich_text_input",
        {
            "initial_value": {
                "type": "rich_text",
                "elements": [
                    {
                        "type": "rich_text_section",
                        "elements": [{"type": "text", "text": "rich"}],
                    }
                ],
            }
        },
        [">rich</textarea>"],
        "rich",
    ),
    (
        "email_text_input",
        {"dispatch_action_config": {"trigger_actions_on": ["on_character_entered"]}},
        ['data-live="1"'],
        "",
    ),
]


@pytest.mark.parametrize(("kind", "more", "parts", "text"), HELD)
def test_inputs_show_what_they_hold(
    names: Names, kind: str, more: dict[str, Any], parts: list[str], text: str
) -> None:
    block = {
        "type": "input",
        "label": plain("Field"),
        "hint": plain("why"),
        "dispatch_action": True,
        "element": {"type": kind, "action_id": "a", **more},
    }
    blocks = fill_ids({"blocks": [block]}, names.state)["blocks"]
    values = initial_values(blocks)

    html = blocks_html(blocks, names, values=values)

    assert [part for part in parts if part not in html] == []
    assert plain_blocks(blocks, names, values=values) == [f"Field: {text}", "why"]


def test_attachments_cards_tasks_and_containers_in_full(names: Names) -> None:
    rich = {
        "type": "rich_text",
        "elements": [
            {"type": "rich_text_section", "elements": [{"type": "text", "text": "deep"}]}
        ],
    }
    container = {
        "type": "container",
        "rich_text_title": rich,
        "subtitle": plain("sub"),
        "child_blocks": [section("child")],
    }
    task = {
        "type": "task_card",
        "task_id": "1",
        "title": "t",
        "status": "error",
        "details": rich,
    }
    content = {
        "attachments": [{"title": "Title", "footer": "Foot", "blocks": [section("in")]}],
        "files": [{"title": "plan.csv"}],
        "text": "*root*",
    }
    message = Message(OPS, f"{STAMP}.000100", ANNA, content)

    for words in ("deep", "sub", "child"):
        assert words in blocks_html([container], names)
    assert plain_blocks([task], names) == ["t (error)", "deep"]
    assert "deep" in blocks_html([task], names)
    assert plain_message(message, names) == "root\nin\nTitle\nFoot\n📎 plan.csv"
    assert "📎 plan.csv" in message_html(message, names)


def test_long_tables_fold_after_a_page(names: Names) -> None:
    rows = [[{"type": "raw_text", "text": str(n)}] for n in range(9)]
    block = {"type": "data_table", "block_id": "b", "caption": "c", "rows": rows}

    html = blocks_html([block], names)

    assert "<summary>3 more</summary>" in html


@pytest.mark.parametrize(
    ("kind", "mark"), [("bar", "<rect"), ("line", "<polyline"), ("area", "<polygon")]
)
def test_charts_are_drawn(names: Names, kind: str, mark: str) -> None:
    block = {**SOUND["bar chart"], "block_id": "b"}
    block["chart"] = {**block["chart"], "type": kind}

    html = blocks_html([block], names)

    assert mark in html
    assert "</svg>" in html

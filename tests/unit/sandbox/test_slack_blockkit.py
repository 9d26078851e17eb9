"""Block Kit, judged as Slack judges it: every limit has its row."""

from __future__ import annotations

from typing import Any

import pytest

from toolkit.sandbox.slack.blockkit import Surface, check_blocks, check_message, check_view

MRKDWN = {"type": "mrkdwn", "text": "hello"}
PLAIN = {"type": "plain_text", "text": "hello"}
IMAGE = {"type": "image", "image_url": "https://x.test/a.png", "alt_text": "a"}


def plain(length: int) -> dict[str, Any]:
    return {"type": "plain_text", "text": "x" * length}


def mrkdwn(length: int) -> dict[str, Any]:
    return {"type": "mrkdwn", "text": "x" * length}


def button(**more: Any) -> dict[str, Any]:
    return {"type": "button", "text": PLAIN, "action_id": "go", **more}


def section(**more: Any) -> dict[str, Any]:
    return {"type": "section", "text": MRKDWN, **more}


def actions(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "actions", "elements": [*elements]}


def field(element: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "input", "label": PLAIN, "element": {"action_id": "a", **element}, **more}


def option(value: str = "a", **more: Any) -> dict[str, Any]:
    return {"text": PLAIN, "value": value, **more}


def select(**more: Any) -> dict[str, Any]:
    return {"type": "static_select", "action_id": "s", "options": [option()], **more}


def raw(text: str) -> dict[str, Any]:
    return {"type": "raw_text", "text": text}


def data_table(rows: list[list[dict[str, Any]]], **more: Any) -> dict[str, Any]:
    return {"type": "data_table", "caption": "People", "rows": rows, **more}


def chart(**more: Any) -> dict[str, Any]:
    points = [{"label": "Mon", "value": 1}, {"label": "Tue", "value": 2.5}]
    return {
        "type": "data_visualization",
        "title": "Synced",
        "chart": {
            "type": "bar",
            "series": [{"name": "a", "data": points}],
            "axis_config": {"categories": ["Mon", "Tue"]},
            **more,
        },
    }


def rich(*elements: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "rich_text",
        "elements": [{"type": "rich_text_section", "elements": [*elements]}],
    }


CARD = {"type": "card", "title": MRKDWN, "hero_image": IMAGE, "actions": [button()]}

SOUND: dict[str, dict[str, Any]] = {
    "section": section(accessory=button(style="primary", value="v" * 2000)),
    "section with fields": {"type": "section", "fields": [mrkdwn(2000)] * 10},
    "longest section": {"type": "section", "text": mrkdwn(3000)},
    "header": {"type": "header", "text": plain(150)},
    "context": {"type": "context", "elements": [MRKDWN, PLAIN, IMAGE]},
    "image": {**IMAGE, "title": PLAIN},
    "divider": {"type": "divider", "block_id": "d"},
    "actions": actions(
        button(),
        button(action_id="link", url="https://x.test/?a=1"),
        {"type": "overflow", "action_id": "o", "options": [option(), option("b")]},
        {"type": "datepicker", "action_id": "d", "initial_date": "2026-11-23"},
        {"type": "timepicker", "action_id": "t", "initial_time": "09:30"},
        {"type": "datetimepicker", "action_id": "dt", "initial_date_time": 1_795_000_000},
        {"type": "users_select", "action_id": "u", "initial_user": "U1"},
        {"type": "multi_conversations_select", "action_id": "c", "filter": {"include": ["im"]}},
    ),
    "select in groups": section(
        accessory={
            "type": "multi_static_select",
            "action_id": "m",
            "option_groups": [{"label": PLAIN, "options": [option()]}],
            "initial_options": [option()],
        }
    ),
    "input": field({"type": "plain_text_input", "min_length": 1, "max_length": 3000}),
    "number": field({"type": "number_input", "is_decimal_allowed": True, "min_value": "-1.5"}),
    "null counts as left out": field({"type": "email_text_input"}, hint=None),
    "radio buttons": section(
        accessory={
            "type": "radio_buttons",
            "action_id": "r",
            "options": [{"text": MRKDWN, "value": "a"}],
            "initial_option": {"text": MRKDWN, "value": "a"},
        }
    ),
    "markdown": {"type": "markdown", "text": "x" * 12_000},
    "table": {
        "type": "table",
        "rows": [[raw("a"), rich({"type": "text", "text": "b", "style": {"bold": True}})]]
        * 100,
        "column_settings": [{"align": "right", "is_wrapped": True}],
    },
    "data table": data_table(
        [[raw("Name"), raw("Age")], [raw("Anna"), {"type": "raw_number", "value": 41}]],
        page_size=10,
    ),
    "bar chart": chart(),
    "pie chart": {
        "type": "data_visualization",
        "title": "x",
        "chart": {"type": "pie", "segments": [{"label": "a", "value": 1}] * 6},
    },
    "card": CARD,
    "carousel": {"type": "carousel", "elements": [CARD] * 10},
    "container": {
        "type": "container",
        "title": PLAIN,
        "is_collapsible": True,
        "default_collapsed": True,
        "child_blocks": [section(), actions(button())],
    },
    "plan": {
        "type": "plan",
        "title": "Sync",
        "tasks": [{"type": "task_card", "task_id": "1", "title": "a", "status": "complete"}],
    },
    "context actions": {
        "type": "context_actions",
        "elements": [
            {
                "type": "feedback_buttons",
                "action_id": "f",
                "positive_button": {"text": PLAIN, "value": "1"},
                "negative_button": {"text": PLAIN, "value": "0"},
            }
        ],
    },
    "rich text": rich(
        {"type": "user", "user_id": "U1"},
        {"type": "link", "url": "https://x.test", "text": "x"},
        {"type": "date", "timestamp": 1, "format": "{date}"},
    ),
    "slack file": {"type": "image", "slack_file": {"id": "F1"}, "alt_text": "a"},
}


@pytest.mark.parametrize("block", SOUND.values(), ids=[*SOUND])
def test_sound_blocks_pass(block: dict[str, Any]) -> None:
    assert check_blocks([block]) == []


WRONG: list[tuple[str, dict[str, Any], str, str]] = [
    ("section too long", {"type": "section", "text": mrkdwn(3001)}, "/text/text", "3001"),
    ("section empty", {"type": "section", "text": mrkdwn(0)}, "/text/text", "more than 0"),
    ("section bare", {"type": "section"}, "", "at least one of: text, fields"),
    ("11 fields", {"type": "section", "fields": [MRKDWN] * 11}, "/fields", "no more than 10"),
    ("long field", {"type": "section", "fields": [mrkdwn(2001)]}, "/fields/0/text", "2001"),
    ("header too long", {"type": "header", "text": plain(151)}, "/text/text", "151"),
    ("header mrkdwn", {"type": "header", "text": MRKDWN}, "/text/type", "unsupported type"),
    ("11 context", {"type": "context", "elements": [MRKDWN] * 11}, "/elements", "10 items"),
    ("no actions", {"type": "actions", "elements": []}, "/elements", "no fewer than 1"),
    (
        "26 actions",
        actions(*[button(action_id=f"a{n}") for n in range(26)]),
        "/elements",
        "no more than 25",
    ),
    ("long button", actions(button(text=plain(76))), "/elements/0/text/text", "76"),
    ("long value", actions(button(value="v" * 2001)), "/elements/0/value", "2001"),
    ("long action id", actions(button(action_id="i" * 256)), "/elements/0/action_id", "256"),
    ("long url", actions(button(url=f"https://{'x' * 3000}")), "/elements/0/url", "3001"),
    ("no url", actions(button(url="nowhere")), "/elements/0/url", "expected format"),
    ("odd style", actions(button(style="blue")), "/elements/0/style", "must be one of"),
    ("twice the id", actions(button(), button()), "/elements/1/action_id", "already exists"),
    (
        "text in actions",
        actions({"type": "plain_text_input"}),
        "/elements/0/type",
        "unsupported",
    ),
    ("long block id", section(block_id="b" * 256), "/block_id", "256"),
    ("unknown member", section(colour="red"), "", "invalid additional property: colour"),
    ("unknown type", {"type": "table_flip"}, "/type", "unsupported type: table_flip"),
    ("no type", {"text": MRKDWN}, "", "missing required field: type"),
    ("text is a string", {"type": "section", "text": "hello"}, "/text", "provide an object"),
    ("image without alt", {"type": "image", "image_url": "https://x.test"}, "", "alt_text"),
    ("image of nothing", {"type": "image", "alt_text": "a"}, "", "exactly one of"),
    ("long alt", {**IMAGE, "alt_text": "a" * 2001}, "/alt_text", "2001"),
    (
        "101 options",
        section(accessory=select(options=[option()] * 101)),
        "/accessory/options",
        "100",
    ),
    ("no options", section(accessory={"type": "static_select"}), "/accessory", "exactly one"),
    (
        "option too long",
        section(accessory=select(options=[{"text": plain(76), "value": "a"}])),
        "/accessory/options/0/text/text",
        "76",
    ),
    (
        "option value too long",
        section(accessory=select(options=[option("v" * 151)])),
        "/accessory/options/0/value",
        "151",
    ),
    (
        "initial not offered",
        section(accessory=select(initial_option=option("z"))),
        "/accessory/initial_option",
        "must match one",
    ),
    (
        "six overflows",
        section(accessory={"type": "overflow", "options": [option(str(n)) for n in range(6)]}),
        "/accessory/options",
        "no more than 5",
    ),
    (
        "same value twice",
        section(accessory={"type": "overflow", "options": [option(), option()]}),
        "/accessory/options/1",
        "duplicate option value",
    ),
    (
        "eleven checkboxes",
        section(
            accessory={"type": "checkboxes", "options": [option(str(n)) for n in range(11)]}
        ),
        "/accessory/options",
        "no more than 10",
    ),
    (
        "label too long",
        field({"type": "plain_text_input"}, label=plain(2001)),
        "/label/text",
        "2001",
    ),
    (
        "hint too long",
        field({"type": "plain_text_input"}, hint=plain(2001)),
        "/hint/text",
        "2001",
    ),
    (
        "placeholder too long",
        field({"type": "plain_text_input", "placeholder": plain(151)}),
        "/element/placeholder/text",
        "151",
    ),
    (
        "length of 3001",
        field({"type": "plain_text_input", "max_length": 3001}),
        "/element/max_length",
        "less than or equal to 3000",
    ),
    (
        "least above most",
        field({"type": "plain_text_input", "min_length": 5, "max_length": 4}),
        "/element/min_length",
        "greater than max_length",
    ),
    ("button in input", field(button()), "/element/type", "unsupported type"),
    (
        "odd date",
        actions({"type": "datepicker", "initial_date": "23/11"}),
        "/elements/0/initial_date",
        "format",
    ),
    (
        "confirm too long",
        actions(button(confirm={"title": plain(101), "text": MRKDWN})),
        "/elements/0/confirm/title/text",
        "101",
    ),
    ("flag as text", section(expand="yes"), "/expand", "boolean"),
    ("markdown too long", {"type": "markdown", "text": "x" * 12_001}, "/text", "12001"),
    ("101 rows", {"type": "table", "rows": [[raw("a")]] * 101}, "/rows", "no more than 100"),
    ("21 cells", {"type": "table", "rows": [[raw("a")] * 21]}, "/rows/0", "no more than 20"),
    ("one row", data_table([[raw("a")]]), "/rows", "no fewer than 2"),
    ("no caption", {"type": "data_table", "rows": [[raw("a")]] * 2}, "", "caption"),
    ("ragged", data_table([[raw("a")], [raw("a"), raw("b")]]), "/rows/1", "as many cells"),
    ("rich header", data_table([[rich()], [raw("a")]]), "/rows/0/0", "rich_text"),
    ("page of 101", data_table([[raw("a")]] * 2, page_size=101), "/page_size", "100"),
    (
        "page size in words",
        data_table([[raw("a")]] * 2, page_size="5"),
        "/page_size",
        "integer",
    ),
    ("long chart title", {**chart(), "title": "x" * 51}, "/title", "51"),
    (
        "seven segments",
        {
            "type": "data_visualization",
            "title": "x",
            "chart": {"type": "pie", "segments": [{"label": "a", "value": 1}] * 7},
        },
        "/chart/segments",
        "no more than 6",
    ),
    (
        "labels off",
        chart(axis_config={"categories": ["Mon"]}),
        "/chart/series/0/data",
        "categories",
    ),
    (
        "same series twice",
        chart(
            series=[
                {
                    "name": "a",
                    "data": [{"label": "Mon", "value": 1}, {"label": "Tue", "value": 1}],
                }
            ]
            * 2
        ),
        "/chart/series/1/name",
        "unique",
    ),
    ("empty card", {"type": "card", "subtitle": MRKDWN}, "", "at least one of"),
    ("long card", {"type": "card", "title": mrkdwn(151)}, "/title/text", "151"),
    ("long body", {"type": "card", "body": mrkdwn(201)}, "/body/text", "201"),
    ("11 cards", {"type": "carousel", "elements": [CARD] * 11}, "/elements", "no more than 10"),
    (
        "11 children",
        {"type": "container", "title": PLAIN, "child_blocks": [section()] * 11},
        "/child_blocks",
        "no more than 10",
    ),
    (
        "collapsed for good",
        {
            "type": "container",
            "title": PLAIN,
            "child_blocks": [section()],
            "default_collapsed": True,
        },
        "/default_collapsed",
        "requires is_collapsible",
    ),
    (
        "divider and collapse",
        {
            "type": "container",
            "title": PLAIN,
            "child_blocks": [section()],
            "has_header_divider": True,
            "is_collapsible": True,
        },
        "/has_header_divider",
        "cannot be set",
    ),
    (
        "colour",
        rich({"type": "color", "value": "red"}),
        "/elements/0/elements/0/value",
        "format",
    ),
    ("alert in a message", {"type": "alert", "text": MRKDWN}, "/type", "alert in a message"),
    ("number as text", chart(series=[]), "/chart/series", "no fewer than 1"),
    (
        "value no number",
        {
            "type": "data_visualization",
            "title": "x",
            "chart": {"type": "pie", "segments": [{"label": "a", "value": "1"}]},
        },
        "/chart/segments/0/value",
        "must be a number",
    ),
    ("list as object", {"type": "actions", "elements": {}}, "/elements", "must be an array"),
    (
        "string as number",
        {"type": "header", "text": {"type": "plain_text", "text": 5}},
        "/text/text",
        "must be a string",
    ),
]


@pytest.mark.parametrize(
    ("block", "pointer", "message"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG]
)
def test_wrong_block_is_named_by_pointer(
    block: dict[str, Any], pointer: str, message: str
) -> None:
    issues = check_blocks([section(), block])

    assert [issue.pointer for issue in issues] == [f"/blocks/1{pointer}"]
    assert message in issues[0].message


TOGETHER: list[tuple[str, list[Any], str, str]] = [
    ("51 blocks", [section()] * 51, "/blocks", "no more than 50 items allowed [51]"),
    ("same block id", [section(block_id="a")] * 2, "/blocks/1/block_id", "already exists"),
    (
        "two tables",
        [{"type": "table", "rows": [[raw("a")]]}] * 2,
        "/blocks",
        "only_one_table_allowed",
    ),
    ("three charts", [chart()] * 3, "/blocks", "no more than 2 data_visualization"),
    (
        "markdown in sum",
        [{"type": "markdown", "text": "x" * 6001}] * 2,
        "/blocks",
        "exceed 12000 characters [12002]",
    ),
    (
        "cells in sum",
        [data_table([[raw("x" * 3000)]] * 2)] * 2,
        "/blocks",
        "exceed 10000 characters [12000]",
    ),
    (
        "two focused",
        [
            field({"type": "plain_text_input", "focus_on_load": True}),
            field({"type": "plain_text_input", "focus_on_load": True}),
        ],
        "/blocks/1/element/focus_on_load",
        "only one",
    ),
    ("a word for a block", ["hello"], "/blocks/0", "must provide an object"),
]


@pytest.mark.parametrize(
    ("blocks", "pointer", "message"),
    [row[1:] for row in TOGETHER],
    ids=[r[0] for r in TOGETHER],
)
def test_limits_over_all_blocks(blocks: list[Any], pointer: str, message: str) -> None:
    issues = check_blocks(blocks)

    assert [issue.pointer for issue in issues] == [pointer]
    assert message in issues[0].message


def test_blocks_are_a_list() -> None:
    assert [str(one) for one in check_blocks({})] == [
        "[ERROR] must be an array [json-pointer:/blocks]"
    ]


@pytest.mark.parametrize(
    ("kind", "surface", "is_sound"),
    [
        ("data table", Surface.HOME, False),
        ("table", Surface.MODAL, False),
        ("markdown", Surface.MODAL, False),
        ("container", Surface.MODAL, False),
        ("carousel", Surface.HOME, True),
        ("carousel", Surface.MODAL, False),
        ("card", Surface.MODAL, True),
        ("header", Surface.HOME, True),
        ("input", Surface.HOME, True),
    ],
)
def test_blocks_stand_only_on_their_surfaces(
    kind: str, surface: Surface, is_sound: bool
) -> None:
    assert (check_blocks([SOUND[kind]], surface) == []) is is_sound


def modal(**more: Any) -> dict[str, Any]:
    return {"type": "modal", "title": PLAIN, "blocks": [section()], **more}


VIEWS: list[tuple[str, Any, list[str]]] = [
    ("modal", modal(submit=plain(24), close=plain(24), private_metadata="m" * 3000), []),
    ("home", {"type": "home", "blocks": [section()] * 100}, []),
    (
        "alert in a modal",
        modal(blocks=[{"type": "alert", "text": MRKDWN, "level": "error"}]),
        [],
    ),
    ("101 blocks", modal(blocks=[section()] * 101), ["/view/blocks"]),
    ("title too long", modal(title=plain(25)), ["/view/title/text"]),
    ("no title", {"type": "modal", "blocks": []}, ["/view"]),
    ("submit too long", modal(submit=plain(25)), ["/view/submit/text"]),
    ("metadata too long", modal(private_metadata="m" * 3001), ["/view/private_metadata"]),
    ("callback too long", modal(callback_id="c" * 256), ["/view/callback_id"]),
    ("input needs submit", modal(blocks=[SOUND["input"]]), ["/view/submit"]),
    ("home with submit", {"type": "home", "blocks": [], "submit": PLAIN}, ["/view"]),
    ("no such view", {"type": "drawer"}, ["/view/type"]),
    ("no view", "modal", ["/view"]),
    ("blocks no list", modal(blocks="[]"), ["/view/blocks"]),
]


@pytest.mark.parametrize(
    ("view", "pointers"), [v[1:] for v in VIEWS], ids=[v[0] for v in VIEWS]
)
def test_views(view: Any, pointers: list[str]) -> None:
    assert [issue.pointer for issue in check_view(view)] == pointers


MESSAGES: list[tuple[dict[str, Any], list[str]]] = [
    ({"text": "x"}, []),
    ({"blocks": [section()]}, ["/text"]),
    ({"text": "x", "attachments": [{"color": "#f00", "blocks": [section()]}]}, []),
    (
        {"text": "x", "attachments": [{"blocks": [{"type": "x"}]}]},
        ["/attachments/0/blocks/0/type"],
    ),
    ({"text": "x", "attachments": [{"text": 5}]}, ["/attachments/0/text"]),
    ({"text": "x", "attachments": ["x"]}, ["/attachments/0"]),
    ({"text": "x", "attachments": [{}] * 101}, ["/attachments"]),
    ({"text": "x", "attachments": {}}, ["/attachments"]),
    ({"text": "x", "blocks": [{"type": "x"}]}, ["/blocks/0/type"]),
]


@pytest.mark.parametrize(("payload", "pointers"), MESSAGES)
def test_messages(payload: dict[str, Any], pointers: list[str]) -> None:
    assert [one.pointer for one in check_message(payload, needs_text=True)] == pointers


def test_text_is_asked_for_only_on_demand() -> None:
    assert check_message({"blocks": [section()]}) == []


def test_pointers_are_escaped() -> None:
    from toolkit.sandbox.slack.blockkit.shapes import below

    assert below("/a", "b/c~d") == "/a/b~1c~0d"

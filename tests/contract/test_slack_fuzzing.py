"""Whatever an app sends, the emulated Slack answers in Slack's form; and what it takes, it shows."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.sandbox.slack_caller import ANNA, OPS, make
from tests.unit.sandbox.test_slack_blockkit import SOUND, VIEWS, WRONG
from toolkit.sandbox.common import Request
from toolkit.sandbox.slack import check_blocks, check_message, check_view
from toolkit.sandbox.slack.inputs import initial_values
from toolkit.sandbox.slack.posting import fill_ids
from toolkit.sandbox.slack.render.html import blocks_html
from toolkit.sandbox.slack.render.mrkdwn import plain_mrkdwn
from toolkit.sandbox.slack.render.names import Names
from toolkit.sandbox.slack.render.plain import plain_blocks
from toolkit.sandbox.slack.seeding import APP_TOKEN, BOT_TOKEN

SCALARS = st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=8)
MEMBERS = st.sampled_from(
    ["type", "text", "elements", "blocks", "options", "accessory", "element", "title", "rows"]
)
KINDS = st.sampled_from(
    ["section", "actions", "button", "mrkdwn", "table", "data_table", "modal"]
)
JSON = st.recursive(
    SCALARS | KINDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(MEMBERS, inner, max_size=4),
    max_leaves=12,
)
BLOCKS = [*SOUND.values(), *(row[1] for row in WRONG)]


@st.composite
def bent(draw: st.DrawFn) -> Any:
    """A sound or nearly sound block with one place bent."""
    block = json.loads(json.dumps(draw(st.sampled_from(BLOCKS))))
    place = block
    while True:
        keys = [*place] if isinstance(place, dict) else [*range(len(place))]
        if not keys:
            return block
        key = draw(st.sampled_from(keys))
        inner = place[key]
        if isinstance(inner, dict | list) and inner and draw(st.booleans()):
            place = inner
            continue
        place[key] = draw(JSON)
        return block


@given(JSON)
def test_the_validator_never_stumbles(value: Any) -> None:
    check_blocks(value)
    check_blocks([value])
    check_view(value)
    if isinstance(value, dict):
        check_message({"blocks": value, "attachments": [value]})


@given(bent())
def test_what_the_validator_takes_is_shown_and_what_it_names_is_there(block: Any) -> None:
    issues = check_blocks([block])

    for issue in issues:
        place: Any = {"blocks": [block]}
        for part in issue.pointer.split("/")[1:]:
            key = part.replace("~1", "/").replace("~0", "~")
            place = place[int(key)] if isinstance(place, list) else place[key]
    if not issues:
        names = Names(make().workspace.state)
        blocks = fill_ids({"blocks": [block]}, names.state)["blocks"]
        values = initial_values(blocks)
        assert blocks_html(blocks, names, values=values) or block["type"] in {"file", "call"}
        plain_blocks(blocks, names, values=values)


@given(st.text(alphabet="*_~`<>&;!@#|^:{}ab \n", max_size=40))
def test_any_text_is_read_as_markup(text: str) -> None:
    plain_mrkdwn(text, Names(make().workspace.state))


ARGUMENTS = st.dictionaries(
    st.sampled_from(
        [
            "channel",
            "text",
            "blocks",
            "view",
            "user",
            "user_id",
            "ts",
            "thread_ts",
            "trigger_id",
            "view_id",
            "limit",
            "cursor",
            "oldest",
            "types",
            "users",
            "unfurls",
            "unfurl_id",
            "metadata",
            "attachments",
            "name",
            "timestamp",
            "files",
            "filename",
            "length",
            "email",
            "channel_id",
        ]
    ),
    JSON | st.sampled_from([OPS, ANNA, "#ops", *(row[1] for row in VIEWS)]),
    max_size=6,
)


@given(st.data())
def test_every_method_answers_in_slacks_form(data: st.DataObject) -> None:
    workspace = make().workspace
    method = data.draw(st.sampled_from(sorted(workspace.emulator.methods)))
    token = APP_TOKEN if method.startswith("apps.connections") else BOT_TOKEN
    request = Request(
        "POST",
        f"/api/{method}",
        "",
        {"content-type": "application/json", "authorization": f"Bearer {token}"},
        json.dumps(data.draw(ARGUMENTS)).encode(),
    )

    answer = asyncio.run(workspace.emulator.answer(request))

    body = json.loads(answer.body)
    assert body["ok"] is True or isinstance(body["error"], str)

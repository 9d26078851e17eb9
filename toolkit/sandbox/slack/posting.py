"""How a message comes to stand in a conversation: checked, ids filled in, shown."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from toolkit.sandbox.slack.blockkit import check_message
from toolkit.sandbox.slack.blockkit.walk import elements_of, nested_blocks
from toolkit.sandbox.slack.calls import SlackRefusalError
from toolkit.sandbox.slack.state import SlackState
from toolkit.sandbox.slack.values import Json, Message

MOST_TEXT: Final = 40_000
_MOST_METADATA: Final = 8_000
_MEMBERS: Final = ("text", "blocks", "attachments", "metadata")


def read_content(arguments: Mapping[str, Any], state: SlackState) -> Json:
    """The content of a message as an app sends it.

    Raises:
        SlackRefusalError: `no_text`, `invalid_blocks`, `invalid_metadata_schema`,
            `metadata_too_large`, `too_many_attachments`.
    """
    content = {name: arguments[name] for name in _MEMBERS if arguments.get(name) is not None}
    if not any(content.get(name) for name in ("text", "blocks", "attachments")):
        raise SlackRefusalError("no_text")
    if issues := check_message(content):
        raise SlackRefusalError.of_issues(issues)
    _check_metadata(content.get("metadata"))
    content["text"] = str(content.get("text", ""))[:MOST_TEXT]
    return fill_ids(content, state)


def _check_metadata(metadata: Any) -> None:  # noqa: ANN401 — before validation
    if metadata is None:
        return
    is_sound = (
        isinstance(metadata, dict)
        and isinstance(metadata.get("event_type"), str)
        and isinstance(metadata.get("event_payload"), dict)
    )
    if not is_sound:
        raise SlackRefusalError("invalid_metadata_schema")
    if len(json.dumps(metadata)) > _MOST_METADATA:
        raise SlackRefusalError("metadata_too_large")


def fill_ids(content: Mapping[str, Any], state: SlackState) -> Json:
    """A copy with `block_id` and `action_id` wherever the app left them out, nulls dropped."""
    filled: Json = dict(content)
    for name in ("blocks", "attachments"):
        if content.get(name) is not None:
            filled[name] = _without_nulls(content[name])
    trees = [filled.get("blocks") or []]
    trees += [one.get("blocks") or [] for one in filled.get("attachments") or []]
    for tree in trees:
        for block, _ in nested_blocks(tree):
            _set_missing(block, "block_id", state.new_id("b"))
            for element, _at in elements_of(block):
                if element.get("type") != "image":
                    _set_missing(element, "action_id", state.new_id("a"))
    return filled


def _without_nulls(value: Any) -> Any:  # noqa: ANN401 — any JSON
    """A deep copy; an optional member that is null counts as left out."""
    if isinstance(value, dict):
        return {key: _without_nulls(one) for key, one in value.items() if one is not None}
    return [_without_nulls(one) for one in value] if isinstance(value, list) else value


def _set_missing(member: Mapping[str, Any], name: str, value: str) -> None:
    if isinstance(member, dict) and not member.get(name):
        member[name] = value


def post_as_app(
    state: SlackState, channel: str, content: Json, *, thread_ts: str = "", seen_by: str = ""
) -> Message:
    """Show a message of the app; `seen_by` makes it ephemeral."""
    return state.add(
        Message(
            channel=channel,
            ts=state.new_ts(),
            user=state.team.bot_user,
            content=content,
            bot_id=state.team.bot_id,
            thread_ts=thread_ts,
            seen_by=seen_by,
        )
    )

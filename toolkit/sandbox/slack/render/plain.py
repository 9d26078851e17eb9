"""Blocks as plain text: what a person reads, in reading order. Buttons stand in `[brackets]`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from toolkit.sandbox.slack.inputs import is_stateful, state_of, value_of
from toolkit.sandbox.slack.render.mrkdwn import (
    pings_of,
    plain_emoji,
    plain_mrkdwn,
    read_angle,
)
from toolkit.sandbox.slack.render.names import Names
from toolkit.sandbox.slack.values import Json, Message, View

Block = Mapping[str, Any]


def plain_message(message: Message, names: Names) -> str:
    """A message as text: its blocks, or its `text` where it has none."""
    content = message.content
    lines = []
    if content.get("blocks"):
        lines += plain_blocks(content["blocks"], names, values=message.values)
    elif content.get("text"):
        lines.append(plain_mrkdwn(content["text"], names))
    for one in content.get("attachments") or []:
        lines += _attachment(one, names)
    lines += [f"📎 {one['title']}" for one in content.get("files") or []]
    for card in (content.get("unfurls") or {}).values():
        lines += plain_blocks(card.get("blocks", []), names)
    return "\n".join(lines)


def plain_view(view: View, names: Names) -> str:
    """A modal or home tab as text: title, blocks with what is filled in, errors, buttons."""
    content = view.content
    lines = [f"# {content['title']['text']}"] if "title" in content else []
    for block in view.blocks:
        lines += plain_blocks([block], names, values=view.values)
        if sentence := view.errors.get(block["block_id"]):
            lines.append(f"! {sentence}")
    ends = [content[name]["text"] for name in ("close", "submit") if content.get(name)]
    return "\n".join([*lines, *([" ".join(f"[{one}]" for one in ends)] if ends else [])])


def plain_blocks(
    blocks: Sequence[Block], names: Names, *, values: Mapping[str, Any] | None = None
) -> list[str]:
    """The lines of some blocks; kinds without text, as dividers, give none."""
    return [
        line
        for block in blocks
        for line in _LINES.get(str(block["type"]), _nothing)(block, names, values or {})
        if line
    ]


def pings(message: Message, names: Names) -> set[str]:
    """Whom a message notifies: user ids, `!here` and its like; blocks and text alike."""
    found = pings_of(str(message.content.get("text", "")), names)
    for text in _mrkdwn_below([message.blocks, message.content.get("attachments")]):
        found |= pings_of(text, names)
    return found


def _mrkdwn_below(value: Any) -> Iterator[str]:  # noqa: ANN401 — any JSON
    if isinstance(value, list):
        for one in value:
            yield from _mrkdwn_below(one)
    elif isinstance(value, dict):
        if value.get("type") == "mrkdwn":
            yield str(value["text"])
        elif value.get("type") == "user" and "user_id" in value:
            yield f"<@{value['user_id']}>"
        elif value.get("type") == "broadcast":
            yield f"<!{value['range']}>"
        for one in value.values():
            yield from _mrkdwn_below(one)


def plain_text(member: Mapping[str, Any] | None, names: Names) -> str:
    """A text object as text; nothing for None."""
    if not member:
        return ""
    is_mrkdwn = member["type"] == "mrkdwn"
    return (plain_mrkdwn if is_mrkdwn else plain_emoji)(str(member["text"]), names)


def _attachment(attachment: Mapping[str, Any], names: Names) -> list[str]:
    lines = plain_blocks(attachment.get("blocks") or [], names)
    for name in ("pretext", "title", "text", "footer"):
        if attachment.get(name):
            lines.append(plain_mrkdwn(str(attachment[name]), names))
    return lines


def _element(element: Mapping[str, Any], names: Names, state: Json | None) -> str:
    kind = element["type"]
    if kind == "image":
        return f"({element['alt_text']})"
    if kind == "overflow":
        return f"[⋯ {' | '.join(one['text']['text'] for one in element['options'])}]"
    if is_stateful(element):
        held = plain_value(state or state_of(element, None), names)
        return f"[{held or plain_text(element.get('placeholder'), names) or '…'} ▾]"
    if kind == "feedback_buttons":
        return " ".join(
            f"[{element[name]['text']['text']}]"
            for name in ("positive_button", "negative_button")
        )
    return f"[{plain_text(element.get('text'), names)}]"


def plain_value(state: Mapping[str, Any], names: Names) -> str:
    """What an input holds, as a person reads it."""
    value = value_of(state)
    kind = str(state["type"])
    if isinstance(value, list):
        return ", ".join(_one_value(kind, one, names) for one in value)
    return "" if value is None else _one_value(kind, value, names)


def _one_value(kind: str, value: Any, names: Names) -> str:  # noqa: ANN401 — any JSON
    if isinstance(value, dict):
        if "text" in value:
            return plain_text(value["text"], names)
        return "\n".join(plain_blocks([value], names))
    if "users" in kind:
        return names.user(str(value))
    if "channels" in kind or "conversations" in kind:
        return names.channel(str(value))
    return str(value)


def _state(block: Block, element: Mapping[str, Any], values: Mapping[str, Any]) -> Json | None:
    found = values.get(str(block.get("block_id")), {}).get(element.get("action_id"))
    return found if isinstance(found, dict) else None


Lines = Callable[[Block, Names, Mapping[str, Any]], list[str]]


def _nothing(block: Block, names: Names, values: Mapping[str, Any]) -> list[str]:  # noqa: ARG001
    return []


def _text_member(block: Block, names: Names, values: Mapping[str, Any]) -> list[str]:  # noqa: ARG001
    text = block["text"]
    return [text if isinstance(text, str) else plain_text(text, names)]


def _section(block: Block, names: Names, values: Mapping[str, Any]) -> list[str]:
    lines = [plain_text(block.get("text"), names)]
    lines += [plain_text(one, names) for one in block.get("fields") or []]
    if accessory := block.get("accessory"):
        lines.append(_element(accessory, names, _state(block, accessory, values)))
    return lines


def _row(block: Block, names: Names, values: Mapping[str, Any]) -> list[str]:
    parts = [
        plain_text(one, names)
        if one["type"] in {"mrkdwn", "plain_text"}
        else _element(one, names, _state(block, one, values))
        for one in block["elements"]
    ]
    return [" ".join(parts)]


def _input(block: Block, names: Names, values: Mapping[str, Any]) -> list[str]:
    element = block["element"]
    held = plain_value(_state(block, element, values) or state_of(element, None), names)
    optional = f" {names.optional}" if block.get("optional") else ""
    hint = plain_text(block.get("hint"), names)
    return [f"{plain_text(block['label'], names)}{optional}: {held}", hint]


def _image(block: Block, names: Names, values: Mapping[str, Any]) -> list[str]:  # noqa: ARG001
    return [plain_text(block.get("title"), names), f"({block['alt_text']})"]


def _cell(cell: Mapping[str, Any], names: Names) -> str:
    if cell["type"] == "rich_text":
        return " ".join(plain_blocks([cell], names))
    return str(cell["text"] if "text" in cell else cell["value"])


def _table(block: Block, names: Names, values: Mapping[str, Any]) -> list[str]:  # noqa: ARG001
    rows = [" | ".join(_cell(cell, names) for cell in row) for row in block["rows"]]
    return [str(block.get("caption", "")), *rows]


def _chart(block: Block, names: Names, values: Mapping[str, Any]) -> list[str]:  # noqa: ARG001
    chart = block["chart"]
    lines = [str(block["title"])]
    if chart["type"] == "pie":
        parts = [f"{one['label']} {one['value']}" for one in chart["segments"]]
        return [*lines, ", ".join(parts)]
    for series in chart["series"]:
        points = ", ".join(f"{one['label']} {one['value']}" for one in series["data"])
        lines.append(f"{series['name']}: {points}")
    return lines


def _card(block: Block, names: Names, values: Mapping[str, Any]) -> list[str]:  # noqa: ARG001
    lines = [plain_text(block.get(name), names) for name in ("title", "subtitle", "body")]
    buttons = [_element(one, names, None) for one in block.get("actions") or []]
    return [*lines, " ".join(buttons)]


def _nest(block: Block, names: Names, values: Mapping[str, Any]) -> list[str]:
    title = block.get("title")
    lines = [title if isinstance(title, str) else plain_text(title, names)]
    for name in ("child_blocks", "elements", "tasks"):
        lines += plain_blocks(block.get(name) or [], names, values=values)
    return lines


def _task(block: Block, names: Names, values: Mapping[str, Any]) -> list[str]:
    lines = [f"{block['title']} ({block['status']})"]
    inner = [block[name] for name in ("details", "output") if block.get(name)]
    return [*lines, *plain_blocks(inner, names, values=values)]


def _rich_text(block: Block, names: Names, values: Mapping[str, Any]) -> list[str]:  # noqa: ARG001
    lines: list[str] = []
    for part in block["elements"]:
        if part["type"] == "rich_text_list":
            for number, item in enumerate(part["elements"], 1):
                mark = "•" if part["style"] == "bullet" else f"{number}."
                lines.append(f"{mark} {rich_inline(item, names)}")
        else:
            lines.append(rich_inline(part, names))
    return lines


def rich_inline(part: Mapping[str, Any], names: Names) -> str:
    """The text of one part of a rich text."""
    return "".join(_rich_piece(one, names) for one in part["elements"])


def _rich_piece(piece: Mapping[str, Any], names: Names) -> str:
    match piece["type"]:
        case "link":
            text = str(piece.get("text") or piece["url"])
        case "user":
            text = names.user(piece["user_id"])
        case "channel":
            text = names.channel(piece["channel_id"])
        case "emoji":
            text = names.emoji(piece["name"])
        case "broadcast":
            text = f"@{piece['range']}"
        case "date":
            text = read_angle(f"!date^{piece['timestamp']}^{piece['format']}", names).text
        case _:
            text = str(piece.get("text") or piece.get("value") or "")
    return text


_LINES: Final[dict[str, Lines]] = {
    "section": _section,
    "header": _text_member,
    "markdown": _text_member,
    "alert": _text_member,
    "context": _row,
    "actions": _row,
    "context_actions": _row,
    "input": _input,
    "image": _image,
    "table": _table,
    "data_table": _table,
    "data_visualization": _chart,
    "card": _card,
    "carousel": _nest,
    "container": _nest,
    "plan": _nest,
    "task_card": _task,
    "rich_text": _rich_text,
}

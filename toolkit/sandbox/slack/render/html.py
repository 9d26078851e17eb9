"""Blocks, messages, modals and home tabs as HTML. Nothing in it runs or fetches anything."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any, Final

from toolkit.sandbox.slack.render.charts import chart_html
from toolkit.sandbox.slack.render.controls import control_html, image_html
from toolkit.sandbox.slack.render.markup import (
    markdown_html,
    mrkdwn_html,
    rich_html,
    text_html,
)
from toolkit.sandbox.slack.render.names import Names
from toolkit.sandbox.slack.values import Message, View

Block = Mapping[str, Any]
_PAGE_SIZE: Final = 5


def blocks_html(
    blocks: Sequence[Block], names: Names, *, values: Mapping[str, Any] | None = None
) -> str:
    """Some blocks, one below the other."""
    return "".join(
        f'<div class="block {block["type"]}">{_BLOCKS[str(block["type"])](block, names, values or {})}</div>'
        for block in blocks
        if str(block["type"]) in _BLOCKS
    )


def message_html(message: Message, names: Names) -> str:
    """One message with its author, time, attachments, unfurled links and reactions."""
    author = names.state.people.get(message.user)
    name = author.real_name if author else message.user
    badges = (
        '<span class="badge">APP</span>' if message.user == names.state.team.bot_user else ""
    )
    if author is not None and author.standing in {"guest", "external"}:
        badges += f'<span class="badge">{author.standing}</span>'
    only = '<p class="only">Only visible to you</p>' if message.seen_by else ""
    edited = '<span class="edited">(edited)</span>' if message.edited_ts else ""
    place = escape(f"message:{message.channel}:{message.ts}", quote=True)
    answer = " answer" if message.thread_ts and message.thread_ts != message.ts else ""
    return (
        f'<article class="message{answer}" data-place="{place}">'
        f'<div class="face" aria-hidden="true">{escape(name[:1])}</div><div class="body">{only}'
        f"<header><b>{escape(name)}</b>{badges}<time>{names.time(message.ts)}</time></header>"
        f"{_content(message, names)}{edited}{_reactions(message, names)}</div></article>"
    )


def _content(message: Message, names: Names) -> str:
    content = message.content
    html = ""
    if content.get("blocks"):
        html = blocks_html(content["blocks"], names, values=message.values)
    elif content.get("text"):
        html = f'<div class="block">{mrkdwn_html(content["text"], names)}</div>'
    for one in content.get("attachments") or []:
        html += _attachment(one, names, message)
    for one in content.get("files") or []:
        html += f'<span class="picture small">📎 {escape(one["title"])}</span>'
    for card in (content.get("unfurls") or {}).values():
        inner = blocks_html(card.get("blocks") or [], names)
        html += f'<div class="attachment">{inner}</div>'
    return html


def _attachment(attachment: Block, names: Names, message: Message) -> str:
    inner = "".join(
        f"<p>{mrkdwn_html(str(attachment[name]), names)}</p>"
        for name in ("pretext", "title", "text", "footer")
        if attachment.get(name)
    )
    inner += blocks_html(attachment.get("blocks") or [], names, values=message.values)
    return f'<div class="attachment">{inner}</div>'


def _reactions(message: Message, names: Names) -> str:
    chips = [
        f'<span class="chip">{escape(names.emoji(name))} {len(users)}</span>'
        for name, users in message.reactions.items()
        if users
    ]
    return f"<footer>{''.join(chips)}</footer>" if chips else ""


def view_html(view: View, names: Names) -> str:
    """A modal with its title and buttons, or a home tab."""
    place = escape(f"view:{view.id}", quote=True)
    inner = ""
    for block in view.blocks:
        inner += blocks_html([block], names, values=view.values)
        if sentence := view.errors.get(str(block.get("block_id"))):
            inner += f'<p class="error" role="alert">{escape(sentence)}</p>'
    if view.kind == "home":
        return f'<div class="home" data-place="{place}">{inner}</div>'
    content = view.content
    close = text_html(content.get("close"), names) or "Cancel"
    submit = text_html(content.get("submit"), names)
    handing_in = f'<button class="btn primary" data-do="submit">{submit}</button>'
    return (
        f'<div class="modal" role="dialog" aria-modal="true" data-place="{place}">'
        f"<header><h2>{text_html(content['title'], names)}</h2>"
        '<button class="x" data-do="close" data-option="all" aria-label="Close">✕</button>'
        f'</header><div class="scroll">{inner}</div><footer>'
        f'<button class="btn" data-do="close">{close}</button>{handing_in if submit else ""}'
        "</footer></div>"
    )


Draw = Callable[[Block, Names, Mapping[str, Any]], str]


def _section(block: Block, names: Names, values: Mapping[str, Any]) -> str:
    text = f"<div>{text_html(block['text'], names)}</div>" if block.get("text") else ""
    if fields := block.get("fields"):
        cells = "".join(f"<div>{text_html(one, names)}</div>" for one in fields)
        text += f'<div class="fields">{cells}</div>'
    accessory = ""
    if element := block.get("accessory"):
        drawn = control_html(block, element, names, values=values)
        accessory = f'<div class="accessory">{drawn}</div>'
    return f'<div class="words">{text}</div>{accessory}'


def _elements(block: Block, names: Names, values: Mapping[str, Any]) -> str:
    return "".join(
        f"<span>{text_html(one, names)}</span>"
        if one["type"] in {"mrkdwn", "plain_text"}
        else control_html(block, one, names, values=values)
        for one in block["elements"]
    )


def _input(block: Block, names: Names, values: Mapping[str, Any]) -> str:
    mark = f' <span class="optional">{names.optional}</span>'
    optional = mark if block.get("optional") else ""
    hint = f"<small>{text_html(block['hint'], names)}</small>" if block.get("hint") else ""
    drawn = control_html(block, block["element"], names, values=values)
    label = escape(f"label-{block['block_id']}", quote=True)
    return (
        f'<div role="group" aria-labelledby="{label}"><label id="{label}">'
        f"{text_html(block['label'], names)}{optional}</label>{drawn}{hint}</div>"
    )


def _header(block: Block, names: Names, values: Mapping[str, Any]) -> str:  # noqa: ARG001
    return f"<h3>{text_html(block['text'], names)}</h3>"


def _alert(block: Block, names: Names, values: Mapping[str, Any]) -> str:  # noqa: ARG001
    level = block.get("level", "default")
    return f'<div class="level-{level}" role="alert">{text_html(block["text"], names)}</div>'


def _cell(cell: Block, names: Names) -> str:
    if cell["type"] == "rich_text":
        return rich_html(cell, names)
    return escape(str(cell["text"] if "text" in cell else cell["value"]))


def _rows(rows: Sequence[Sequence[Block]], names: Names, *, settings: Sequence[Any]) -> str:
    drawn = []
    for number, row in enumerate(rows):
        tag = "td" if number else "th"
        cells = [
            f'<{tag} class="{_align(settings, column)}">{_cell(cell, names)}</{tag}>'
            for column, cell in enumerate(row)
        ]
        drawn.append(f"<tr>{''.join(cells)}</tr>")
    return "".join(drawn)


def _align(settings: Sequence[Any], column: int) -> str:
    one = settings[column] if column < len(settings) else None
    return str(one.get("align", "left")) if one else "left"


def _table(block: Block, names: Names, values: Mapping[str, Any]) -> str:  # noqa: ARG001
    caption = f"<caption>{escape(block['caption'])}</caption>" if "caption" in block else ""
    rows = block["rows"]
    size = (
        int(block.get("page_size", _PAGE_SIZE)) if block["type"] == "data_table" else len(rows)
    )
    settings = block.get("column_settings") or []
    shown = _rows(rows[: size + 1], names, settings=settings)
    rest = ""
    if len(rows) > size + 1:
        more = _rows([rows[0], *rows[size + 1 :]], names, settings=settings)
        left = len(rows) - size - 1
        rest = f"<details><summary>{left} more</summary><table>{more}</table></details>"
    return f'<div class="wide"><table>{caption}{shown}</table>{rest}</div>'


def _card(block: Block, names: Names, values: Mapping[str, Any]) -> str:
    hero = image_html(block["hero_image"]) if block.get("hero_image") else ""
    words = "".join(
        f'<div class="card-{name}">{text_html(block[name], names)}</div>'
        for name in ("title", "subtitle", "body")
        if block.get(name)
    )
    buttons = "".join(
        control_html(block, one, names, values=values) for one in block.get("actions") or []
    )
    return f'{hero}{words}<div class="row">{buttons}</div>'


def _container(block: Block, names: Names, values: Mapping[str, Any]) -> str:
    title = text_html(block.get("title"), names)
    if block.get("rich_text_title"):
        title = rich_html(block["rich_text_title"], names)
    subtitle = text_html(block.get("subtitle"), names)
    inner = blocks_html(block["child_blocks"], names, values=values)
    head = f"<b>{title}</b> <small>{subtitle}</small>"
    if not block.get("is_collapsible"):
        return f"<div>{head}</div>{inner}"
    is_open = "" if block.get("default_collapsed") else " open"
    return f"<details{is_open}><summary>{head}</summary>{inner}</details>"


def _nested(member: str) -> Draw:
    def draw(block: Block, names: Names, values: Mapping[str, Any]) -> str:
        title = f"<b>{escape(str(block['title']))}</b>" if block.get("title") else ""
        return title + blocks_html(block.get(member) or [], names, values=values)

    return draw


def _task(block: Block, names: Names, values: Mapping[str, Any]) -> str:
    marks = {"pending": "○", "in_progress": "◔", "complete": "●", "error": "✕"}
    inner = [block[name] for name in ("details", "output") if block.get(name)]
    head = f"{marks[block['status']]} {escape(block['title'])}"
    return f"<p>{head}</p>{blocks_html(inner, names, values=values)}"


def _image(block: Block, names: Names, values: Mapping[str, Any]) -> str:  # noqa: ARG001
    return f"<div>{text_html(block.get('title'), names)}</div>{image_html(block)}"


_BLOCKS: Final[dict[str, Draw]] = {
    "section": _section,
    "divider": lambda *_: "<hr>",
    "header": _header,
    "context": _elements,
    "actions": _elements,
    "context_actions": _elements,
    "input": _input,
    "image": _image,
    "video": _image,
    "alert": _alert,
    "markdown": lambda block, *_: markdown_html(block["text"]),
    "rich_text": lambda block, names, _: rich_html(block, names),
    "table": _table,
    "data_table": _table,
    "data_visualization": lambda block, *_: chart_html(block),
    "card": _card,
    "carousel": _nested("elements"),
    "container": _container,
    "plan": _nested("tasks"),
    "task_card": _task,
}

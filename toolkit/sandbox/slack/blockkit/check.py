"""Checks whole payloads: messages, modals, home tabs. Usable without the emulator.

```python
issues = check_message({"text": "Hello", "blocks": blocks})
assert not issues, [*map(str, issues)]
```
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from toolkit.sandbox.slack.blockkit.kinds import (
    BLOCKS,
    MARKDOWN_CHARACTERS,
    SURFACES,
    Surface,
)
from toolkit.sandbox.slack.blockkit.objects import ID_CHARACTERS, plain
from toolkit.sandbox.slack.blockkit.shapes import (
    Anything,
    ByType,
    Fields,
    Flag,
    Issue,
    Shape,
    Str,
    below,
)
from toolkit.sandbox.slack.blockkit.walk import elements_of, nested_blocks

_MOST_BLOCKS: Final = {Surface.MESSAGE: 50, Surface.MODAL: 100, Surface.HOME: 100}
_MOST_ATTACHMENTS: Final = 100
_MOST_TABLE_CHARACTERS: Final = 10_000
_MOST_CHARTS: Final = 2
_MODAL_TITLE: Final = 24
_PRIVATE_METADATA: Final = 3000
_ANY_BLOCK: Final = ByType(BLOCKS)
_ATTACHMENT_TEXTS: Final = (
    "fallback",
    "color",
    "pretext",
    "author_name",
    "author_link",
    "author_icon",
    "title",
    "title_link",
    "text",
    "image_url",
    "thumb_url",
    "footer",
    "footer_icon",
)


def check_blocks(
    blocks: Any,  # noqa: ANN401 — before validation
    surface: Surface = Surface.MESSAGE,
    *,
    at: str = "/blocks",
) -> list[Issue]:
    """What Slack would refuse in a list of blocks.

    Args:
        blocks: As they would be sent.
        surface: Where they would stand.
        at: Pointer to the list in the payload.
    """
    if not isinstance(blocks, list):
        return [Issue(at, "must be an array")]
    return [*_check_blocks(blocks, surface, at)]


def _check_blocks(blocks: list[Any], surface: Surface, at: str) -> Iterator[Issue]:
    most = _MOST_BLOCKS[surface]
    if len(blocks) > most:
        yield Issue(at, f"no more than {most} items allowed [{len(blocks)}]")
    for number, block in enumerate(blocks):
        yield from _ANY_BLOCK.check(block, below(at, number))
    tree = [*nested_blocks(blocks, at)]
    yield from _check_surfaces(tree, surface)
    yield from _check_ids(tree)
    yield from _check_focus(tree)
    yield from _check_totals([block for block, _ in tree], at)


def _check_surfaces(
    tree: Sequence[tuple[Mapping[str, Any], str]], surface: Surface
) -> Iterator[Issue]:
    for block, place in tree:
        kind = str(block.get("type"))
        if kind in SURFACES and surface not in SURFACES[kind]:
            yield Issue(below(place, "type"), f"unsupported type: {kind} in a {surface}")


def _check_ids(tree: Sequence[tuple[Mapping[str, Any], str]]) -> Iterator[Issue]:
    """Ids of blocks differ within the payload, ids of actions within their block."""
    seen: set[str] = set()
    for block, place in tree:
        block_id = block.get("block_id")
        if isinstance(block_id, str) and block_id:
            if block_id in seen:
                yield Issue(below(place, "block_id"), f"`block_id` already exists: {block_id}")
            seen.add(block_id)
        actions: set[str] = set()
        for element, where in elements_of(block, place):
            action_id = element.get("action_id")
            if isinstance(action_id, str):
                if action_id in actions:
                    message = f"`action_id` already exists: {action_id}"
                    yield Issue(below(where, "action_id"), message)
                actions.add(action_id)


def _check_focus(tree: Sequence[tuple[Mapping[str, Any], str]]) -> Iterator[Issue]:
    focused = [
        where
        for block, place in tree
        for element, where in elements_of(block, place)
        if element.get("focus_on_load") is True
    ]
    for where in focused[1:]:
        yield Issue(below(where, "focus_on_load"), "only one element can be focused on load")


def _check_totals(blocks: Sequence[Mapping[str, Any]], at: str) -> Iterator[Issue]:
    """Limits that are counted over all blocks of a payload."""
    kinds = Counter(str(block.get("type")) for block in blocks)
    if kinds["table"] > 1:
        yield Issue(at, "only_one_table_allowed")
    if kinds["data_visualization"] > _MOST_CHARTS:
        found = kinds["data_visualization"]
        yield Issue(at, f"no more than {_MOST_CHARTS} data_visualization blocks [{found}]")
    written = sum(_length(b.get("text")) for b in blocks if b.get("type") == "markdown")
    if kinds["markdown"] > 1 and written > MARKDOWN_CHARACTERS:
        yield Issue(at, f"markdown blocks exceed {MARKDOWN_CHARACTERS} characters [{written}]")
    in_cells = sum(_cell_characters(b) for b in blocks if b.get("type") == "data_table")
    if in_cells > _MOST_TABLE_CHARACTERS:
        message = f"data_table cells exceed {_MOST_TABLE_CHARACTERS} characters [{in_cells}]"
        yield Issue(at, message)


def _length(value: Any) -> int:  # noqa: ANN401 — before validation
    return len(value) if isinstance(value, str) else 0


def _cell_characters(table: Mapping[str, Any]) -> int:
    return sum(_text_below(cell) for cell in _cells(table.get("rows")))


def _cells(rows: Any) -> Iterator[Any]:  # noqa: ANN401 — before validation
    for row in rows if isinstance(rows, list) else []:
        yield from row if isinstance(row, list) else []


def _text_below(value: Any) -> int:  # noqa: ANN401 — before validation
    if isinstance(value, dict):
        own = _length(value.get("text"))
        inner = value.get("elements")
        members = inner if isinstance(inner, list) else []
        return own + sum(_text_below(one) for one in members)
    return 0


def check_message(payload: Mapping[str, Any], *, needs_text: bool = False) -> list[Issue]:
    """What Slack would refuse in the blocks and attachments of a message.

    Args:
        payload: `text`, `blocks` and `attachments`, each optional; other members are not looked at.
        needs_text: Also ask for `text`, which Slack only warns about but screen readers and
            notifications live on.
    """
    issues: list[Issue] = []
    if payload.get("blocks") is not None:
        issues += check_blocks(payload["blocks"])
    if payload.get("attachments") is not None:
        issues += _check_attachments(payload["attachments"])
    if needs_text and not payload.get("text"):
        issues.append(Issue("/text", "missing required field: text"))
    return issues


def _check_attachments(attachments: Any) -> Iterator[Issue]:  # noqa: ANN401 — before validation
    if not isinstance(attachments, list):
        yield Issue("/attachments", "must be an array")
        return
    if len(attachments) > _MOST_ATTACHMENTS:
        message = f"no more than {_MOST_ATTACHMENTS} items allowed [{len(attachments)}]"
        yield Issue("/attachments", message)
    for number, one in enumerate(attachments):
        place = f"/attachments/{number}"
        if not isinstance(one, dict):
            yield Issue(place, "must provide an object")
            continue
        if one.get("blocks") is not None:
            yield from check_blocks(one["blocks"], at=f"{place}/blocks")
        for name in _ATTACHMENT_TEXTS:
            if not isinstance(one.get(name, ""), str):
                yield Issue(below(place, name), "must be a string")


_VIEW_MEMBERS: Final[dict[str, Shape]] = {
    "private_metadata": Str(most=_PRIVATE_METADATA),
    "callback_id": Str(most=ID_CHARACTERS),
    "external_id": Str(most=ID_CHARACTERS),
}
_MODAL: Final = Fields(
    {"blocks": Anything(), "title": plain(_MODAL_TITLE)},
    {
        **_VIEW_MEMBERS,
        "submit": plain(_MODAL_TITLE),
        "close": plain(_MODAL_TITLE),
        "clear_on_close": Flag(),
        "notify_on_close": Flag(),
        "submit_disabled": Flag(),
    },
)
_HOME: Final = Fields({"blocks": Anything()}, _VIEW_MEMBERS)
_VIEWS: Final = {"modal": _MODAL, "home": _HOME}


def check_view(view: Any) -> list[Issue]:  # noqa: ANN401 — before validation
    """What Slack would refuse in a modal or a home tab, as it is sent to `views.*`."""
    issues = [*ByType(_VIEWS).check(view, "/view")]
    if not isinstance(view, dict) or str(view.get("type")) not in _VIEWS:
        return issues
    surface = Surface(view["type"])
    blocks = view.get("blocks")
    issues += check_blocks(blocks, surface, at="/view/blocks")
    if isinstance(blocks, list) and surface is Surface.MODAL:
        issues += _check_submit(view, blocks)
    return issues


def _check_submit(view: Mapping[str, Any], blocks: list[Any]) -> Iterator[Issue]:
    has_input = any(block.get("type") == "input" for block, _ in nested_blocks(blocks))
    if has_input and view.get("submit") is None:
        yield Issue("/view/submit", "missing required field: submit")

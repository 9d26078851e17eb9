"""Building blocks that keep Slack's limits by construction.

Limits: Block Kit reference (docs.slack.dev/reference/block-kit, read 2026-11). What does
not fit is cut with an ellipsis or left out with a count of what was left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from bot.words import Markup, Voice, clean, cut, escaped

Block: TypeAlias = dict[str, Any]
Element: TypeAlias = dict[str, Any]

MOST_IN_MESSAGE: Final = 50
MOST_IN_VIEW: Final = 100
_SECTION: Final = 3000
_HEADER: Final = 150
_LABEL: Final = 75
_VERB: Final = 24
_VALUE: Final = 2000
_CONTEXT: Final = 10
_MOST_ACTIONS: Final = 25
_MOST_OVERFLOW: Final = 5
_OPTION_VALUE: Final = 150
_CELL: Final = 200
_ALL_CELLS: Final = 9000
_MOST_ROWS: Final = 100
_TEXT: Final = 3000
_PLACEHOLDER: Final = 150
_BLANK: Final = "\u2013"


@dataclass(frozen=True, slots=True)
class Message:
    """A message before it is sent.

    Attributes:
        text: What notifications and screen readers say; the outcome, never empty.
    """

    text: str
    blocks: tuple[Block, ...] = ()
    metadata: dict[str, Any] = field(default_factory=dict)

    def payload(self) -> dict[str, Any]:
        """As `chat.postMessage` takes it, without a channel."""
        body: dict[str, Any] = {
            "text": self.text,
            "blocks": list(self.blocks),
            "unfurl_links": False,
            "unfurl_media": False,
        }
        return {**body, "metadata": self.metadata} if self.metadata else body


def message(voice: Voice, text: str, blocks: Iterable[Block]) -> Message:
    """A message of at most 50 blocks; the last says how many were left out."""
    return Message(cut(escaped(text), _TEXT), tuple(fitted(voice, [*blocks], MOST_IN_MESSAGE)))


def fitted(voice: Voice, blocks: Sequence[Block], most: int) -> list[Block]:
    """At most so many blocks; where some are left out, the last says how many."""
    if len(blocks) <= most:
        return [*blocks]
    left = len(blocks) - most + 1
    return [*blocks[: most - 1], context(voice.say("blocks.left_out", count=left))]


def plain(text: str, most: int = _SECTION) -> Element:
    """Text that is read as it stands; emoji codes stay codes."""
    return {"type": "plain_text", "text": cut(clean(text), most) or _BLANK, "emoji": False}


def mrkdwn(text: str, most: int = _SECTION) -> Element:
    """Formatted text; what is not `Markup` is escaped here."""
    shown = cut(escaped(text), most) or _BLANK
    return {"type": "mrkdwn", "text": shown, "verbatim": True}


def header(text: str) -> Block:
    """A title."""
    return {"type": "header", "text": plain(text, _HEADER)}


def section(text: str, *, accessory: Element | None = None) -> Block:
    """A paragraph, perhaps with a button or a menu beside it."""
    block: Block = {"type": "section", "text": mrkdwn(text)}
    return {**block, "accessory": accessory} if accessory else block


def context(*texts: str) -> Block:
    """Small grey text."""
    return {"type": "context", "elements": [mrkdwn(text) for text in texts[:_CONTEXT]]}


def divider() -> Block:
    """A line."""
    return {"type": "divider"}


def actions(*elements: Element | None) -> Block:
    """A row of buttons; those that are None are left away."""
    kept = [each for each in elements if each is not None]
    return {"type": "actions", "elements": kept[:_MOST_ACTIONS]}


def confirm(voice: Voice, title: str, text: str, *, verb: str) -> Element:
    """A question before a click counts."""
    return {
        "title": plain(title, 100),
        "text": plain(text, 300),
        "confirm": plain(verb, 30),
        "deny": plain(voice.tell("button.cancel"), 30),
        "style": "danger",
    }


def button(  # noqa: PLR0913 — what a button can have
    label: str,
    action: str,
    *,
    value: str = "",
    style: str = "",
    url: str = "",
    asks: Element | None = None,
) -> Element:
    """A button. Its value is an id, never a customer's data."""
    made: Element = {"type": "button", "text": plain(label, _LABEL), "action_id": action}
    extra = {"value": value[:_VALUE], "style": style, "url": url, "confirm": asks}
    return made | {name: each for name, each in extra.items() if each}


def option(label: str, value: str, *, description: str = "") -> Element:
    """One choice of a menu."""
    made: Element = {"text": plain(label, _LABEL), "value": value[:_OPTION_VALUE] or _BLANK}
    return {**made, "description": plain(description, _LABEL)} if description else made


def overflow(action: str, options: Sequence[Element]) -> Element:
    """The menu behind three dots."""
    return {"type": "overflow", "action_id": action, "options": [*options[:_MOST_OVERFLOW]]}


def table(rows: Sequence[Sequence[str]]) -> Block:
    """A small table of plain cells; the first row is the heading, all cells are short."""
    kept = _affordable(rows, _MOST_ROWS)
    return {
        "type": "table",
        "rows": [[_cell(text) for text in row] for row in kept],
        "column_settings": [{"is_wrapped": True} for _ in kept[0]],
    }


def data_table(rows: Sequence[Sequence[str]], *, caption: str, page_size: int = 5) -> Block:
    """A table that pages by itself; the first row is the heading, one more at least."""
    return {
        "type": "data_table",
        "caption": cut(clean(caption), _HEADER) or _BLANK,
        "page_size": page_size,
        "rows": [[_cell(text) for text in row] for row in _affordable(rows, _MOST_ROWS + 1)],
    }


def shown_rows(rows: Sequence[Sequence[str]]) -> int:
    """How many rows, without the heading, a table would keep."""
    return len(_affordable(rows, _MOST_ROWS + 1)) - 1


def _affordable(rows: Sequence[Sequence[str]], most: int) -> list[Sequence[str]]:
    """The rows that fit the limit of 10,000 characters over all cells of a message."""
    kept: list[Sequence[str]] = []
    left = _ALL_CELLS
    for row in rows[:most]:
        left -= sum(len(_cell(text)["text"]) * 2 for text in row)
        if left < 0 and len(kept) > 1:
            break
        kept.append(row)
    return kept


def _cell(text: str) -> Element:
    return {"type": "raw_text", "text": cut(clean(text), _CELL) or _BLANK}


def rich(text: str, *, is_code: bool = False) -> Block:
    """Text of customers or of the typed command: every line as it stands, nothing formatted."""
    lines = cut(text, _SECTION) or _BLANK
    kind = "rich_text_preformatted" if is_code else "rich_text_section"
    inner = {"type": kind, "elements": [{"type": "text", "text": lines}]}
    return {"type": "rich_text", "elements": [inner]}


def bars(title: str, values: Sequence[int], *, series: str) -> Block:
    """A bar chart, one bar per value, the last being now."""
    labels = [f"-{len(values) - 1 - place}" for place in range(len(values))]
    points = [
        {"label": label, "value": value} for label, value in zip(labels, values, strict=True)
    ]
    chart = {
        "type": "bar",
        "series": [{"name": cut(series, 50), "data": points}],
        "axis_config": {"categories": labels},
    }
    return {
        "type": "data_visualization",
        "title": cut(clean(title), 50) or _BLANK,
        "chart": chart,
    }


def spark(values: Sequence[int]) -> str:
    """Values as a line of bars made of text, for places that take no chart."""
    most = max(values, default=0)
    steps = "\u2581\u2582\u2583\u2584\u2585\u2586\u2587\u2588"
    last = len(steps) - 1
    return "".join(steps[round(each / most * last)] if most else steps[0] for each in values)


def labelled(name: str, value: str) -> Markup:
    """`*Name*  value` on one line."""
    return Markup(f"*{escaped(name)}*  {escaped(value)}")


def lines(*texts: str) -> Markup:
    """Several lines of one paragraph; empty ones are left away."""
    return Markup("\n".join(escaped(text) for text in texts if text))

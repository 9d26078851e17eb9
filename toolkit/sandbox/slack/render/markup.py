"""Text as HTML: spans of Slack's markup, plain text with emoji, rich text, Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from html import escape
from typing import Any, Final

from markdown_it import MarkdownIt

from toolkit.sandbox.slack.render.mrkdwn import (
    Span,
    plain_emoji,
    read_angle,
    read_mrkdwn,
)
from toolkit.sandbox.slack.render.names import Names

_TAGS: Final = {"bold": "b", "italic": "i", "strike": "s", "code": "code", "underline": "u"}
_SCHEMES: Final = ("http://", "https://", "mailto:", "tel:", "slack:")


def text_html(member: Mapping[str, Any] | None, names: Names) -> str:
    """A text object; nothing for None."""
    if not member:
        return ""
    if member["type"] == "mrkdwn":
        return mrkdwn_html(str(member["text"]), names)
    return _lines(plain_emoji(str(member["text"]), names))


def mrkdwn_html(text: str, names: Names) -> str:
    """A text in Slack's markup."""
    return "".join(map(_span, read_mrkdwn(text, names)))


def _lines(text: str) -> str:
    return escape(text).replace("\n", "<br>")


def _span(span: Span) -> str:
    if "break" in span.styles:
        return "<br>"
    html = _lines(span.text)
    if "pre" in span.styles:
        return f"<pre>{escape(span.text)}</pre>"
    if span.href.startswith(_SCHEMES):
        html = link_html(span.href, html)
    for name, tag in _TAGS.items():
        if name in span.styles:
            html = f"<{tag}>{html}</{tag}>"
    if "mention" in span.styles:
        html = f'<span class="mention">{html}</span>'
    return f'<span class="quote">{html}</span>' if "quote" in span.styles else html


def link_html(href: str, inner: str) -> str:
    """A link that opens beside the page and tells nobody where it came from."""
    target = escape(href, quote=True)
    return f'<a href="{target}" target="_blank" rel="noopener noreferrer">{inner}</a>'


@lru_cache(maxsize=1)
def _markdown() -> MarkdownIt:
    # HTML in it stays text; images are links, as nothing is fetched from here.
    return MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")


def markdown_html(text: str) -> str:
    """Standard Markdown, for the block of that name."""
    return f'<div class="markdown">{_markdown().render(text)}</div>'


def rich_html(block: Mapping[str, Any], names: Names) -> str:
    """A rich text block."""
    return "".join(_rich_part(one, names) for one in block["elements"])


def _rich_part(part: Mapping[str, Any], names: Names) -> str:
    if part["type"] == "rich_text_list":
        tag = "ul" if part["style"] == "bullet" else "ol"
        items = "".join(f"<li>{_pieces(one, names)}</li>" for one in part["elements"])
        indent = int(part.get("indent", 0))
        return f'<{tag} class="indent{indent}">{items}</{tag}>'
    inner = _pieces(part, names)
    if part["type"] == "rich_text_preformatted":
        return f"<pre>{inner}</pre>"
    if part["type"] == "rich_text_quote":
        return f'<span class="quote">{inner}</span>'
    return f"<p>{inner}</p>"


def _pieces(part: Mapping[str, Any], names: Names) -> str:
    return "".join(map(_span, _piece_spans(part["elements"], names)))


def _piece_spans(pieces: Iterable[Mapping[str, Any]], names: Names) -> Iterable[Span]:
    for piece in pieces:
        style = frozenset(name for name, is_on in piece.get("style", {}).items() if is_on)
        span = _piece(piece, names)
        yield Span(span.text, style | span.styles, href=span.href)


def _piece(piece: Mapping[str, Any], names: Names) -> Span:
    match piece["type"]:
        case "link":
            span = Span(str(piece.get("text") or piece["url"]), href=str(piece["url"]))
        case "user":
            span = read_angle(f"@{piece['user_id']}", names)
        case "channel":
            span = read_angle(f"#{piece['channel_id']}", names)
        case "broadcast":
            span = read_angle(f"!{piece['range']}", names)
        case "date":
            span = read_angle(f"!date^{piece['timestamp']}^{piece['format']}", names)
        case "emoji":
            span = Span(names.emoji(piece["name"]))
        case _:
            span = Span(str(piece.get("text") or piece.get("value") or ""))
    return span

"""Slack's own markup, read into spans. What is escaped stays text: that is the point of it.

`&amp; &lt; &gt;` are the only entities; `<...>` holds mentions, links and dates; the rest is
`*bold*`, `_italic_`, `~strike~`, `code`, fenced code, quotes and `:emoji:`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from toolkit.sandbox.slack.render.names import Names


@dataclass(frozen=True, slots=True)
class Span:
    """A run of text of one look.

    Args:
        text: What is read, unescaped.
        styles: Of `bold`, `italic`, `strike`, `code`, `pre`, `quote`, `mention`, `emoji`, `break`.
        href: Where it leads, if anywhere.
        pings: Whom it notifies: a user id, `!here` and its like.
    """

    text: str
    styles: frozenset[str] = frozenset()
    href: str = ""
    pings: str = ""


_TOKEN: Final = re.compile(
    r"```(?P<pre>[\s\S]+?)```"
    r"|(?<!\w)`(?P<code>[^`\n]+)`"
    r"|<(?P<angle>[^<>\n]+)>"
    r"|(?<![\w*])\*(?=\S)(?P<bold>[^*\n]*[^*\s])\*(?![\w*])"
    r"|(?<![\w_])_(?=\S)(?P<italic>[^_\n]*[^_\s])_(?![\w_])"
    r"|(?<![\w~])~(?=\S)(?P<strike>[^~\n]*[^~\s])~(?![\w~])"
    r"|:(?P<emoji>[a-z0-9_+'-]+):"
    r"|(?P<url>https?://[^\s<>|]*[^\s<>|.,;:!?)])"
)
_DATE: Final = re.compile(r"!date\^(\d+)\^([^|^]*)(?:\^([^|]+))?(?:\|(.*))?")
_BROADCASTS: Final = frozenset({"!here", "!channel", "!everyone"})
_NESTED: Final = ("bold", "italic", "strike")


def unescape(text: str) -> str:
    """What stands behind the three entities."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def read_mrkdwn(text: str, names: Names) -> list[Span]:
    """The spans of a text in Slack's markup."""
    spans: list[Span] = []
    for number, line in enumerate(_lines(text)):
        if number:
            spans.append(Span("\n", frozenset({"break"})))
        quoted = line.startswith(("&gt;", ">"))
        body = re.sub(r"^(&gt;|>) ?", "", line) if quoted else line
        style = frozenset({"quote"}) if quoted else frozenset[str]()
        spans += _inline(body, names, style)
    return spans


def _lines(text: str) -> Iterator[str]:
    """Lines, fenced code kept whole."""
    start = 0
    for match in re.finditer(r"```[\s\S]+?```|\n", text):
        if match[0] == "\n":
            yield text[start : match.start()]
            start = match.end()
    yield text[start:]


def _inline(text: str, names: Names, styles: frozenset[str]) -> Iterator[Span]:
    end = 0
    for match in _TOKEN.finditer(text):
        if match.start() > end:
            yield Span(unescape(text[end : match.start()]), styles)
        yield from _read_token(match, names, styles)
        end = match.end()
    if end < len(text):
        yield Span(unescape(text[end:]), styles)


def _read_token(match: re.Match[str], names: Names, styles: frozenset[str]) -> Iterator[Span]:
    kind = str(match.lastgroup)
    inner = match[kind]
    if kind in _NESTED:
        yield from _inline(inner, names, styles | {kind})
    elif kind in {"pre", "code"}:
        # Links are still links inside code; markup is not.
        text = unescape(inner.strip("\n") if kind == "pre" else inner)
        yield Span(text, styles | {kind})
    elif kind == "emoji":
        yield Span(names.emoji(inner), styles | {"emoji"})
    elif kind == "url":
        yield Span(unescape(inner), styles, href=unescape(inner))
    else:
        span = read_angle(inner, names)
        yield replace(span, styles=styles | span.styles)


def read_angle(inner: str, names: Names) -> Span:
    """What stands between `<` and `>`: a mention, a date or a link."""
    target, _, label = inner.partition("|")
    if (mention := _mention(target, unescape(label), names)) is not None:
        return mention
    if match := _DATE.fullmatch(inner):
        text = names.date(int(match[1]), unescape(match[2]))
        return Span(text, href=unescape(match[3] or ""))
    if target.startswith("!"):
        return Span(unescape(label) or f"<{unescape(inner)}>")
    shown = unescape(label) if label else unescape(target.removeprefix("mailto:"))
    return Span(shown, href=unescape(target))


def _mention(target: str, label: str, names: Names) -> Span | None:
    look = frozenset({"mention"})
    if target.startswith("@"):
        return Span(names.user(target[1:]), look, pings=target[1:])
    if target.startswith("#"):
        return Span(names.channel(target[1:], label), look)
    if target in _BROADCASTS:
        return Span(f"@{target[1:]}", look, pings=target)
    if target.startswith("!subteam^"):
        return Span(label or target[9:], look, pings=target)
    return None


def plain_mrkdwn(text: str, names: Names) -> str:
    """The text a person reads, looks left out."""
    return "".join(span.text for span in read_mrkdwn(text, names))


def plain_emoji(text: str, names: Names) -> str:
    """A `plain_text` object's text: short codes become emoji, nothing else is markup."""
    return re.sub(r":([a-z0-9_+'-]+):", lambda match: names.emoji(match[1]), text)


def pings_of(text: str, names: Names) -> set[str]:
    """Whom a text in Slack's markup notifies: user ids, `!here`, `!channel`, `!everyone`."""
    return {span.pings for span in read_mrkdwn(text, names) if span.pings}

"""Customers' text made harmless: it cannot ping, link, format or turn the page around.

Slack reads `<!channel>`, `<@U..>` and `<http..|..>` as commands and wants `&`, `<` and `>`
escaped (docs.slack.dev, formatting message text, read 2026-11). It also formats `*x*`,
`_x_`, `~x~` and code marks, which have no escape: those get a look-alike.
"""

from __future__ import annotations

import re
from typing import Final

# Overrides and embeddings could show the rest of a line backwards.
_UNWANTED: Final = re.compile(
    "[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c\ufeff\ufff9-\ufffb]"
)
_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f]")
_HALF: Final = re.compile("[\ud800-\udfff]")
# Hebrew, Arabic and their neighbours, with the forms and the newer scripts of that direction.
_RIGHT_TO_LEFT: Final = re.compile(
    "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
# Nothing that is shown is longer, so no more of a huge value is looked at.
_LONGEST: Final = 4_000
_ISOLATED: Final = "\u2068{}\u2069"
# Between two letters or digits Slack takes a mark for text: `first_last@example.com`.
_MARKS: Final = re.compile(r"(?<![^\W_])[*_~]|[*_~](?![^\W_])|`")
_LOOKS_LIKE: Final = {"*": "\u2217", "_": "\uff3f", "~": "\u223c", "`": "\u02cb"}
_BROKEN_END: Final = re.compile(r"(&[a-z]*|<[^<>]*)\Z")
_CODE: Final = re.compile(r"`([^`]+)`")
_JOINERS: Final = "\u200d\ufe0e\ufe0f"


class Markup(str):
    """Text that is Slack's markup already, made by us; it is put in as it stands."""

    __slots__ = ()


def clean(text: str) -> str:
    """One line without control characters or direction tricks; for `plain_text`."""
    bare = _HALF.sub("", _CONTROL.sub(" ", _UNWANTED.sub("", text[:_LONGEST])))
    line = " ".join(bare.split())
    return _ISOLATED.format(line) if _RIGHT_TO_LEFT.search(line) else line


def escaped(text: str) -> Markup:
    """One harmless line for `mrkdwn`; what is `Markup` already stays as it is."""
    if isinstance(text, Markup):
        return text
    return Markup(_inert(clean(text)))


def coded(text: str) -> Markup:
    """As `escaped`, with what stands between two back-ticks as code: a command to be copied."""
    parts = _CODE.split(clean(text))
    # Every second part stood between two; marks mean nothing in there.
    shown = [f"`{_literal(each)}`" if n % 2 else _inert(each) for n, each in enumerate(parts)]
    return Markup("".join(shown))


def _inert(line: str) -> str:
    return _literal(_MARKS.sub(lambda match: _LOOKS_LIKE[match[0]], line))


def _literal(line: str) -> str:
    return line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def width(text: str) -> int:
    """Length as Slack may count it: in UTF-16 units, the larger of the two ways."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def cut(text: str, most: int) -> str:
    """The text, or its beginning and an ellipsis in `most` UTF-16 units; escapes stay whole."""
    if width(text) <= most:
        return text
    units = text.encode("utf-16-le", "surrogatepass")[: (most - 1) * 2]
    kept = units.decode("utf-16-le", "ignore")
    begun = _BROKEN_END.sub("", kept).rstrip(_JOINERS)
    return f"{begun}\u2026"

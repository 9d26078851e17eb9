"""Customers' text made harmless: it cannot ping, link, format or turn the page around.

Slack reads `<!channel>`, `<@U..>` and `<http..|..>` as commands and wants `&`, `<` and `>`
escaped (docs.slack.dev, formatting message text, read 2026-11). It also formats `*x*`,
`_x_`, `~x~` and code marks, which have no escape: those get a look-alike.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

# Overrides and embeddings could show the rest of a line backwards.
_UNWANTED: Final = re.compile(
    "[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c\ufeff\ufff9-\ufffb]"
)
_RIGHT_TO_LEFT: Final = frozenset({"R", "AL"})
_ISOLATED: Final = "\u2068{}\u2069"
# Between two letters or digits Slack takes a mark for text: `first_last@example.com`.
_MARKS: Final = re.compile(r"(?<![^\W_])[*_~]|[*_~](?![^\W_])|`")
_LOOKS_LIKE: Final = {"*": "\u2217", "_": "\uff3f", "~": "\u223c", "`": "\u02cb"}
_BROKEN_END: Final = re.compile(r"(&[a-z]*|<[^<>]*)\Z")
_JOINERS: Final = "\u200d\ufe0e\ufe0f"


class Markup(str):
    """Text that is Slack's markup already, made by us; it is put in as it stands."""

    __slots__ = ()


def clean(text: str) -> str:
    """One line without control characters or direction tricks; for `plain_text`."""
    bare = _UNWANTED.sub("", text)
    bare = "".join(" " if unicodedata.category(char) == "Cc" else char for char in bare)
    bare = "".join(char for char in bare if unicodedata.category(char) != "Cs")
    line = " ".join(bare.split())
    if any(unicodedata.bidirectional(char) in _RIGHT_TO_LEFT for char in line):
        return _ISOLATED.format(line)
    return line


def escaped(text: str) -> Markup:
    """One harmless line for `mrkdwn`; what is `Markup` already stays as it is."""
    if isinstance(text, Markup):
        return text
    marked = _MARKS.sub(lambda match: _LOOKS_LIKE[match[0]], clean(text))
    return Markup(marked.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))


def width(text: str) -> int:
    """Length as Slack may count it: in UTF-16 units, the larger of the two ways."""
    return len(text) + sum(1 for char in text if ord(char) > 0xFFFF)  # noqa: PLR2004 — UTF-16


def cut(text: str, most: int) -> str:
    """The text, or its beginning and an ellipsis in `most` UTF-16 units; escapes stay whole."""
    if width(text) <= most:
        return text
    kept, used = [], 1
    for char in text:
        used += width(char)
        if used > most:
            break
        kept.append(char)
    begun = _BROKEN_END.sub("", "".join(kept)).rstrip(_JOINERS)
    return f"{begun}\u2026"

"""Cutting a typed line into words: quotes, `key=value`, `--flags`, Slack's own escapes.

Slack hands over mentions as `<@U1|name>`, channels as `<#C1|name>`, and turns addresses
into `<mailto:a@b.c|a@b.c>` and `<tel:..|..>`; `&`, `<` and `>` arrive escaped
(docs.slack.dev, formatting message text, read 2026-11). Phones turn `"` into curly quotes
and `--` into a dash.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

from bot.parse.problems import Misread, Trouble

Refers = Literal["", "user", "channel", "group"]
Shape = Literal["plain", "key", "flag", "tag"]

_QUOTES: Final = '"\u201c\u201d\u201e\u201f\u00ab\u00bb'
_PIECE: Final = re.compile(
    rf"""
    [{_QUOTES}](?P<quoted>(?:\\.|[^\\{_QUOTES}])*)[{_QUOTES}]
  | (?:(?<=\s)|(?<==)|(?<![\s\S]))['\u2018\u2019](?P<single>[^'\u2018\u2019]*)['\u2018\u2019](?=\s|\Z)
  | <(?P<entity>[^<>\s][^<>]*)>
  | (?P<plain>[^\s<={_QUOTES}]+|<|=)
    """,
    re.VERBOSE | re.DOTALL,
)
_SPACE: Final = re.compile(r"\s*")
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)
_KEY: Final = re.compile(r"([A-Za-z_][\w.\-]*)(<=|>=|=|<|>)", re.DOTALL)
_FLAG: Final = re.compile(r"(?:--|\u2014|\u2013)([A-Za-z][\w-]*)(?:=(.*))?\Z", re.DOTALL)
_TAG: Final = re.compile(r"([+\-\u2212])(?=.)", re.DOTALL)
_OWN: Final = re.compile(r"<[@#][^<>]*>|&")
_MENTION: Final[dict[str, Refers]] = {"@": "user", "#": "channel"}


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a command line.

    Attributes:
        text: What it says, with quotes and escapes taken away; of `key=value` the value.
        at: Where it begins in the typed text.
        shape: Whether it is a key with a value, a flag, or a tag to add or remove.
        name: The key, the flag, or `+` / `-`.
        operator: `=`, `<`, `>`, `<=` or `>=` of a key.
        refers: What Slack says the text names; `id` is then its id.
        is_quoted: It was quoted, so it is never taken for a verb.
    """

    text: str
    at: int
    shape: Shape = "plain"
    name: str = ""
    operator: str = ""
    refers: Refers = ""
    id: str = ""
    is_quoted: bool = False


@dataclass(frozen=True, slots=True)
class _Piece:
    text: str
    is_bare: bool
    is_quoted: bool = False
    refers: Refers = ""
    id: str = ""


def cut(text: str) -> tuple[Word, ...] | Misread:
    """The words of a line, or where a quote was left open."""
    words = []
    at = _skip_space(text, 0)
    while at < len(text):
        begin = at
        pieces = []
        while at < len(text) and not text[at].isspace():
            match = _PIECE.match(text, at)
            if match is None:
                return Misread(Trouble.UNCLOSED_QUOTE, at, text[at : at + 20])
            pieces.append(_piece(match))
            at = match.end()
        words.append(_word(pieces, begin))
        at = _skip_space(text, at)
    return tuple(words)


def quoted(text: str) -> str:
    """A text written so that `cut` gives it back as one word."""
    inner = "".join(f"\\{char}" if char == "\\" or char in _QUOTES else char for char in text)
    return f'"{inner}"'


def as_slack_writes(line: str) -> str:
    """A line of our own as Slack would hand it over, so that what it says stays what it says."""
    return _OWN.sub(lambda match: match[0] if len(match[0]) > 1 else "&amp;", line)


def unescaped(text: str) -> str:
    """Slack's three escapes taken away."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _skip_space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return at if found is None else found.end()


def _piece(match: re.Match[str]) -> _Piece:
    kind = match.lastgroup
    inner = match[kind] if kind else ""
    if kind == "quoted":
        return _Piece(unescaped(_ESCAPED.sub(r"\1", inner)), is_bare=False, is_quoted=True)
    if kind == "single":
        return _Piece(unescaped(inner), is_bare=False, is_quoted=True)
    if kind == "entity":
        return _entity(inner)
    return _Piece(unescaped(inner), is_bare=True)


def _entity(inner: str) -> _Piece:
    target, _, label = inner.partition("|")
    if target[0] in _MENTION and len(target) > 1:
        name = unescaped(label) or target[1:]
        return _Piece(name, is_bare=False, refers=_MENTION[target[0]], id=target[1:])
    if target.startswith("!subteam^"):
        name = unescaped(label) or target
        return _Piece(name, is_bare=False, refers="group", id=target.removeprefix("!subteam^"))
    for scheme in ("mailto:", "tel:"):
        if target.startswith(scheme):
            return _Piece(unescaped(label or target.removeprefix(scheme)), is_bare=False)
    # `<!channel>` and the like are words to us; they are escaped again when shown.
    return _Piece(unescaped(target), is_bare=False)


def _word(pieces: list[_Piece], at: int) -> Word:
    bare = ""
    for piece in pieces:
        if not piece.is_bare:
            break
        bare += piece.text
    whole = "".join(piece.text for piece in pieces)
    only = pieces[0] if len(pieces) == 1 else None
    if flag := _FLAG.match(whole) if bare else None:
        return Word(flag[2] or "", at, "flag", name=flag[1].lower(), operator="=")
    if key := _KEY.match(bare):
        return _valued(pieces, whole[key.end() :], at, key)
    if tag := _TAG.match(whole) if bare else None:
        return Word(whole[1:], at, "tag", name="+" if tag[1] == "+" else "-")
    refers, id_ = (only.refers, only.id) if only else ("", "")
    return Word(whole, at, refers=refers, id=id_, is_quoted=any(p.is_quoted for p in pieces))


def _valued(pieces: list[_Piece], value: str, at: int, key: re.Match[str]) -> Word:
    last = pieces[-1]
    is_reference = bool(last.refers) and last.text == value
    return Word(
        value,
        at,
        "key",
        name=key[1].lower(),
        operator=key[2],
        refers=last.refers if is_reference else "",
        id=last.id if is_reference else "",
        is_quoted=last.is_quoted,
    )

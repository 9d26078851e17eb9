"""Notes: HTML as HighLevel's editor writes it, to plain text and back.

Whether a note comes as HTML depends on who wrote it: the web editor sends markup, the API
stores what it is given (third-party clients, read 2026-11). Text without a known tag is
taken as plain, so `a < b` and `<ann@example.com>` survive.
"""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser

from toolkit.mapping.texts import normal_text, read_text
from toolkit.model.ids import Side
from toolkit.model.values import Value

_BLOCK_WORDS = (
    "address article aside blockquote dd div dl dt fieldset figcaption figure footer form h1 h2"
    " h3 h4 h5 h6 header hr li main nav ol p pre section table tbody tfoot thead tr ul"
)
_INLINE_WORDS = (
    "a abbr b br center cite code del em font i img ins kbd label mark q s small span strike"
    " strong sub sup td th time u var body head html meta style script title"
)
_BLOCKS = frozenset(_BLOCK_WORDS.split())
_KNOWN = _BLOCKS | frozenset(_INLINE_WORDS.split())
_HIDDEN = frozenset({"style", "script", "head", "title"})
_TAG = re.compile(rf"</?(?:{'|'.join(sorted(_KNOWN))})(?=[\s/>])[^<>]*>", re.IGNORECASE)
_BREAKING = re.compile(rf"<(?:br|{'|'.join(sorted(_BLOCKS))})(?=[\s/>])", re.IGNORECASE)
_BLANKS = re.compile(r"[ \t\n\r\f]+")
_LOST_BLANKS = re.compile(r"[\t\r\f]|(?:(?<= )|(?<=\n)|\A) ")
_NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"


def looks_like_markup(text: str) -> bool:
    """Whether the text holds at least one tag that HTML knows."""
    return _TAG.search(text) is not None


def markup_to_text(markup: str) -> str:
    """The words of an HTML fragment, one line per block, `- ` before list items."""
    # Plain text with a bold word in it keeps its lines: nothing else would break them.
    reader = _Reader(keeps_newlines=_BREAKING.search(markup) is None)
    reader.feed(markup)
    reader.close()
    return reader.text


def text_to_markup(text: str) -> str:
    """HTML that reads back as exactly this normal text."""
    escaped = _LOST_BLANKS.sub(
        lambda blank: f"&#{ord(blank[0])};", html.escape(text, quote=False)
    )
    return "<p>" + escaped.replace("\n", "<br>") + "</p>"


class NoteConverter:
    """Note bodies: normal text inside, HTML understood on HighLevel only."""

    blank: Value = None

    def canon(self, side: Side, raw: object) -> Value:
        """The note's words; markup is not part of them."""
        text = read_text(raw)
        if side is Side.HIGHLEVEL and looks_like_markup(text):
            text = markup_to_text(text)
        return normal_text(text.replace(_NO_BREAK_SPACE, " ")) or None

    def render(self, side: Side, value: Value) -> object:
        """Plain text; escaped where HighLevel would read it as markup."""
        text = str(value)
        if side is Side.HIGHLEVEL and looks_like_markup(text):
            return text_to_markup(text)
        return text


class _Reader(HTMLParser):
    """Collects words; blanks between blocks are layout, character references are not."""

    def __init__(self, *, keeps_newlines: bool) -> None:
        super().__init__(convert_charrefs=False)
        self._keeps_newlines = keeps_newlines
        self._parts: list[str] = []
        self._at_line_start = True
        self._blank_due = False
        self._hidden_depth = 0
        self._link = ("", 0)

    @property
    def text(self) -> str:
        return "".join(self._parts)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _HIDDEN:
            self._hidden_depth += 1
        elif tag == "br":
            self._write("\n")
        elif tag == "a":
            self._link = (dict(attrs).get("href") or "", len(self._parts))
        elif tag in _BLOCKS:
            self._break_line()
            if tag == "li":
                self._write("- ")
        elif tag not in _KNOWN:
            self._write(self.get_starttag_text() or "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _HIDDEN:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag in _HIDDEN:
            self._hidden_depth = max(0, self._hidden_depth - 1)
        elif tag == "a":
            self._close_link()
        elif tag in _BLOCKS:
            self._break_line()
        elif tag not in _KNOWN:
            self._write(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if self._keeps_newlines:
            self._write(data)
            return
        words = _BLANKS.sub(" ", data)
        if words.startswith(" "):
            self._blank_due = True
        body = words.strip(" ")
        if body:
            self._write(body)
            self._blank_due = words.endswith(" ")

    def handle_entityref(self, name: str) -> None:
        self._write(html.unescape(f"&{name};"))

    def handle_charref(self, name: str) -> None:
        self._write(html.unescape(f"&#{name};"))

    def _write(self, piece: str) -> None:
        if self._hidden_depth:
            return
        if self._blank_due and not self._at_line_start and piece != "\n":
            self._parts.append(" ")
        self._blank_due = False
        self._parts.append(piece)
        self._at_line_start = piece.endswith("\n")

    def _break_line(self) -> None:
        if self._parts and not self._at_line_start:
            self._write("\n")
        self._blank_due = False

    def _close_link(self) -> None:
        address, start = self._link
        self._link = ("", 0)
        shown = "".join(self._parts[start:]).strip()
        bare = address.removeprefix("mailto:").removeprefix("tel:")
        if bare and bare != shown:
            self._write(f" ({bare})")

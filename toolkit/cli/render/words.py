"""Numbers, values and names as people read them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping

from rich.table import Table
from rich.text import Text

from toolkit.model.ids import Kind, Side
from toolkit.model.values import Value

LONGEST_VALUE = 60
"""Characters of a value shown in a table; the rest becomes an ellipsis."""

BLANK = "(blank)"

_OWN = {Kind.ARCHIVE: "Archive rows", Kind.METRIC: "Figures"}

REORDERING = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})
"""Bidirectional classes that change the order of what follows (Unicode annex 9)."""


def count(number: int, noun: str) -> str:
    """`1 conflict`, `2 conflicts`, `1,200 matches`."""
    if number == 1:
        return f"1 {noun}"
    return f"{number:,} {noun}{'es' if noun.endswith(('ch', 's', 'x')) else 's'}"


def plural(kind: Kind) -> str:
    """`Contacts`, as a row's heading."""
    return _OWN.get(kind, f"{kind.value.capitalize()}s")


def show_value(value: Value, *, longest: int = LONGEST_VALUE) -> str:
    """A value on one line, harmless to a terminal.

    Control characters are replaced: a name from outside must not move the cursor.
    """
    match value:
        case None | "" | ():
            return BLANK
        case bool():
            return "yes" if value else "no"
        case tuple():
            text = ", ".join(value)
        case _:
            text = str(value)
    flat = "".join("�" if _is_control(c) else c for c in " ".join(text.split()))
    return flat if len(flat) <= longest else flat[: longest - 1] + "…"


def _is_control(character: str) -> bool:
    # Cc moves the cursor; overrides and isolates can reorder the rest of the line.
    if unicodedata.category(character) == "Cc":
        return True
    return unicodedata.bidirectional(character) in REORDERING


def show_values(values: Mapping[str, Value]) -> str:
    """`name: Ada, phone: (blank)`."""
    return ", ".join(f"{name}: {show_value(value)}" for name, value in values.items())


def show_counts(counts: Mapping[str, int], *, most: int = 6) -> str:
    """`email 3, phone 2`, most frequent first, at most `most` of them."""
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    shown = [f"{name} {number:,}" for name, number in ranked[:most]]
    return ", ".join(shown + [f"{len(ranked) - most} more"] * (len(ranked) > most))


def show_calls(calls: Mapping[Side, int]) -> str:
    """`HighLevel 12, TimeTonic 7`."""
    return ", ".join(f"{side.label} {calls.get(side, 0):,}" for side in Side)


def table(*headings: str, whole: Iterable[str] = ()) -> Table:
    """The house table: no frame, bold headings; cells wrap and lose nothing.

    Args:
        headings: One a column.
        whole: Headings of columns that never wrap (ids, times).
    """
    made = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    unbroken = frozenset(whole)
    for heading in headings:
        made.add_column(Text(heading), overflow="fold", no_wrap=heading in unbroken)
    return made


def bullet_list(heading: str, lines: Iterable[str]) -> Text:
    """A bold heading with indented lines under it."""
    text = Text(heading, style="bold")
    for line in lines:
        text.append(f"\n  {line}", style="not bold")
    return text

"""Both systems in one picture: what each holds, and what stands between them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from toolkit.app.picture.node import Node, node
from toolkit.model.ids import Kind, Side

if TYPE_CHECKING:
    from toolkit.app.overview import Overview

_WIDE, _HIGH, _BOX = 760.0, 132.0, 230.0
_COUNTED: Final = ((Kind.CONTACT, "contacts"), (Kind.TASK, "tasks"), (Kind.NOTE, "notes"))


def both_sides(view: Overview) -> Node:
    """Two boxes and what waits between them."""
    status = view.status
    latest = view.history.latest
    paired = latest.census.contacts if latest else 0
    waits = [
        f"{paired:,} contacts in step",
        f"{status.waiting:,} events wait",
        f"{status.conflicts:,} conflicts",
    ]
    middle = _WIDE / 2
    between = [
        node("text", line, x=middle, y=34 + 24 * place, text_anchor="middle", class_=style)
        for place, (line, style) in enumerate(
            zip(waits, ("pic-big", "pic-soft", "pic-soft"), strict=True)
        )
    ]
    low = _HIGH - 22
    arrow = node(
        "path",
        d=f"M {_BOX + 14} {low} H {_WIDE - _BOX - 14} m -9 -6 l 9 6 l -9 6 "
        f"M {_BOX + 23} {low - 6} l -9 6 l 9 6",
        class_="pic-line",
    )
    return node(
        "svg",
        _box(view, Side.HIGHLEVEL, at=0.0),
        *between,
        arrow,
        _box(view, Side.TIMETONIC, at=_WIDE - _BOX),
        viewBox=f"0 0 {_WIDE:.0f} {_HIGH:.0f}",
        role="img",
        aria_label=f"HighLevel and TimeTonic: {', '.join(waits)}",
        class_="pic-drawing",
    )


def _box(view: Overview, side: Side, *, at: float) -> Node:
    counts = view.seen[side]
    lines = [
        node("text", f"{counts[kind]:,} {word}", x=at + 16, y=58 + 22 * place)
        for place, (kind, word) in enumerate(_COUNTED)
    ]
    return node(
        "g",
        node("rect", x=at, y=1, width=_BOX - 1, height=_HIGH - 2, rx=10, class_="pic-box"),
        node("text", side.label, x=at + 16, y=30, class_="pic-big"),
        *lines,
    )

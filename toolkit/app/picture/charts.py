"""Charts as trees of elements. Pure: values in, a picture out; every mark says its number."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from toolkit.app.picture.node import Node, node

Tone = Literal["plain", "good", "warn", "bad"]

WIDTH: Final = 420.0
_ROW: Final = 26.0
_LABEL: Final = 132.0
_NUMBER: Final = 66.0
_LETTERS: Final = 17
_SIGNS: Final[Mapping[Tone, str]] = {"plain": "", "good": "✓ ", "warn": "▲ ", "bad": "✕ "}


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar.

    Attributes:
        name: What it counts, as people read it.
        count: 0 or more.
        picks: Field -> value that a click filters the explorer by; empty for none.
    """

    name: str
    count: int
    picks: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Point:
    """One moment of a history.

    Attributes:
        name: Of the moment: a day, a week.
        values: One number for each series; None where nobody looked.
    """

    name: str
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Beat:
    """One run in a row of runs.

    Attributes:
        name: When and what.
        size: How long it took, in any unit.
        tone: How it ended.
    """

    name: str
    size: float
    tone: Tone


def tile(label: str, value: str, *, note: str = "", tone: Tone = "plain") -> Node:
    """A number people look for first; a sign beside the colour says how it stands."""
    return node(
        "div",
        node("span", label, class_="pic-label"),
        node("strong", f"{_SIGNS[tone]}{value}", class_=f"pic-value pic-{tone}"),
        node("span", note or "\u00a0", class_="pic-note"),
        class_="pic-tile",
    )


def card(title: str, *content: Node, note: str = "", is_wide: bool = False) -> Node:
    """A titled box around a picture."""
    size = "pic-card pic-wide" if is_wide else "pic-card"
    under = [node("p", note, class_="pic-note")] if note else []
    return node("section", node("h3", title), *content, *under, class_=size)


def bars(counts: Sequence[Bar], *, label: str) -> Node:
    """Bars from left to right, the number at the end of each."""
    if not counts:
        return nothing("Nothing to count yet.")
    most = max(each.count for each in counts) or 1
    total = sum(each.count for each in counts) or 1
    room = WIDTH - _LABEL - _NUMBER
    rows = [
        _bar(each, at=place * _ROW, length=room * each.count / most, share=each.count / total)
        for place, each in enumerate(counts)
    ]
    return _drawing(rows, height=len(counts) * _ROW, label=label)


def columns(points: Sequence[Point], *, names: Sequence[str], label: str) -> Node:
    """Columns side by side, one series beside the other."""
    if not points:
        return nothing("Nothing happened yet.")
    most = max((value or 0 for each in points for value in each.values), default=0) or 1
    step = WIDTH / len(points)
    width = min(26.0, (step - 6) / max(1, len(names)))
    marks: list[Node] = [_grid(most)]
    for place, each in enumerate(points):
        left = place * step + (step - width * len(names)) / 2
        for series, value in enumerate(each.values):
            high = (_HIGH - 14) * (value or 0) / most
            mark = node(
                "rect",
                x=left + series * width,
                y=_HIGH - high,
                width=width - 1,
                height=high,
                rx=2,
                class_=f"pic-fill{series}",
            )
            marks.append(_titled(mark, f"{each.name}: {names[series]} {value or 0:,.0f}"))
        if place % max(1, round(len(points) / 8)) == 0:
            marks.append(_caption(each.name, at=place * step + step / 2))
    return node("div", _drawing(marks, height=_HIGH + 22, label=label), legend(names))


def trend(points: Sequence[Point], *, names: Sequence[str], label: str) -> Node:
    """Lines over time, from zero; a gap where nobody looked."""
    if len(points) < _FEWEST:
        return nothing("One day is no trend yet.")
    most = max((value or 0 for each in points for value in each.values), default=0) or 1
    step = WIDTH / (len(points) - 1)
    marks = [_grid(most)]
    for series, name in enumerate(names):
        spots = [
            f"{place * step:.1f},{_HIGH - (_HIGH - 14) * (value or 0) / most:.1f}"
            for place, each in enumerate(points)
            if (value := each.values[series]) is not None
        ]
        line = node("polyline", points=" ".join(spots), class_=f"pic-line pic-line{series}")
        marks.append(_titled(line, f"{name}: {points[-1].values[series] or 0:,.0f} now"))
    marks += [
        _caption(points[0].name, at=0, anchor="start"),
        _caption(points[-1].name, at=WIDTH, anchor="end"),
    ]
    return node("div", _drawing(marks, height=_HIGH + 22, label=label), legend(names))


def meter(name: str, used: int, limit: int) -> Node:
    """How much of an allowance is spent."""
    share = min(1.0, used / limit) if limit > 0 else 1.0
    tone: Tone = "bad" if share >= _FULL else "warn" if share >= _NEARLY else "good"
    return node(
        "div",
        node("span", f"{_SIGNS[tone]}{name}", class_="pic-label"),
        node(
            "span",
            node("i", style=f"width:{100 * share:.1f}%", class_=f"pic-fill-{tone}"),
            class_="pic-meter",
        ),
        node("span", f"{used:,} of {limit:,} ({100 * share:.0f} %)", class_="pic-note"),
        class_="pic-metered",
    )


def beats(runs: Sequence[Beat], *, label: str) -> Node:
    """Runs in a row, oldest first: how long each took, and how it ended."""
    if not runs:
        return nothing("Nothing ran yet.")
    most = max(each.size for each in runs) or 1
    step = min(22.0, WIDTH / len(runs))
    marks = []
    for place, each in enumerate(runs):
        high = max(4.0, 56.0 * each.size / most)
        mark = node(
            "rect",
            x=place * step + 1,
            y=70 - high,
            width=step - 3,
            height=high,
            rx=2,
            class_=f"pic-fill-{each.tone}",
        )
        marks.append(_titled(mark, each.name))
        if each.tone in {"warn", "bad"}:
            sign = _SIGNS[each.tone].strip()
            marks.append(
                node(
                    "text",
                    sign,
                    x=place * step + step / 2 - 1,
                    y=64 - high,
                    class_="pic-sign",
                    text_anchor="middle",
                )
            )
    return _drawing(marks, height=74, label=label)


def legend(names: Sequence[str]) -> Node:
    """What the colours of series mean."""
    marks = [
        node("span", node("i", class_=f"pic-key pic-fill{series}"), name)
        for series, name in enumerate(names)
    ]
    return node("p", *marks, class_="pic-legend")


def nothing(sentence: str) -> Node:
    """Where there is no picture yet."""
    return node("p", sentence, class_="pic-note pic-empty")


_HIGH: Final = 120.0
_FEWEST: Final = 2
_NEARLY: Final = 0.8
_FULL: Final = 0.95


def _bar(bar: Bar, *, at: float, length: float, share: float) -> Node:
    name = bar.name if len(bar.name) <= _LETTERS else f"{bar.name[: _LETTERS - 1]}…"
    said = f"{bar.name}: {bar.count:,} ({100 * share:.0f} %)"
    drawn = (
        node("title", said),
        node("rect", x=0, y=at, width=WIDTH, height=_ROW, class_="pic-hit"),
        node("text", name, x=0, y=at + 17, class_="pic-name"),
        node(
            "rect",
            x=_LABEL,
            y=at + 6,
            width=max(length, 2.0 if bar.count else 0.0),
            height=_ROW - 12,
            rx=3,
            class_="pic-fill0",
        ),
        node(
            "text",
            f"{bar.count:,}",
            x=_LABEL + max(length, 2.0) + 7,
            y=at + 17,
            class_="pic-number",
        ),
    )
    if not bar.picks:
        return node("g", *drawn)
    return node(
        "g",
        *drawn,
        class_="pic-pick",
        data_filter=json.dumps(dict(bar.picks), ensure_ascii=False),
        role="button",
        tabindex=0,
        aria_label=f"{said}. Show these contacts",
    )


def _grid(most: float) -> Node:
    return node(
        "g",
        node("line", x1=0, x2=WIDTH, y1=_HIGH, y2=_HIGH, class_="pic-axis"),
        node("line", x1=0, x2=WIDTH, y1=14, y2=14, class_="pic-rule"),
        node("text", f"{most:,.0f}", x=0, y=10, class_="pic-tick"),
    )


def _caption(name: str, *, at: float, anchor: str = "middle") -> Node:
    return node("text", name, x=at, y=_HIGH + 16, class_="pic-tick", text_anchor=anchor)


def _titled(mark: Node, said: str) -> Node:
    return Node(mark.tag, mark.settings, (node("title", said), *mark.children))


def _drawing(marks: Sequence[Node], *, height: float, label: str) -> Node:
    return node(
        "svg",
        *marks,
        viewBox=f"0 0 {WIDTH:.0f} {height:.0f}",
        role="group",
        aria_label=label,
        class_="pic-drawing",
    )

"""Charts of `data_visualization` blocks as SVG: bars, lines, areas, pies. Colours are classes."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any, Final

_WIDTH: Final = 480
_HEIGHT: Final = 200
_LEFT: Final = 36
_BOTTOM: Final = 24
_TOP: Final = 8
_RADIUS: Final = 80
_FULL: Final = 0.999_99


def chart_html(block: Mapping[str, Any]) -> str:
    """One chart with its title and legend."""
    chart = block["chart"]
    if chart["type"] == "pie":
        drawn = "".join(_slices(chart["segments"]))
        names = [f"{one['label']} ({one['value']:g})" for one in chart["segments"]]
    else:
        drawn = "".join([*_axes(chart), *_series(chart)])
        names = [str(one["name"]) for one in chart["series"]]
    legend = "".join(
        f'<li><span class="dot c{number}"></span>{escape(name)}</li>'
        for number, name in enumerate(names)
    )
    title = escape(str(block["title"]))
    return (
        f'<figure class="chart"><figcaption>{title}</figcaption>'
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{title}">{drawn}</svg>'
        f'<ul class="legend">{legend}</ul></figure>'
    )


def _top_value(chart: Mapping[str, Any]) -> float:
    values = [point["value"] for one in chart["series"] for point in one["data"]]
    return float(max([*values, 0])) or 1.0


def _y(value: float, top: float) -> float:
    room = _HEIGHT - _BOTTOM - _TOP
    return round(_TOP + room * (1 - max(value, 0) / top), 1)


def _axes(chart: Mapping[str, Any]) -> Iterator[str]:
    categories = chart["axis_config"]["categories"]
    step = (_WIDTH - _LEFT) / len(categories)
    floor = _HEIGHT - _BOTTOM
    top = _top_value(chart)
    yield f'<line class="axis" x1="{_LEFT}" y1="{floor}" x2="{_WIDTH}" y2="{floor}"/>'
    for share in (0.0, 0.5, 1.0):
        y = _y(top * share, top)
        yield f'<line class="grid" x1="{_LEFT}" y1="{y}" x2="{_WIDTH}" y2="{y}"/>'
        yield f'<text x="{_LEFT - 4}" y="{y + 4}" class="end">{top * share:g}</text>'
    # Twelve labels fit; of more, every so manieth is written.
    every = math.ceil(len(categories) / 12)
    for number in range(0, len(categories), every):
        x = round(_LEFT + step * (number + 0.5), 1)
        yield f'<text x="{x}" y="{_HEIGHT - 6}" class="mid">{escape(categories[number])}</text>'


def _series(chart: Mapping[str, Any]) -> Iterator[str]:
    series: Sequence[Mapping[str, Any]] = chart["series"]
    top = _top_value(chart)
    step = (_WIDTH - _LEFT) / len(chart["axis_config"]["categories"])
    for number, one in enumerate(series):
        values = [float(point["value"]) for point in one["data"]]
        if chart["type"] == "bar":
            yield from _bars(values, top, step, place=(number, len(series)))
        else:
            yield _curve(values, top, step, look=(number, chart["type"] == "area"))


def _bars(
    values: Sequence[float], top: float, step: float, *, place: tuple[int, int]
) -> Iterator[str]:
    number, count = place
    width = step * 0.8 / count
    for position, value in enumerate(values):
        x = _LEFT + step * (position + 0.1) + width * number
        y = _y(value, top)
        height = round(_HEIGHT - _BOTTOM - y, 1)
        yield (
            f'<rect class="c{number}" x="{x:.1f}" y="{y}" width="{width:.1f}" '
            f'height="{height}"><title>{value:g}</title></rect>'
        )


def _curve(values: Sequence[float], top: float, step: float, *, look: tuple[int, bool]) -> str:
    number, is_area = look
    points = [
        f"{_LEFT + step * (position + 0.5):.1f},{_y(value, top)}"
        for position, value in enumerate(values)
    ]
    if not is_area:
        return f'<polyline class="c{number}" points="{" ".join(points)}"/>'
    floor = _HEIGHT - _BOTTOM
    first = f"{_LEFT + step * 0.5:.1f},{floor}"
    last = f"{_LEFT + step * (len(values) - 0.5):.1f},{floor}"
    return f'<polygon class="c{number}" points="{" ".join([first, *points, last])}"/>'


def _slices(segments: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    total = sum(max(one["value"], 0) for one in segments) or 1
    centre_x, centre_y = _WIDTH / 2, _HEIGHT / 2
    turned = 0.0
    for number, one in enumerate(segments):
        # A whole circle drawn as one arc would vanish.
        share = min(max(one["value"], 0) / total, _FULL)
        ends = [2 * math.pi * (turned + part) for part in (0.0, share)]
        (x1, y1), (x2, y2) = (
            (centre_x + _RADIUS * math.sin(end), centre_y - _RADIUS * math.cos(end))
            for end in ends
        )
        turned += share
        is_large = int(share > 1 / 2)
        yield (
            f'<path class="c{number}" d="M{centre_x},{centre_y} L{x1:.1f},{y1:.1f} '
            f'A{_RADIUS},{_RADIUS} 0 {is_large} 1 {x2:.1f},{y2:.1f} Z">'
            f"<title>{escape(one['label'])} {one['value']:g}</title></path>"
        )

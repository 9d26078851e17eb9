"""The blocks: what each holds, and on which surface it may stand.

Where a block may stand is what Slack's own list says (docs.slack.dev/blocks.json, read 2026-11);
for blocks the stored part of that list does not reach, the narrower reading: messages only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any, Final

from toolkit.sandbox.slack.blockkit.elements import (
    BUTTON,
    IN_ACTIONS,
    IN_CONTEXT_ACTIONS,
    IN_INPUT,
    IN_SECTION,
    only,
)
from toolkit.sandbox.slack.blockkit.objects import BLOCK_ID, URL, SomeOf, image, plain, text
from toolkit.sandbox.slack.blockkit.rich_text import RICH_TEXT
from toolkit.sandbox.slack.blockkit.shapes import (
    ByType,
    Fields,
    Flag,
    Issue,
    Items,
    Num,
    Rule,
    Shape,
    Str,
    below,
)


class Surface(StrEnum):
    """Where blocks are shown."""

    MESSAGE = "message"
    MODAL = "modal"
    HOME = "home"


_EVERYWHERE: Final = frozenset(Surface)
_MESSAGE: Final = frozenset({Surface.MESSAGE})
SURFACES: Final[dict[str, frozenset[Surface]]] = {
    "actions": _EVERYWHERE,
    "alert": frozenset({Surface.MODAL}),
    "call": _MESSAGE,
    "card": _EVERYWHERE,
    "carousel": frozenset({Surface.MESSAGE, Surface.HOME}),
    "container": _MESSAGE,
    "context": _EVERYWHERE,
    "context_actions": _MESSAGE,
    "data_table": _MESSAGE,
    "data_visualization": _MESSAGE,
    "divider": _EVERYWHERE,
    "file": _MESSAGE,
    "header": _EVERYWHERE,
    "image": _EVERYWHERE,
    "input": _EVERYWHERE,
    "markdown": _MESSAGE,
    "plan": _MESSAGE,
    "rich_text": _EVERYWHERE,
    "section": _EVERYWHERE,
    "table": _MESSAGE,
    "task_card": _MESSAGE,
    "video": _EVERYWHERE,
}

_MOST_ROWS: Final = 100
_MOST_CELLS: Final = 20
_LABEL: Final = 2000
MARKDOWN_CHARACTERS: Final = 12_000

_RAW_TEXT: Final = Fields({"text": Str(least=1)})
_RAW_NUMBER: Final = Fields({"value": Num(is_whole=False)}, {"text": Str()})
_PLAIN_CELLS: Final[dict[str, Shape]] = {"raw_text": _RAW_TEXT, "raw_number": _RAW_NUMBER}
_CELL: Final = ByType({**_PLAIN_CELLS, "rich_text": RICH_TEXT})
_ROW: Final = Items(_CELL, most=_MOST_CELLS)


def _rows_are_even(value: Mapping[str, Any], at: str) -> Iterator[Issue]:
    rows = value["rows"]
    for number, row in enumerate(rows):
        if len(row) != len(rows[0]):
            yield Issue(below(below(at, "rows"), number), "must have as many cells as row 0")


def _header_is_plain(value: Mapping[str, Any], at: str) -> Iterator[Issue]:
    for number, cell in enumerate(value["rows"][0]):
        if cell["type"] == "rich_text":
            yield Issue(f"{at}/rows/0/{number}", "header cells cannot be rich_text")


def _labels_are_categories(value: Mapping[str, Any], at: str) -> Iterator[Issue]:
    categories = value["axis_config"]["categories"]
    names = [one["name"] for one in value["series"]]
    for number, one in enumerate(value["series"]):
        place = below(below(at, "series"), number)
        if [point["label"] for point in one["data"]] != categories:
            yield Issue(below(place, "data"), "labels must match axis_config.categories")
        if one["name"] in names[:number]:
            yield Issue(below(place, "name"), "must be unique among the series")


def _collapses_sensibly(value: Mapping[str, Any], at: str) -> Iterator[Issue]:
    if value.get("default_collapsed") and not value.get("is_collapsible"):
        yield Issue(below(at, "default_collapsed"), "requires is_collapsible")
    if value.get("has_header_divider") and value.get("is_collapsible"):
        yield Issue(below(at, "has_header_divider"), "cannot be set with is_collapsible")


_POINT: Final = Fields({"label": Str(most=20, least=1), "value": Num(is_whole=False)})
_SERIES: Final = Fields(
    {
        "series": Items(Fields({"name": Str(most=50, least=1), "data": Items(_POINT)}), most=6),
        "axis_config": Fields(
            {"categories": Items(Str(most=20, least=1))},
            {"x_label": Str(most=50), "y_label": Str(most=50)},
        ),
    },
    {},
    (_labels_are_categories,),
)
_CHART: Final = ByType(
    {
        "pie": Fields({"segments": Items(_POINT, most=6)}),
        "bar": _SERIES,
        "line": _SERIES,
        "area": _SERIES,
    }
)


def _block(
    required: Mapping[str, Shape], optional: Mapping[str, Shape] | None = None, *rules: Rule
) -> Fields:
    return Fields(required, {**(optional or {}), "block_id": BLOCK_ID}, rules)


_CARD: Final = _block(
    {},
    {
        "hero_image": ByType({"image": image()}),
        "icon": ByType({"image": image()}),
        "title": text(150),
        "subtitle": text(150),
        "body": text(200),
        "actions": Items(ByType({"button": BUTTON}), most=5),
    },
    SomeOf(("hero_image", "title", "actions", "body")),
)
_TASK: Final = _block(
    {
        "task_id": Str(least=1),
        "title": Str(least=1),
        "status": Str(choices=("pending", "in_progress", "complete", "error")),
    },
    {
        "details": ByType({"rich_text": RICH_TEXT}),
        "output": ByType({"rich_text": RICH_TEXT}),
        "sources": Items(ByType({"url": Fields({"url": URL, "text": Str(least=1)})})),
    },
)
_PLAIN_BLOCKS: Final[dict[str, Shape]] = {
    "section": _block(
        {},
        {
            "text": text(),
            "fields": Items(text(2000), most=10),
            "accessory": ByType(only(IN_SECTION)),
            "expand": Flag(),
        },
        SomeOf(("text", "fields")),
    ),
    "divider": _block({}),
    "header": _block({"text": plain(150)}),
    "image": Fields(
        image().required,
        {**image(title=plain(2000)).optional, "block_id": BLOCK_ID},
        image().rules,
    ),
    "actions": _block({"elements": Items(ByType(only(IN_ACTIONS)), most=25)}),
    "context": _block(
        {
            "elements": Items(
                ByType(
                    {
                        "image": image(),
                        "plain_text": text(),
                        "mrkdwn": text(),
                    }
                ),
                most=10,
            )
        }
    ),
    "input": _block(
        {"label": plain(_LABEL), "element": ByType(only(IN_INPUT))},
        {"hint": plain(_LABEL), "optional": Flag(), "dispatch_action": Flag()},
    ),
    "file": _block({"external_id": Str(least=1), "source": Str(choices=("remote",))}),
    "rich_text": Fields(
        RICH_TEXT.required, {**RICH_TEXT.optional, "block_id": BLOCK_ID}, RICH_TEXT.rules
    ),
    "table": _block(
        {"rows": Items(_ROW, most=_MOST_ROWS)},
        {
            "column_settings": Items(
                Fields(
                    {},
                    {"align": Str(choices=("left", "center", "right")), "is_wrapped": Flag()},
                ),
                most=_MOST_CELLS,
            )
        },
    ),
    "video": _block(
        {
            "video_url": URL,
            "thumbnail_url": URL,
            "alt_text": Str(least=1),
            "title": plain(199),
        },
        {
            "title_url": URL,
            "author_name": Str(most=49),
            "provider_name": Str(),
            "provider_icon_url": URL,
            "description": plain(199),
        },
    ),
}
BLOCKS: Final[dict[str, Shape]] = {
    **_PLAIN_BLOCKS,
    "alert": _block(
        {"text": text()},
        {"level": Str(choices=("default", "info", "warning", "error", "success"))},
    ),
    "call": _block({"call_id": Str(least=1)}),
    "card": _CARD,
    "carousel": _block({"elements": Items(ByType({"card": _CARD}), most=10)}),
    "container": _block(
        {"child_blocks": Items(ByType(_PLAIN_BLOCKS), most=10)},
        {
            "title": plain(150),
            "rich_text_title": ByType({"rich_text": RICH_TEXT}),
            "subtitle": text(150),
            "width": Str(choices=("narrow", "standard", "wide", "full")),
            "icon": ByType({"image": image()}),
            "is_collapsible": Flag(),
            "default_collapsed": Flag(),
            "has_header_divider": Flag(),
        },
        SomeOf(("title", "rich_text_title")),
        _collapses_sensibly,
    ),
    "context_actions": _block({"elements": Items(ByType(only(IN_CONTEXT_ACTIONS)), most=5)}),
    "data_table": _block(
        {"rows": Items(_ROW, least=2, most=_MOST_ROWS + 1), "caption": Str(least=1)},
        {
            "page_size": Num(low=1, high=100),
            "row_header_column_index": Num(low=0, high=_MOST_CELLS - 1),
        },
        _rows_are_even,
        _header_is_plain,
    ),
    "data_visualization": _block({"title": Str(most=50, least=1), "chart": _CHART}),
    "markdown": _block({"text": Str(most=MARKDOWN_CHARACTERS, least=1)}),
    "plan": _block({"title": Str(least=1)}, {"tasks": Items(ByType({"task_card": _TASK}))}),
    "task_card": _TASK,
}

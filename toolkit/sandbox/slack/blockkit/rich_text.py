"""Rich text: the block in which Slack itself stores what people write."""

from __future__ import annotations

from typing import Final

from toolkit.sandbox.slack.blockkit.objects import URL
from toolkit.sandbox.slack.blockkit.shapes import (
    ByType,
    Fields,
    Flag,
    Items,
    Num,
    Shape,
    Str,
)

_ID: Final = Str(least=1)
_STYLE: Final = Fields(
    {},
    {name: Flag() for name in ("bold", "italic", "strike", "code", "underline")},
)
_STYLED: Final[dict[str, Shape]] = {"style": _STYLE}
_TEXT: Final = Fields({"text": Str(least=1)}, _STYLED)
_LINK: Final = Fields({"url": URL}, {**_STYLED, "text": Str(), "unsafe": Flag()})
_INLINE: Final = ByType(
    {
        "text": _TEXT,
        "link": _LINK,
        "user": Fields({"user_id": _ID}, _STYLED),
        "channel": Fields({"channel_id": _ID}, _STYLED),
        "usergroup": Fields({"usergroup_id": _ID}, _STYLED),
        "team": Fields({"team_id": _ID}, _STYLED),
        "emoji": Fields({"name": _ID}, {**_STYLED, "unicode": Str(), "url": Str()}),
        "broadcast": Fields({"range": Str(choices=("here", "channel", "everyone"))}, _STYLED),
        "color": Fields({"value": Str(pattern=r"#[0-9A-Fa-f]{6}")}, _STYLED),
        "date": Fields(
            {"timestamp": Num(low=0), "format": _ID},
            {**_STYLED, "url": URL, "fallback": Str()},
        ),
    }
)
_BORDER: Final[dict[str, Shape]] = {"border": Num(low=0, high=1)}
_SECTION: Final = Fields({"elements": Items(_INLINE, least=0)})

RICH_TEXT: Final = Fields(
    {
        "elements": Items(
            ByType(
                {
                    "rich_text_section": _SECTION,
                    "rich_text_quote": Fields({"elements": Items(_INLINE, least=0)}, _BORDER),
                    "rich_text_preformatted": Fields(
                        {"elements": Items(ByType({"text": _TEXT, "link": _LINK}), least=0)},
                        {**_BORDER, "language": Str()},
                    ),
                    "rich_text_list": Fields(
                        {
                            "elements": Items(ByType({"rich_text_section": _SECTION})),
                            "style": Str(choices=("bullet", "ordered")),
                        },
                        {**_BORDER, "indent": Num(low=0, high=8), "offset": Num(low=0)},
                    ),
                }
            )
        )
    }
)

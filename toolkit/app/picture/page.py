"""A picture as a page of its own: no script, nothing from elsewhere, prints well."""

from __future__ import annotations

from html import escape

from toolkit.app.picture.node import Node, markup
from toolkit.app.picture.style import sheet


def page(title: str, content: Node) -> str:
    """A whole HTML document; light or dark as its reader prefers."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>body{{margin:0}}"
        f".pic{{max-width:1180px;margin:0 auto}}{sheet(dark='')}</style></head>"
        f"<body>{markup(content)}</body></html>\n"
    )

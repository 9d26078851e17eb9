"""Pictures of a connection's figures: values in, elements out, for any page."""

from toolkit.app.picture.dashboard import draw_dashboard
from toolkit.app.picture.node import Node, markup, plain
from toolkit.app.picture.page import page
from toolkit.app.picture.style import sheet

__all__ = ["Node", "draw_dashboard", "markup", "page", "plain", "sheet"]

"""A picture as a tree of elements: written out as markup, or sent to a page as JSON.

Text is only ever text: markup is escaped when it is written, and a page makes elements and
text nodes one by one, so that no customer's value can become an element.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any, Final, TypeAlias

Attribute: TypeAlias = str | int | float

_VOID: Final = frozenset({"br", "hr", "meta", "line", "rect", "path", "circle", "polyline"})


@dataclass(frozen=True, slots=True)
class Node:
    """One element.

    Attributes:
        tag: Of HTML or SVG.
        settings: Its attributes; numbers are written with two decimals at most.
        children: Elements and texts.
    """

    tag: str
    settings: Mapping[str, Attribute] = field(default_factory=dict)
    children: tuple[Node | str, ...] = ()

    def find(self, tag: str) -> Iterator[Node]:
        """Every element of a tag below, itself included, in order."""
        if self.tag == tag:
            yield self
        for child in self.children:
            if isinstance(child, Node):
                yield from child.find(tag)

    @property
    def text(self) -> str:
        """What is to be read in it."""
        parts = (each.text if isinstance(each, Node) else each for each in self.children)
        return " ".join(part for part in parts if part)


def node(tag: str, *children: Node | str, **settings: Attribute) -> Node:
    """An element; `class_` is `class`, and an underscore in other names is a hyphen."""
    named = {_attribute(name): value for name, value in settings.items()}
    return Node(tag, named, children)


def markup(found: Node) -> str:
    """The element as HTML or SVG text."""
    settings = "".join(
        f' {name}="{escape(written(value))}"' for name, value in found.settings.items()
    )
    if found.tag in _VOID and not found.children:
        return f"<{found.tag}{settings}/>"
    inner = "".join(
        markup(each) if isinstance(each, Node) else escape(each) for each in found.children
    )
    return f"<{found.tag}{settings}>{inner}</{found.tag}>"


def plain(found: Node) -> list[Any]:
    """The element as JSON: tag, attributes, children."""
    settings = {name: written(value) for name, value in found.settings.items()}
    children = [plain(each) if isinstance(each, Node) else each for each in found.children]
    return [found.tag, settings, children]


def written(value: Attribute) -> str:
    """An attribute as text."""
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def _attribute(name: str) -> str:
    return name.removesuffix("_") if name.endswith("_") else name.replace("_", "-")

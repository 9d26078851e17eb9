"""Walks a tree of blocks: every block, and every element a person can act on, with its pointer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from toolkit.sandbox.slack.blockkit.shapes import below

Block = Mapping[str, Any]


def nested_blocks(blocks: Sequence[Any], at: str = "") -> Iterator[tuple[Block, str]]:
    """Every block with its pointer, those inside containers, carousels and plans included."""
    for number, block in enumerate(blocks):
        if not isinstance(block, dict):
            continue
        place = below(at, number)
        yield block, place
        for name in _NESTS.get(str(block.get("type")), ()):
            inner = block.get(name)
            if isinstance(inner, list):
                yield from nested_blocks(inner, below(place, name))


_NESTS = {
    "container": ("child_blocks",),
    "carousel": ("elements",),
    "plan": ("tasks",),
}
_LISTS = {
    "actions": "elements",
    "context_actions": "elements",
    "card": "actions",
}
_SINGLES = {"section": "accessory", "input": "element"}


def elements_of(block: Block, at: str = "") -> Iterator[tuple[Block, str]]:
    """The elements of one block with their pointers; an accessory that is an image included."""
    kind = str(block.get("type"))
    if (name := _LISTS.get(kind)) is not None:
        members = block.get(name)
        for number, one in enumerate(members if isinstance(members, list) else []):
            if isinstance(one, dict):
                yield one, below(below(at, name), number)
    elif (name := _SINGLES.get(kind)) is not None and isinstance(block.get(name), dict):
        yield block[name], below(at, name)


def elements(blocks: Sequence[Any]) -> Iterator[tuple[Block, Block]]:
    """Every (block, element) of a tree, in order."""
    for block, _ in nested_blocks(blocks):
        for element, _at in elements_of(block):
            yield block, element

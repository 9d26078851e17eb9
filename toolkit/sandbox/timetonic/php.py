"""Form parsing the way PHP does it, because TimeTonic's server is `api.php`.

Bracket names become nested maps, the body wins over the query (`$_REQUEST`), and a bracket-encoded
batch beyond `max_input_vars` loses its tail without a word. Captured wire forms:
../shared/samples/timetonic/wire/encodings.md.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

Json: TypeAlias = bool | int | float | str | list["Json"] | dict[str, "Json"] | None
Tree: TypeAlias = dict[str, "Tree | str"]

_BRACKETS = re.compile(r"\[([^\]]*)\]")
_WHOLE = re.compile(r"\s*([+-]?\d+)")
_TRUE_WORDS = frozenset({"true", "1", "yes", "on"})
_INT_KEY = re.compile(r"0|-?[1-9]\d*")


def split_name(name: str) -> list[str]:
    """`rows[tmp1][12]` as `["rows", "tmp1", "12"]`; `""` asks for the next free index."""
    head, bracket, _ = name.lstrip(" ").partition("[")
    # PHP variable names hold neither blanks nor dots; only the outer name is rewritten.
    outer = head.replace(" ", "_").replace(".", "_")
    if not bracket or "]" not in name:
        return [outer + name.lstrip(" ")[len(head) :].replace("[", "_", 1)]
    return [outer, *_BRACKETS.findall(name.lstrip(" ")[len(head) :])]


def parse_pairs(pairs: Iterable[tuple[str, str]], *, max_vars: int = 1000) -> Tree:
    """Read decoded name-value pairs into a tree; the last value of a name wins.

    Args:
        pairs: In wire order.
        max_vars: PHP's `max_input_vars`; what comes after is dropped silently.
    """
    tree: Tree = {}
    for count, (name, value) in enumerate(pairs):
        if count >= max_vars:
            break
        *path, last = split_name(name)
        if not path and not last:
            continue
        node = tree
        for part in path:
            child = node.get(key := part or _next_index(node))
            if not isinstance(child, dict):
                child = node[key] = {}
            node = child
        node[last or _next_index(node)] = value
    return tree


def _next_index(node: Tree) -> str:
    taken = [int(key) for key in node if _INT_KEY.fullmatch(key)]
    return str(max(taken, default=-1) + 1)


def merge_trees(under: Tree, over: Tree) -> Tree:
    """`$_REQUEST`: `over` wins, and maps on both sides are merged into each other."""
    merged = dict(under)
    for name, value in over.items():
        below = merged.get(name)
        if isinstance(below, dict) and isinstance(value, dict):
            merged[name] = merge_trees(below, value)
        else:
            merged[name] = value
    return merged


def whole_number(value: object) -> int:
    """PHP's `intval`: blanks trimmed, the leading digits count, anything else is 0."""
    if isinstance(value, bool | int | float):
        return int(value)
    found = _WHOLE.match(value) if isinstance(value, str) else None
    return int(found[1]) if found else 0


def truth(value: object) -> bool:
    """The four spellings clients send: `true`, `false`, `1`, `0`; as word, number or JSON."""
    return value.strip().lower() in _TRUE_WORDS if isinstance(value, str) else bool(value)


def listed(value: Json) -> list[Json]:
    """A list, or the values of a map with counted keys (a bracket-encoded list)."""
    if isinstance(value, list):
        return value
    return list(value.values()) if isinstance(value, dict) else []


def _from_tree(node: Tree | str) -> Json:
    if isinstance(node, str):
        return node
    return {name: _from_tree(child) for name, child in node.items()}


@dataclass(frozen=True, slots=True)
class Arguments:
    """The parameters of one call, whichever way they travelled."""

    tree: Mapping[str, Tree | str]

    def has(self, name: str) -> bool:
        """Whether the parameter was sent at all, even empty."""
        return name in self.tree

    def text(self, name: str, default: str = "") -> str:
        """A scalar as sent; `default` when absent or structured."""
        value = self.tree.get(name, default)
        return value if isinstance(value, str) else default

    def whole(self, name: str, default: int = 0) -> int:
        """A whole number; `default` when absent or empty, 0 when unreadable."""
        text = self.text(name).strip()
        return whole_number(text) if text else default

    def flag(self, name: str, *, default: bool) -> bool:
        """A boolean in any of its spellings; `default` when absent or empty."""
        text = self.text(name).strip()
        return truth(text) if text else default

    def structure(self, name: str) -> Json:
        """A nested argument: JSON text, else the bracket tree, else the bare text; None if absent."""
        value = self.tree.get(name)
        if not isinstance(value, str):
            return None if value is None else _from_tree(value)
        try:
            parsed: Json = json.loads(value)
        except ValueError:
            return value
        return parsed

    def ids(self, name: str) -> list[int]:
        """A list of ids: JSON text, brackets, or separated by commas; [] when absent."""
        return read_ids(self.structure(name))


def read_ids(value: Json) -> list[int]:
    """Ids out of a parsed argument; a bare number or comma list counts too."""
    if isinstance(value, str):
        return [whole_number(part) for part in value.split(",") if part.strip()]
    if isinstance(value, int) and not isinstance(value, bool):
        return [value]
    return [whole_number(item) for item in listed(value)]

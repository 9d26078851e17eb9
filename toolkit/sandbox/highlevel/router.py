"""Finds the operation of a path; a trie, as the emulator answers a thousand calls a second."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from toolkit.sandbox.highlevel.calls import Route


@dataclass(slots=True)
class _Node:
    words: dict[str, _Node] = field(default_factory=dict)
    variable: _Node | None = None
    routes: dict[str, Route] = field(default_factory=dict)


class Router:
    """All routes. A literal segment wins over a variable one: `/contacts/search` is no contact."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._root = _Node()
        for route in routes:
            node = self._root
            for segment in _segments(route.path):
                if not segment.startswith("{"):
                    node = node.words.setdefault(segment, _Node())
                    continue
                node.variable = node.variable or _Node()
                node = node.variable
            node.routes[route.method] = route

    def find(self, method: str, path: str) -> tuple[Route, dict[str, str]] | None:
        """The route and the values of its variable segments, None when nothing is there.

        A closing slash makes no difference here; one integrator saw it make one in life.
        """
        segments = _segments(path)
        route = _walk(self._root, segments, 0, method)
        if route is None:
            return None
        pairs = zip(_segments(route.path), segments, strict=True)
        return route, {name[1:-1]: given for name, given in pairs if name.startswith("{")}


def _walk(node: _Node, segments: list[str], place: int, method: str) -> Route | None:
    if place == len(segments):
        return node.routes.get(method)
    word = node.words.get(segments[place])
    if word is not None and (found := _walk(word, segments, place + 1, method)) is not None:
        return found
    if node.variable is None or not segments[place]:
        return None
    return _walk(node.variable, segments, place + 1, method)


def _segments(path: str) -> list[str]:
    return path.strip("/").split("/")

"""Automations and mappings back into `hightonic.yaml`, comments kept.

The document is changed in memory only: whoever calls reads it again with `read_config` and
writes it with `write_text`, so that a rule that cannot be never reaches the disk.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal, TypeAlias

from toolkit.app.config_source import plain
from toolkit.errors import UseError

if TYPE_CHECKING:
    from ruamel.yaml.comments import CommentedMap

SectionName: TypeAlias = Literal[
    "segments", "calendar", "recipes", "rules", "addresses", "mapping"
]


def put_rules(
    document: CommentedMap, connection: str, rules: Sequence[Mapping[str, object]]
) -> None:
    """The connection's own rules become these, in this order.

    A rule keeps its comments where one of that name was there before; a comment that stands
    above a rule which is taken away, or moved, stays with the rule before it.

    Args:
        document: From `config_source.parse`.
        connection: Its name.
        rules: As the file writes them; `Rule.source` is that.

    Raises:
        UseError: There is no such connection.
    """
    put_section(document, connection, section="rules", value=list(rules))


def put_section(
    document: CommentedMap, connection: str, *, section: SectionName, value: object
) -> None:
    """One section becomes this; an empty one is taken out.

    Args:
        document: From `config_source.parse`.
        connection: Its name.
        section: Which.
        value: Plain values: groups, lists, texts, numbers, yes/no, None.

    Raises:
        UseError: There is no such connection.
    """
    connections = document.get("connections") or {}
    if connection not in connections:
        raise UseError(f"There is no connection `{connection}`")
    here = connections[connection]
    if not value and section not in here:
        return
    if not value:
        del here[section]
        return
    here[section] = _grafted(here.get(section), value)


def _grafted(old: object, new: object) -> object:
    """The new value in the old one's clothes: what is the same keeps its comments."""
    from ruamel.yaml.comments import CommentedMap, CommentedSeq

    if old is not None and plain(old) == new:
        return old
    if isinstance(new, Mapping):
        return _map(old if isinstance(old, CommentedMap) else CommentedMap(), new)
    if isinstance(new, list | tuple):
        return _list(old if isinstance(old, CommentedSeq) else CommentedSeq(), new)
    return new


def _map(old: CommentedMap, new: Mapping[str, object]) -> CommentedMap:
    for key in [key for key in old if key not in new]:
        del old[key]
    for key, value in new.items():
        old[key] = _grafted(old.get(key), value)
    return old


def _list(old: Sequence[object], new: Sequence[object]) -> Sequence[object]:
    from ruamel.yaml.comments import CommentedSeq

    fresh = CommentedSeq()
    if isinstance(old, CommentedSeq) and old.fa.flow_style():
        fresh.fa.set_flow_style()
    # Each old item is used once: the same one twice would be written as an alias.
    left = list(old)
    for value in new:
        near = next((each for each in left if plain(each) == value), None)
        if near is None and _name(value) is not None:
            near = next((each for each in left if _name(each) == _name(value)), None)
        if near is not None:
            left = [each for each in left if each is not near]
        fresh.append(_grafted(near, value))
    return fresh


def _name(item: object) -> object:
    return item.get("name") if isinstance(item, Mapping) else None

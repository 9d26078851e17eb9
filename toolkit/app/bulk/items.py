"""What a batch is made of once its steps are worked out: cells, tags, new records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from toolkit.model.ids import Kind, LinkId
from toolkit.model.values import Value


@dataclass(frozen=True, slots=True)
class Cell:
    """A field of a contact that shall hold another value.

    Attributes:
        old: As it stood when it was staged: somebody who changed it since is not overwritten.
        new: None clears.
    """

    contact: LinkId
    field: str
    old: Value
    new: Value


@dataclass(frozen=True, slots=True)
class Tags:
    """Tags of a contact that come and go; those that others put there stay."""

    contact: LinkId
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Birth:
    """A contact, or a task or note of one, that shall come to be.

    Attributes:
        contact: Whom it hangs on; None for a contact.
        number: Its place among the batch's births: part of its name, so that it is made once.
    """

    kind: Kind
    contact: LinkId | None
    values: Mapping[str, Value]
    number: int = 0


Item: TypeAlias = Cell | Tags | Birth


def fold(items: Iterable[Item]) -> tuple[Item, ...]:
    """Each cell once: the last value over the first old one; births with their numbers."""
    cells: dict[tuple[LinkId, str], Cell] = {}
    tags: dict[LinkId, Tags] = {}
    births: list[Birth] = []
    for item in items:
        match item:
            case Cell():
                key = (item.contact, item.field)
                first = cells.get(key)
                cells[key] = replace(item, old=first.old) if first else item
            case Tags():
                tags[item.contact] = _joined(tags.get(item.contact), item)
            case Birth():
                births.append(replace(item, number=len(births)))
    return (*births, *cells.values(), *tags.values())


def _joined(first: Tags | None, later: Tags) -> Tags:
    if first is None:
        return later
    add = (set(first.add) - set(later.remove)) | set(later.add)
    remove = (set(first.remove) - set(later.add)) | set(later.remove)
    return Tags(later.contact, tuple(sorted(add)), tuple(sorted(remove)))

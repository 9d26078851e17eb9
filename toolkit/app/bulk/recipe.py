"""The recipe of a batch: JSON that says what was asked for, and can be asked for again.

Values are neutral ones, as both sides agree on them. Every change to a value names the old
one: what somebody changed since is told and left alone.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Final, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from toolkit.app.bulk.items import Birth, Cell, Item, Tags, fold
from toolkit.errors import UseError
from toolkit.model.ids import Kind, LinkId

VERSION: Final = 1
MOST_ITEMS: Final = 100_000
"""Changes of one batch; more would not fit a day's calls anyway."""

JsonValue: TypeAlias = bool | int | float | str | tuple[str, ...] | None
Contact: TypeAlias = Annotated[str, Field(min_length=1, max_length=200)]
Name: TypeAlias = Annotated[str, Field(min_length=1, max_length=200)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CellChange(_Strict):
    """One cell."""

    contact: Contact
    field: Name
    old: JsonValue = None
    new: JsonValue = None


class CellsStep(_Strict):
    """Cells that were typed, pasted or imported."""

    do: Literal["cells"] = "cells"
    cells: tuple[CellChange, ...]


class SetStep(_Strict):
    """One value for a field of every contact of a selection.

    Attributes:
        contacts: Contact -> its old value.
    """

    do: Literal["set"] = "set"
    field: Name
    value: JsonValue = None
    contacts: dict[Contact, JsonValue]


class ReplaceStep(_Strict):
    """A part of a text for another one, in a field of every contact of a selection.

    Attributes:
        contacts: Contact -> its old value; those without the text are left alone.
        ignores_case: Whether `ACME` is found by `acme`.
    """

    do: Literal["replace"] = "replace"
    field: Name
    find: Annotated[str, Field(min_length=1)]
    into: str = ""
    ignores_case: bool = False
    contacts: dict[Contact, JsonValue]


class TagsStep(_Strict):
    """Tags that come and go for every contact of a selection."""

    do: Literal["tags"] = "tags"
    contacts: tuple[Contact, ...]
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()


class HangStep(_Strict):
    """A task or a note for every contact of a selection."""

    do: Literal["task", "note"]
    contacts: tuple[Contact, ...]
    values: dict[Name, JsonValue]


class CreateStep(_Strict):
    """Contacts that shall come to be."""

    do: Literal["create"] = "create"
    contacts: tuple[dict[Name, JsonValue], ...]


Step: TypeAlias = Annotated[
    CellsStep | SetStep | ReplaceStep | TagsStep | HangStep | CreateStep,
    Field(discriminator="do"),
]


class Recipe(_Strict):
    """What somebody staged at one time.

    Attributes:
        hightonic_recipe: Version of this form.
        id: Names the batch: the same recipe is carried out once.
        name: What people call it.
    """

    hightonic_recipe: Literal[1] = 1
    id: Annotated[str, Field(pattern=r"^[0-9a-zA-Z_-]{4,64}$")]
    connection: Name
    name: Annotated[str, Field(max_length=200)] = ""
    made_at: datetime
    steps: tuple[Step, ...]


def new_batch_id(now: datetime) -> str:
    """Sorts by time and is nobody else's: `b20261123-094200-1f2e`."""
    return f"b{now:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"


def read_recipe(text: str | bytes) -> Recipe:
    """A recipe out of JSON.

    Raises:
        UseError: It is none, or of a newer version; the sentence names the place, no value.
    """
    try:
        given = json.loads(text)
    except ValueError as error:
        raise _refusal("it is not JSON") from error
    if not isinstance(given, dict) or "hightonic_recipe" not in given:
        raise _refusal("it does not say `hightonic_recipe`")
    if given["hightonic_recipe"] != VERSION:
        raise UseError(
            f"This recipe is of version {given['hightonic_recipe']!s:.20}, not {VERSION}",
            unchanged="Nothing was changed",
            remedy="Update hightonic: `pip install -U hightonic`",
        )
    try:
        return Recipe.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(each) for each in first["loc"])
        raise _refusal(f"at `{place}`: {first['msg']}") from error


def recipe_to_json(recipe: Recipe) -> str:
    """The recipe as JSON; large ones in one line, small ones to be read."""
    body = recipe.model_dump(mode="json")
    text = json.dumps(body, ensure_ascii=False)
    return json.dumps(body, ensure_ascii=False, indent=1) if len(text) < 20_000 else text  # noqa: PLR2004 — a screenful or two


def items_of(recipe: Recipe) -> tuple[Item, ...]:
    """What a recipe comes to, each cell once.

    Raises:
        UseError: There is nothing in it, or too much.
    """
    items = fold(item for step in recipe.steps for item in _items(step))
    if not items:
        raise UseError("There is nothing to do", unchanged="Nothing was changed")
    if len(items) > MOST_ITEMS:
        raise UseError(
            f"These are {len(items):,} changes; a batch holds {MOST_ITEMS:,}",
            unchanged="Nothing was changed",
            remedy="Do it in parts",
        )
    return items


def _items(step: Step) -> Iterator[Item]:
    match step:
        case CellsStep() | SetStep() | ReplaceStep():
            return _cells(step)
        case TagsStep():
            add, remove = _sorted(step.add), _sorted(step.remove)
            return (Tags(LinkId(each), add, remove) for each in step.contacts)
        case HangStep():
            kind = Kind(step.do)
            return (Birth(kind, LinkId(each), step.values) for each in step.contacts)
        case CreateStep():
            return (Birth(Kind.CONTACT, None, values) for values in step.contacts)


def _cells(step: CellsStep | SetStep | ReplaceStep) -> Iterator[Cell]:
    match step:
        case CellsStep():
            return (
                Cell(LinkId(each.contact), each.field, each.old, each.new)
                for each in step.cells
            )
        case SetStep():
            pairs = step.contacts.items()
            return (Cell(LinkId(who), step.field, old, step.value) for who, old in pairs)
        case ReplaceStep():
            return _replaced(step)


def _replaced(step: ReplaceStep) -> Iterator[Cell]:
    for contact, old in step.contacts.items():
        if not isinstance(old, str):
            continue
        new = replace_text(old, step.find, into=step.into, ignores_case=step.ignores_case)
        if new != old:
            yield Cell(LinkId(contact), step.field, old, new or None)


def replace_text(text: str, find: str, *, into: str, ignores_case: bool) -> str:
    """A text with every occurrence of another one replaced; nothing in it is a pattern."""
    if not ignores_case:
        return text.replace(find, into)
    import re

    return re.sub(re.escape(find), lambda _: into, text, flags=re.IGNORECASE)


def _sorted(tags: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted({each.strip() for each in tags} - {""}))


def _refusal(reason: str) -> UseError:
    return UseError(
        f"This is not a recipe of hightonic: {reason}",
        unchanged="Nothing was changed",
        remedy="`hightonic bulk --show BATCH` prints one",
    )

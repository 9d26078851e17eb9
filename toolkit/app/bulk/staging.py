"""Steps of a recipe out of what people type, paste and choose; each notes the old values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from toolkit.app.bulk.judging import shown_value
from toolkit.app.bulk.recipe import (
    CellChange,
    CellsStep,
    CreateStep,
    HangStep,
    Recipe,
    ReplaceStep,
    SetStep,
    Step,
    TagsStep,
    new_batch_id,
)
from toolkit.app.bulk.standing import Standings
from toolkit.app.decisions import Reading
from toolkit.app.field_options import options_of
from toolkit.app.grid.checking import CellReader, context_of
from toolkit.app.grid.shelf import GridShelf
from toolkit.errors import UseError
from toolkit.model.ids import Kind, LinkId
from toolkit.model.values import digest

if TYPE_CHECKING:
    from toolkit.app.grid.shelf import StoredContact
    from toolkit.app.grid.staging import StagedCell
    from toolkit.app.wiring import Parts
    from toolkit.model.values import Value


class Stager:
    """Builds recipes for one connection. Synchronous; calls no service; sends nothing."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._standings = Standings(parts)
        self._known: Any = parts.store.beside(GridShelf).surroundings()

    def recipe(self, steps: Sequence[Step], *, name: str = "", is_one: bool = False) -> Recipe:
        """A recipe of these steps.

        Args:
            steps: What is asked for.
            name: What people call it.
            is_one: The same steps are the same batch whenever they are asked for, as those
                of a file are; else each recipe is one of its own.
        """
        now = self._parts.now()
        asked = [each.model_dump(mode="json") for each in steps] if is_one else []
        return Recipe(
            id=f"f{digest(asked)[:20]}" if is_one else new_batch_id(now),
            connection=self._parts.config.name,
            name=name[:200],
            made_at=now,
            steps=tuple(steps),
        )

    def checked(self, recipe: Recipe) -> Recipe:
        """A recipe from a file: its values as the mapping reads them.

        Raises:
            UseError: A value does not fit, or a field is not there; names no value.
        """
        steps = tuple(map(self._checked, recipe.steps))
        return recipe.model_copy(update={"steps": steps})

    def cells(self, staged: Sequence[StagedCell]) -> CellsStep:
        """Staged cells, but those with a problem; owners are kept by id."""
        fit = [each for each in staged if not each.problem]
        contacts = self._standings.read_contacts({each.id for each in fit})
        changes = [
            CellChange(
                contact=each.id,
                field=each.field,
                old=self._raw(each, contacts.get(each.id)),
                new=each.value,
            )
            for each in fit
        ]
        return CellsStep(cells=tuple(changes))

    def set_field(self, field: str, typed: str, contacts: Sequence[LinkId]) -> SetStep:
        """One value, as a person types it, for these contacts.

        Raises:
            UseError: The value does not fit; names the field, not the value.
        """
        value = self._reader.read(field, typed)
        return SetStep(field=field, value=value, contacts=self._old_values(field, contacts))

    def replace(
        self,
        field: str,
        find: str,
        into: str,
        *,
        contacts: Sequence[LinkId],
        ignores_case: bool = False,
    ) -> ReplaceStep:
        """A part of a text for another one, where these contacts have it.

        Raises:
            UseError: There is nothing to look for.
        """
        if not find:
            raise UseError("Say what to look for", unchanged="Nothing was staged")
        return ReplaceStep(
            field=field,
            find=find,
            into=into,
            ignores_case=ignores_case,
            contacts=self._old_values(field, contacts),
        )

    def tags(
        self, contacts: Sequence[LinkId], *, add: Sequence[str] = (), remove: Sequence[str] = ()
    ) -> TagsStep:
        """Tags that come and go.

        Raises:
            UseError: None is named.
        """
        come, go = _tags(add), _tags(remove)
        if not come and not go:
            raise UseError("Name a tag", unchanged="Nothing was staged")
        return TagsStep(contacts=tuple(contacts), add=come, remove=go)

    def hang(
        self,
        kind: Literal["task", "note"],
        typed: Mapping[str, str],
        contacts: Sequence[LinkId],
    ) -> HangStep:
        """A task (`title`, `due_at`, `body`, `owner_id`) or a note (`body`) for each contact.

        Raises:
            UseError: A value does not fit its field, or there is none.
        """
        values = {
            name: value
            for name, text in typed.items()
            if (value := self._reading.read(Kind(kind), name, text or None)) is not None
        }
        if not values:
            raise UseError(f"The {kind} is empty", unchanged="Nothing was staged")
        return HangStep(do=kind, contacts=tuple(contacts), values=values)

    def _checked(self, step: Step) -> Step:
        read = self._reading.read
        match step:
            case CellsStep():
                cells = tuple(
                    each.model_copy(update={"new": read(Kind.CONTACT, each.field, each.new)})
                    for each in step.cells
                )
                return step.model_copy(update={"cells": cells})
            case SetStep():
                value = read(Kind.CONTACT, step.field, step.value)
                return step.model_copy(update={"value": value})
            case HangStep():
                kind, given = Kind(step.do), step.values
                return step.model_copy(
                    update={"values": {name: read(kind, name, v) for name, v in given.items()}}
                )
            case CreateStep():
                people = tuple(
                    {name: read(Kind.CONTACT, name, value) for name, value in each.items()}
                    for each in step.contacts
                )
                return step.model_copy(update={"contacts": people})
            case ReplaceStep() | TagsStep():
                return step

    def _old_values(self, field: str, contacts: Sequence[LinkId]) -> dict[str, Value]:
        found = self._standings.read_contacts(set(contacts))
        return {i: shown_value(found[i], field) for i in contacts if i in found}

    def _raw(self, staged: StagedCell, contact: StoredContact | None) -> Value:
        """The old value as it is kept: the grid shows owners by name."""
        if contact is None:
            return staged.old
        raw = shown_value(contact, staged.field)
        names = {each["id"]: each["name"] for each in self._known.get("users", ())}
        is_drawn = isinstance(raw, str) and names.get(raw) == staged.old
        return raw if is_drawn else staged.old

    @cached_property
    def _reader(self) -> CellReader:
        return CellReader.of(self._parts.config, self._known)

    @cached_property
    def _reading(self) -> Reading:
        context = context_of(self._parts.config, self._known)
        kinds = self._parts.config.mapping.kinds
        return Reading(kinds, context, options=options_of(self._parts))


def _tags(typed: Sequence[str]) -> tuple[str, ...]:
    return tuple(sorted({" ".join(each.split()) for each in typed} - {""}))

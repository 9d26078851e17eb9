"""Input models made from the clients' own methods, so that they cannot drift apart."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from types import GenericAlias, NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel, Field, create_model

from toolkit.app.catalog.entry import Buildable, Input

AT_MOST = "at_most"
"""Name of the input that ends a listing early."""

_LISTED = 100


@dataclass(frozen=True, slots=True)
class Signature:
    """A client's method, as a front end sees it.

    Attributes:
        input: One field for each parameter; a write model's or search's own fields stand in
            its place.
        output: What it answers; a listing answers a list.
        summary: First sentence of the docstring.
        is_listing: It iterates, and `at_most` ends it.
    """

    input: type[BaseModel]
    output: Any
    summary: str
    is_listing: bool
    flat: Mapping[str, type[BaseModel]]
    plain: tuple[str, ...]

    def arguments(self, given: BaseModel) -> dict[str, Any]:
        """Keyword arguments for the method."""
        named = {
            name: _built(getattr(given, name))
            for name in self.plain
            if name in given.model_fields_set
        }
        return named | {name: self._whole(model, given) for name, model in self.flat.items()}

    def _whole(self, model: type[BaseModel], given: BaseModel) -> object:
        own = model.model_fields.keys() & given.model_fields_set
        return _built(
            model.model_construct(own, **{name: getattr(given, name) for name in own})
        )


def read_signature(
    method: Callable[..., Any],
    *,
    words: Mapping[str, Any],
    flat: tuple[type[BaseModel], ...],
    title: str,
) -> Signature:
    """What a method takes and answers.

    Args:
        method: Of a resource class.
        words: Names its annotations use -> types; also replaces types that are not JSON.
        flat: Models whose fields stand in for the parameter itself.
        title: Of the input model.
    """
    hints = get_type_hints(method, localns=dict(words))
    answer = hints.pop("return")
    is_listing = get_origin(answer) is AsyncIterator
    fields: dict[str, Any] = {}
    whole: dict[str, type[BaseModel]] = {}
    plain: list[str] = []
    for parameter in list(inspect.signature(method).parameters.values())[1:]:
        hint = hints[parameter.name]
        if (model := _without_none(hint)) in flat:
            whole[parameter.name] = model
            fields |= {
                name: (each.annotation, each) for name, each in model.model_fields.items()
            }
        else:
            plain.append(parameter.name)
            is_needed = parameter.default is inspect.Parameter.empty
            fields[parameter.name] = (hint, ... if is_needed else parameter.default)
    if is_listing:
        answer = GenericAlias(tuple, (get_args(answer)[0], ...))
        bound = f"Stop after so many; {_LISTED} unless told."
        fields[AT_MOST] = (int, Field(_LISTED, ge=1, description=bound))
    made: type[BaseModel] = create_model(title, __base__=Input, **fields)
    return Signature(made, answer, _summary(method), is_listing, whole, tuple(plain))


async def call_method(
    method: Callable[..., Any], signature: Signature, given: BaseModel
) -> object:
    """Call a client's bound method with an input."""
    answered = method(**signature.arguments(given))
    if not signature.is_listing:
        return await answered
    found = []
    async for each in answered:
        found.append(each)
        if len(found) == getattr(given, AT_MOST):
            break
    await answered.aclose()
    return tuple(found)


def _built(value: object) -> object:
    return value.build() if isinstance(value, Buildable) else value


def _without_none(hint: Any) -> Any:  # noqa: ANN401 — a type
    if get_origin(hint) not in (Union, UnionType):
        return hint
    kinds = [each for each in get_args(hint) if each is not NoneType]
    return kinds[0] if len(kinds) == 1 else hint


def _summary(method: Callable[..., Any]) -> str:
    return " ".join((inspect.getdoc(method) or "").split("\n\n")[0].split())

"""What the schema refuses, in one sentence with a line and the nearest right name."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import UnionType
from typing import TYPE_CHECKING, Annotated, TypeGuard, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from toolkit.app.config_schema import Document
from toolkit.app.config_source import Place
from toolkit.errors import ConfigError
from toolkit.mapping.suggest import did_you_mean

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_VAULT_WORDS = (
    "token access_token refresh_token private_token pit api_key apikey key secret client_secret"
    " password sesskey session_key authorization"
)
_FOR_THE_VAULT = frozenset(_VAULT_WORDS.split())
_NOUNS = {"addresses": "an address", "segments": "a segment"}
_QUOTED = re.compile(r"'([^']+)'")
_EXPECTED: Mapping[str, str] = {
    "string_type": "text; put it in quotes",
    "int_type": "a whole number",
    "float_type": "a number",
    "bool_type": "`true` or `false`",
    "list_type": "a list",
    "dict_type": "a group of settings",
    "model_type": "a group of settings",
    "string_too_short": "text, and is empty",
}


def refusal(error: ValidationError, place: Place) -> ConfigError:
    """The first thing the schema refuses, by line; the others are counted.

    What stands in the file is never repeated, lest it be a key pasted in the wrong place.
    """
    placed = [(place.at(*detail["loc"]), detail) for detail in error.errors(include_url=False)]
    # A misspelt key leaves its right name missing: the misspelling is the news.
    spot, detail = min(
        placed, key=lambda pair: (pair[1]["type"] == "missing", pair[0].line or 0)
    )
    happened, remedy = _sentence(detail)
    if len(placed) > 1:
        remedy = f"{remedy} ({len(placed) - 1} more after this)".lstrip()
    return spot.error(happened, remedy)


def _sentence(detail: ErrorDetails) -> tuple[str, str]:
    kind = detail["type"]
    say = _SAY.get(kind)
    if say is not None:
        return say(detail)
    name = _named(detail)[-1]
    if kind in _EXPECTED:
        remedy = "Or write `mapping: default`" if name == "mapping" else ""
        return f"`{name}` must be {_EXPECTED[kind]}", remedy
    message = detail["msg"]
    return f"`{name}`: {message[0].lower()}{message[1:]}", ""


def _say_unknown(detail: ErrorDetails) -> tuple[str, str]:
    *parents, name = _named(detail)
    if name.lower() in _FOR_THE_VAULT:
        return f"`{name}` does not belong in this file", "Store keys with `hightonic connect`"
    where = f" of `{'.'.join(parents)}`" if parents else ""
    return f"`{name}` is not a setting{where}", did_you_mean(name, _keys_at(detail))


def _say_missing(detail: ErrorDetails) -> tuple[str, str]:
    *parents, name = _named(detail)
    where = f" in `{'.'.join(parents)}`" if parents else ""
    return f"`{name}` is missing{where}", f"Add `{name}:`"


def _say_choice(detail: ErrorDetails) -> tuple[str, str]:
    name = _named(detail)[-1]
    if name == "version":
        return "this version of the file is not one I know", "Write `version: 1`"
    known = _QUOTED.findall(str(detail.get("ctx", {}).get("expected", "")))
    return f"`{name}` has a value it does not take", did_you_mean(str(detail["input"]), known)


def _say_pattern(detail: ErrorDetails) -> tuple[str, str]:
    *parents, name = _named(detail)
    if name == "[key]":
        noun = next((_NOUNS[each] for each in parents if each in _NOUNS), "a connection")
        return (
            f"`{parents[-1]}` cannot name {noun}",
            "Use letters, digits, - and _, up to 63, beginning with a letter or digit",
        )
    return f"`{name}` must be a country of two capital letters", "For example US or FR"


_SAY: Mapping[str, Callable[[ErrorDetails], tuple[str, str]]] = {
    "extra_forbidden": _say_unknown,
    "missing": _say_missing,
    "literal_error": _say_choice,
    "string_pattern_mismatch": _say_pattern,
}


def _named(detail: ErrorDetails) -> list[str]:
    return [str(key) for key in detail["loc"]]


def _keys_at(detail: ErrorDetails) -> list[str]:
    shape: object = Document
    for key in detail["loc"][:-1]:
        shape = _inside(shape, str(key))
    return list(shape.model_fields) if _is_section(shape) else []


def _inside(shape: object, key: str) -> object:
    if _is_section(shape):
        shape = shape.model_fields[key].annotation
    elif get_origin(shape) is dict:
        shape = get_args(shape)[1]
    while get_origin(shape) in (Union, UnionType, Annotated):
        shape = get_args(shape)[0]
    return shape


def _is_section(shape: object) -> TypeGuard[type[BaseModel]]:
    return isinstance(shape, type) and issubclass(shape, BaseModel)

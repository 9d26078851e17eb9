"""What a person types: `name=value` words, become the JSON that an entry takes. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from toolkit.errors import UseError

Json = dict[str, Any]


def read_words(words: Iterable[str], schema: Mapping[str, Any]) -> Json:
    """The input that the words say.

    `first_name=Ada` gives a text, `limit=5` a number where the schema wants one,
    `tags=["a","b"]` JSON, `custom_fields.plan=gold` a value inside an object, and
    `tags=a tags=b` a list. Where the schema takes a text the value is a text, whatever it
    looks like; `name:=JSON` is JSON without any guess.

    Raises:
        UseError: Not of that form, a name twice that is no list, or broken JSON.
    """
    found: Json = {}
    for word in words:
        name, sign, text = word.partition("=")
        if not sign or not name.strip(":."):
            raise UseError(
                "An argument is not of the form name=value", unchanged="Nothing was sent"
            )
        is_json = name.endswith(":")
        path = name.rstrip(":").split(".")
        _put(found, path, text, schema=schema, is_json=is_json)
    return found


def _put(
    found: Json, path: list[str], text: str, *, schema: Mapping[str, Any], is_json: bool
) -> None:
    place: Any = found
    shape: Mapping[str, Any] = schema
    for step in path[:-1]:
        place = place.setdefault(step, {})
        if not isinstance(place, dict):
            raise _twice(path)
        shape = _inside(shape, step, root=schema)
    kinds = _kinds(_inside(shape, path[-1], root=schema), root=schema)
    value = _read_json(text, path) if is_json else _read_value(text, kinds)
    if path[-1] not in place:
        is_one = "array" in kinds and not isinstance(value, list | dict | None)
        place[path[-1]] = [value] if is_one and "string" not in kinds else value
    elif isinstance(place[path[-1]], list):
        place[path[-1]].append(value)
    else:
        raise _twice(path)


def _read_value(text: str, kinds: frozenset[str]) -> Any:  # noqa: ANN401 — any JSON
    if "string" in kinds and not kinds & {"array", "object", "any"}:
        # A text that may also be null: the word null alone clears.
        return None if text == "null" and "null" in kinds else text
    try:
        value = json.loads(text)
    except ValueError:
        return text
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if is_number and "any" in kinds and str(value) != text:
        return text  # 0042 and 1e5 are somebody's words, not numbers
    return value


def _read_json(text: str, path: list[str]) -> Any:  # noqa: ANN401 — any JSON
    try:
        return json.loads(text)
    except ValueError:
        raise UseError(
            f"What is given for {'.'.join(path)} is not JSON", unchanged="Nothing was sent"
        ) from None


def _inside(shape: Mapping[str, Any], name: str, *, root: Mapping[str, Any]) -> Json:
    """The schema of one property; empty (anything) where the schema does not say."""
    for each in _variants(shape, root=root):
        if name in each.get("properties", {}):
            return dict(each["properties"][name])
        if isinstance(each.get("additionalProperties"), dict):
            return dict(each["additionalProperties"])
    return {}


def _kinds(shape: Mapping[str, Any], *, root: Mapping[str, Any]) -> frozenset[str]:
    kinds: set[str] = set()
    for each in _variants(shape, root=root):
        if "enum" in each or "const" in each:
            kinds.add("string")
        else:
            kinds.add(each.get("type", "any"))
    return frozenset(kinds)


def _variants(shape: Mapping[str, Any], *, root: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    if name := shape.get("$ref"):
        return _variants(root["$defs"][name.rsplit("/", 1)[-1]], root=root)
    if given := shape.get("anyOf"):
        return [each for one in given for each in _variants(one, root=root)]
    return [shape]


def _twice(path: list[str]) -> UseError:
    return UseError(f"{'.'.join(path)} is given twice", unchanged="Nothing was sent")

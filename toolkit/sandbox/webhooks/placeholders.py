"""`$field` in the texts of a JSON template: found, checked, filled in. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Final

from toolkit.sandbox.timetonic.php import Json

Show = Callable[[str], Json]

_PLACEHOLDER: Final = re.compile(r"\$(?:(\$)|\{([^{}]+)\}|([A-Za-z_]\w*))")


def list_names(template: Json) -> Iterator[str]:
    """The names that a template asks for, `$$` aside."""
    match template:
        case str():
            for found in _PLACEHOLDER.finditer(template):
                if name := found[2] or found[3]:
                    yield name
        case list():
            for one in template:
                yield from list_names(one)
        case dict():
            for one in template.values():
                yield from list_names(one)
        case _:
            return


def fill(template: Json, show: Show, *, is_text: bool) -> Json:
    """The template with every placeholder replaced; keys are left alone.

    Args:
        template: Any JSON.
        show: Name to value.
        is_text: Whether a text that is one placeholder becomes text too, whatever the value is.
    """
    match template:
        case str():
            whole = _PLACEHOLDER.fullmatch(template)
            if whole and not whole[1] and not is_text:
                return show(whole[2] or whole[3])
            return _PLACEHOLDER.sub(
                lambda found: found[1] or as_text(show(found[2] or found[3])), template
            )
        case list():
            return [fill(one, show, is_text=is_text) for one in template]
        case dict():
            return {key: fill(one, show, is_text=is_text) for key, one in template.items()}
        case _:
            return template


def as_text(value: Json) -> str:
    """A value inside a text: nothing for an empty cell, labels with commas, the rest as JSON."""
    match value:
        case None:
            return ""
        case str():
            return value
        case [*labels] if labels and all(isinstance(one, str) for one in labels):
            return ",".join(str(one) for one in labels)
        case _:
            return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

"""The functions of a script, as a table and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import RenderableType
from rich.text import Text

from toolkit.cli.render.words import table

if TYPE_CHECKING:
    from toolkit.app.scripting import CheckedFunction


def render_scripts(
    file: str | None, checked: Sequence[CheckedFunction]
) -> Iterator[RenderableType]:
    """One line a function, in the order of the file."""
    if file is None:
        yield Text("This connection has no script. Name one with `scripts:` in hightonic.yaml.")
        return
    if not checked:
        yield Text(f"{file} registers no function. Put `@hightonic.condition` above one.")
        return
    made = table("Function", "Use", "Line", "Seconds", "Examples", "About", whole=("Function",))
    for each in checked:
        made.add_row(
            each.function.name,
            each.function.use,
            str(each.function.line),
            f"{each.function.limit_s:g}",
            _examples(each),
            each.function.about or "-",
        )
    yield made


def scripts_json(file: str | None, checked: Iterable[CheckedFunction]) -> dict[str, Any]:
    """The same for machines."""
    return {
        "file": file,
        "functions": [
            {
                "name": each.function.name,
                "use": each.function.use,
                "line": each.function.line,
                "limit_s": each.function.limit_s,
                "about": each.function.about,
                "examples": each.tried,
                "failed_lines": list(each.failed),
            }
            for each in checked
        ],
    }


def _examples(each: CheckedFunction) -> str:
    if each.failed:
        lines = ", ".join(map(str, each.failed))
        return f"{len(each.failed)} of {each.tried} failed (line {lines})"
    return f"{each.tried} good" if each.tried else "-"

"""The `>>>` examples in docstrings of a script's functions: tried in the script's process."""

from __future__ import annotations

import doctest
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of one function's examples.

    Attributes:
        tried: How many there are.
        failed: Lines of the file, 1-based, of those that gave something else.
    """

    name: str
    tried: int
    failed: tuple[int, ...]


def try_examples(
    name: str, function: Callable[..., Any], names: Mapping[str, Any]
) -> Tried | None:
    """Run the examples of one function; None where it has none.

    Args:
        name: Of the function.
        function: Whose docstring.
        names: What its examples may use.
    """
    runner = _Silent()
    finder = doctest.DocTestFinder(recurse=False, exclude_empty=True)
    for test in finder.find(function, name, module=False, globs=dict(names)):
        runner.run(test, out=lambda _text: None)
    return Tried(name, runner.tries, tuple(runner.lines)) if runner.tries else None


class _Silent(doctest.DocTestRunner):
    """Keeps the lines of failed examples; what they gave may be personal."""

    def __init__(self) -> None:
        super().__init__(verbose=False, optionflags=doctest.ELLIPSIS)
        self.lines: list[int] = []

    def report_failure(self, _out: Any, test: Any, example: Any, *_: Any) -> None:  # noqa: ANN401 — doctest's own
        self.lines.append((test.lineno or 0) + example.lineno + 1)

    def report_unexpected_exception(self, _out: Any, test: Any, example: Any, *_: Any) -> None:  # noqa: ANN401
        self.lines.append((test.lineno or 0) + example.lineno + 1)

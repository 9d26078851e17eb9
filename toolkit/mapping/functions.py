"""The user's own Python functions, named in the mapping file."""

from __future__ import annotations

from pathlib import Path

from toolkit.errors import ScriptError, UseError
from toolkit.mapping.problems import ConversionProblemError
from toolkit.mapping.scripts.worker import ScriptWorker, worker_of

_HOW = "Write `package.module:name` or `file.py:name`"


class UserFunction:
    """A function of the user; whatever goes wrong inside becomes a conversion problem.

    It runs in the process of its script (`toolkit.mapping.scripts`), so one that hangs or
    ends its process costs a field, never the run.

    Args:
        reference: `package.module:name` or `file.py:name`.
        folder: Where a relative `file.py` starts.

    Raises:
        UseError: It cannot be imported, or is not a function.
    """

    def __init__(self, reference: str, folder: Path) -> None:
        place, _, name = reference.rpartition(":")
        if not place or not name:
            raise UseError(f"`{reference}` does not name a function", remedy=_HOW)
        self._worker = _worker(place, folder)
        self._name = name
        if not _has(self._worker, name, reference):
            raise UseError(f"`{place}` has no function `{name}`", remedy=_HOW)

    def __call__(self, *arguments: object) -> object:
        """Call the function.

        Raises:
            ConversionProblemError: It raised, hung or gave what is no value; names the
                error's class, file and line. The error's own text stays out, because it may
                hold a value.
        """
        try:
            return self._worker.call(self._name, *arguments)
        except ScriptError as error:
            raise ConversionProblemError(error.happened) from error


def _worker(place: str, folder: Path) -> ScriptWorker:
    if not place.endswith(".py"):
        return worker_of(place, folder)
    path = folder / place
    # A script of another folder finds its own modules beside it.
    return worker_of(path.name, path.parent)


def _has(worker: ScriptWorker, name: str, reference: str) -> bool:
    try:
        return worker.has(name)
    except FileNotFoundError as error:
        raise UseError(f"The file of `{reference}` is not there", remedy=_HOW) from error

"""The user's own Python functions, named in the mapping file."""

from __future__ import annotations

import importlib
import importlib.util
import sys
import traceback
from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path
from types import ModuleType

from toolkit.errors import UseError
from toolkit.mapping.problems import ConversionProblemError

_HOW = "Write `package.module:name` or `file.py:name`"


class UserFunction:
    """A function of the user; whatever goes wrong inside becomes a conversion problem.

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
        module = _load_module(place, folder, reference)
        function = getattr(module, name, None)
        if not callable(function):
            raise UseError(f"`{place}` has no function `{name}`", remedy=_HOW)
        self._function: Callable[..., object] = function
        self._name = name
        self._file = getattr(module, "__file__", None) or place

    def __call__(self, *arguments: object) -> object:
        """Call the function.

        Raises:
            ConversionProblemError: It raised; names the error's class, file and line. The
                error's own text stays out, because it may hold a value.
        """
        try:
            return self._function(*arguments)
        except Exception as error:
            raise ConversionProblemError(
                f"{type(error).__name__} in {self._name} at {self._place_of(error)}"
            ) from error

    def _place_of(self, error: Exception) -> str:
        frames = traceback.extract_tb(error.__traceback__)
        own = [frame for frame in frames if frame.filename == self._file]
        line = own[-1].lineno if own else None
        file = Path(self._file).name
        return f"{file}:{line}" if line else file


def _load_module(place: str, folder: Path, reference: str) -> ModuleType:
    try:
        if place.endswith(".py"):
            return _load_file(folder / place)
        return importlib.import_module(place)
    except FileNotFoundError as error:
        raise UseError(f"The file of `{reference}` is not there", remedy=_HOW) from error
    except ModuleNotFoundError as error:
        raise UseError(f"No module `{error.name}` for `{reference}`", remedy=_HOW) from error
    except Exception as error:
        raise UseError(
            f"`{reference}` cannot be loaded: {type(error).__name__} while importing",
            remedy="Run the file with Python to see the error",
        ) from error


def _load_file(path: Path) -> ModuleType:
    # The stamp is part of the name, so an edited file is loaded anew in a running notebook.
    stamp = f"{path.resolve()}:{path.stat().st_mtime_ns}"
    name = f"hightonic_user_{blake2b(stamp.encode(), digest_size=8).hexdigest()}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module

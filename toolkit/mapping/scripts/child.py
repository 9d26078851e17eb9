"""The other process: loads one script or module and answers calls, a JSON line each.

Started as `python -m`. Nothing a script prints, and nothing it does to standard input and
output, reaches the lines between us. A call that overstays is told with the line it was at,
and ends the process: what it left half-done is gone with it.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import os
import signal
import sys
import traceback
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import FrameType, ModuleType, TracebackType
from typing import Any, BinaryIO, Final

from toolkit.mapping import scripting
from toolkit.mapping.scripts.codec import CrossingError, decode, encode, write_line

MOST_MEMORY: Final = 2 * 1024**3
"""Bytes of address space, where the platform keeps to such a bound."""
MODULE_NAME: Final = "hightonic_script"
_MOST_SAID = 4_000
_MOST_TEXT = 200
_NO_CODE = (lambda: None).__code__.replace(co_firstlineno=0)


class AbsentError(LookupError):
    """The script has no such function."""


class Said(io.TextIOBase):
    """What a script prints, up to a bound; the rest is only counted."""

    def __init__(self) -> None:
        super().__init__()
        self._kept: list[str] = []
        self._left = _MOST_SAID
        self.dropped = 0

    def writable(self) -> bool:
        """It takes text."""
        return True

    def write(self, text: str, /) -> int:
        """Keep what fits."""
        kept = text[: self._left]
        if kept:
            self._kept.append(kept)
        self._left -= len(kept)
        self.dropped += len(text) - len(kept)
        return len(text)

    def take(self) -> tuple[str, int]:
        """What was said since the last time, and how many characters were dropped."""
        said, dropped = "".join(self._kept), self.dropped
        self._kept, self._left, self.dropped = [], _MOST_SAID, 0
        return said, dropped


class Talker:
    """Writes answers; every one takes along what the script printed."""

    def __init__(self, out: BinaryIO, said: Said) -> None:
        self._out = out
        self._said = said

    def tell(self, answer: Mapping[str, object]) -> None:
        """One line, at once.

        Raises:
            CrossingError: The answer cannot cross; nothing was written.
        """
        line = write_line(answer)
        said, dropped = self._said.take()
        if said or dropped:
            line = write_line({**answer, "said": said, "dropped": dropped})
        self._out.write(line)
        self._out.flush()


def _first_line(error: BaseException) -> str:
    said = error.msg if isinstance(error, SyntaxError) else str(error)
    return next(iter(said.splitlines()), "")[:_MOST_TEXT]


class Script:
    """The loaded script.

    Args:
        talker: For the one answer that interrupts everything: time is up.
    """

    def __init__(self, talker: Talker) -> None:
        self._talker = talker
        self._module = ModuleType(MODULE_NAME)
        self._own: tuple[str, ...] = ()

    def answer(self, message: Mapping[str, Any]) -> dict[str, object]:
        """Do what a message asks; whatever the script does wrong is an answer too."""
        try:
            with self._limited(float(message["limit_s"])):
                if message["ask"] == "load":
                    return self._load(message)
                given = self._call(str(message["name"]), message["args"])
                return {"ok": True, "value": encode(given)}
        except CrossingError as error:
            return {"ok": False, "why": "crossing", "reason": error.reason}
        except AbsentError:
            return {"ok": False, "why": "absent"}
        # A script may raise what it likes, SystemExit included: none of it ends the process.
        except BaseException as error:  # noqa: BLE001
            return {
                "ok": False,
                "why": "raised",
                "error": type(error).__name__,
                "missing": error.name if isinstance(error, ModuleNotFoundError) else None,
                # Only while it is loaded: later the text may hold a value of a record.
                "text": _first_line(error) if message["ask"] == "load" else "",
                **self._place_of(error),
            }

    def _load(self, message: Mapping[str, Any]) -> dict[str, object]:
        folder, place = str(message["folder"]), str(message["place"])
        sys.path[:0] = [folder]
        sys.path += [each for each in message["path"] if each and each not in sys.path]
        if message["is_file"]:
            self._own = (place, folder + os.sep)
            # Here and not before: whatever measures or configures this process has begun.
            os.chdir(folder)
            self._run_file(Path(place))
        else:
            self._module = importlib.import_module(place)
            self._own = (getattr(self._module, "__file__", None) or place,)
        return {"ok": True, "functions": self._functions(), "files": self._files(folder)}

    def _run_file(self, path: Path) -> None:
        self._module.__file__ = str(path)
        self._module.__dict__["hightonic"] = scripting
        # Classes of the script look their module up by name.
        sys.modules[MODULE_NAME] = self._module
        code = compile(path.read_bytes(), str(path), "exec", dont_inherit=True)
        exec(code, self._module.__dict__)  # noqa: S102 — the user's own file, as asked for

    def _functions(self) -> list[dict[str, object]]:
        return [
            {
                "name": each.name,
                "use": each.use,
                "limit_s": each.limit_s,
                "line": getattr(each.function, "__code__", _NO_CODE).co_firstlineno,
                "about": (each.function.__doc__ or "").strip().partition("\n")[0],
            }
            for each in scripting.registry.values()
        ]

    def _files(self, folder: str) -> list[str]:
        """Modules beside the script: a change in one of them is a change of the script."""
        files = (getattr(each, "__file__", None) for each in list(sys.modules.values()))
        return sorted({each for each in files if each and each.startswith(folder + os.sep)})

    def _call(self, name: str, arguments: list[Any]) -> object:
        if name.startswith("?"):
            return callable(self._find(name[1:]))
        if name == "!examples":
            return self._try_examples()
        function = self._find(name)
        if not callable(function):
            raise AbsentError(name)
        return function(*map(decode, arguments))

    def _find(self, name: str) -> Any:  # noqa: ANN401 — whatever stands there
        known = scripting.registry.get(name)
        return known.function if known else getattr(self._module, name, None)

    def _try_examples(self) -> list[object]:
        from toolkit.mapping.scripts.examples import try_examples

        names = self._module.__dict__
        every = [try_examples(e.name, e.function, names) for e in scripting.registry.values()]
        return [[each.name, each.tried, list(each.failed)] for each in every if each]

    @contextlib.contextmanager
    def _limited(self, limit_s: float) -> Iterator[None]:
        if not hasattr(signal, "setitimer"):  # Windows: only the parent's own clock
            yield
            return
        signal.signal(signal.SIGALRM, self._end)
        signal.setitimer(signal.ITIMER_REAL, limit_s)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)

    def _end(self, _number: int, frame: FrameType | None) -> None:
        # Not raised: a script that catches everything would catch this as well.
        places = list(traceback.walk_stack(frame))
        where = self._own_place((each.f_code.co_filename, line) for each, line in places)
        self._talker.tell({"ok": False, "why": "limit", **where})
        os._exit(1)

    def _place_of(self, error: BaseException) -> dict[str, object]:
        if isinstance(error, SyntaxError) and self._is_own(error.filename or ""):
            return {"file": Path(error.filename or "").name, "line": error.lineno}
        return self._own_place(reversed(list(_steps(error.__traceback__))))

    def _own_place(self, steps: Iterator[tuple[str, int]]) -> dict[str, object]:
        """The innermost step that stands in the user's files."""
        for file, line in steps:
            if self._is_own(file):
                return {"file": Path(file).name, "line": line}
        return {"file": Path(self._own[0]).name if self._own else "", "line": None}

    def _is_own(self, file: str) -> bool:
        # An environment of installed packages may lie beside the script.
        return file.startswith(self._own) and "site-packages" not in file


def _steps(trace: TracebackType | None) -> Iterator[tuple[str, int]]:
    for frame, line in traceback.walk_tb(trace):
        yield frame.f_code.co_filename, line


def _private_channel() -> tuple[BinaryIO, BinaryIO]:
    """Standard input and output under other numbers; in their place is nothing."""
    incoming, outgoing = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nothing, number)
    os.close(nothing)
    return os.fdopen(incoming, "rb"), os.fdopen(outgoing, "wb")


def _bound_memory() -> None:
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> None:
    """Answer until nobody asks any more: also when the asking process died."""
    import json

    incoming, outgoing = _private_channel()
    _bound_memory()
    # A source edited twice in one second must not be served from a cache.
    sys.dont_write_bytecode = True
    said = Said()
    sys.stdout = sys.stderr = said
    talker = Talker(outgoing, said)
    script = Script(talker)
    for line in incoming:
        try:
            talker.tell(script.answer(json.loads(line)))
        except CrossingError as error:
            talker.tell({"ok": False, "why": "crossing", "reason": error.reason})


if __name__ == "__main__":
    main()

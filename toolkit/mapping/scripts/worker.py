"""Our end of a script's process: started when first needed, ended when it overstays.

Calls are made one after another and wait for the answer; each has its time limit. A process
that was ended, or whose script has changed on disk, is started anew by the next call.
"""

from __future__ import annotations

import atexit
import logging
import os
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from toolkit.errors import ScriptError
from toolkit.mapping.scripting import LIMIT_S, Use
from toolkit.mapping.scripts.codec import (
    CrossingError,
    decode,
    encode,
    write_line,
)
from toolkit.mapping.scripts.process import GRACE_S, Answer, ScriptProcess

_log = logging.getLogger(__name__)

LOAD_S: Final = 20.0
"""Seconds a script has to be imported; some libraries take their time."""
_FAREWELL_S: Final = 0.5
_MOST_OVERRUNS: Final = 3
REST_S: Final = 60.0
"""Seconds without calls for a function that overran its limit three times in a row."""
_MOST_PROCESSES: Final = 8

_ENDING: Final = frozenset({"limit", "ended"})


@dataclass(frozen=True, slots=True)
class FoundFunction:
    """A function that a script registered.

    Attributes:
        line: 1-based, of its definition.
        about: First line of its docstring.
    """

    name: str
    use: Use
    limit_s: float
    line: int
    about: str = ""


class ScriptWorker:
    """One script or module, callable from any thread; nothing is started before it is used.

    Args:
        place: Path of a `.py` file, or the dotted name of a module.
        folder: Where the script stands: its modules are found and its files read there.
        limit_s: Seconds for a call of a function that says nothing itself.
        monotonic: Seconds that never go back, for the rest of functions that overran.
    """

    def __init__(
        self,
        place: str,
        folder: Path,
        *,
        limit_s: float = LIMIT_S,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.is_file = place.endswith(".py")
        self.folder = folder.resolve()
        self.place = str(self.folder / place) if self.is_file else place
        self._limit_s = limit_s
        self._monotonic = monotonic
        self._lock = threading.RLock()
        self._child: ScriptProcess | None = None
        self._found: dict[str, FoundFunction] = {}
        self._stamps: dict[str, tuple[int, int]] = {}
        self._overruns: dict[str, tuple[int, float]] = {}

    @property
    def name(self) -> str:
        """How errors call it: the file's name without its folder."""
        return Path(self.place).name if self.is_file else self.place

    def load(self) -> Mapping[str, FoundFunction]:
        """The registered functions by name; loads the script where it is new or changed.

        Raises:
            FileNotFoundError: There is no such file.
            ScriptError: It cannot be imported; names the line.
        """
        with self._lock:
            self._loaded()
            return dict(self._found)

    def has(self, name: str) -> bool:
        """Whether a function of that name is there, registered or not.

        Raises:
            FileNotFoundError: There is no such file.
            ScriptError: It cannot be imported.
        """
        with self._lock:
            return bool(self._ask_loaded(f"?{name}", [], limit_s=LOAD_S))

    def call(self, name: str, *arguments: object) -> Any:  # noqa: ANN401 — the user's own
        """Call a function of the script.

        Raises:
            ScriptError: It failed, overran its limit, or ended its process. The error's own
                text stays out: it may hold a value.
        """
        with self._lock:
            try:
                self._check_rest(name)
                self._loaded()
                known = self._found.get(name)
                limit_s = known.limit_s if known else self._limit_s
                return self._ask_loaded(name, [encode(each) for each in arguments], limit_s)
            except FileNotFoundError as error:
                raise self._error(f"The script {self.name} is not there any more") from error
            except CrossingError as error:
                raise self._error(f"{error.reason} cannot be given to {name}") from error

    def try_examples(self) -> list[tuple[str, int, list[int]]]:
        """Name, number and failed lines of each function that has `>>>` examples.

        Raises:
            ScriptError: They could not be tried.
        """
        with self._lock:
            return [tuple(each) for each in self._ask_loaded("!examples", [], LOAD_S)]

    def close(self) -> None:
        """End the process; the next call starts another. Twice is once."""
        self._end(patience_s=_FAREWELL_S)

    def _end(self, *, patience_s: float = 0.0) -> None:
        with self._lock:
            child, self._child = self._child, None
            if child is not None:
                child.end(patience_s=patience_s)

    def _loaded(self) -> None:
        if self._child is not None and self._stamps != _stamps_of(self._stamps):
            _log.info("script changed", extra={"script": self.name})
            self.close()
            self._overruns.clear()
        if self._child is not None:
            return
        if self.is_file and not Path(self.place).is_file():
            raise FileNotFoundError(self.place)
        # Before it is read: a change while it loads is seen at the next call.
        self._stamps = _stamps_of([self.place] if self.is_file else [])
        answer = self._ask(
            {
                "ask": "load",
                "place": self.place,
                "is_file": self.is_file,
                "folder": str(self.folder),
                "path": sys.path,
            },
            limit_s=LOAD_S,
        )
        if not answer["ok"]:
            self.close()
            raise self._load_error(answer)
        self._found = {each["name"]: FoundFunction(**each) for each in answer["functions"]}
        self._stamps = {**_stamps_of(answer["files"]), **self._stamps}

    def _ask_loaded(self, name: str, arguments: list[Any], limit_s: float) -> Any:  # noqa: ANN401
        self._loaded()
        answer = self._ask({"ask": "call", "name": name, "args": arguments}, limit_s=limit_s)
        if answer["ok"]:
            self._overruns.pop(name, None)
            return decode(answer["value"])
        if answer["why"] == "limit":
            count, _ = self._overruns.get(name, (0, 0.0))
            self._overruns[name] = (count + 1, self._monotonic())
        raise self._call_error(name, answer, limit_s=limit_s)

    def _check_rest(self, name: str) -> None:
        count, at = self._overruns.get(name, (0, 0.0))
        if count < _MOST_OVERRUNS or self._monotonic() - at >= REST_S:
            return
        # A changed script is the best reason to try again at once.
        if self._stamps == _stamps_of(self._stamps):
            raise self._error(
                f"{name} in {self.name} rests: it overran its time limit {count} times",
                function=name,
            )

    def _ask(self, message: Answer, *, limit_s: float) -> Answer:
        line = write_line({**message, "limit_s": limit_s})
        if self._child is None:
            self._child = ScriptProcess()
        answer = self._child.exchange(line, limit_s=limit_s + GRACE_S)
        if answer.get("why") in _ENDING:
            self._end()
        self._log_said(answer)
        return answer

    def _log_said(self, answer: Answer) -> None:
        for line in str(answer.get("said", "")).splitlines():
            _log.debug("script said", extra={"script": self.name, "text": line})
        if answer.get("dropped"):
            _log.debug(
                "script said more",
                extra={"script": self.name, "characters": answer["dropped"]},
            )

    def _load_error(self, answer: Answer) -> ScriptError:
        if answer.get("missing"):
            happened = f"No module `{answer['missing']}` for {self._where(answer)}"
            return self._error(happened, line=answer.get("line"))
        happened = f"{self.name} cannot be loaded: {self._what(answer, LOAD_S)}"
        return self._error(happened, line=answer.get("line"))

    def _call_error(self, name: str, answer: Answer, *, limit_s: float) -> ScriptError:
        what = self._what(answer, limit_s, function=name.strip("?!"))
        return self._error(what, line=answer.get("line"), function=name)

    def _what(self, answer: Answer, limit_s: float, *, function: str = "") -> str:
        within = f" in {function}" if function else ""
        where = f" at {self._where(answer)}"
        match answer["why"]:
            case "raised":
                text = f": {answer['text']}" if answer.get("text") else ""
                return f"{answer['error']}{within}{where}{text}"
            case "limit":
                return f"more than {limit_s:g} s{within}{where}"
            case "absent":
                return f"{self.name} has no function `{function}`"
            case "crossing":
                return f"{function or 'it'} of {self.name} gave {answer['reason']}"
            case _:
                return f"the script's process ended{within}{where}"

    def _where(self, answer: Answer) -> str:
        file, line = answer.get("file") or self.name, answer.get("line")
        return f"{file}:{line}" if line else file

    def _error(
        self, happened: str, *, line: int | None = None, function: str = ""
    ) -> ScriptError:
        return ScriptError(happened, file=self.name, line=line, function=function)


def _stamps_of(files: Iterable[str]) -> dict[str, tuple[int, int]]:
    stamps = {}
    for file in files:
        try:
            found = os.stat(file)  # noqa: PTH116 — half the price of a Path, at every call
        except OSError:
            stamps[file] = (0, 0)
        else:
            stamps[file] = (found.st_mtime_ns, found.st_size)
    return stamps


_workers: OrderedDict[tuple[str, Path], ScriptWorker] = OrderedDict()
_workers_lock = threading.Lock()


def worker_of(place: str, folder: Path) -> ScriptWorker:
    """The worker of a script in this process; the same one each time.

    Where there are many, the processes of those asked for longest ago are ended.
    """
    key = (place, folder.resolve())
    eldest = []
    with _workers_lock:
        worker = _workers.pop(key, None) or ScriptWorker(place, folder)
        _workers[key] = worker
        while len(_workers) > _MOST_PROCESSES:
            eldest.append(_workers.popitem(last=False)[1])
    for each in eldest:
        each.close()
    return worker


@atexit.register
def close_workers() -> None:
    """End all processes; a later call starts its own anew."""
    with _workers_lock:
        known = list(_workers.values())
    for each in known:
        each.close()

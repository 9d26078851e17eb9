"""Logs as events, one JSON object a line; what a field may not hold does not get in.

Only names, ids, counts and reasons are written. Texts of foreign exceptions and arguments
of foreign messages may quote what was sent, so a foreign record keeps its template alone.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, TextIO

from toolkit.errors import HightonicError

if TYPE_CHECKING:
    from collections.abc import Iterator

_OURS: Final = ("toolkit", "bot", "notebooks")
_STANDARD: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}
_SECRETIVE: Final = (
    "authorization",
    "body",
    "code",
    "email",
    "key",
    "password",
    "payload",
    "phone",
    "secret",
    "signature",
    "token",
    "values",
)
_REMOVED: Final = "(removed)"
# Loggers whose ordinary lines name full addresses, which may hold a code or an id.
_TALKATIVE: Final = ("httpx", "httpcore", "uvicorn.access")


class JsonFormatter(logging.Formatter):
    """One line of JSON per record: `at`, `level`, `logger`, `event`, then its fields."""

    def format(self, record: logging.LogRecord) -> str:
        """The line; never raises over a value it does not know."""
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(
                timespec="milliseconds"
            ),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": _event(record),
        }
        line |= {name: value for name, value in _fields(record) if name not in line}
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = _error(record.exc_info[1])
        return json.dumps(line, ensure_ascii=True, separators=(",", ":"))


class _Quiet(logging.StreamHandler[TextIO]):
    """Drops a line that cannot be written, as on a full disk: logs never add to a failure."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 — the library's name
        """Nothing; the library would print a traceback with the record's arguments."""


_UVICORN = ("uvicorn", "uvicorn.error")


def configure_logs(*, level: int = logging.INFO, stream: TextIO | None = None) -> None:
    """Write all logs of this process as JSON lines; a second call replaces the first.

    Args:
        level: The least that is written.
        stream: None means standard error.
    """
    handler = _Quiet(stream or sys.stderr)
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in _UVICORN:
        # Another server of this process may have given them handlers and a level of its own.
        theirs = logging.getLogger(name)
        theirs.handlers.clear()
        theirs.propagate = True
        theirs.setLevel(logging.NOTSET)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)


def _is_ours(record: logging.LogRecord) -> bool:
    return record.name.partition(".")[0] in _OURS


def _event(record: logging.LogRecord) -> str:
    return record.getMessage() if _is_ours(record) else str(record.msg)


def _fields(record: logging.LogRecord) -> Iterator[tuple[str, Any]]:
    if not _is_ours(record):
        return
    for name, value in vars(record).items():
        if name in _STANDARD or value in ("", None):
            continue
        if any(word in name.lower() for word in _SECRETIVE):
            yield name, _REMOVED
        elif isinstance(value, str | int | float | bool):
            yield name, value
        else:
            yield name, type(value).__name__


def _error(error: BaseException) -> dict[str, Any]:
    frames = traceback.extract_tb(error.__traceback__)
    told: dict[str, Any] = {
        "type": type(error).__name__,
        # Where, not with what: source lines and texts may quote values.
        "where": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames[-12:]],
    }
    if isinstance(error, HightonicError):
        told |= {"happened": error.happened, "reference": error.reference}
    return told

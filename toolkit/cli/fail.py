"""How a command ends badly: one sentence, a reference, the right exit code.

Exit codes: 1 failure, 2 wrong use, 78 a person must decide, 128 + signal when stopped.
"""

from __future__ import annotations

import json
import secrets
import sys
import traceback
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING

import typer

from toolkit.errors import HightonicError, VendorError

if TYPE_CHECKING:
    from toolkit.app.home import Home

LOG_BYTES = 1_000_000

CUT_WHILE_WRITING = (
    "Stopped at once. Writes without an answer are looked up by the next `hightonic sync`; "
    "nothing is sent twice."
)


class StoppedError(Exception):
    """A signal cut the work off where it stood.

    Args:
        signal_number: The signal that did it.
        was_writing: A write may have been under way.
    """

    def __init__(self, signal_number: int, *, was_writing: bool) -> None:
        super().__init__(signal_number)
        self.signal_number = signal_number
        self.was_writing = was_writing


@contextmanager
def guarded(home: Home, *, as_json: bool) -> Iterator[None]:
    """Turn whatever goes wrong inside into a sentence on standard error and an exit code.

    Args:
        home: Where the log is; a home that does not exist yet is not made for it.
        as_json: Also print `{"error": {...}}` on standard output.
    """
    try:
        yield
    except (typer.Exit, typer.Abort, typer.BadParameter, BrokenPipeError):
        raise
    except KeyboardInterrupt:
        _tell("Stopped. Nothing more is sent.")
        raise typer.Exit(130) from None
    except StoppedError as stopped:
        _tell(CUT_WHILE_WRITING if stopped.was_writing else "Stopped. Nothing was written.")
        raise typer.Exit(128 + stopped.signal_number) from None
    except Exception as error:  # noqa: BLE001 — the last line before the user: no traceback passes
        raise typer.Exit(_end(error, home, as_json=as_json)) from None


def _end(error: Exception, home: Home, *, as_json: bool) -> int:
    known = find_known(error)
    if known is None:
        reference = secrets.token_hex(4)
        is_logged = write_log(home, describe_unexpected(error, reference))
        where = f"Send {home.log_path} with this reference" if is_logged else "Try it again"
        sentence = (
            f"Something unexpected went wrong ({type(error).__name__}). What was finished "
            f"is stored; the rest is looked at again by the next run. {where}. (ref {reference})"
        )
        kind, code = "unexpected", 1
    else:
        reference, sentence = known.reference, known.sentence
        kind, code = type(known).__name__, known.exit_code
        write_log(home, describe_known(known))
    _tell(sentence)
    if as_json:
        body = {"type": kind, "sentence": sentence, "reference": reference, "exit_code": code}
        typer.echo(json.dumps({"error": body}, ensure_ascii=False))
    return code


def find_known(error: BaseException) -> HightonicError | None:
    """The error of our tree in it: itself, or the first one a task group gathered."""
    if isinstance(error, HightonicError):
        return error
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            if known := find_known(inner):
                return known
    return None


def describe_known(error: HightonicError) -> str:
    """The log line of an error of our tree: ids and numbers, never values."""
    parts = [f"ref={error.reference}", type(error).__name__]
    if isinstance(error, VendorError):
        parts += [f"system={error.system}", f"operation={error.operation!r}"]
        parts += [f"http_status={error.http_status}", f"trace_id={error.trace_id!r}"]
    return " ".join(parts)


def describe_unexpected(error: BaseException, reference: str) -> str:
    """Where an unexpected error came from, without its message and without locals.

    A message may quote a customer's value, so only class names, files, lines and
    functions are kept.
    """
    lines = [f"ref={reference} unexpected"]
    step: BaseException | None = error
    while step is not None:
        lines.append(f"  {type(step).__module__}.{type(step).__qualname__}")
        frames = traceback.extract_tb(step.__traceback__)
        lines += [f"    {frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
        step = step.__cause__ or step.__context__
    return "\n".join(lines)


def write_log(home: Home, text: str) -> bool:
    """Append to the home's log (0600, two files of at most 1 MB); False if that fails."""
    from logging import INFO, Formatter, LogRecord
    from logging.handlers import RotatingFileHandler

    class Telling(RotatingFileHandler):
        """Says that it failed, instead of printing a traceback over the user's line."""

        def handleError(self, _record: LogRecord) -> None:  # noqa: N802 — the library's name
            raise  # noqa: PLE0704 — called from inside the library's `except`

    if not home.path.is_dir():
        return False
    try:
        home.log_path.touch(mode=0o600)
        with closing(
            Telling(home.log_path, maxBytes=LOG_BYTES, backupCount=1, encoding="utf-8")
        ) as handler:
            handler.setFormatter(Formatter("%(asctime)s %(message)s"))
            handler.emit(LogRecord("hightonic", INFO, "", 0, text, (), None))
    except OSError:
        return False
    return True


def _tell(sentence: str) -> None:
    with suppress(BrokenPipeError):
        print(sentence, file=sys.stderr, flush=True)  # noqa: T201 — this is the user's line

"""One writing process per home: a lock of the operating system, gone when its holder is.

Read-only commands open the store without it.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from toolkit.errors import StateBusyError
from toolkit.store import faults

if TYPE_CHECKING:
    from types import TracebackType

LOCK_NAME: Final = "lock"

# On Windows a locked byte cannot be read; lock one far behind the note.
_LOCKED_BYTE = 1 << 30


class Lease:
    """The right to write to a home, held until `release` or the end of the process.

    Args:
        home: The folder; made where missing.
        purpose: What the holder does, for the sentence the other one shows: `sync`.

    Raises:
        StateBusyError: Another process holds it; the sentence names its pid.
        StateError: The folder cannot be written to.
    """

    def __init__(self, home: Path | str, *, purpose: str = "") -> None:
        path = Path(home) / LOCK_NAME
        with faults.plain_errors(str(home)):
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        self._descriptor: int | None = descriptor
        try:
            _claim(descriptor)
            with faults.plain_errors(str(path)):
                _write_note(descriptor, f"{os.getpid()}\n{purpose}\n")
        except BaseException:
            self.release()
            raise

    def release(self) -> None:
        """Let others in; twice is once. The file stays: removing it would race."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()


@dataclass(frozen=True, slots=True)
class LeaseHolder:
    """The process that writes to a home.

    Attributes:
        pid: Of this machine.
        purpose: What it does: `serve`, `sync`.
    """

    pid: int
    purpose: str


def find_holder(home: Path | str) -> LeaseHolder | None:
    """Who works in a home just now; None where nobody does. Nothing is made or claimed."""
    try:
        descriptor = os.open(Path(home) / LOCK_NAME, os.O_RDWR)
    except OSError:
        return None
    try:
        pid, purpose, *_ = [*_read_note(descriptor).splitlines(), "", ""]
        # Looked at before the lock is tried: trying a free one could turn a process away
        # that starts in that very moment.
        if not pid.isdecimal() or not _is_alive(int(pid)) or _lock(descriptor):
            return None
        return LeaseHolder(int(pid), purpose)
    finally:
        os.close(descriptor)


def _is_alive(pid: int) -> bool:
    if sys.platform == "win32":  # pragma: no cover — there a signal of 0 ends the process
        return True
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except OSError:
        return False
    return True


def _claim(descriptor: int) -> None:
    if _lock(descriptor):
        return
    pid, purpose, *_ = [*_read_note(descriptor).splitlines(), "", ""]
    who = f"pid {pid or 'unknown'}" + (f", {purpose}" if purpose else "")
    raise StateBusyError(
        f"Another hightonic process ({who}) works in this home",
        unchanged="Nothing was changed",
        remedy="Wait for it to end, or stop it",
    )


def _write_note(descriptor: int, note: str) -> None:
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, note.encode(), 0)


def _read_note(descriptor: int) -> str:
    return os.pread(descriptor, 200, 0).decode(errors="replace")


if sys.platform == "win32":  # pragma: no cover — the suite runs on Linux
    import msvcrt

    def _lock(descriptor: int) -> bool:
        os.lseek(descriptor, _LOCKED_BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

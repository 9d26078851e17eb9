"""What a failing disk or database means, in one clear sentence each."""

from __future__ import annotations

import errno
import sqlite3
from contextlib import contextmanager
from json import JSONDecodeError
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError

from toolkit.errors import StateBusyError, StateDamagedError, StateError

if TYPE_CHECKING:
    from collections.abc import Iterator

_NOT_STORED = "Nothing of this step was stored"


def disk_full(place: str = "") -> StateError:
    """No room left where the state lives."""
    return StateError(
        f"The disk that holds {place or 'the state file'} is full",
        unchanged=_NOT_STORED,
        remedy="Free some space, then run the command again",
    )


def read_only(place: str = "") -> StateError:
    """The state may be read but not written."""
    return StateError(
        f"Writing to {place or 'the state file'} is not allowed",
        unchanged=_NOT_STORED,
        remedy="Make it writable for this user, or set HIGHTONIC_HOME to a folder that is",
    )


def damaged(
    place: str = "", *, reason: str = "is damaged or half-written"
) -> StateDamagedError:
    """The file is not what we wrote."""
    return StateDamagedError(
        f"{place or 'The state file'} {reason}",
        unchanged="It was left as it is",
        remedy="Put a backup in its place, or move it away to start afresh: "
        "records that carry our key are recognised again",
    )


def busy(place: str = "") -> StateBusyError:
    """Somebody else holds the write lock."""
    return StateBusyError(
        f"Another process is writing to {place or 'the state file'}",
        unchanged=_NOT_STORED,
        remedy="Wait for it to finish, then run the command again",
    )


def unreachable(place: str = "") -> StateError:
    """The file cannot be opened, or the disk under it fails."""
    return StateError(
        f"{place or 'The state file'} cannot be opened",
        unchanged=_NOT_STORED,
        remedy="Check that the folder exists, that this user may use it and that its disk is well",
    )


def server_unreachable() -> StateError:
    """The server does not answer, or does not let us in."""
    return StateError(
        "The database cannot be opened",
        unchanged=_NOT_STORED,
        remedy="Check that the server runs and that HIGHTONIC_DATABASE_URL names it",
    )


def taken_twice() -> StateError:
    """The database refused two rows that claim one thing."""
    return StateError(
        "Two pairs would claim the same record",
        unchanged=_NOT_STORED,
        remedy="Plan again, so that the pairs are read afresh",
    )


# Result codes: sqlite.org/rescode.html, read 2026-11; the low byte is the primary code.
_BY_CODE = {
    sqlite3.SQLITE_FULL: disk_full,
    sqlite3.SQLITE_READONLY: read_only,
    sqlite3.SQLITE_PERM: read_only,
    sqlite3.SQLITE_CORRUPT: damaged,
    sqlite3.SQLITE_NOTADB: damaged,
    sqlite3.SQLITE_BUSY: busy,
    sqlite3.SQLITE_LOCKED: busy,
    sqlite3.SQLITE_CANTOPEN: unreachable,
    sqlite3.SQLITE_IOERR: unreachable,
}
# Codes: postgresql.org/docs/current/errcodes-appendix.html, read 2026-11.
_BY_SQLSTATE = {
    "53100": disk_full,
    "25006": read_only,
    "42501": read_only,
    "40001": busy,
    "40P01": busy,
    "55P03": busy,
}
_BY_ERRNO = {
    errno.ENOSPC: disk_full,
    errno.EDQUOT: disk_full,
    errno.EROFS: read_only,
    errno.EACCES: read_only,
    errno.EPERM: read_only,
}


def of_database(error: DBAPIError | sqlite3.Error, place: str = "") -> StateError | None:
    """The sentence for a database error; None when it is a fault of our own code."""
    if isinstance(error, IntegrityError):
        return taken_twice()
    origin = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(origin, sqlite3.Error):
        if _is_garbled(error):
            return damaged(place)
        # A few errors of the driver itself carry no code: those are ours.
        code = getattr(origin, "sqlite_errorcode", None)
        make = None if code is None else _BY_CODE.get(code & 0xFF)
        return make(place) if make else None
    make = _BY_SQLSTATE.get(getattr(origin, "sqlstate", None) or "")
    if make is not None:
        return make("the database")
    is_elsewhere = isinstance(error, OperationalError | InterfaceError)
    return server_unreachable() if is_elsewhere else None


def _is_garbled(error: DBAPIError | sqlite3.Error) -> bool:
    """Whether a damaged page's bytes came as text.

    The error quotes them, and they may be a person's, so it is nobody's cause.
    """
    origin = error.orig if isinstance(error, DBAPIError) else error
    # Python's driver says it without a code (seen in CPython 3.11).
    return isinstance(origin, sqlite3.OperationalError) and str(origin).startswith(
        "Could not decode to UTF-8"
    )


def of_system(error: OSError, place: str) -> StateError:
    """The sentence for an error of the file system."""
    make = _BY_ERRNO.get(error.errno or 0, unreachable)
    return make(place)


@contextmanager
def plain_errors(place: str = "") -> Iterator[None]:
    """Turn errors of disk and database into `StateError`; others pass.

    Args:
        place: How the sentence names the file or folder.
    """
    try:
        yield
    except (DBAPIError, sqlite3.Error) as error:
        known = of_database(error, place)
        if known is None:
            raise
        raise known from (None if _is_garbled(error) else error)
    except (UnicodeDecodeError, JSONDecodeError):
        raise damaged(place) from None
    except OSError as error:
        raise of_system(error, place) from error

"""Reading keys: from their variable, else from the vault, and anew after a few seconds."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from toolkit.app.credentials import (
    HIGHLEVEL_TOKEN,
    HIGHLEVEL_VARIABLE,
    TIMETONIC_SESSKEY,
    TIMETONIC_VARIABLE,
)
from toolkit.errors import UseError
from toolkit.model.ids import Side

if TYPE_CHECKING:
    from toolkit.store import Vault

T = TypeVar("T")
_VARIABLES: Final = {
    HIGHLEVEL_TOKEN: HIGHLEVEL_VARIABLE,
    TIMETONIC_SESSKEY: TIMETONIC_VARIABLE,
}


class Remembered(Generic[T]):
    """A value that is read again after a few seconds; the vault is asked, not hammered."""

    _MAX_AGE_S = 5.0

    def __init__(
        self, read: Callable[[], T], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._read = read
        self._clock = clock
        self._held: tuple[T, float] | None = None

    def __call__(self) -> T:
        """The value, at most five seconds old."""
        now_s = self._clock()
        if self._held is None or now_s - self._held[1] > self._MAX_AGE_S:
            self._held = (self._read(), now_s)
        return self._held[0]


def read_secret(vault: Vault, connection: str, name: str) -> str | None:
    """A secret from its `HIGHTONIC_*` variable, else from the vault."""
    return os.environ.get(_VARIABLES[name]) or vault.get(connection, name)


def require_secret(vault: Vault, connection: str, name: str) -> None:
    """Raise when a secret is nowhere to be found.

    Raises:
        UseError: Neither variable nor vault holds it.
    """
    if read_secret(vault, connection, name):
        return
    system = name.partition(".")[0]
    raise UseError(
        f"No key for {Side(system).label} is stored for the connection `{connection}`",
        unchanged="Nothing was sent",
        remedy=f"Run `hightonic connect {system}`, or set {_VARIABLES[name]}",
    )

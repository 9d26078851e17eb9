"""Where the vault's key is kept: the operating system's keyring, or a file of the home.

The library `keyring` is optional; without it, or without a desktop that answers it (a
service, a container), the file is used.
"""

from __future__ import annotations

import os
from hashlib import blake2b
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from toolkit.errors import StateError
from toolkit.store import faults

if TYPE_CHECKING:
    from collections.abc import Sequence

KEY_NAME: Final = "key"
SERVICE: Final = "hightonic"
"""Under which name the keyring shows our entries to its owner."""


class KeyringBackend(Protocol):
    """What is asked of a keyring; the library's own words."""

    def get_password(self, service: str, username: str) -> str | None:
        """The text kept there; None where there is none."""
        ...

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep a text in place of the one before."""
        ...

    def delete_password(self, service: str, username: str) -> None:
        """Forget a text."""
        ...


class KeyShelf(Protocol):
    """Keeps the keys of one home."""

    @property
    def place(self) -> str:
        """Where, in a sentence."""
        ...

    def read(self) -> list[str]:
        """The keys, newest first; none where nothing was kept yet."""
        ...

    def write(self, keys: Sequence[str]) -> None:
        """Keep these in place of those before, whole or not at all."""
        ...

    def clear(self) -> None:
        """Forget them; twice is once."""
        ...


class FileShelf:
    """The file `key` of a home, readable by its owner only."""

    def __init__(self, home: Path | str) -> None:
        self.path = Path(home) / KEY_NAME

    @property
    def place(self) -> str:
        """The file's path."""
        return f"the key file {self.path}"

    def read(self) -> list[str]:
        """The keys in it.

        Raises:
            StateError: It cannot be read.
        """
        with faults.plain_errors(str(self.path)):
            try:
                return self.path.read_text(encoding="utf-8", errors="replace").split()
            except FileNotFoundError:
                return []

    def write(self, keys: Sequence[str]) -> None:
        """Write them beside the file, then put that in its place.

        Raises:
            StateError: The disk does not take it; the file is as it was.
        """
        beside = self.path.with_name(self.path.name + ".new")
        with faults.plain_errors(str(self.path)):
            beside.unlink(missing_ok=True)
            _write_private(beside, keys)
            beside.replace(self.path)

    def clear(self) -> None:
        """Remove the file."""
        with faults.plain_errors(str(self.path)):
            self.path.unlink(missing_ok=True)

    def close_to_others(self) -> bool:
        """Take others' right to read it; whether they had one."""
        with faults.plain_errors(str(self.path)):
            if not self.path.stat().st_mode & 0o077:
                return False
            self.path.chmod(0o600)
        return True


class KeyringShelf:
    """One entry of the operating system's keyring, named after the home's path."""

    def __init__(self, backend: KeyringBackend, home: Path | str) -> None:
        self._backend = backend
        path = str(Path(home).expanduser().absolute())
        # The path itself is nobody's business: keyrings show names without being unlocked.
        self._account = blake2b(path.encode(), digest_size=8).hexdigest()

    @property
    def place(self) -> str:
        """What its owner looks for."""
        return f"the system keyring (entry {SERVICE}, {self._account})"

    def read(self) -> list[str]:
        """The keys in it; none where the keyring is locked or does not answer."""
        try:
            return (self._backend.get_password(SERVICE, self._account) or "").split()
        except Exception:  # noqa: BLE001 — backends raise errors of their own libraries
            return []

    def write(self, keys: Sequence[str]) -> None:
        """Keep them.

        Raises:
            StateError: The keyring refuses; it is as it was.
        """
        try:
            self._backend.set_password(SERVICE, self._account, "\n".join(keys))
        except Exception:  # noqa: BLE001 — as above; the cause may quote the key
            raise StateError(
                "The system keyring does not take the key",
                unchanged="The stored secrets are untouched",
                remedy="Unlock it, or keep the key in a file: hightonic rotate key --keep file",
            ) from None

    def clear(self) -> None:
        """Forget them; a keyring that refuses keeps an old key that opens nothing."""
        try:
            self._backend.delete_password(SERVICE, self._account)
        except Exception:  # noqa: BLE001 — as above
            return


def find_keyring() -> KeyringBackend | None:
    """The system's keyring; None without the library or where it can keep nothing.

    Nothing is unlocked or asked for yet. `PYTHON_KEYRING_BACKEND` chooses one, as the
    library documents (keyring.readthedocs.io, read 2026-11).
    """
    try:
        library = import_module("keyring")
    except ImportError:
        return None
    try:
        backend: KeyringBackend = library.get_keyring()
        # `fail` and `null` report 0 and less: they stand for "there is none".
        is_usable = float(getattr(backend, "priority", 0)) > 0
    except Exception:  # noqa: BLE001 — a desktop that is half there
        return None
    return backend if is_usable else None


def _write_private(path: Path, keys: Sequence[str]) -> None:
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write("\n".join(keys) + "\n")
        file.flush()
        os.fsync(descriptor)

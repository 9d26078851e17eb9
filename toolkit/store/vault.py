"""Secrets, encrypted in the state file; the key lives apart from them.

Fernet (cryptography.io/en/latest/fernet, read 2026-11). The key comes from HIGHTONIC_KEY
or from the file `key` in the home. Both may hold several, newest first: the first one
encrypts, all of them decrypt, which is what a rotation needs.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from sqlalchemy import delete, select

from toolkit.errors import StateDamagedError, StateError
from toolkit.store import faults
from toolkit.store.schema import secret
from toolkit.store.transactions import upsert

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from toolkit.store.store import Store

KEY_VARIABLE = "HIGHTONIC_KEY"
KEY_NAME = "key"


class Vault:
    """Secrets by connection and name; `NAME.next` holds the coming value of a rotation.

    Values appear in no repr, error or log.

    Attributes:
        warning: What a person must know about the key just now; usually empty.
    """

    def __init__(self, store: Store, keys: KeyRing, *, warning: str = "") -> None:
        self.warning = warning
        self._store = store
        self._keys = keys
        self._check()

    def get(self, connection: str, name: str) -> str | None:
        """A secret's value, or None.

        Raises:
            StateError: The key does not fit.
        """
        query = select(secret.c.sealed).where(
            secret.c.connection == connection, secret.c.name == name
        )
        with self._store.transactions.reading() as opened:
            sealed = opened.scalar(query)
        return None if sealed is None else self._keys.open(sealed)

    def put(self, connection: str, name: str, value: str) -> None:
        """Store a secret in place of the one before; on the disk when this returns."""
        row = {
            "connection": connection,
            "name": name,
            "sealed": self._keys.seal(value),
            "at": self._store.surroundings.clock(),
        }
        with self._store.transactions.writing() as opened:
            upsert(opened, secret, [row])

    def delete(self, connection: str, name: str) -> None:
        """Forget a secret; one that is not there is forgotten already."""
        with self._store.transactions.writing() as opened:
            opened.execute(
                delete(secret).where(secret.c.connection == connection, secret.c.name == name)
            )

    def names(self, connection: str) -> list[str]:
        """Names of a connection's secrets, sorted."""
        query = select(secret.c.name).where(secret.c.connection == connection)
        with self._store.transactions.reading() as opened:
            return sorted(opened.scalars(query))

    def reencrypt(self, new_key: str) -> int:
        """Seal every secret with a new key, and make it the key from now on.

        A key file holds both keys until all is sealed anew, so a crash at any moment
        leaves secrets that can be read. A key from HIGHTONIC_KEY is the caller's to
        replace.

        Args:
            new_key: From `new_key()`.

        Returns:
            How many secrets were sealed anew.

        Raises:
            StateError: Not a key, or the disk does not take it; the old key still works.
        """
        both = self._keys.with_first(new_key)
        both.save()
        with self._store.transactions.writing() as opened:
            rows = opened.execute(select(secret)).mappings().all()
            renewed = [{**row, "sealed": both.renew(row["sealed"])} for row in rows]
            upsert(opened, secret, renewed)
        self._keys = both.only_first()
        self._keys.save()
        return len(rows)

    def _check(self) -> None:
        with self._store.transactions.reading() as opened:
            sealed = opened.scalar(select(secret.c.sealed).limit(1))
        if sealed is not None:
            self._keys.open(sealed)

    def __repr__(self) -> str:
        return "Vault(...)"


class KeyRing:
    """One or more keys, newest first, and where they are kept.

    Args:
        keys: Fernet keys as text.
        path: The file they came from; None for the environment.

    Raises:
        StateError: One of them is not a key.
    """

    def __init__(self, keys: Sequence[str], *, path: Path | None) -> None:
        self._keys = tuple(keys)
        self._path = path
        try:
            self._fernet = MultiFernet([Fernet(key) for key in self._keys])
        except ValueError:
            # The cause is left out: it may quote what somebody took for a key.
            raise _not_a_key(path) from None

    def seal(self, value: str) -> str:
        """Encrypt with the newest key."""
        return self._fernet.encrypt(value.encode()).decode()

    def open(self, sealed: str) -> str:
        """Decrypt with whichever key fits.

        Raises:
            StateError: None does.
        """
        try:
            return self._fernet.decrypt(sealed).decode()
        except InvalidToken:
            raise _wrong_key() from None

    def renew(self, sealed: str) -> str:
        """Decrypt with whichever key fits, encrypt with the newest."""
        return self.seal(self.open(sealed))

    def with_first(self, key: str) -> KeyRing:
        """The same ring with a newer key."""
        return KeyRing([key, *self._keys], path=self._path)

    def only_first(self) -> KeyRing:
        """The newest key alone."""
        return KeyRing(self._keys[:1], path=self._path)

    def save(self) -> None:
        """Write the keys to their file, whole or not at all; nothing without a file."""
        if self._path is None:
            return
        beside = self._path.with_name(self._path.name + ".new")
        with faults.plain_errors(str(self._path)):
            beside.unlink(missing_ok=True)
            _write_private(beside, self._keys)
            beside.replace(self._path)

    def __repr__(self) -> str:
        return f"KeyRing({len(self._keys)} keys)"


def new_key() -> str:
    """A fresh random key, as HIGHTONIC_KEY and `Vault.reencrypt` take it."""
    return Fernet.generate_key().decode()


def open_vault(
    store: Store, home: Path | str, *, environ: Mapping[str, str] | None = None
) -> Vault:
    """The vault of a store.

    Without a key anywhere, one is made in the home on first use, readable by its owner
    only; `Vault.warning` then says so.

    Args:
        store: Where the sealed values are.
        home: Where the key file is.
        environ: Holds HIGHTONIC_KEY, perhaps; None means this process's environment.

    Raises:
        StateError: The key is missing, unreadable, no key, or not the one that sealed.
    """
    given = (os.environ if environ is None else environ).get(KEY_VARIABLE, "").strip()
    if given:
        return Vault(store, KeyRing([key.strip() for key in given.split(",")], path=None))
    path = Path(home) / KEY_NAME
    keys = _read_keys(path)
    if keys:
        return Vault(store, KeyRing(keys, path=path), warning=_close_to_others(path))
    if _has_secrets(store):
        raise _missing_key(path)
    ring = KeyRing([new_key()], path=path)
    ring.save()
    warning = (
        f"A new key was written to {path}. Keep a copy of it in another place: without it "
        "the stored secrets cannot be read."
    )
    return Vault(store, ring, warning=warning)


def _has_secrets(store: Store) -> bool:
    with store.transactions.reading() as opened:
        return opened.scalar(select(secret.c.name).limit(1)) is not None


def _read_keys(path: Path) -> list[str]:
    with faults.plain_errors(str(path)):
        try:
            return path.read_text(encoding="utf-8", errors="replace").split()
        except FileNotFoundError:
            return []


def _write_private(path: Path, keys: Sequence[str]) -> None:
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write("\n".join(keys) + "\n")
        file.flush()
        os.fsync(descriptor)


def _close_to_others(path: Path) -> str:
    with faults.plain_errors(str(path)):
        if not path.stat().st_mode & 0o077:
            return ""
        path.chmod(0o600)
    return f"The key file {path} could be read by others; it is closed to them now."


def _not_a_key(path: Path | None) -> StateError:
    if path is None:
        return StateError(
            f"{KEY_VARIABLE} does not hold a key",
            unchanged="The stored secrets are untouched",
            remedy="Set it to the key that was used before",
        )
    return StateDamagedError(
        f"The key file {path} does not hold a key",
        unchanged="It was left as it is",
        remedy="Put your copy of the key in its place",
    )


def _wrong_key() -> StateError:
    return StateError(
        "The stored secrets were sealed with another key",
        unchanged="They are untouched",
        remedy=f"Set {KEY_VARIABLE} to that key, or put it back as the file `{KEY_NAME}`",
    )


def _missing_key(path: Path) -> StateError:
    return StateError(
        f"The key that opens the stored secrets is missing ({path})",
        unchanged="They are untouched",
        remedy=f"Put your copy of it there, or set {KEY_VARIABLE}",
    )

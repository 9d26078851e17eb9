"""Secrets, encrypted in the state; the key lives apart from them.

Fernet (cryptography.io/en/latest/fernet, read 2026-11). The key comes from HIGHTONIC_KEY,
else from the system keyring, else from the file `key` in the home. Each may hold several,
newest first: the first one encrypts, all of them decrypt, which is what a rotation needs.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from cryptography.fernet import Fernet
from sqlalchemy import delete, select, update

from toolkit.errors import StateError, UseError
from toolkit.store.key_ring import KEY_VARIABLE, KeyRing
from toolkit.store.key_shelves import FileShelf, KeyringShelf, find_keyring
from toolkit.store.schema import secret
from toolkit.store.schema_automation import delivery
from toolkit.store.transactions import upsert

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement

    from toolkit.store.key_shelves import KeyringBackend, KeyShelf
    from toolkit.store.store import Store

NEXT = ".next"
"""Ends the name of a secret that a rotation will put in the place of another."""

_SEALED_MESSAGES = select(delivery.c.seq, delivery.c.sealed).where(delivery.c.sealed != "")

KeyPlace = Literal["auto", "keyring", "file"]


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

    @property
    def key_place(self) -> str:
        """Where the key is kept, in a sentence."""
        shelf = self._keys.shelf
        return f"the variable {KEY_VARIABLE}" if shelf is None else shelf.place

    def get(self, connection: str, name: str) -> str | None:
        """A secret's value, or None.

        Raises:
            StateError: The key does not fit.
        """
        query = select(secret.c.sealed).where(*_is(connection, name))
        with self._store.transactions.reading() as opened:
            sealed = opened.scalar(query)
        return None if sealed is None else self._keys.open(sealed)

    def put(self, connection: str, name: str, value: str) -> None:
        """Store a secret in place of the one before; on the disk when this returns.

        The value that is stored already keeps its age.
        """
        row = {
            "connection": connection,
            "name": name,
            "sealed": self._keys.seal(value),
            "at": self._store.surroundings.clock(),
        }
        query = select(secret.c.sealed).where(*_is(connection, name))
        with self._store.transactions.writing() as opened:
            if not self._keys.holds(opened.scalar(query), value):
                upsert(opened, secret, [row])

    def seal(self, text: str) -> str:
        """A text that only the vault's key opens, for tables that hold personal values."""
        return self._keys.seal(text)

    def open(self, sealed: str) -> str:
        """A sealed text.

        Raises:
            StateError: The key does not fit.
        """
        return self._keys.open(sealed)

    def delete(self, connection: str, name: str) -> None:
        """Forget a secret; one that is not there is forgotten already."""
        with self._store.transactions.writing() as opened:
            opened.execute(delete(secret).where(*_is(connection, name)))

    def promote(self, connection: str, name: str) -> bool:
        """Put `NAME.next` in the place of `NAME`, at once, its age with it.

        Returns:
            False where there is no coming value: nothing was changed.
        """
        coming = select(secret).where(*_is(connection, name + NEXT))
        with self._store.transactions.writing() as opened:
            row = opened.execute(coming).mappings().first()
            if row is None:
                return False
            upsert(opened, secret, [{**row, "name": name}])
            opened.execute(delete(secret).where(*_is(connection, name + NEXT)))
        return True

    def names(self, connection: str) -> list[str]:
        """Names of a connection's secrets, sorted."""
        return sorted(self.stored_at(connection))

    def stored_at(self, connection: str) -> dict[str, datetime]:
        """Name of each secret -> when its present value came."""
        query = select(secret.c.name, secret.c.at).where(secret.c.connection == connection)
        with self._store.transactions.reading() as opened:
            return {row.name: row.at for row in opened.execute(query)}

    @property
    def is_key_given(self) -> bool:
        """Whether the key comes from HIGHTONIC_KEY, so that only the caller can replace it."""
        return self._keys.shelf is None

    def reencrypt(self, new_key: str, *, shelf: KeyShelf | None = None) -> int:
        """Seal every secret with a new key, and make it the key from now on.

        The shelf holds both keys until all is sealed anew, so a crash at any moment
        leaves secrets that can be read. A key from HIGHTONIC_KEY is the caller's to
        replace.

        Args:
            new_key: From `new_key()`.
            shelf: Keep it there from now on; None means where it is.

        Returns:
            How many secrets were sealed anew.

        Raises:
            StateError: Not a key, or the disk does not take it; the old key still works.
        """
        old = self._keys.shelf
        both = self._keys.with_first(new_key, shelf=shelf or old)
        both.save()
        count = self._seal_with(both)
        self._keys = both.only_first()
        self._keys.save()
        if old is not None and shelf is not None and old.place != shelf.place:
            old.clear()
        return count

    def reseal(self) -> int:
        """Seal every secret with the first of several keys; how many.

        Raises:
            UseError: There is one key only.
            StateError: The state cannot be written; all keys still work together.
        """
        if len(self._keys) < 2:  # noqa: PLR2004 — the new one and the old one
            raise UseError(
                f"{KEY_VARIABLE} holds one key only",
                unchanged="The stored secrets are untouched",
                remedy="Put a new key in front of it, with a comma between: 32 random "
                "bytes in URL-safe base64 (openssl rand -base64 32 | tr +/ -_)",
            )
        return self._seal_with(self._keys)

    def _seal_with(self, ring: KeyRing) -> int:
        with self._store.transactions.writing() as opened:
            rows = opened.execute(select(secret)).mappings().all()
            renewed = [{**row, "sealed": ring.renew(row["sealed"])} for row in rows]
            upsert(opened, secret, renewed)
            # Messages that wait or were given up would be lost with the old key.
            for seq, sealed in opened.execute(_SEALED_MESSAGES).all():
                again = update(delivery).where(delivery.c.seq == seq)
                opened.execute(again.values(sealed=ring.renew(sealed)))
        return len(rows)

    def _check(self) -> None:
        with self._store.transactions.reading() as opened:
            sealed = opened.scalar(select(secret.c.sealed).limit(1))
        if sealed is not None:
            self._keys.open(sealed)

    def __repr__(self) -> str:
        return "Vault(...)"


def new_key() -> str:
    """A fresh random key, as HIGHTONIC_KEY and `Vault.reencrypt` take it."""
    return Fernet.generate_key().decode()


def open_vault(
    store: Store,
    home: Path | str,
    *,
    environ: Mapping[str, str] | None = None,
    keyring: Callable[[], KeyringBackend | None] = find_keyring,
) -> Vault:
    """The vault of a store.

    Without a key anywhere, one is made on first use: in the system keyring, else in a file
    of the home that only its owner can read; `Vault.warning` then says so.

    Args:
        store: Where the sealed values are.
        home: Where the key file is.
        environ: Holds HIGHTONIC_KEY, perhaps; None means this process's environment.
        keyring: Finds the system keyring.

    Raises:
        StateError: The key is missing, unreadable, no key, or not the one that sealed.
    """
    given = (os.environ if environ is None else environ).get(KEY_VARIABLE, "").strip()
    if given:
        return Vault(store, KeyRing([key.strip() for key in given.split(",")], shelf=None))
    file = FileShelf(home)
    shelves = _shelves(file, home, keyring())
    found = [(shelf, keys) for shelf in shelves if (keys := shelf.read())]
    if found:
        # Both hold keys where a move from one to the other was broken off.
        keys = [key for _, kept in found for key in kept]
        warning = _closed(file) if any(shelf is file for shelf, _ in found) else ""
        return Vault(store, KeyRing(keys, shelf=found[0][0]), warning=warning)
    if _has_secrets(store):
        raise _missing_key(shelves)
    ring = _new_ring(shelves)
    warning = (
        f"A new key was written to {file.path}. Keep a copy of it in another place: without "
        "it the stored secrets cannot be read."
    )
    return Vault(store, ring, warning=warning if ring.shelf is file else "")


def choose_shelf(
    home: Path | str,
    place: KeyPlace,
    *,
    keyring: Callable[[], KeyringBackend | None] = find_keyring,
) -> KeyShelf | None:
    """Where a key is to be kept; None for where it is.

    Raises:
        UseError: There is no keyring here.
    """
    if place == "auto":
        return None
    if place == "file":
        return FileShelf(home)
    backend = keyring()
    if backend is None:
        raise UseError(
            "No system keyring can be used here",
            unchanged="Nothing was changed",
            remedy="Install the extra `keyring` and log in to a desktop, or keep a file",
        )
    return KeyringShelf(backend, home)


def _shelves(
    file: FileShelf, home: Path | str, backend: KeyringBackend | None
) -> list[KeyShelf]:
    return [file] if backend is None else [KeyringShelf(backend, home), file]


def _new_ring(shelves: Sequence[KeyShelf]) -> KeyRing:
    """A new key on the first shelf that takes it; the last one's refusal is the caller's."""
    key = new_key()
    for shelf in shelves[:-1]:
        ring = KeyRing([key], shelf=shelf)
        try:
            ring.save()
        except StateError:
            continue
        return ring
    ring = KeyRing([key], shelf=shelves[-1])
    ring.save()
    return ring


def _has_secrets(store: Store) -> bool:
    with store.transactions.reading() as opened:
        return opened.scalar(select(secret.c.name).limit(1)) is not None


def _is(connection: str, name: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return secret.c.connection == connection, secret.c.name == name


def _closed(file: FileShelf) -> str:
    if not file.close_to_others():
        return ""
    return f"The key file {file.path} could be read by others; it is closed to them now."


def _missing_key(shelves: Sequence[KeyShelf]) -> StateError:
    places = " nor in ".join(shelf.place for shelf in shelves)
    return StateError(
        f"The key that opens the stored secrets is missing: it is not in {places}",
        unchanged="They are untouched",
        remedy=(
            f"Put your copy of it there, set {KEY_VARIABLE}, or run this as the person "
            "whose keyring holds it"
        ),
    )

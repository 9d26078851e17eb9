"""The keys of a vault: the newest one encrypts, all of them decrypt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from toolkit.errors import StateDamagedError, StateError
from toolkit.store.key_shelves import KEY_NAME

if TYPE_CHECKING:
    from collections.abc import Sequence

    from toolkit.store.key_shelves import KeyShelf

KEY_VARIABLE: Final = "HIGHTONIC_KEY"


class KeyRing:
    """One or more keys, newest first, and where they are kept.

    Args:
        keys: Fernet keys as text.
        shelf: Where they came from; None for the environment.

    Raises:
        StateError: One of them is not a key.
    """

    def __init__(self, keys: Sequence[str], *, shelf: KeyShelf | None) -> None:
        self._keys = tuple(keys)
        self.shelf = shelf
        try:
            self._fernet = MultiFernet([Fernet(key) for key in self._keys])
        except ValueError:
            # The cause is left out: it may quote what somebody took for a key.
            raise _not_a_key(shelf) from None

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

    def holds(self, sealed: str | None, value: str) -> bool:
        """Whether a sealed text is this value; what cannot be opened is not."""
        try:
            return sealed is not None and self.open(sealed) == value
        except StateError:
            return False

    def renew(self, sealed: str) -> str:
        """Decrypt with whichever key fits, encrypt with the newest."""
        return self.seal(self.open(sealed))

    def with_first(self, key: str, *, shelf: KeyShelf | None) -> KeyRing:
        """The same ring with a newer key, kept on a shelf."""
        return KeyRing([key, *self._keys], shelf=shelf)

    def only_first(self) -> KeyRing:
        """The newest key alone."""
        return KeyRing(self._keys[:1], shelf=self.shelf)

    def save(self) -> None:
        """Keep the keys, whole or not at all; nothing where they are the environment's."""
        if self.shelf is not None:
            self.shelf.write(self._keys)

    def __len__(self) -> int:
        return len(self._keys)

    def __repr__(self) -> str:
        return f"KeyRing({len(self._keys)} keys)"


def _not_a_key(shelf: KeyShelf | None) -> StateError:
    if shelf is None:
        return StateError(
            f"{KEY_VARIABLE} does not hold a key",
            unchanged="The stored secrets are untouched",
            remedy="Set it to the key that was used before",
        )
    return StateDamagedError(
        f"{shelf.place[0].upper()}{shelf.place[1:]} does not hold a key",
        unchanged="It was left as it is",
        remedy="Put your copy of the key in its place",
    )


def _wrong_key() -> StateError:
    return StateError(
        "The stored secrets were sealed with another key",
        unchanged="They are untouched",
        remedy=f"Set {KEY_VARIABLE} to that key, or put it back as the file `{KEY_NAME}`",
    )

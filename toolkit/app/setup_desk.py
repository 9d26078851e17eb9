"""Where setting up writes to: both halves of a connection, then its settings."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime

from toolkit.app.config import load_config
from toolkit.app.config_writing import NewConnection, add_connection
from toolkit.app.home import Home
from toolkit.app.surroundings import forget_surroundings
from toolkit.errors import UseError
from toolkit.mapping.defaults import default_mapping
from toolkit.mapping.spec import Mapping as FieldMappings
from toolkit.model.ids import Side
from toolkit.store import ConnectionStore, Lease, Store, Vault, open_vault
from toolkit.store.shelf import utc_now

_PENDING = "setup.{}"
_IDENTITY = ("location_id", "book_owner", "book_code")


@dataclass(frozen=True, slots=True)
class Desk:
    """What setting up writes to.

    Attributes:
        whole: The store of all connections.
        store: This connection's part of it.
    """

    home: Home
    name: str
    whole: Store
    store: ConnectionStore
    vault: Vault

    def keep(self, side: Side, settings: dict[str, str]) -> list[str]:
        """Store one half; with both halves the connection goes into the settings file."""
        self._refuse_other_account(side, settings)
        self.store.put_memo(_PENDING.format(side.value), settings)
        forget_surroundings(self.store)
        halves = {
            each: self.store.get_memo(_PENDING.format(each.value)) or self._written(each)
            for each in Side
        }
        missing = [each for each, half in halves.items() if not half]
        if missing:
            return [f"{missing[0].label} is not connected yet."]
        high, time = halves[Side.HIGHLEVEL] or {}, halves[Side.TIMETONIC] or {}
        add_connection(self.home.config_path, NewConnection(name=self.name, **high, **time))
        return [f"The connection `{self.name}` is in {self.home.config_path}."]

    def _refuse_other_account(self, side: Side, settings: dict[str, str]) -> None:
        """Pairs of one account say nothing about another: they need a name of their own."""
        known = self._written(side)
        if known is None or not self.store.links():
            return
        changed = [name for name in _IDENTITY if known.get(name) != settings.get(name)]
        if changed:
            raise UseError(
                f"The connection `{self.name}` is paired with another {side.label} "
                f"{changed[0].replace('_', ' ')} already",
                unchanged="Nothing was changed",
                remedy="Choose another name with --connection, or another home",
            )

    def _written(self, side: Side) -> dict[str, str] | None:
        if not self.home.config_path.exists():
            return None
        config = load_config(self.home.config_path).connections.get(self.name)
        if config is None:
            return None
        if side is Side.HIGHLEVEL:
            high = config.highlevel
            return {"location_id": high.location_id, "base_url": high.base_url}
        time = config.timetonic
        return {
            "url": time.url,
            "user": time.user,
            "book_owner": time.book_owner,
            "book_code": time.book_code,
        }

    @property
    def mapping(self) -> FieldMappings:
        """The mapping in force, or the one a new connection starts with."""
        if self.home.config_path.exists():
            config = load_config(self.home.config_path).connections.get(self.name)
            if config is not None:
                return config.mapping
        return default_mapping()


@contextmanager
def open_desk(home: Home, name: str, *, beside_service: bool = False) -> Iterator[Desk]:
    """The desk for the length of a block; nobody else works in the home meanwhile.

    Args:
        home: Where settings, state and vault are.
        name: The connection.
        beside_service: `hightonic serve` may go on: it reads keys anew and settings when
            it starts, so both may change under it.

    Raises:
        StateBusyError: Another process works in the home.
        StateError: The home or the vault cannot be used.
    """
    home.create()
    with ExitStack() as stack:
        if not beside_service:
            stack.enter_context(Lease(home.path, purpose=f"connecting {name}"))
        store, vault = stack.enter_context(open_whole(home))
        yield Desk(home, name, store, store.connection(name), vault)


@contextmanager
def open_whole(home: Home) -> Iterator[tuple[Store, Vault]]:
    """State and vault of a home, or of HIGHTONIC_DATABASE_URL; claims nothing.

    Raises:
        StateError: One of them cannot be opened.
    """
    with open_state(home) as store:
        yield store, open_vault(store, home.path)


@contextmanager
def open_state(home: Home, *, clock: Callable[[], datetime] = utc_now) -> Iterator[Store]:
    """The state of a home, or of HIGHTONIC_DATABASE_URL; claims nothing.

    Raises:
        StateError: It cannot be opened.
    """
    with Store.open(
        os.environ.get("HIGHTONIC_DATABASE_URL") or home.path, clock=clock
    ) as store:
        yield store

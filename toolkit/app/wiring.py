"""Puts the parts of one connection together; the only place that picks real ones."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import httpx

from toolkit.app.config import ConnectionConfig, load_config
from toolkit.app.credentials import (
    HIGHLEVEL_TOKEN,
    HIGHLEVEL_VARIABLE,
    TIMETONIC_SESSKEY,
    KeyAge,
    key_ages,
)
from toolkit.app.delivering import Courier, Wiring
from toolkit.app.home import Home, default_home
from toolkit.app.key_reading import Remembered, read_secret, require_secret
from toolkit.app.mailbox import Mailbox
from toolkit.app.message_signing import signing_secrets
from toolkit.app.oauth_access import ChosenToken, ConsentedToken
from toolkit.app.oauth_memory import HIGHLEVEL_OAUTH
from toolkit.app.shared_pace import SharedPacer
from toolkit.clients.highlevel import HighLevel, PrivateToken
from toolkit.clients.http import CallRecord
from toolkit.clients.pacing import Clock, Pacer, SystemClock
from toolkit.clients.timetonic import CapabilityProfile, ReloadedSesskey, TimeTonic
from toolkit.model.ids import Side
from toolkit.store import ConnectionStore, Store, Vault, open_vault
from toolkit.store.vault import NEXT


@dataclass(slots=True)
class Meter:
    """Calls sent, per side; each try counts."""

    calls: dict[Side, int] = field(default_factory=lambda: dict.fromkeys(Side, 0))

    def count(self, record: CallRecord) -> None:
        """Count one try."""
        self.calls[Side(record.system)] += 1

    def since(self, before: dict[Side, int]) -> dict[Side, int]:
        """Calls since a copy of `calls` was taken."""
        return {side: self.calls[side] - before[side] for side in Side}


@dataclass(frozen=True, slots=True)
class Parts:
    """One connection's parts, open.

    Attributes:
        pacer: Shared by all workers; None where this process is alone.
        key_ages: Looks up how old the stored keys are, anew at each call.
        mailbox: Takes what rules send; None where nothing leaves the house, as in rehearsals.
        courier: Brings it away; None as well.
    """

    config: ConnectionConfig
    home: Home
    store: ConnectionStore
    highlevel: HighLevel
    timetonic: TimeTonic
    meter: Meter
    now: Callable[[], datetime]
    pacer: SharedPacer | None = None
    key_ages: Callable[[], list[KeyAge]] = list
    mailbox: Mailbox | None = None
    courier: Courier | None = None


@dataclass(frozen=True, slots=True)
class Transports:
    """Replacements of the network, for tests and rehearsals."""

    highlevel: httpx.AsyncBaseTransport | None = None
    timetonic: httpx.AsyncBaseTransport | None = None


@asynccontextmanager
async def open_parts(
    name: str | None,
    *,
    home: Path | None = None,
    config: Path | None = None,
    transports: Transports | None = None,
    clock: Clock | None = None,
) -> AsyncIterator[Parts]:
    """Open a connection's parts, and close them in order.

    The right to write is another matter: see `toolkit.app.turns`.

    Args:
        name: Connection; None for the only one.
        home: Home folder; None for `HIGHTONIC_HOME` or the platform's.
        config: Settings file; None for the one in the home.
        transports: Replace the network.
        clock: Replaces time everywhere: stamps, ages, waits and pace.

    Raises:
        ConfigError: The settings cannot be used.
        StateError: The home cannot be used.
        UseError: No such connection, or a key is missing.
    """
    place = Home(home or default_home(), config)
    settings = load_config(place.config_path).get_connection(name)
    place.create()
    wires, time = transports or Transports(), clock or SystemClock()
    async with AsyncExitStack() as stack:
        database_url = os.environ.get("HIGHTONIC_DATABASE_URL")
        store = stack.enter_context(Store.open(database_url or place.path, clock=time.now))
        yield await stack.enter_async_context(
            build_parts(
                settings,
                home=place,
                store=store,
                vault=open_vault(store, place.path),
                transports=wires,
                clock=time,
            )
        )


@asynccontextmanager
async def build_parts(  # noqa: PLR0913 — a connection is made of these
    settings: ConnectionConfig,
    *,
    home: Home,
    store: Store,
    vault: Vault,
    transports: Transports,
    clock: Clock,
) -> AsyncIterator[Parts]:
    """One connection's clients over an open store; several connections share the store.

    HighLevel's calls are booked in the store, so that several processes together keep within
    the vendor's window.

    Args:
        settings: The connection.
        home: Where its files are.
        store: Open.
        vault: Holds its keys.
        transports: Replace the network.
        clock: Time.

    Raises:
        UseError: A key is missing.
    """
    meter = Meter()
    memory = store.connection(settings.name)
    pacer = SharedPacer(memory, side=Side.HIGHLEVEL, clock=clock)
    mailbox = Mailbox(memory, vault, now=clock.now)
    async with (
        build_highlevel(
            settings,
            vault,
            memory,
            meter=meter,
            transport=transports.highlevel,
            clock=clock,
            pacer=pacer,
        ) as highlevel,
        build_timetonic(
            settings, vault, memory, meter=meter, transport=transports.timetonic, clock=clock
        ) as timetonic,
        aclosing(
            build_courier(settings, vault, memory, mailbox=mailbox, clock=clock)
        ) as courier,
    ):
        yield Parts(
            config=settings,
            home=home,
            store=memory,
            highlevel=highlevel,
            timetonic=timetonic,
            meter=meter,
            now=store.surroundings.clock,
            pacer=pacer,
            key_ages=lambda: key_ages(vault, settings.name),
            mailbox=mailbox,
            courier=courier,
        )


@asynccontextmanager
async def build_highlevel(  # noqa: PLR0913 — the seams that tests and front ends need
    settings: ConnectionConfig,
    vault: Vault,
    store: ConnectionStore,
    *,
    meter: Meter,
    transport: httpx.AsyncBaseTransport | None = None,
    clock: Clock | None = None,
    pacer: Pacer | None = None,
) -> AsyncIterator[HighLevel]:
    """The HighLevel client; a key or consent changed in the vault is used within seconds.

    A token in its variable goes before everything stored, a consent before a stored token.
    """
    name, moment = settings.name, clock or SystemClock()
    if not _is_consented(vault, name):
        require_secret(vault, name, HIGHLEVEL_TOKEN)
    private = PrivateToken(
        Remembered(lambda: read_secret(vault, name, HIGHLEVEL_TOKEN) or ""),
        Remembered(lambda: vault.get(name, HIGHLEVEL_TOKEN + NEXT) or ""),
    )
    consented = ConsentedToken(vault, store, clock=moment, transport=transport)
    is_consented = Remembered(lambda: _is_consented(vault, name))
    tokens = ChosenToken(is_consented, consented=consented, private=private)
    async with HighLevel(
        tokens,
        location_id=settings.highlevel.location_id,
        base_url=settings.highlevel.base_url,
        version=settings.highlevel.api_version,
        transport=transport,
        clock=clock,
        on_call=meter.count,
        pacer=pacer,
    ) as client:
        try:
            yield client
        finally:
            await consented.aclose()


def _is_consented(vault: Vault, name: str) -> bool:
    is_given = os.environ.get(HIGHLEVEL_VARIABLE)
    return not is_given and vault.get(name, HIGHLEVEL_OAUTH) is not None


def build_timetonic(  # noqa: PLR0913 — the seams that tests and front ends need
    settings: ConnectionConfig,
    vault: Vault,
    store: ConnectionStore,
    *,
    meter: Meter,
    transport: httpx.AsyncBaseTransport | None = None,
    clock: Clock | None = None,
) -> TimeTonic:
    """The TimeTonic client, obeying the stored capability profile and the file's."""
    name = settings.name
    require_secret(vault, name, TIMETONIC_SESSKEY)
    stored = store.get_memo("timetonic.profile") or {}
    overrides = settings.timetonic.profile or {}
    return TimeTonic(
        ReloadedSesskey(lambda: read_secret(vault, name, TIMETONIC_SESSKEY) or ""),
        user=settings.timetonic.user,
        url=settings.timetonic.url,
        book_owner=settings.timetonic.book_owner,
        book_code=settings.timetonic.book_code,
        profile=CapabilityProfile.from_json({**stored, **overrides}),
        transport=transport,
        clock=clock,
        on_call=meter.count,
    )


def build_courier(
    settings: ConnectionConfig,
    vault: Vault,
    store: ConnectionStore,
    *,
    mailbox: Mailbox,
    clock: Clock,
) -> Courier:
    """Who brings messages to the addresses of the settings; opens nothing before the first."""
    return Courier(
        mailbox,
        store,
        addresses=settings.addresses,
        wiring=Wiring(
            clock=clock,
            secrets_of=lambda name, now: signing_secrets(vault, settings.name, name, now=now),
        ),
    )

"""Replacing a key while both the old and the new one are good: stored, tried, promoted.

HighLevel shows a private token once, so the new one is stored before anything can go wrong;
a rotation that was broken off goes on with it. `hightonic serve` keeps running: it reads keys
anew, and takes the coming one should the old one die first.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from toolkit.app.config import ConnectionConfig, load_config
from toolkit.app.credentials import (
    HIGHLEVEL_TOKEN,
    HIGHLEVEL_VARIABLE,
    KEY_AGE,
    TIMETONIC_SESSKEY,
    TIMETONIC_VARIABLE,
)
from toolkit.app.oauth_memory import HIGHLEVEL_OAUTH
from toolkit.app.setup_desk import Desk, open_desk, open_whole
from toolkit.clients.highlevel import HighLevel
from toolkit.clients.pacing import SystemClock
from toolkit.clients.timetonic import TimeTonic
from toolkit.errors import CredentialsError, ForbiddenError, UseError, VendorError
from toolkit.model.ids import Side
from toolkit.store import Lease, choose_shelf, new_key
from toolkit.store.vault import NEXT, KeyPlace

if TYPE_CHECKING:
    import httpx

    from toolkit.app.home import Home
    from toolkit.clients.pacing import Clock

_UNCHANGED: Final = "The key in use was not changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rotation:
    """What differs between the two services.

    Attributes:
        name: Of the secret.
        variable: Goes before the secret where it is set.
        noun: What people call it.
        try_key: Opens the account with a key; answers what it opened.
        farewell: What to do with the old key, and when.
    """

    side: Side
    name: str
    variable: str
    noun: str
    try_key: Callable[[ConnectionConfig, str], Awaitable[str]]
    farewell: tuple[str, ...]


async def rotate_highlevel(
    home: Home,
    name: str | None,
    *,
    ask: Callable[[], str],
    clock: Clock | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
) -> list[str]:
    """Put a new private integration token in the place of the stored one.

    A second call after a failure goes on with the token that was stored then; after a
    success it begins another rotation.

    Args:
        home: Where settings and vault are.
        name: Connection; None for the only one.
        ask: Gives the new token; only called where none is stored from an earlier try.
        clock: Time.
        transport: Replaces the network.

    Returns:
        What was done, and what is left to do; a sentence each.

    Raises:
        UseError: It is connected by consent, its token comes from a variable, or the new
            token is the one in use.
        CredentialsError: The new token is refused; it is forgotten, the old one stays.
        VendorError: It could not be tried; it stays stored for the next call.
    """

    async def try_key(config: ConnectionConfig, token: str) -> str:
        high = config.highlevel
        async with HighLevel(
            token,
            location_id=high.location_id,
            base_url=high.base_url,
            version=high.api_version,
            transport=transport,
            clock=clock,
        ) as client:
            location = await client.locations.get()
        return f"the location {location.name or location.id}"

    rotation = _Rotation(
        side=Side.HIGHLEVEL,
        name=HIGHLEVEL_TOKEN,
        variable=HIGHLEVEL_VARIABLE,
        noun="token",
        try_key=try_key,
        farewell=(
            "The old token dies by itself 7 days after you rotated it in HighLevel.",
            "To end it sooner: Settings, Private Integrations, your integration, end the overlap.",
        ),
    )
    return await _rotate(home, name, rotation, ask=ask, clock=clock)


async def rotate_timetonic(
    home: Home,
    name: str | None,
    *,
    ask: Callable[[], str],
    clock: Clock | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
) -> list[str]:
    """Put a new session key in the place of the stored one; as `rotate_highlevel`."""

    async def try_key(config: ConnectionConfig, sesskey: str) -> str:
        time = config.timetonic
        async with TimeTonic(
            sesskey,
            user=time.user,
            url=time.url,
            book_owner=time.book_owner,
            book_code=time.book_code,
            transport=transport,
            clock=clock,
        ) as client:
            await client.tables.list_tables()
        return f"the book {time.book_code}"

    rotation = _Rotation(
        side=Side.TIMETONIC,
        name=TIMETONIC_SESSKEY,
        variable=TIMETONIC_VARIABLE,
        noun="session key",
        try_key=try_key,
        farewell=(
            "A key that you regenerated in your TimeTonic profile is dead already; one of a "
            "separate login ends once that session is dropped there.",
        ),
    )
    return await _rotate(home, name, rotation, ask=ask, clock=clock)


async def _rotate(
    home: Home,
    name: str | None,
    rotation: _Rotation,
    *,
    ask: Callable[[], str],
    clock: Clock | None,
) -> list[str]:
    config = load_config(home.config_path).get_connection(name)
    now = (clock or SystemClock()).now()
    with open_desk(home, config.name, beside_service=True) as desk:
        _check(desk, rotation)
        said = _store_coming(desk, rotation, ask)
        coming = desk.vault.get(config.name, rotation.name + NEXT) or ""
        opened = await _tried(desk, rotation, lambda: rotation.try_key(config, coming))
        desk.vault.promote(config.name, rotation.name)
    return [
        *said,
        f"The new {rotation.noun} opens {opened} and is in use from now on; a running "
        "service takes it within seconds.",
        *rotation.farewell,
        f"The next rotation is due by {now + KEY_AGE:%Y-%m-%d}.",
    ]


def _check(desk: Desk, rotation: _Rotation) -> None:
    stored = desk.vault.names(desk.name)
    if rotation.side is Side.HIGHLEVEL and HIGHLEVEL_OAUTH in stored:
        raise UseError(
            f"The connection `{desk.name}` is connected by consent: its tokens renew themselves",
            unchanged=_UNCHANGED,
            remedy="To consent anew: hightonic connect highlevel --oauth",
        )
    if os.environ.get(rotation.variable):
        raise UseError(
            f"The {rotation.noun} in use comes from {rotation.variable}, not from the vault",
            unchanged=_UNCHANGED,
            remedy="Replace it where that variable is set, or remove it there first",
        )
    if rotation.name not in stored:
        raise UseError(
            f"No {rotation.noun} is stored for the connection `{desk.name}`",
            unchanged="Nothing was changed",
            remedy=f"Run `hightonic connect {rotation.side.value}`",
        )


def _store_coming(desk: Desk, rotation: _Rotation, ask: Callable[[], str]) -> list[str]:
    if desk.vault.get(desk.name, rotation.name + NEXT) is not None:
        return [f"Going on with the {rotation.noun} that an earlier rotation stored."]
    given = ask().strip()
    if given == desk.vault.get(desk.name, rotation.name):
        raise UseError(
            f"That is the {rotation.noun} in use already",
            unchanged=_UNCHANGED,
            remedy=f"Make a new one at {rotation.side.label} first",
        )
    desk.vault.put(desk.name, rotation.name + NEXT, given)
    return []


async def _tried(desk: Desk, rotation: _Rotation, attempt: Callable[[], Awaitable[str]]) -> str:
    again = f"hightonic rotate {rotation.side.value}"
    try:
        return await attempt()
    except (CredentialsError, ForbiddenError) as error:
        desk.vault.delete(desk.name, rotation.name + NEXT)
        error.unchanged = f"{_UNCHANGED}; the new one was forgotten"
        error.remedy = f"Copy the new {rotation.noun} once more and run `{again}`"
        raise
    except VendorError as error:
        error.unchanged = f"{_UNCHANGED}; the new one is stored"
        error.remedy = f"Run `{again}` again: it goes on with it"
        raise


def rotate_key(home: Home, *, keep: KeyPlace = "auto") -> list[str]:
    """Seal every secret with a new key; the old key opens nothing any more.

    A key from HIGHTONIC_KEY is replaced by the caller: with a new one in front of the old
    one there, everything is sealed with the new one.

    Args:
        home: Whose vault.
        keep: Where the key is kept from now on; `auto` leaves it where it is.

    Returns:
        What was done, and what is left to do; a sentence each.

    Raises:
        UseError: No keyring here, or the variable holds one key only.
        StateBusyError: A process works in the home; it would go on with the old key.
        StateError: The disk, the database or the keyring failed; the old key still works.
    """
    with Lease(home.create().path, purpose="rotating the key"), open_whole(home) as (_, vault):
        if vault.is_key_given:
            count = vault.reseal()
            return [
                f"{count} secrets are sealed with the first key of HIGHTONIC_KEY.",
                "Take the other keys out of that variable now.",
            ]
        count = vault.reencrypt(new_key(), shelf=choose_shelf(home.path, keep))
        return [
            f"{count} secrets are sealed with a new key. It is kept in {vault.key_place}.",
            "A copy of the old key opens nothing any more: replace it by one of the new key.",
        ]

"""Set up a home and connect it to accounts; a key is tried before it is stored."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx

from toolkit.app.account_check import columns_of, custom_names_of
from toolkit.app.config import load_config
from toolkit.app.config_source import write_text
from toolkit.app.config_writing import new_config_text
from toolkit.app.credentials import HIGHLEVEL_TOKEN, TIMETONIC_SESSKEY
from toolkit.app.home import Home
from toolkit.app.intake_timetonic import WEBHOOK_SECRET
from toolkit.app.live import SANDBOX_KEY
from toolkit.app.oauth_memory import HIGHLEVEL_OAUTH
from toolkit.app.setup_desk import open_desk, open_whole
from toolkit.app.slack_setup import connect_slack_sandbox
from toolkit.clients.highlevel import CustomFieldWrite, HighLevel
from toolkit.clients.timetonic import Doorway, TimeTonic
from toolkit.errors import CredentialsError, UseError
from toolkit.mapping.check import Problem, check_against
from toolkit.mapping.spec import Mapping as FieldMappings
from toolkit.mapping.vendor_fields import CUSTOM
from toolkit.model.ids import Kind, Side

# Pick lists become text fields: how options are passed on create is not in the vendor's
# specification (read 2026-11), and an undeclared key answers 422.
_DATA_TYPES: Mapping[str, str] = {
    "date": "DATE",
    "number": "NUMERICAL",
    "longtext": "LARGE_TEXT",
}


def init_home(home: Home) -> Path:
    """Make the home and a commented settings file; a file that is there is left as it is.

    Returns:
        The settings file.

    Raises:
        StateError: The home cannot be made or written.
        ConfigError: The file that is there cannot be used.
    """
    home.create()
    if home.config_path.exists():
        load_config(home.config_path)
    else:
        write_text(home.config_path, new_config_text())
    return home.config_path


async def connect_highlevel(  # noqa: PLR0913 — one argument per thing HighLevel needs to know
    home: Home,
    name: str,
    *,
    base_url: str,
    location_id: str,
    token: str,
    create_fields: bool = False,
    transport: httpx.AsyncBaseTransport | None = None,
) -> list[str]:
    """Try a token on a location, store it, and look for the fields the mapping needs.

    A second call replaces the token, also one that came by consent, and creates nothing
    twice.

    Args:
        home: Where settings and vault are.
        name: The connection.
        base_url: Where the API answers.
        location_id: The sub-account.
        token: A private integration token.
        create_fields: Create the custom fields the mapping names and the location lacks.
        transport: Replaces the network.

    Returns:
        What was found and done, a sentence each.

    Raises:
        VendorError: The token or the location is refused, or nothing answers; nothing was
            stored.
    """
    with open_desk(home, name) as desk:
        async with HighLevel(
            token, location_id=location_id, base_url=base_url, transport=transport
        ) as client:
            location = await client.locations.get()
            said = [f"HighLevel answers for the location {location.name or location_id}."]
            said += await look_for_fields(client, desk.mapping, is_creating=create_fields)
        said += desk.keep(Side.HIGHLEVEL, {"location_id": location_id, "base_url": base_url})
        desk.vault.put(name, HIGHLEVEL_TOKEN, token)
        desk.vault.delete(name, HIGHLEVEL_OAUTH)
        return [*said, *([desk.vault.warning] if desk.vault.warning else [])]


async def look_for_fields(
    client: HighLevel, mapping: FieldMappings, *, is_creating: bool
) -> list[str]:
    """Find, or create, the custom fields the mapping names; a sentence each.

    Raises:
        VendorError: They could not be read or made.
    """
    known = custom_names_of(await client.custom_fields.list_fields())
    missing = [
        problem
        for problem in check_against(mapping, known, {})
        if problem.side is Side.HIGHLEVEL and problem.missing
    ]
    if not missing:
        return ["Every custom field of the mapping is there."]
    if not is_creating:
        names = ", ".join(str(each.missing).removeprefix(CUSTOM) for each in missing)
        return [f"The location lacks the custom fields {names}: add --create-fields."]
    return [await _create_field(client, mapping, each) for each in missing]


async def _create_field(client: HighLevel, mapping: FieldMappings, gap: Problem) -> str:
    key = str(gap.missing).removeprefix(CUSTOM)
    field = mapping.kinds[Kind.CONTACT].find_field(gap.field)
    data_type = _DATA_TYPES.get(field.type, "TEXT") if field else "TEXT"
    title = key.replace("_", " ").capitalize()
    made = await client.custom_fields.create(
        CustomFieldWrite(name=title, data_type=data_type, model="contact")
    )
    if made.key.removeprefix("contact.") != key:
        return (
            f"Created the custom field {title}, but HighLevel calls it {made.key}: "
            "put that key into the mapping."
        )
    return f"Created the custom field {title} ({data_type})."


async def connect_timetonic(  # noqa: PLR0913 — one argument per thing TimeTonic needs to know
    home: Home,
    name: str,
    *,
    url: str,
    user: str,
    book_owner: str,
    book_code: str,
    sesskey: str | None = None,
    login: str | None = None,
    password: str | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
) -> list[str]:
    """Try a session key on a book, store it, and look for the columns the mapping needs.

    With `login` and `password` a key is made first; the password is not stored.

    Returns:
        What was found and done, a sentence each.

    Raises:
        VendorError: Key or book are refused, or nothing answers; nothing was stored.
        UseError: Neither key nor password.
    """
    with open_desk(home, name) as desk:
        if sesskey is None:
            sesskey, user = await _sign_in(url, login, password, transport=transport)
        async with TimeTonic(
            sesskey,
            user=user,
            url=url,
            book_owner=book_owner,
            book_code=book_code,
            transport=transport,
        ) as client:
            await client.user.get()
            tables = await client.tables.list_tables()
        said = [f"TimeTonic answers for the book {book_code} ({len(tables)} tables)."]
        said += [
            f"{problem.message}. {problem.remedy}".strip()
            for problem in check_against(desk.mapping, (), columns_of(tables))
            if problem.side is Side.TIMETONIC
        ]
        said += desk.keep(
            Side.TIMETONIC,
            {"url": url, "user": user, "book_owner": book_owner, "book_code": book_code},
        )
        desk.vault.put(name, TIMETONIC_SESSKEY, sesskey)
        return [*said, *([desk.vault.warning] if desk.vault.warning else [])]


async def _sign_in(
    url: str,
    login: str | None,
    password: str | None,
    *,
    transport: httpx.AsyncBaseTransport | None,
) -> tuple[str, str]:
    if not login or not password:
        raise UseError(
            "TimeTonic needs a session key, or a login with its password",
            unchanged="Nothing was stored",
        )
    async with Doorway(url=url, transport=transport) as doorway:
        signed_in = await doorway.sign_in(login, password)
    if not signed_in.sesskey:
        raise CredentialsError("TimeTonic gave no session key", system=Side.TIMETONIC)
    return signed_in.sesskey, signed_in.user


async def connect_sandbox(
    home: Home,
    name: str,
    ready: Mapping[str, Any],
    *,
    transports: Mapping[str, httpx.AsyncBaseTransport] | None = None,
) -> list[str]:
    """Connect the emulators a ready line names, custom fields included.

    Args:
        home: Where settings and vault are.
        name: The connection.
        ready: What `hightonic sandbox --json` printed.
        transports: Replace the network, by system.
    """
    high, time = ready["highlevel"], ready["timetonic"]
    wires = transports or {}
    said = await connect_highlevel(
        home,
        name,
        base_url=high["base_url"],
        location_id=high["location_id"],
        token=high["token"],
        create_fields=True,
        transport=wires.get("highlevel"),
    )
    if key := high.get("webhook_key"):
        with open_whole(home) as (store, _vault):
            store.connection(name).put_memo(SANDBOX_KEY, key)
    said += await connect_timetonic(
        home,
        name,
        url=time["url"],
        user=time["user"],
        book_owner=time["book_owner"],
        book_code=time["book_code"],
        sesskey=time["sesskey"],
        transport=wires.get("timetonic"),
    )
    if "slack" not in ready:
        return said
    async with HighLevel(
        high["token"], location_id=high["location_id"], base_url=high["base_url"]
    ) as client:
        owners = [user.id for user in await client.users.list_users()]
    return said + await connect_slack_sandbox(home, ready["slack"], owners=owners)


def add_sandbox_connection(
    home: Home, ready: Mapping[str, Any], *, name: str = "main"
) -> list[str]:
    """`connect_sandbox` for callers without an event loop."""
    return asyncio.run(connect_sandbox(home, name, ready))


def make_webhook_secret(home: Home, name: str) -> str:
    """A new secret for TimeTonic's calls; the one before stays good until the next call.

    Raises:
        StateError: The vault cannot be written; the old secret is as it was.
    """
    with open_whole(home) as (_store, vault):
        secret = secrets.token_urlsafe(32)
        former = vault.get(name, WEBHOOK_SECRET)
        if former:
            vault.put(name, f"{WEBHOOK_SECRET}.next", former)
        vault.put(name, WEBHOOK_SECRET, secret)
    return secret

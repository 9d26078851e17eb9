"""Signatures of messages: how a receiver knows that one comes from here, and is fresh.

The header reads `t=<unix seconds>,v1=<hex>`, where the hex is HMAC-SHA256 over `t.body` with
the address's secret. For a day after a new secret was made both are used, `v1` twice.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from toolkit.app.config import load_config
from toolkit.app.setup_desk import open_desk
from toolkit.errors import UseError
from toolkit.mapping.suggest import did_you_mean

if TYPE_CHECKING:
    from toolkit.app.home import Home
    from toolkit.store import Vault

SIGNATURE_HEADER: Final = "X-Hightonic-Signature"
DELIVERY_HEADER: Final = "X-Hightonic-Delivery"
OVERLAP: Final = timedelta(days=1)
"""How long the secret before still signs, so that a receiver can be changed without haste."""

_PREFIX: Final = "delivery."
_BEFORE: Final = ".before"
_RANDOM_BYTES: Final = 32


def new_signing_secret(vault: Vault, connection: str, name: str) -> str:
    """Make a secret for an address; the one in use until now signs for another day.

    A second call makes yet another one. The value is shown to a person once, by the caller.
    """
    before = vault.get(connection, _PREFIX + name)
    if before is not None:
        vault.put(connection, _PREFIX + name + _BEFORE, before)
    secret = f"htsec_{secrets.token_urlsafe(_RANDOM_BYTES)}"
    vault.put(connection, _PREFIX + name, secret)
    return secret


def signing_secrets(vault: Vault, connection: str, name: str, *, now: datetime) -> list[str]:
    """The secrets that sign for an address now, the newest first; made where there is none."""
    current = vault.get(connection, _PREFIX + name)
    if current is None:
        return [new_signing_secret(vault, connection, name)]
    before = vault.get(connection, _PREFIX + name + _BEFORE)
    made_at = vault.stored_at(connection)[_PREFIX + name]
    return [current] if before is None or now - made_at > OVERLAP else [current, before]


def sign(body: bytes, keys: list[str], *, at: datetime) -> str:
    """The signature header's value.

    Args:
        body: Exactly the bytes that are sent.
        keys: From `signing_secrets`.
        at: The moment of sending; receivers refuse what is old.
    """
    stamp = str(int(at.timestamp()))
    signed = stamp.encode() + b"." + body
    marks = [hmac.new(key.encode(), signed, hashlib.sha256).hexdigest() for key in keys]
    return ",".join([f"t={stamp}", *(f"v1={mark}" for mark in marks)])


def renew_secret(home: Home, connection: str | None, address: str) -> str:
    """Make a new signing secret for an address of the settings; works beside the service.

    Args:
        home: Where settings and vault are.
        connection: Its name; None for the only one.
        address: As the settings name it.

    Returns:
        The secret, to be shown once.

    Raises:
        UseError: The settings have no such address.
    """
    config = load_config(home.config_path).get_connection(connection)
    if address not in config.addresses:
        raise UseError(
            f"The connection `{config.name}` has no address `{address}`",
            unchanged="No secret was made",
            remedy=did_you_mean(address, config.addresses) or "Add it under `addresses:`",
        )
    with open_desk(home, config.name, beside_service=True) as desk:
        return new_signing_secret(desk.vault, config.name, address)

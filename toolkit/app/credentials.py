"""Keys of a connection: their names, their ages, and the app a person consented to."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from toolkit.app.oauth_consent import OAuthApp
from toolkit.app.oauth_memory import HIGHLEVEL_OAUTH
from toolkit.errors import UseError
from toolkit.model.events import Event, EventKind, condition_fingerprint, usual_severity
from toolkit.model.ids import ConnectionName, Side
from toolkit.store.vault import NEXT

if TYPE_CHECKING:
    from toolkit.store import Vault

HIGHLEVEL_TOKEN: Final = "highlevel.token"  # noqa: S105 — the name of a secret, not its value
TIMETONIC_SESSKEY: Final = "timetonic.sesskey"
HIGHLEVEL_VARIABLE: Final = "HIGHTONIC_HIGHLEVEL_TOKEN"
TIMETONIC_VARIABLE: Final = "HIGHTONIC_TIMETONIC_SESSKEY"
OAUTH_APP: Final = "highlevel.oauth_app"
"""Name of the secret that holds the Marketplace app a connection consented to."""

# HighLevel advises a new private token every 90 days (vendor help pages, read 2026-11).
# TimeTonic says nothing of its session keys; the same habit serves them.
KEY_AGE: Final = timedelta(days=90)
WARNED_BEFORE: Final = timedelta(days=14)
_STAGES_DAYS: Final = (0, 1, 7, 14)


@dataclass(frozen=True, slots=True)
class KeyAge:
    """How long a key has been in use.

    Attributes:
        name: Of the secret; never its value.
        created_at: When it was stored first; it may be older at the vendor.
    """

    name: str
    created_at: datetime

    @property
    def side(self) -> Side:
        """Whose it is."""
        return Side(self.name.partition(".")[0])

    @property
    def renew_at(self) -> datetime:
        """When it should have been replaced."""
        return self.created_at + KEY_AGE

    def days_left(self, now: datetime) -> int:
        """Whole days until then; below 0 when that is past."""
        return (self.renew_at - now) // timedelta(days=1)

    def is_due(self, now: datetime) -> bool:
        """Whether a person should be told."""
        return now >= self.renew_at - WARNED_BEFORE


def key_ages(vault: Vault, connection: str) -> list[KeyAge]:
    """The keys of a connection that people must replace, by name.

    A consent's tokens renew themselves, and a key from a variable has no age here: neither
    is listed.
    """
    stored = vault.stored_at(connection)
    names = [TIMETONIC_SESSKEY]
    if HIGHLEVEL_OAUTH not in stored:
        names.insert(0, HIGHLEVEL_TOKEN)
    return [KeyAge(name, stored[name]) for name in names if name in stored]


def tell_expiring(
    connection: ConnectionName, ages: Iterable[KeyAge], *, now: datetime
) -> Iterator[Event]:
    """`CREDENTIAL_EXPIRING` for each key that is due: pure.

    Told 14, 7 and 1 days before, and on the day: `once` keeps the feed from repeating, so
    it may be called at every tick.
    """
    for age in ages:
        if not age.is_due(now):
            continue
        days = age.days_left(now)
        stage = next(each for each in _STAGES_DAYS if days <= each)
        yield Event(
            connection=connection,
            at=now,
            kind=EventKind.CREDENTIAL_EXPIRING,
            severity=usual_severity(EventKind.CREDENTIAL_EXPIRING),
            fingerprint=condition_fingerprint(
                connection, EventKind.CREDENTIAL_EXPIRING, age.name
            ),
            facts={"system": age.side.value, "days_left": days},
            once=f"expiring:{age.name}:{age.created_at:%Y%m%dT%H%M%S}:{stage}",
        )


def put_app(vault: Vault, connection: str, app: OAuthApp) -> None:
    """Keep a Marketplace app with its secret until a consent brings it into force."""
    vault.put(connection, OAUTH_APP + NEXT, json.dumps(asdict(app)))


def get_app(vault: Vault, connection: str, *, is_coming: bool = False) -> OAuthApp:
    """The Marketplace app of a connection, in whose name tokens are renewed.

    Args:
        vault: Holds it.
        connection: Whose.
        is_coming: The one whose consent is under way, not the one in force.

    Raises:
        UseError: There is none.
    """
    text = vault.get(connection, OAUTH_APP + NEXT if is_coming else OAUTH_APP)
    if text is None:
        raise UseError(
            f"The connection `{connection}` has no HighLevel app",
            unchanged="Nothing was sent",
            remedy="Run `hightonic connect highlevel --oauth`",
        )
    stored = json.loads(text)
    return OAuthApp(**{**stored, "scopes": tuple(stored["scopes"])})

"""What translation must know of the two accounts, read once a day and remembered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter, ValidationError

from toolkit.app.config import ConnectionConfig
from toolkit.clients.highlevel import CustomFieldDefinition, HighLevel, Location, User
from toolkit.clients.timetonic import Table, TimeTonic
from toolkit.errors import ForbiddenError
from toolkit.mapping.context import Context, Owner
from toolkit.model.ids import Side
from toolkit.store import ConnectionStore

MAX_AGE_S = 86_400.0
_HIGHLEVEL_CALLS = 3  # definitions, users, location: one call each
_TABLES: TypeAdapter[tuple[Table, ...]] = TypeAdapter(tuple[Table, ...])
_DEFINITIONS: TypeAdapter[tuple[CustomFieldDefinition, ...]] = TypeAdapter(
    tuple[CustomFieldDefinition, ...]
)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Facts about both accounts.

    Attributes:
        minimum_calls: The fewest calls that could have read them; 0 when remembered.
    """

    context: Context
    minimum_calls: dict[Side, int]


async def load_surroundings(
    config: ConnectionConfig,
    *,
    highlevel: HighLevel,
    timetonic: TimeTonic,
    store: ConnectionStore,
    is_fresh: bool = False,
) -> Surroundings:
    """Users, region, zone, custom fields and tables; at most a day old.

    The clients are told what is remembered, so that they need not ask again.
    """
    max_age_s = 0.0 if is_fresh else MAX_AGE_S
    calls = dict.fromkeys(Side, 0)
    known = _read_memo(store.get_memo("surroundings.highlevel", max_age_s=max_age_s))
    if known is None:
        known = await _ask_highlevel(highlevel)
        store.put_memo("surroundings.highlevel", known)
        calls[Side.HIGHLEVEL] = _HIGHLEVEL_CALLS
    highlevel.custom_fields.remember(_DEFINITIONS.validate_python(known["definitions"]))
    tables = _read_tables(store.get_memo("surroundings.timetonic", max_age_s=max_age_s))
    if tables is None:
        tables = await timetonic.tables.list_tables()
        store.put_memo("surroundings.timetonic", _TABLES.dump_python(tables, mode="json"))
        calls[Side.TIMETONIC] = 1
    timetonic.tables.remember(tables)
    return Surroundings(_context(config, known), calls)


def forget_surroundings(store: ConnectionStore) -> None:
    """Ask again at the next use, such as after fields were created."""
    for name in ("surroundings.highlevel", "surroundings.timetonic"):
        store.put_memo(name, None)


def _read_memo(memo: Any) -> dict[str, Any] | None:  # noqa: ANN401 — JSON from the store
    return memo if isinstance(memo, dict) and "definitions" in memo else None


def _read_tables(memo: Any) -> tuple[Table, ...] | None:  # noqa: ANN401 — JSON from the store
    if memo is None:
        return None
    try:
        return _TABLES.validate_python(memo)
    except ValidationError:
        return None  # written by an older version: read again


async def _ask_highlevel(highlevel: HighLevel) -> dict[str, Any]:
    definitions = await highlevel.custom_fields.list_fields()
    location: Location = await highlevel.locations.get()
    users: Sequence[User] = ()
    try:
        users = await highlevel.users.list_users()
    except ForbiddenError:
        # Without the scope users.readonly owners keep their ids; `doctor` says so.
        users = ()
    return {
        "definitions": [each.model_dump(mode="json", by_alias=False) for each in definitions],
        "country": location.country or "US",
        "tz": location.timezone or "UTC",
        "users": [
            {
                "id": user.id,
                "name": user.name or f"{user.first_name or ''} {user.last_name or ''}".strip(),
                "email": user.email or "",
            }
            for user in users
            if not user.is_deleted
        ],
    }


def _context(config: ConnectionConfig, known: dict[str, Any]) -> Context:
    return Context(
        users=tuple(Owner(**user) for user in known["users"]),
        default_region=config.sync.default_region or known["country"],
        tz=config.sync.time_zone or known["tz"],
    )

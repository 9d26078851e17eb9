"""A home whose store holds as many contacts as wanted, without a service behind it."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from toolkit.model.values import canonical_json
from toolkit.store import Store
from toolkit.store.schema import conflict, link, memo, observed, run

NAME = "main"
SEEN_AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
USERS = [
    {"id": "user1", "name": "Claire Beaumont", "email": "claire@example.com"},
    {"id": "user2", "name": "Yusuf Demir", "email": "yusuf@example.com"},
]
_STAGES = ("lead", "prospect", "customer", "churned")
_TAGS = ("vip", "partner", "newsletter", "late payer", "événement 2026")
_FIRST = ("Ada", "Bruno", "Chloë", "Diego", "Émile", "Fatou", "Grace", "Hiro", "Ines", "Jörg")
_LAST = ("Okafor", "Smith", "Núñez", "陳", "Demir", "Larsen", "Beaumont", "O'Brien", "Khan")
_CUSTOM = 47
"""Custom fields that make sixty columns of the thirteen a mapping begins with."""


def build_home(home: Path, count: int, *, custom: int = 0) -> Path:
    """Write settings and contacts; ids are `c0000000`, `c0000001` and so on.

    Args:
        home: A folder that may not be there yet.
        count: How many contacts, in step with each other.
        custom: How many custom fields beside the usual ones.
    """
    home.mkdir(parents=True, exist_ok=True)
    fields = {
        f"extra_{n:02}": {
            "type": ("text", "number", "date", "choice")[n % 4],
            "highlevel": f"custom.extra_{n:02}",
            "timetonic": f"Extra {n:02}",
            **({"options": [f"option {m}" for m in range(6)]} if n % 4 == 3 else {}),
        }
        for n in range(custom)
    }
    # HighLevel's own company can be written to new contacts alone.
    fields["company"] = {
        "type": "text",
        "highlevel": "custom.company",
        "timetonic": "Company",
    }
    connection = {
        "highlevel": {"location_id": "loc1"},
        "timetonic": {"user": "u", "book_owner": "u", "book_code": "crm"},
        "mapping": {"contact": {"fields": fields}},
    }
    document = {"version": 1, "connections": {NAME: connection}}
    (home / "hightonic.yaml").write_text(json.dumps(document), encoding="utf-8")
    with Store.open(home) as store:
        fill(store, count, custom=custom)
    return home


def fill(store: Store, count: int, *, custom: int = 0) -> None:
    """Write the contacts alone."""
    with store.transactions.writing() as connected:
        begun = {"plan_hash": "", "config_digest": "", "state": "finished", "verdict": "done"}
        connected.execute(
            insert(run),
            [
                {
                    "connection": NAME,
                    "run_id": "r1",
                    "verb": "sync",
                    "started_at": SEEN_AT,
                    **begun,
                }
            ],
        )
        known = {"users": USERS, "country": "US", "tz": "UTC", "definitions": []}
        surroundings = {"key": "surroundings.highlevel", "value": canonical_json(known)}
        connected.execute(insert(memo), [{"connection": NAME, "at": SEEN_AT, **surroundings}])
        for people in _batches(count, custom):
            connected.execute(insert(link), [_link_row(*each) for each in people])
            for side in ("highlevel", "timetonic"):
                rows = [_seen_row(side, *each) for each in people]
                connected.execute(insert(observed), rows)


def change(home: Path, number: int, *, side: str | None = None, **values: Any) -> None:
    """What a side was seen to show outside of a run; without a side, what was agreed."""
    with Store.open(home) as store, store.transactions.writing() as connected:
        person = {**_person(number, 0), **values}
        if side is None:
            table, row = link, _link_row(number, person)
            key = link.c.link_id == row["link_id"]
        else:
            table, row = observed, {**_seen_row(side, number, person), "seen_run": ""}
            key = (observed.c.record_id == row["record_id"]) & (observed.c.side == side)
        connected.execute(table.update().where(key).values(row))


def set_state(home: Path, number: int, **columns: Any) -> None:
    """Columns of a pair as they stand in the table: `state`, `timetonic_id` and so on."""
    with Store.open(home) as store, store.transactions.writing() as connected:
        connected.execute(
            link.update().where(link.c.link_id == f"c{number:07}").values(columns)
        )


def open_conflict(home: Path, number: int, field: str = "email") -> None:
    """A field of a contact that waits for a decision."""
    row = {
        "connection": NAME,
        "conflict_id": f"x{number}",
        "fingerprint": f"f{number}",
        "link_id": f"c{number:07}",
        "kind": "contact",
        "field": field,
        "highlevel_id": f"h{number}",
        "timetonic_id": f"t{number}",
        **dict.fromkeys(("base", "highlevel", "timetonic"), '"x"'),
        "state": "open",
        "run_id": "r1",
        "opened_at": SEEN_AT,
    }
    with Store.open(home) as store, store.transactions.writing() as connected:
        connected.execute(insert(conflict), [row])


def _batches(count: int, custom: int) -> Iterator[list[tuple[int, dict[str, Any]]]]:
    for start in range(0, count, 2_000):
        yield [(n, _person(n, custom)) for n in range(start, min(count, start + 2_000))]


def _person(number: int, custom: int) -> dict[str, Any]:
    chance = random.Random(number)
    first, last = _FIRST[number % len(_FIRST)], chance.choice(_LAST)
    values: dict[str, Any] = {
        "name": f"{first} {last}",
        "email": f"person{number}@example.com",
        "phone": f"+1212555{number:07}"[:15],
        "company": None if number % 3 else f"Company {number % 500}",
        "last_contacted": f"2026-{chance.randint(1, 9):02}-{chance.randint(1, 28):02}",
        "lifecycle_stage": _STAGES[number % 4],
        "tags": sorted(chance.sample(_TAGS, number % 3)) or None,
        "owner_id": None if number % 7 == 6 else f"user{number % 2 + 1}",
        "next_action_date": None,
        "source": ("website", "referral", None)[number % 3],
        "plan": None,
        "total_tasks": number % 5,
        "open_tasks": number % 2,
    }
    for n in range(custom):
        values[f"extra_{n:02}"] = (
            f"word {chance.randint(0, 9_999)}",
            chance.randint(0, 100_000),
            f"2025-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}",
            f"option {chance.randint(0, 5)}",
        )[n % 4]
    return values


def _link_row(number: int, person: dict[str, Any]) -> dict[str, Any]:
    return {
        "connection": NAME,
        "link_id": f"c{number:07}",
        "kind": "contact",
        "correlation": f"k{number}",
        "highlevel_id": f"h{number}",
        "timetonic_id": f"t{number}",
        "state": "live",
        "base": canonical_json(person),
        "aliases": "{}",
        "generation": 0,
        "reason": "",
        "fails": 0,
    }


def _seen_row(side: str, number: int, person: dict[str, Any]) -> dict[str, Any]:
    seen = {**person, "updated_at": "2026-11-23T09:00:00Z" if side == "highlevel" else None}
    return {
        "connection": NAME,
        "side": side,
        "kind": "contact",
        "record_id": f"{side[0]}{number}",
        "correlation": f"k{number}",
        "digest": "",
        "body": canonical_json(seen),
        "problems": "[]",
        "seen_run": "r1",
    }

"""A shell for the flows: the real command, a real sandbox, a home of its own."""

from __future__ import annotations

import asyncio
import json
import ssl
import unicodedata
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

from typer.main import get_command
from typer.testing import CliRunner

from toolkit.cli.shell import app
from toolkit.clients.highlevel import ContactWrite, HighLevel
from toolkit.clients.timetonic import TimeTonic
from toolkit.model.ids import Side

# Every command reads the machine's certificates anew, a third of its time; once is enough
# for a suite that speaks plain HTTP to this machine.
_ONE_CONTEXT = cache(ssl.create_default_context)
# Likewise for the tree of commands, which the runner builds for each of them.
_ONE_TREE = cache(get_command)

VARIABLES = (
    "HIGHTONIC_CONNECTION",
    "HIGHTONIC_DATABASE_URL",
    "HIGHTONIC_HIGHLEVEL_TOKEN",
    "HIGHTONIC_KEY",
    "HIGHTONIC_TIMETONIC_PASSWORD",
    "HIGHTONIC_TIMETONIC_SESSKEY",
)


@dataclass(frozen=True)
class Told:
    """What a command said and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON value on standard output."""
        (line,) = self.out.splitlines()
        return json.loads(line)


@dataclass(frozen=True)
class Shell:
    """Types commands for one person with one home folder."""

    home: Path
    ready: Mapping[str, Any]

    @property
    def environment(self) -> dict[str, str | None]:
        """Variables of the commands; nothing of the machine's own leaks in."""
        return {
            **dict.fromkeys(VARIABLES),
            "HIGHTONIC_HOME": str(self.home),
            "COLUMNS": "200",
        }

    def type(self, *words: str, stdin: str | None = None, **environment: str) -> Told:
        """Run one command to its end."""
        variables = {**self.environment, **environment}
        with (
            patch("ssl.create_default_context", _ONE_CONTEXT),
            patch("typer.testing._get_command", _ONE_TREE),
        ):
            ran = CliRunner().invoke(app, list(words), input=stdin, env=variables)
        assert ran.exception is None or isinstance(ran.exception, SystemExit)
        return Told(ran.exit_code, ran.stdout, ran.stderr)

    def connect(self) -> Told:
        """Connect the sandbox through a pipe."""
        return self.type("connect", "sandbox", "--from", "-", stdin=json.dumps(self.ready))

    def rename(self, people: int, *, sides: Collection[Side] = tuple(Side)) -> None:
        """Give some contacts one name in HighLevel and another in TimeTonic."""
        asyncio.run(_rename(self.ready, people, sides))

    def read_names(self) -> dict[Side, dict[str, str]]:
        """E-mail -> name as each side shows it, e-mails as HighLevel spells them."""
        return asyncio.run(_read_names(self.ready))


@asynccontextmanager
async def _clients(ready: Mapping[str, Any]) -> AsyncIterator[tuple[HighLevel, TimeTonic]]:
    high, time = ready["highlevel"], ready["timetonic"]
    async with (
        HighLevel(
            high["token"], location_id=high["location_id"], base_url=high["base_url"]
        ) as highlevel,
        TimeTonic(
            time["sesskey"],
            user=time["user"],
            url=time["url"],
            book_owner=time["book_owner"],
            book_code=time["book_code"],
        ) as timetonic,
    ):
        yield highlevel, timetonic


async def _rename(ready: Mapping[str, Any], people: int, sides: Collection[Side]) -> None:
    async with _clients(ready) as (highlevel, timetonic):
        rows = {row["Email"]: row_id for row_id, row in await _rows(timetonic)}
        contacts = [c async for c in highlevel.contacts.list_contacts() if c.email in rows]
        for number, contact in enumerate(contacts[:people]):
            name = ContactWrite(first_name="Ada", last_name=f"Highlevel {number}")
            row_id = rows[str(contact.email)]
            values = {"Name": f"Ada Timetonic {number}"}
            if Side.HIGHLEVEL in sides:
                await highlevel.contacts.update(contact.id, name)
            if Side.TIMETONIC in sides:
                await timetonic.rows.update(row_id, values, table="Contacts")


async def _read_names(ready: Mapping[str, Any]) -> dict[Side, dict[str, str]]:
    async with _clients(ready) as (highlevel, timetonic):
        contacts = [c async for c in highlevel.contacts.list_contacts()]
        rows = await _rows(timetonic)
    return {
        Side.HIGHLEVEL: {
            str(c.email): _spell(f"{c.first_name or ''} {c.last_name or ''}") for c in contacts
        },
        Side.TIMETONIC: {str(row["Email"]): _spell(str(row["Name"])) for _, row in rows},
    }


def _spell(name: str) -> str:
    """Accents composed: the seed has both spellings, and both mean the same name."""
    return unicodedata.normalize("NFC", name.strip())


async def _rows(timetonic: TimeTonic) -> list[tuple[int, dict[str, Any]]]:
    found = []
    async for page in timetonic.rows.iter_pages("Contacts"):
        found += [(row.id, row.by_name(page.fields)) for row in page.rows]
    return found

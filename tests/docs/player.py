"""Plays the README: types its commands, runs its examples, with a sandbox behind them."""

from __future__ import annotations

import asyncio
import os
import shlex
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from typer.testing import CliRunner

from tests.docs.readme import Block
from toolkit.app.config import load_config
from toolkit.app.wiring import HIGHLEVEL_TOKEN, TIMETONIC_SESSKEY, Parts, open_parts
from toolkit.cli.shell import app
from toolkit.clients.highlevel import ContactWrite
from toolkit.model.ids import Kind
from toolkit.store import Store, open_vault

_HANGS_AFTER_S = 60.0
VARIABLES = (
    "HIGHTONIC_CONNECTION",
    "HIGHTONIC_DATABASE_URL",
    "HIGHTONIC_HIGHLEVEL_TOKEN",
    "HIGHTONIC_KEY",
    "HIGHTONIC_TIMETONIC_PASSWORD",
    "HIGHTONIC_TIMETONIC_SESSKEY",
)


@dataclass
class Player:
    """One reader at one machine: what was typed and what was answered."""

    home: Path
    said: list[tuple[str, str]] = field(default_factory=list)

    def run(self, typed: Block, environment: Mapping[str, str] | None = None) -> None:
        """Type every line of a block; each must end well."""
        for line in typed.text.splitlines():
            command, *words = shlex.split(line)
            if command == "export":
                assert words == [f"HIGHTONIC_HOME=~/{self.home.name}"]
                continue
            assert command == "hightonic"
            told = CliRunner().invoke(
                app, words, env={**self.environment, **(environment or {})}
            )
            assert told.exit_code == 0, f"README:{typed.line}: {line}\n{told.output}"
            self.said.append((line, told.stdout))

    def settle(self, sections: str, script: str) -> None:
        """Type sections into the settings of the home's connection, and a script beside."""
        with (self.home / "hightonic.yaml").open("a", encoding="utf-8") as settings:
            settings.write(sections)
        (self.home / "automations.py").write_text(script, "utf-8")

    def answers_to(self, line: str) -> list[str]:
        return [said for typed, said in self.said if typed == line]

    @property
    def environment(self) -> dict[str, str]:
        return {"HIGHTONIC_HOME": str(self.home), "COLUMNS": "200"}

    @contextmanager
    def serving(self, typed: Block) -> Iterator[None]:
        """The pipe of a sandbox into `connect`, as the shell runs it, until the block ends."""
        beside = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        shell = subprocess.Popen(
            ["/bin/sh", "-c", typed.text],
            env={**os.environ, "HOME": str(self.home.parent), "PATH": beside},
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        with shell, _stopping(shell):
            # The sandbox keeps the pipe open while it serves: read up to connect's last line.
            told = []
            for line in shell.stdout:
                told.append(line)
                if line == "  hightonic sync\n":
                    break
            assert told[-1:] == ["  hightonic sync\n"], f"README:{typed.line}: {''.join(told)}"
            yield

    def make_conflict(self, first_name: str) -> None:
        """Two colleagues give one contact another name, one on each side."""
        asyncio.run(self._make_conflict(first_name))

    async def _make_conflict(self, first_name: str) -> None:
        async with open_parts("main", home=self.home) as parts:
            highlevel_id, row_id = _pair(parts)
            await parts.highlevel.contacts.update(
                highlevel_id, ContactWrite(first_name=first_name, last_name="King")
            )
            await parts.timetonic.rows.update(
                int(row_id), {"Name": f"{first_name} Lovelace"}, table="Contacts"
            )

    def stand_in_for_accounts(self, typed: Block) -> tuple[Block, dict[str, str]]:
        """The block with the sandbox's addresses instead of the README's made-up accounts."""
        settings = load_config(self.home / "hightonic.yaml").get_connection("main")
        high, time = settings.highlevel, settings.timetonic
        stand_ins = {
            "--location-id ve9EPM428h8vShlRW1KT": (
                f"--location-id {high.location_id} --base-url {high.base_url}"
            ),
            "--user api_acme": f"--user {time.user} --url {time.url}",
            "--book-owner acme": f"--book-owner {time.book_owner}",
            "--book-code crm": f"--book-code {time.book_code}",
        }
        text = typed.text
        for shown, real in stand_ins.items():
            assert shown in text
            text = text.replace(shown, real)
        with Store.open(self.home) as store:
            vault = open_vault(store, self.home)
            keys = {
                "HIGHTONIC_HIGHLEVEL_TOKEN": vault.get("main", HIGHLEVEL_TOKEN) or "",
                "HIGHTONIC_TIMETONIC_SESSKEY": vault.get("main", TIMETONIC_SESSKEY) or "",
            }
        return Block(typed.language, text, typed.cue, typed.line), keys


@contextmanager
def _stopping(shell: subprocess.Popen[str]) -> Iterator[None]:
    """Stop everything the shell started, at the end or when it hangs."""
    hang = threading.Timer(_HANGS_AFTER_S, os.killpg, (shell.pid, signal.SIGTERM))
    hang.start()
    try:
        yield
    finally:
        if hang.is_alive():
            hang.cancel()
            os.killpg(shell.pid, signal.SIGTERM)


def _pair(parts: Parts) -> tuple[str, str]:
    return next(
        (link.highlevel_id, link.timetonic_id)
        for link in parts.store.links()
        if link.kind is Kind.CONTACT and link.highlevel_id and link.timetonic_id
    )


def run_example(example: Block) -> None:
    """Run a Python block as a script of its own."""
    script = compile("\n" * (example.line - 1) + example.text, "README.md", "exec")
    exec(script, {"__name__": "__main__"})  # noqa: S102 — the README's own examples


def promised_output(example: Block) -> list[str]:
    """What the comments `# ->` say is printed."""
    return [line.split("# -> ")[1] for line in example.text.splitlines() if "# -> " in line]

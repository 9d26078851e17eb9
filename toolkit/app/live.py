"""The live switch: whether a connection may write, and what a person does to change that.

A connection begins with plans only. It writes once a person has seen a rehearsal of exactly
this configuration and switched it on; a changed mapping, filter or account needs another one.
A paused connection writes nothing, live or not.
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol
from urllib.parse import urlsplit

from toolkit.app.config import ConnectionConfig, load_config
from toolkit.app.home import Home
from toolkit.app.rehearsal_report import RehearsalReport, read_report
from toolkit.errors import DecisionNeededError
from toolkit.model.ids import Digest
from toolkit.model.values import digest
from toolkit.store import ConnectionStore, RehearsalEntry, Store, Switch
from toolkit.store.shelf import utc_now

REHEARSAL_AGE: Final = timedelta(days=7)
"""An older rehearsal no longer shows what the accounts hold."""

SANDBOX_KEY: Final = "sandbox.webhook_key"
"""Memo of the public key a sandbox signs its webhooks with; believed for a sandbox only."""

_UNCHANGED: Final = "Nothing was written"


class Obstacle(StrEnum):
    """Why a connection does not write."""

    PAUSED = "paused"
    NEVER_REHEARSED = "never rehearsed"
    OFF = "live is off"
    CHANGED = "configuration changed"


@dataclass(frozen=True, slots=True)
class WriteLeave:
    """Whether a connection writes now.

    Attributes:
        obstacle: None means that it writes.
        happened: One clause on how things stand.
        command: What to type next to change it; empty where there is nothing to change.
    """

    obstacle: Obstacle | None
    happened: str
    command: str = ""

    @property
    def is_granted(self) -> bool:
        """Whether a run may write."""
        return self.obstacle is None

    @property
    def sentence(self) -> str:
        """How things stand, and what to type next."""
        advice = f" To change that: {self.command}." if self.command else ""
        return f"{self.happened}.{advice}"


class Switched(Protocol):
    """What is asked of a connection's open parts; `wiring.Parts` has it."""

    @property
    def config(self) -> ConnectionConfig:
        """The connection as the file says it now."""
        ...

    @property
    def store(self) -> ConnectionStore:
        """What is remembered about it."""
        ...

    @property
    def now(self) -> Callable[[], datetime]:
        """The moment, aware."""
        ...


@dataclass(frozen=True, slots=True)
class LiveState:
    """A connection's switch as a person looks at it.

    Attributes:
        is_sandbox: Both addresses are emulators on this machine.
        rehearsed_at: When this configuration was rehearsed last; None for never.
        report: That rehearsal's figures.
    """

    connection: str
    leave: WriteLeave
    is_live: bool
    is_paused: bool
    is_sandbox: bool
    changed_at: datetime | None = None
    rehearsed_at: datetime | None = None
    report: RehearsalReport | None = None


def live_digest(config: ConnectionConfig) -> Digest:
    """What a rehearsal stands for: mapping, filters and policies, rules, and the two accounts.

    `config.digest` alone would let a grant for one account carry over to another one. Rules
    count here and not there: they write, but what was seen through the mapping stays true.
    """
    sync, high, time = config.sync, config.highlevel, config.timetonic
    habits = [sync.default_region, sync.time_zone]
    meaning: list[object] = [config.digest, config.scope, high.base_url, time.url, habits]
    if config.automation.meaning is not None:
        meaning.append(config.automation.meaning)
    return digest(meaning)


def is_sandbox(config: ConnectionConfig) -> bool:
    """Whether both services are emulators: addresses of this machine, or that lead nowhere."""
    return all(_is_nobody(url) for url in (config.highlevel.base_url, config.timetonic.url))


def may_write(parts: Switched) -> WriteLeave:
    """Whether a run of this connection writes now; asks the store anew at each call."""
    store, config = parts.store, parts.config
    newest = _newest(store, live_digest(config))
    return judge(
        config,
        store.get_switch(),
        rehearsed_at=newest.at if newest else None,
        now=parts.now(),
    )


def check_live(parts: Switched) -> None:
    """Return where the connection may write.

    Raises:
        DecisionNeededError: It may not; says why and which command comes next.
    """
    leave = may_write(parts)
    if not leave.is_granted:
        raise DecisionNeededError(
            leave.happened, unchanged=_UNCHANGED, remedy=f"Next: {leave.command}"
        )


def judge(
    config: ConnectionConfig,
    switch: Switch,
    *,
    rehearsed_at: datetime | None,
    now: datetime,
) -> WriteLeave:
    """The rule itself.

    Args:
        config: As the file says it now.
        switch: As the store has it.
        rehearsed_at: When exactly this configuration was rehearsed last.
        now: Aware.
    """
    name = config.name
    if switch.is_paused:
        text = f"The connection `{name}` is paused"
        return WriteLeave(Obstacle.PAUSED, text, "hightonic resume")
    if is_sandbox(config):
        return WriteLeave(None, f"The connection `{name}` writes: both services are emulated")
    if switch.may_write(live_digest(config)):
        return WriteLeave(None, f"The connection `{name}` is live")
    is_fresh = rehearsed_at is not None and now - rehearsed_at <= REHEARSAL_AGE
    command = "hightonic live on" if is_fresh else "hightonic rehearse"
    if switch.is_live:
        text = f"The configuration of `{name}` is not the one that was allowed to write"
        return WriteLeave(Obstacle.CHANGED, text, command)
    if rehearsed_at is None:
        text = f"The connection `{name}` only makes plans: it was never rehearsed as it is now"
        return WriteLeave(Obstacle.NEVER_REHEARSED, text, command)
    text = f"The connection `{name}` only makes plans: it is rehearsed, but live is off"
    return WriteLeave(Obstacle.OFF, text, command)


def look_at_switch(
    home: Home, name: str | None = None, *, clock: Callable[[], datetime] = utc_now
) -> LiveState:
    """How a connection stands; calls no service and changes nothing.

    Raises:
        ConfigError: The settings cannot be used.
        UseError: No such connection.
        StateError: The state cannot be opened.
    """
    with _board(home, name, clock) as board:
        return board.state()


def find_rehearsal(
    home: Home, name: str | None = None, *, clock: Callable[[], datetime] = utc_now
) -> RehearsalEntry:
    """The rehearsal on which live could be switched on; its report is for a person to read.

    Raises:
        DecisionNeededError: None of this configuration, an old one, or one whose second
            run still wrote.
    """
    with _board(home, name, clock) as board:
        return board.find_rehearsal()


def turn_live_on(
    home: Home, name: str | None = None, *, clock: Callable[[], datetime] = utc_now
) -> LiveState:
    """Let the connection write with its present configuration; twice is once.

    Raises:
        DecisionNeededError: As `find_rehearsal`.
    """
    with _board(home, name, clock) as board:
        rehearsal = board.find_rehearsal()
        board.store.set_live(rehearsal.config_digest, rehearsal.id)
        return board.state()


def turn_live_off(
    home: Home, name: str | None = None, *, clock: Callable[[], datetime] = utc_now
) -> LiveState:
    """Make plans only from the next run on; a run under way finishes."""
    with _board(home, name, clock) as board:
        board.store.set_plan_only()
        return board.state()


def pause(
    home: Home, name: str | None = None, *, clock: Callable[[], datetime] = utc_now
) -> LiveState:
    """Write nothing until `resume`; whether it is live stays remembered."""
    with _board(home, name, clock) as board:
        board.store.set_paused(is_paused=True)
        return board.state()


def resume(
    home: Home, name: str | None = None, *, clock: Callable[[], datetime] = utc_now
) -> LiveState:
    """Go on as before `pause`; a connection that was not paused stays as it is."""
    with _board(home, name, clock) as board:
        board.store.set_paused(is_paused=False)
        return board.state()


@dataclass(frozen=True, slots=True)
class _Board:
    """A connection's settings beside its memory, without clients or keys."""

    config: ConnectionConfig
    store: ConnectionStore
    now: Callable[[], datetime]

    def state(self) -> LiveState:
        switch, newest = self.store.get_switch(), _newest(self.store, live_digest(self.config))
        rehearsed_at = newest.at if newest else None
        return LiveState(
            connection=self.config.name,
            leave=judge(self.config, switch, rehearsed_at=rehearsed_at, now=self.now()),
            is_live=switch.is_live,
            is_paused=switch.is_paused,
            is_sandbox=is_sandbox(self.config),
            changed_at=switch.changed_at,
            rehearsed_at=rehearsed_at,
            report=read_report(newest.report) if newest else None,
        )

    def find_rehearsal(self) -> RehearsalEntry:
        newest = _newest(self.store, live_digest(self.config))
        if newest is None:
            raise _not_yet(f"The connection `{self.config.name}` was never rehearsed as it is")
        if self.now() - newest.at > REHEARSAL_AGE:
            raise _not_yet(f"The rehearsal is more than {REHEARSAL_AGE.days} days old")
        report = read_report(newest.report)
        if not report.is_quiet:
            raise DecisionNeededError(
                "The rehearsal did not come to rest: its second run wrote again",
                unchanged="The connection goes on as before",
                remedy="Mend what the report names in the mapping, then run `hightonic rehearse`",
            )
        return newest


@contextmanager
def _board(home: Home, name: str | None, clock: Callable[[], datetime]) -> Iterator[_Board]:
    config = load_config(home.config_path).get_connection(name)
    home.create()
    where = os.environ.get("HIGHTONIC_DATABASE_URL") or home.path
    with Store.open(where, clock=clock) as store:
        yield _Board(config, store.connection(config.name), clock)


def _newest(store: ConnectionStore, wanted: Digest) -> RehearsalEntry | None:
    found: Sequence[RehearsalEntry] = store.list_rehearsals(config_digest=wanted, limit=1)
    return found[0] if found else None


def _not_yet(happened: str) -> DecisionNeededError:
    return DecisionNeededError(
        happened,
        unchanged="The connection goes on as before",
        remedy="Run `hightonic rehearse`, read its report, then `hightonic live on`",
    )


def _is_nobody(url: str) -> bool:
    """Whether an address is this machine's own or resolves nowhere (RFC 6761, `.invalid`)."""
    host = (urlsplit(url).hostname or "").rstrip(".")
    if host == "localhost" or host.endswith((".localhost", ".invalid")):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False

"""Look at settings, keys, fields and state, and say what to mend. Changes nothing."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile

from toolkit.app.account_check import columns_of, custom_names_of
from toolkit.app.config import load_config
from toolkit.app.home import Home
from toolkit.app.live import may_write
from toolkit.app.wiring import Parts, Transports, open_parts
from toolkit.errors import ForbiddenError, HightonicError
from toolkit.mapping.check import Problem, check_against
from toolkit.model.ids import Kind, Side
from toolkit.sides.timetonic import is_table_there
from toolkit.store.faults import of_system

_SHOWN = 5
"""Problems named one by one; the rest is counted."""

_ROOM = 262_144
"""Bytes a small run's journal takes; with less, the next run would stop half-way."""

_NOT_SHOWN = {
    Kind.ARCHIVE: "The book has no table for archived contacts: they get the tag alone.",
    Kind.METRIC: "The book has no table for the day's figures: `hightonic report` shows them.",
}


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at.

    Attributes:
        ok: True, False, or None where it could not be told.
        detail: What was found, one sentence.
        remedy: What to do, empty when all is well.
    """

    name: str
    ok: bool | None
    detail: str
    remedy: str = ""


async def run_doctor(
    home: Home,
    config: Path | None = None,
    name: str | None = None,
    *,
    transports: Transports | None = None,
) -> list[Check]:
    """Check settings, state, both accounts and the mapping against them.

    A check that fails does not hide those that can still be made.
    """
    place = Home(home.path, config or home.config)
    checks = [_check_settings(place)]
    if checks[0].ok is False:
        return checks
    try:
        async with open_parts(
            name, home=place.path, config=place.config, transports=transports
        ) as parts:
            checks += await examine(parts)
    except HightonicError as error:
        checks.append(_failed("state", error))
    return checks


async def examine(parts: Parts) -> list[Check]:
    """The checks of a connection that is open already; its calls are its own."""
    checks = [_check_room(parts.home.path), *await _check_accounts(parts)]
    return [*checks, *_check_state(parts), *_check_ages(parts)]


def _check_room(folder: Path) -> Check:
    """Whether more can be stored; a file without a name takes the place for a moment."""
    try:
        with TemporaryFile(dir=folder) as file:
            file.write(bytes(_ROOM))
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        return _failed("state", of_system(error, str(folder)))
    return Check("state", ok=True, detail=f"{folder} can be used.")


def _check_settings(home: Home) -> Check:
    try:
        config = load_config(home.config_path)
    except HightonicError as error:
        return _failed("settings", error)
    count = len(config.connections)
    if not count:
        return Check(
            "settings",
            ok=False,
            detail=f"{home.config_path} has no connection yet.",
            remedy="Run `hightonic connect`",
        )
    plural = "connection" if count == 1 else "connections"
    return Check("settings", ok=True, detail=f"{home.config_path} is valid: {count} {plural}.")


async def _check_accounts(parts: Parts) -> list[Check]:
    checks = [
        await _tried("HighLevel key", lambda: _location(parts)),
        await _tried("TimeTonic key", lambda: _user(parts)),
    ]
    if all(check.ok for check in checks):
        checks.append(await _tried("HighLevel users", lambda: _users(parts)))
        checks.append(await _tried("mapping", lambda: _mapping(parts)))
        checks += _check_own_tables(parts)
    return checks


def _check_own_tables(parts: Parts) -> list[Check]:
    """Tables for rows of our own that the book lacks; it need not have them."""
    own = parts.config.mapping.own
    wanted = [Kind.ARCHIVE, *([Kind.METRIC] if parts.config.metrics.is_shown else [])]
    return [
        Check(
            f"{own[kind].table} table",
            ok=None,
            detail=_NOT_SHOWN[kind],
            remedy=f"Add a table `{own[kind].table}` with a column `{own[kind].key_column}`",
        )
        for kind in wanted
        if kind in own and not is_table_there(parts.timetonic.tables, own[kind])
    ]


async def _tried(name: str, look: Callable[[], Awaitable[Check]]) -> Check:
    try:
        return await look()
    except HightonicError as error:
        return _failed(name, error)


async def _location(parts: Parts) -> Check:
    location = await parts.highlevel.locations.get()
    found = location.name or location.id
    return Check("HighLevel key", ok=True, detail=f"It opens the location {found}.")


async def _user(parts: Parts) -> Check:
    await parts.timetonic.user.get()
    user = parts.config.timetonic.user
    return Check("TimeTonic key", ok=True, detail=f"It is good for {user}.")


async def _users(parts: Parts) -> Check:
    try:
        users = await parts.highlevel.users.list_users()
    except ForbiddenError:
        return Check(
            "HighLevel users",
            ok=None,
            detail="The key may not list users, so owners are shown as ids.",
            remedy="Add the scope users.readonly to the token",
        )
    return Check("HighLevel users", ok=True, detail=f"{len(users)} can own contacts.")


async def _mapping(parts: Parts) -> Check:
    fields = custom_names_of(await parts.highlevel.custom_fields.list_fields())
    tables = columns_of(await parts.timetonic.tables.list_tables())
    problems = check_against(parts.config.mapping, fields, tables)
    if not problems:
        return Check("mapping", ok=True, detail="Every mapped field is there on both sides.")
    shown = "; ".join(_described(each) for each in problems[:_SHOWN])
    left = len(problems) - _SHOWN
    more = f"; and {left} more" if left > 0 else ""
    lacks_field = any(each.side is Side.HIGHLEVEL for each in problems)
    remedy = "Run `hightonic connect highlevel --create-fields`" if lacks_field else ""
    return Check("mapping", ok=False, detail=shown + more + ".", remedy=remedy)


def _described(problem: Problem) -> str:
    place = f"line {problem.line}: " if problem.line else ""
    return f"{place}{problem.message}" + (f" ({problem.remedy})" if problem.remedy else "")


def _check_state(parts: Parts) -> list[Check]:
    pending = parts.store.list_pending()
    conflicts = parts.store.list_conflicts()
    leave = may_write(parts)
    granted = True if leave.is_granted else None
    checks = [Check("live", granted, f"{leave.happened}.", leave.command)]
    if pending:
        checks.append(
            Check(
                "unanswered writes",
                ok=None,
                detail=f"{len(pending)} writes of an earlier run have no answer yet.",
                remedy="Run `hightonic sync`: it looks them up first",
            )
        )
    if conflicts:
        checks.append(
            Check(
                "conflicts",
                ok=None,
                detail=f"{len(conflicts)} fields wait for a decision.",
                remedy="Run `hightonic conflicts`",
            )
        )
    return checks


def _check_ages(parts: Parts) -> list[Check]:
    now = parts.now()
    return [
        Check(
            f"{age.side.label} key age",
            ok=None,
            detail=f"It is {(now - age.created_at).days} days old.",
            remedy=f"Run `hightonic rotate {age.side.value}` by {age.renew_at:%Y-%m-%d}",
        )
        for age in parts.key_ages()
        if age.is_due(now)
    ]


def _failed(name: str, error: HightonicError) -> Check:
    return Check(name, ok=False, detail=f"{error.happened}.", remedy=error.remedy)

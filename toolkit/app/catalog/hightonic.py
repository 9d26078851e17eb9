"""Our own part of the catalogue: what a person does with a connection."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from toolkit.app import live
from toolkit.app.catalog.automations import AUTOMATIONS
from toolkit.app.catalog.contacts import CONTACTS
from toolkit.app.catalog.deeds import DEEDS
from toolkit.app.catalog.entry import Entry
from toolkit.app.catalog.hightonic_inputs import (
    ApplyInput,
    EventsInput,
    LimitInput,
    LogInput,
    LookInput,
    ResolveInput,
    SyncInput,
    UndoInput,
)
from toolkit.app.catalog.rules import RULES
from toolkit.app.catalog.shown import ConflictShown, FindingShown, JournalLine, RunShown
from toolkit.app.catalog.use_case import Nothing, UseCase
from toolkit.app.connection import Connection, Decision
from toolkit.app.credentials import KeyAge
from toolkit.app.doctor import Check, examine
from toolkit.app.live import LiveState
from toolkit.app.status import look_at_status
from toolkit.errors import UseError
from toolkit.model.events import Event
from toolkit.model.outcomes import RunReport
from toolkit.model.plan import Plan, plan_from_json, plan_to_json
from toolkit.store import ConflictEntry

if TYPE_CHECKING:
    from toolkit.app.wiring import Parts

Json: TypeAlias = dict[str, Any]


async def _plan(parts: Parts, given: LookInput) -> Json:
    plan = await _foresee(parts, given)
    shown: Json = json.loads(plan_to_json(plan))
    # Beside the plan, since it follows from it: what releases the held part.
    return {**shown, "approval": plan.approval}


async def _foresee(parts: Parts, given: LookInput) -> Plan:
    return await Connection(parts).preview(full=given.full, notes=given.notes)


async def _sync(parts: Parts, given: SyncInput) -> RunReport:
    return await Connection(parts).sync(
        full=given.full, notes=given.notes, approve=given.approve
    )


async def _apply(parts: Parts, given: ApplyInput) -> RunReport:
    plan = plan_from_json(json.dumps(given.plan))
    return await Connection(parts).apply(plan, approve=given.approve)


async def _resolve(parts: Parts, given: ResolveInput) -> RunReport:
    connection = Connection(parts)
    chosen = _one_conflict(connection.conflicts(), given.conflict_id)
    return await connection.resolve_many([Decision(chosen, given.choice, given.value)])


async def _undo(parts: Parts, given: UndoInput) -> RunReport:
    connection = Connection(parts)
    run_id = given.run_id
    if run_id == "last":
        last = connection.last_written()
        if last is None:
            raise UseError("No run has written anything yet", unchanged="Nothing was changed")
        run_id = last.id
    return await connection.undo(run_id)


async def _retry(parts: Parts, _given: Nothing) -> RunReport:
    return await Connection(parts).retry()


async def _log(parts: Parts, given: LogInput) -> list[JournalLine]:
    entries = Connection(parts).log(
        run=given.run_id,
        failed_only=given.failed_only,
        record=given.record,
        limit=given.limit,
    )
    return [JournalLine.of(each, with_values=given.with_values) for each in entries]


async def _runs(parts: Parts, given: LimitInput) -> list[RunShown]:
    return [RunShown.of(each) for each in Connection(parts).runs(given.limit)]


async def _conflicts(parts: Parts, _given: Nothing) -> list[ConflictShown]:
    return [ConflictShown.of(each) for each in Connection(parts).conflicts()]


async def _findings(parts: Parts, _given: Nothing) -> list[FindingShown]:
    return [FindingShown.of(each) for each in Connection(parts).findings()]


async def _events(parts: Parts, given: EventsInput) -> list[Event]:
    return parts.store.feed.list_events(after=given.after, kinds=given.kinds, limit=given.limit)


async def _status(parts: Parts, _given: Nothing) -> object:
    return await asyncio.to_thread(look_at_status, parts.home, parts.config.name)


async def _doctor(parts: Parts, _given: Nothing) -> list[Check]:
    return await examine(parts)


async def _live(parts: Parts, _given: Nothing) -> LiveState:
    return await asyncio.to_thread(live.look_at_switch, parts.home, parts.config.name)


async def _pause(parts: Parts, _given: Nothing) -> LiveState:
    return await asyncio.to_thread(live.pause, parts.home, parts.config.name)


async def _resume(parts: Parts, _given: Nothing) -> LiveState:
    return await asyncio.to_thread(live.resume, parts.home, parts.config.name)


async def _keys(parts: Parts, _given: Nothing) -> list[KeyAge]:
    return parts.key_ages()


_ROWS: Final = (
    UseCase(
        "plan",
        "What a sync would do now; reads both systems, writes to neither.",
        _plan,
        Json,
        LookInput,
        {"full": False},
        calls=None,
    ),
    UseCase(
        "sync",
        "Look at both systems and make them agree.",
        _sync,
        RunReport,
        SyncInput,
        {"full": False},
        is_write=True,
        calls=None,
        foresee=_foresee,
    ),
    UseCase(
        "apply",
        "Carry out exactly this plan; what changed since is left alone and listed.",
        _apply,
        RunReport,
        ApplyInput,
        {"plan": "PLAN"},
        is_write=True,
        calls=None,
    ),
    UseCase(
        "resolve",
        "Settle one conflict and write the choice.",
        _resolve,
        RunReport,
        ResolveInput,
        {"conflict_id": "CONFLICT_ID", "choice": "highlevel"},
        is_write=True,
        calls=None,
    ),
    UseCase(
        "undo",
        "Take back what a run wrote, record by record.",
        _undo,
        RunReport,
        UndoInput,
        {"run_id": "last"},
        is_write=True,
        is_idempotent=False,
        calls=None,
    ),
    UseCase(
        "retry",
        "Try again what failed or got no answer, then sync.",
        _retry,
        RunReport,
        is_write=True,
        calls=None,
    ),
    UseCase(
        "log",
        "The journal, newest first.",
        _log,
        list[JournalLine],
        LogInput,
        {"limit": 10},
    ),
    UseCase("runs", "The runs, newest first.", _runs, list[RunShown], LimitInput, {"limit": 5}),
    UseCase(
        "conflicts",
        "Open conflicts, both values side by side.",
        _conflicts,
        list[ConflictShown],
    ),
    UseCase(
        "findings",
        "Records the last plan left for a person to look at.",
        _findings,
        list[FindingShown],
    ),
    UseCase(
        "events",
        "The feed that front ends show, oldest first.",
        _events,
        list[Event],
        EventsInput,
        {"limit": 5},
    ),
    UseCase(
        "status",
        "Who works, what ran last, how far behind, what is left to spend.",
        _status,
        Json,
    ),
    UseCase(
        "doctor",
        "Look at settings, keys, fields and state, and say what to mend.",
        _doctor,
        list[Check],
        calls=None,
    ),
    UseCase("live", "Whether the connection writes, and if not, why.", _live, Json),
    UseCase("keys", "How old the stored keys are; never the keys.", _keys, list[KeyAge]),
    UseCase("pause", "Write nothing until `hightonic.resume`.", _pause, Json, is_write=True),
    UseCase("resume", "Go on after a pause.", _resume, Json, is_write=True),
)


def hightonic_entries() -> Iterator[Entry]:
    """Every use case that needs no terminal."""
    for use_case in (*_ROWS, *RULES, *AUTOMATIONS, *CONTACTS, *DEEDS):
        yield use_case.entry


def _one_conflict(entries: list[ConflictEntry], wanted: str) -> str:
    found = [each.id for each in entries if wanted and each.id.startswith(wanted)]
    if len(found) == 1:
        return found[0]
    raise UseError(
        "No open conflict is called so" if not found else "Several conflicts begin so",
        unchanged="Nothing was changed",
        remedy="See `hightonic conflicts`",
    )

"""The rehearsal from curtain to curtain: read, play twice, report, remember the report."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from toolkit.app.connection import Connection
from toolkit.app.live import WriteLeave, live_digest, may_write
from toolkit.app.observe import Progress
from toolkit.app.rehearsal_report import (
    Cost,
    Did,
    RehearsalReport,
    RuleRehearsed,
    write_report,
)
from toolkit.app.wiring import Parts, Transports, open_parts
from toolkit.cli.rehearsal.highlevel import read_highlevel
from toolkit.cli.rehearsal.sparing import forget_unread, leave_notes_out
from toolkit.cli.rehearsal.stage import on_stage
from toolkit.cli.rehearsal.timetonic import read_timetonic
from toolkit.clients.pacing import Clock
from toolkit.model.automation import Firing
from toolkit.model.ids import Kind, Side
from toolkit.model.outcomes import RuleTally, RunReport, Tally
from toolkit.model.plan import Plan
from toolkit.sandbox.snapshot import Snapshot

NOTE_CALLS: Final = 1_000
"""Contacts whose notes a rehearsal reads unless told otherwise."""

_PREVIEWED: Final = 1_000
"""Contacts for whom each rule is tried."""

# Of HighLevel's published limits (marketplace docs, read 2026-11): 100 calls in 10 s, of
# which the pacer uses 95, and 200,000 a day.
_PER_S: Final = 9.5
_PER_DAY: Final = 200_000
# TimeTonic publishes none; an answer over the internet takes this long at least.
_ANSWER_S: Final = 0.1


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """The report, and how the connection stands now that it is stored."""

    report: RehearsalReport
    leave: WriteLeave


class Rehearser:
    """One connection about to be rehearsed; `open_rehearser` gives one."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def request_stop(self) -> None:
        """Nothing to finish: nothing is written, so a rehearsal is simply cut off."""

    async def rehearse(
        self, *, most_note_calls: int = NOTE_CALLS, progress: Progress
    ) -> Rehearsed:
        """Copy both accounts, sync the copies twice, and store what happened as counts.

        The accounts are only read. A second call makes a second report.

        Args:
            most_note_calls: Notes cost one call a contact; beyond this number of contacts
                they are left out on both sides.
            progress: Told (what, done, total).

        Raises:
            VendorError: An account could not be read.
            UseError: The mapping names a table or column that is not there.
        """
        parts, before = self._parts, dict(self._parts.meter.calls)
        try:
            read = await _read(parts, most_note_calls=most_note_calls, progress=progress)
        finally:
            spent = parts.meter.since(before)
            for side, calls in spent.items():
                parts.store.add_calls(side, f"{parts.now():%Y-%m}", calls)
        read, played = await _play(parts, read, progress=progress)
        report = _report(parts, read, played, spent=spent)
        parts.store.put_rehearsal(live_digest(parts.config), write_report(report))
        return Rehearsed(report, may_write(parts))


@asynccontextmanager
async def open_rehearser(
    name: str | None = None,
    *,
    home: Path,
    config: Path | None = None,
    transports: Transports | None = None,
    clock: Clock | None = None,
) -> AsyncIterator[Rehearser]:
    """Open a connection for a rehearsal; works beside a service that keeps it in step.

    Raises:
        ConfigError: The settings cannot be used.
        UseError: No such connection, or a key is missing.
    """
    async with open_parts(
        name, home=home, config=config, transports=transports, clock=clock
    ) as parts:
        yield Rehearser(parts)


@dataclass(frozen=True, slots=True)
class _Read:
    snapshot: Snapshot
    unread: frozenset[str]
    unreadable: int
    answer_s: float


@dataclass(frozen=True, slots=True)
class _Played:
    plan: Plan
    first: RunReport
    second: RunReport
    previews: Mapping[str, Sequence[Firing]]


async def _read(parts: Parts, *, most_note_calls: int, progress: Progress) -> _Read:
    read_at = parts.now()
    high = await read_highlevel(parts, most_note_calls=most_note_calls, progress=progress)
    began_at, before = parts.now(), dict(parts.meter.calls)
    time = await read_timetonic(parts, progress=progress)
    took_s = (parts.now() - began_at).total_seconds()
    calls = parts.meter.since(before)[Side.TIMETONIC]
    return _Read(
        Snapshot(read_at, high.snapshot, time.snapshot),
        unread=high.unread,
        unreadable=high.unreadable + time.unreadable,
        answer_s=max(_ANSWER_S, took_s / max(calls, 1)),
    )


async def _play(parts: Parts, read: _Read, *, progress: Progress) -> tuple[_Read, _Played]:
    """Sync the copies, then once more; the second run shows whether all comes to rest."""
    snapshot = await leave_notes_out(parts, read.snapshot, read.unread)
    plans: list[Plan] = []
    async with on_stage(parts, snapshot) as acting:
        forget_unread(acting.memory, read.unread, now=snapshot.taken_at)
        first = await acting.connection.sync(progress=progress, on_plan=plans.append)
        second = await acting.connection.sync()
        previews = await _preview_rules(acting.connection)
    return replace(read, snapshot=snapshot), _Played(plans[0], first, second, previews)


async def _preview_rules(connection: Connection) -> dict[str, Sequence[Firing]]:
    """What each rule would do if its moment came: a mistake in it is found here, not live."""
    rules = connection.rules
    return {
        entry.rule.name: (await rules.preview(entry.rule.name, most=_PREVIEWED)).firings
        for entry in rules.list()
        if entry.rule.is_enabled
    }


def _report(
    parts: Parts, read: _Read, played: _Played, *, spent: Mapping[Side, int]
) -> RehearsalReport:
    plan, first = played.plan, played.first
    records = _records(parts, read.snapshot)
    calls = dict(first.api_calls)
    return RehearsalReport(
        connection=parts.config.name,
        made_at=read.snapshot.taken_at,
        records=records,
        did={
            kind: {
                side: _did(first.tallies[kind][side], there=records[kind][side])
                for side in Side
            }
            for kind in records
        },
        cost=Cost(
            calls=calls,
            duration_s=round(
                calls[Side.HIGHLEVEL] / _PER_S + calls[Side.TIMETONIC] * read.answer_s, 1
            ),
            share_of_day=round(calls[Side.HIGHLEVEL] / _PER_DAY, 6),
            spent_calls=spent,
        ),
        is_quiet=played.second.writes_sent == 0,
        conflicts=_ranked(f"{each.kind}.{each.field}" for each in plan.conflicts),
        ambiguous=_ranked(each.kind.value for each in plan.ambiguities),
        findings=_ranked(
            f"{each.kind}{'.' * bool(each.field)}{each.field} in {each.side.label}: {each.reason}"
            for each in plan.findings
        ),
        failures=first.failures,
        held=first.held,
        brakes=first.brakes,
        notes_unread=len(read.unread),
        unreadable=read.unreadable,
        rules={
            name: _rehearsed(firings, first.rules.get(name, RuleTally()))
            for name, firings in played.previews.items()
        },
        rule_problems=tuple(
            _ranked(
                f"rule {each.rule}: {each.problem}"
                for firings in played.previews.values()
                for each in firings
                if each.problem
            )
        ),
        held_rules={
            name: number for held in first.held_rules for name, number in held.rules.items()
        },
    )


def _rehearsed(firings: Sequence[Firing], tally: RuleTally) -> RuleRehearsed:
    acting = {each.happening.contact for each in firings if not each.problem}
    failing = {each.happening.contact for each in firings if each.problem}
    return RuleRehearsed(tally.done, len(acting), len(failing))


def _did(tally: Tally, *, there: int) -> Did:
    return Did(
        created=tally.created,
        updated=tally.updated,
        deleted=tally.deleted,
        linked=tally.linked,
        unlinked=tally.unlinked,
        skipped=tally.skipped,
        failed=tally.failed + tally.unknown,
        left_alone=max(0, there - tally.updated - tally.deleted),
    )


def _records(parts: Parts, snapshot: Snapshot) -> dict[Kind, dict[Side, int]]:
    high, mappings = snapshot.highlevel, parts.config.mapping.kinds
    listed = {
        Kind.CONTACT: len(high.contacts),
        Kind.TASK: len(high.tasks),
        Kind.NOTE: len(high.notes),
        Kind.APPOINTMENT: len(high.appointments),
    }
    return {
        kind: {
            Side.HIGHLEVEL: listed[kind],
            Side.TIMETONIC: len(snapshot.timetonic.find_table(mappings[kind].table).rows or ()),
        }
        for kind in Kind
        if kind in mappings
    }


def _ranked(words: Iterable[str]) -> dict[str, int]:
    return dict(Counter(words).most_common())

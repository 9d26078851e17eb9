"""One connection as its users meet it: look, sync, decide, take back.

`open_connection` is the front door of scripts, notebooks, the command line and Slack.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from toolkit.app.bulk.book import BatchBook
from toolkit.app.contact_desk import ContactDesk
from toolkit.app.decisions import Choice, Decision, Reading
from toolkit.app.delivering import Delivered
from toolkit.app.field_options import options_of
from toolkit.app.history import WRITES, concerns, count_lines
from toolkit.app.live import check_live
from toolkit.app.mailbox import Mailbox
from toolkit.app.observe import NotesChoice, Progress
from toolkit.app.rules_desk import RulesDesk
from toolkit.app.runs import Runner
from toolkit.app.surroundings import load_surroundings
from toolkit.app.turns import Desk, Visits
from toolkit.app.wiring import Parts, Transports, open_parts
from toolkit.clients.pacing import Clock, SystemClock
from toolkit.errors import HightonicError, UseError
from toolkit.model.ids import Kind, RunId
from toolkit.model.outcomes import OutcomeState, RunReport
from toolkit.model.plan import Ambiguity, Finding, Plan
from toolkit.model.values import Value
from toolkit.store import ConflictEntry, ConflictState, JournalEntry, RunEntry

_log = logging.getLogger(__name__)

__all__ = ["Choice", "Connection", "Decision", "open_connection"]


class Connection(ContactDesk):
    """One HighLevel location paired with one TimeTonic book; `open_connection` gives one.

    Every method that writes is a run: journalled, reported, and undone by `undo`. Start
    one run at a time; `request_stop` ends it early without losing what is under way.
    """

    def __init__(self, parts: Parts, *, runner: Runner | None = None) -> None:
        self._parts = parts
        self._runner = runner or Runner(parts)

    @property
    def name(self) -> str:
        """The connection's name in `hightonic.yaml`."""
        return self._parts.config.name

    async def preview(
        self,
        *,
        full: bool = False,
        notes: NotesChoice = "due",
        progress: Progress | None = None,
    ) -> Plan:
        """What a sync would do now. Reads both systems, writes to neither.

        Args:
            full: Compare everything, even where a cursor would do.
            notes: `due` reads notes of changed contacts and of those not read for a day;
                `all` reads every contact's.
            progress: Told (what, done, total); total 0 means unknown.

        Raises:
            VendorError: A system could not be read.
        """
        return await self._runner.preview(full=full, notes=notes, progress=progress)

    async def sync(
        self,
        *,
        full: bool = False,
        notes: NotesChoice = "due",
        approve: str | None = None,
        progress: Progress | None = None,
        on_plan: Callable[[Plan], None] = lambda _plan: None,
    ) -> RunReport:
        """Look at both systems and make them agree; a second call writes nothing.

        Args:
            full: As in `preview`.
            notes: As in `preview`.
            approve: Hash of the plan whose held operations may go through, once.
            progress: As in `preview`.
            on_plan: Shown the plan before it is carried out.

        Raises:
            PlanChangedError: `approve` names another plan than the one found now.
        """
        report = await self._runner.sync(
            full=full, notes=notes, approve=approve, progress=progress, on_plan=on_plan
        )
        await self._send_messages()
        return report

    async def apply(
        self,
        plan: Plan,
        *,
        approve: str | None = None,
        progress: Progress | None = None,
    ) -> RunReport:
        """Carry out exactly this plan; what changed since is skipped and listed.

        Raises:
            PlanChangedError: It was made under another mapping or for another connection.
        """
        report = await self._runner.apply(plan, approve=approve, progress=progress)
        await self._send_messages()
        return report

    async def resolve(
        self, conflict_id: str, choice: Choice, *, value: Value = None
    ) -> RunReport:
        """Settle one conflict and write the choice; void if a value has changed since.

        Args:
            conflict_id: As `conflicts()` lists it, or the beginning of it.
            choice: The side whose value stands on both, or `value` for another one.
            value: That other value, of the field's own type or as a person types it; None
                and an empty text clear.

        Raises:
            UseError: No such open conflict, a choice that is none, or a value that does
                not fit the field; nothing was stored.
        """
        return await self.resolve_many([Decision(conflict_id, choice, value)])

    async def resolve_many(
        self, decisions: Sequence[Decision], *, is_approved: bool = False
    ) -> RunReport:
        """Settle conflicts and write the choices in one run.

        A choice is void when a value has changed since: the conflict then opens anew. All
        decisions are checked before one is stored.

        Args:
            decisions: One a conflict.
            is_approved: Somebody else agreed to just these: no brake holds their number.

        Raises:
            UseError: As `resolve`.
        """
        store = self._parts.store
        entries = [store.get_conflict(each.conflict_id) for each in decisions]
        for entry in entries:
            _check_open(entry)
        reading = None
        if any(each.choice == "value" for each in decisions):
            reading = await self.reading()
        chosen = [
            _chosen_value(each, entry, reading)
            for each, entry in zip(decisions, entries, strict=True)
        ]
        for entry, value in zip(entries, chosen, strict=True):
            store.resolve_conflict(entry.id, value, by="person")
        return await self._runner.resolve(is_approved=is_approved)

    async def reading(self) -> Reading:
        """Reads values as people type them: owners by name, phones of the region.

        Raises:
            VendorError: What was read a day ago is asked for again, and no answer came.
        """
        parts = self._parts
        found = await load_surroundings(
            parts.config,
            highlevel=parts.highlevel,
            timetonic=parts.timetonic,
            store=parts.store,
        )
        kinds = parts.config.mapping.kinds
        return Reading(kinds, found.context, options=options_of(parts))

    async def undo(self, run_id: str, *, progress: Progress | None = None) -> RunReport:
        """Take a run back, record by record; records edited since are left and listed.

        Undoing the undo run does it again.

        Raises:
            UseError: No such run.
        """
        return await self._runner.undo(run_id, progress=progress)

    async def retry(self, *, progress: Progress | None = None) -> RunReport:
        """Try refused and failed records again at once, then sync."""
        report = await self._runner.retry(progress=progress)
        await self._send_messages()
        return report

    @property
    def mailbox(self) -> Mailbox | None:
        """What rules want sent; None where nothing leaves the house, as in a rehearsal."""
        return self._parts.mailbox

    async def deliver(self, *, limit_s: float = 10.0) -> Delivered:
        """Bring messages that are due to their addresses; nothing new begins after `limit_s`.

        Every run does it at its end, and the service does it all the time.

        Raises:
            DecisionNeededError: The connection may not write: messages wait as well.
        """
        check_live(self._parts)
        courier = self._parts.courier
        return Delivered() if courier is None else await courier.deliver(limit_s=limit_s)

    async def _send_messages(self) -> None:
        try:
            await self.deliver()
        except HightonicError as error:
            # The run is done and recorded: what could not be sent waits for the next one.
            _log.warning("messages not sent", extra={"error": type(error).__name__})

    @property
    def rules(self) -> RulesDesk:
        """Its rules: what there is, what fired, what they would do."""
        return RulesDesk(self._parts)

    @property
    def batches(self) -> BatchBook:
        """Its batches of bulk changes; `toolkit.app.bulk.BatchDesk` carries them out."""
        return BatchBook(self._parts)

    def request_stop(self) -> None:
        """End the running work early: writes under way finish, nothing new starts."""
        self._runner.request_stop()

    def log(
        self,
        *,
        run: str | None = None,
        failed_only: bool = False,
        record: str | None = None,
        limit: int | None = 50,
    ) -> list[JournalEntry]:
        """Journal lines, newest first.

        Args:
            run: Only this run's; its id or the beginning of it.
            failed_only: Only failed, skipped and unknown operations.
            record: Only this record's, by its id on either side.
            limit: Lines at most; None for all.
        """
        store = self._parts.store
        unfinished = (OutcomeState.FAILED, OutcomeState.UNKNOWN, OutcomeState.SKIPPED)
        entries = store.list_journal(
            run=store.get_run(run).id if run else None,
            states=unfinished if failed_only else None,
            limit=None if record else limit,
        )
        if record is None:
            return entries
        return [each for each in entries if concerns(each, record)][:limit]

    def runs(self, limit: int | None = 20) -> list[RunEntry]:
        """Runs, newest first."""
        return self._parts.store.list_runs(limit)

    def get_run(self, run_id: str) -> RunEntry:
        """A run by its id or the beginning of it.

        Raises:
            UseError: No such run, or several.
        """
        return self._parts.store.get_run(run_id)

    def counts(self, run_id: RunId) -> dict[str, int]:
        """What the journal says a run did, also one that was cut off: `created` -> 3."""
        return count_lines(self._parts.store.list_journal(run=run_id))

    def last_written(self) -> RunEntry | None:
        """The newest run of which at least one write was carried out, however it ended.

        A write without an answer counts: `undo` looks it up before it takes a run back. A
        run that wrote the day's figures alone does not: nobody means that one.
        """
        unanswered = {each.run_id for each in self._parts.store.list_pending()}
        for run in self.runs(None):
            lines = self._parts.store.list_journal(run=run.id)
            meant = count_lines(each for each in lines if each.kind is not Kind.METRIC)
            if run.id in unanswered or meant.keys() & set(WRITES):
                return run
        return None

    def conflicts(self) -> list[ConflictEntry]:
        """Open conflicts, oldest first."""
        return self._parts.store.list_conflicts()

    def findings(self) -> list[Finding | Ambiguity]:
        """What the last plan left for a person to look at."""
        return [*self._parts.store.list_ambiguities(), *self._parts.store.list_findings()]


def _check_open(entry: ConflictEntry) -> None:
    if entry.state not in {ConflictState.OPEN, ConflictState.RESOLVED}:
        raise UseError(
            f"Conflict {entry.id} is closed ({entry.state})",
            unchanged="Nothing was changed",
            remedy="See `hightonic conflicts` for the open ones",
        )


def _chosen_value(decision: Decision, entry: ConflictEntry, reading: Reading | None) -> Value:
    if decision.choice == "value" and reading is not None:
        return reading.value_for(entry.conflict, decision.value)
    if decision.choice == "highlevel":
        return entry.conflict.highlevel
    if decision.choice == "timetonic":
        return entry.conflict.timetonic
    raise UseError(
        "A conflict is settled by `highlevel`, `timetonic` or a value",
        unchanged="Nothing was changed",
    )


@asynccontextmanager
async def open_connection(  # noqa: PLR0913 — the seams that tests and front ends need
    name: str | None = None,
    *,
    home: Path | None = None,
    config: Path | None = None,
    read_only: bool = False,
    transports: Transports | None = None,
    clock: Clock | None = None,
) -> AsyncIterator[Connection]:
    """Open a connection by name; without a name, the only one there is.

    Use it in `async with`: the block holds the connection's turn, so that no other process
    syncs at the same time (a running service waits, or is waited for), and leaving it closes
    everything. What it gives is a `Connection`, with
    `preview`, `sync`, `apply`, `resolve`, `undo`, `retry`, `log`, `runs`, `conflicts`.

    Example:
        async with open_connection("main") as connection:
            plan = await connection.preview()
            print(len(plan.writes), "writes", len(plan.conflicts), "conflicts")
            report = await connection.apply(plan)
            if report.failures:
                await connection.undo(report.run_id)

    Args:
        name: As in `hightonic.yaml`.
        home: Home folder; None for `HIGHTONIC_HOME` or the platform's.
        config: Settings file; None for the one in the home.
        read_only: Only look at what is stored; takes no turn.
        transports: Replace the network, for tests and rehearsals.
        clock: Replaces time, for the same: stamps, ages, waits and pace.

    Raises:
        ConfigError: The settings cannot be used.
        StateBusyError: Another process works in the home, or the service did not pause in time.
        StateError: The home cannot be used.
        UseError: No such connection, or a key is missing.
    """
    async with open_parts(
        name,
        home=home,
        config=config,
        transports=transports,
        clock=clock,
    ) as parts:
        desk = Desk(parts, Runner(parts))
        opened = Connection(parts, runner=desk.runner)
        if read_only:
            yield opened
            return
        visits = Visits(clock=clock or SystemClock())
        async with visits.take(desk, purpose=f"connection {opened.name}"):
            yield opened

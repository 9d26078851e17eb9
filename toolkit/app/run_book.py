"""One run from beginning to end: its figures, its report, and what it tells the feed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from toolkit.app.figures import FigureBook
from toolkit.app.happenings import (
    Telling,
    tell_ending,
    tell_loops,
    tell_outcomes,
    tell_plan,
    tell_resolutions,
)
from toolkit.app.once import OnceBook
from toolkit.app.parking import is_resting
from toolkit.app.report import (
    brakes_of,
    count_outcomes,
    failures_of,
    report_to_json,
    writes_needed,
)
from toolkit.app.rule_work import RuleWork
from toolkit.app.wiring import Parts
from toolkit.errors import HightonicError
from toolkit.executor.context import Progress
from toolkit.model.ids import LinkId, RunId, Side
from toolkit.model.links import Resolution
from toolkit.model.outcomes import Outcome, RunReport
from toolkit.model.plan import Plan

_WAS_BAD = "runs.last_failed"


@dataclass(slots=True)
class RunRecord:
    """One run while it goes on.

    Attributes:
        minimum_calls: The fewest calls that could have done what was done so far.
        resolved: People's choices that are written now.
        resting: One line for each pair that rests after a refusal.
        loops: Pairs that went back and forth and rest now, with the fields that did.
        rules: What was done for rules; None where the run has not come to that.
        progress: Told what is written; None where nobody watches.
    """

    id: RunId
    verb: str
    started_at: datetime
    calls_before: dict[Side, int]
    minimum_calls: dict[Side, int] = field(default_factory=lambda: dict.fromkeys(Side, 0))
    outcomes: list[Outcome] = field(default_factory=list)
    resolved: list[Resolution] = field(default_factory=list)
    resting: list[str] = field(default_factory=list)
    loops: dict[LinkId, tuple[str, ...]] = field(default_factory=dict)
    plan: Plan | None = None
    rules: RuleWork | None = None
    progress: Progress | None = None
    writes_sent: int = 0
    report: RunReport | None = None

    def add_minimum(self, calls: Mapping[Side, int]) -> None:
        """Count calls that could not have been spared."""
        for side, count in calls.items():
            self.minimum_calls[side] += count

    def reported(self) -> RunReport:
        """The report of a run that ended."""
        if self.report is None:
            raise RuntimeError("a finished run has a report")
        return self.report


class RunBook:
    """Opens and closes the runs of one connection.

    Attributes:
        once: Names the act that runs are begun for from now on; empty for none.
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._store = parts.store
        self.once = ""

    @contextmanager
    def running(self, verb: str) -> Iterator[RunRecord]:
        """A run for the length of a block; however it ends, it is reported and told."""
        parts = self._parts
        run = RunRecord(
            id=self._store.begin_run(verb, config_digest=parts.config.digest),
            verb=verb,
            started_at=parts.now(),
            calls_before=dict(parts.meter.calls),
        )
        if self.once:
            OnceBook(self._store).note(self.once, run.id)
        verdict, error = "done", None
        try:
            yield run
        except HightonicError as failure:
            verdict, error = f"failed: {failure.happened}", failure
            raise
        except BaseException:
            verdict = "interrupted"
            raise
        finally:
            self._finish(run, verdict)
            self._count(run, error, is_cut=verdict == "interrupted")
            self._tell(run, error, is_cut=verdict == "interrupted")

    def _finish(self, run: RunRecord, verdict: str) -> None:
        plan = run.plan
        calls = self._parts.meter.since(run.calls_before)
        for side, count in calls.items():
            self._store.add_calls(side, f"{run.started_at:%Y-%m}", count)
        conflicts = plan.conflicts if plan else ()
        rules = run.rules or RuleWork(run.id)
        run.report = RunReport(
            run_id=run.id,
            connection=self._parts.config.name,
            verb=run.verb,
            started_at=run.started_at,
            duration_s=(self._parts.now() - run.started_at).total_seconds(),
            tallies=count_outcomes(run.outcomes, conflicts),
            conflicts=len(conflicts),
            ambiguous=len(plan.ambiguities) if plan else 0,
            findings=sum(not is_resting(each) for each in plan.findings) if plan else 0,
            held=len(plan.held) if plan else 0,
            api_calls=calls,
            minimum_api_calls=_least(run.minimum_calls, calls),
            writes_sent=run.writes_sent,
            writes_needed=writes_needed(run.outcomes),
            plan_hash=plan.hash if plan else "",
            approval=plan.approval if plan else "",
            brakes=brakes_of(plan) if plan else (),
            failures=(*failures_of(run.outcomes), *rules.failures()),
            resting=tuple(run.resting),
            rules=rules.tallies(),
            held_rules=tuple(rules.held),
            parked_rules=rules.loops(),
        )
        report = json.dumps(report_to_json(run.report), ensure_ascii=False)
        self._store.finish_run(run.id, report, verdict)

    def _count(self, run: RunRecord, error: HightonicError | None, *, is_cut: bool) -> None:
        """Into the figures that `/metrics`, `run-status` and dashboards show."""
        book, pacer = FigureBook(self._store), self._parts.pacer
        if error is not None:
            book.note_failure(run.verb, error)
        elif not is_cut:
            left_today = pacer.left_today if pacer else None
            book.note_report(run.reported(), left_today=left_today)

    def _tell(self, run: RunRecord, error: HightonicError | None, *, is_cut: bool) -> None:
        """Append to the feed; a run that was cut off is told by the one that recovers it."""
        telling = Telling(self._parts.config.name, run.id, self._parts.now())
        told = {outcome.operation.link_id for outcome in run.outcomes}
        told |= {each.link_id for each in run.resolved} | run.loops.keys()
        found = (self._store.get_link(link_id) for link_id in told)
        links = {link.id: link for link in found if link is not None}
        events = [*tell_outcomes(telling, run.outcomes, links)]
        events += tell_resolutions(telling, run.resolved, links)
        events += tell_loops(telling, run.loops, links)
        if run.plan is not None:
            events += tell_plan(telling, run.plan)
        if not is_cut:
            failures = run.reported().failures
            was_bad = bool(self._store.get_memo(_WAS_BAD))
            events += tell_ending(telling, failures=failures, error=error, was_bad=was_bad)
            is_bad = error is not None or bool(failures)
            if is_bad != was_bad:
                self._store.put_memo(_WAS_BAD, is_bad)
        if events:
            self._store.feed.append_events(events)


def _least(minimum: Mapping[Side, int], sent: Mapping[Side, int]) -> dict[Side, int]:
    """Never above what was sent: a write refused before it left took no call after all."""
    return {side: min(minimum[side], sent[side]) for side in Side}

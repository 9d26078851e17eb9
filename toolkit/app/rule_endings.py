"""What became of firings once their writes were tried: pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from toolkit.model.automation import NewRecord, Send
from toolkit.model.ids import LinkId, RunId
from toolkit.model.links import Link, LinkState
from toolkit.model.outcomes import Outcome, OutcomeState
from toolkit.model.plan import Create, Delete, Finding, Operation, Update
from toolkit.store.firings import FiringEntry, FiringState

WAIT_S: Final = (60.0, 300.0, 1_800.0, 7_200.0, 21_600.0)
"""How long a firing waits after each try that did not come to its end; then it has failed."""

_PASSING: Final = frozenset({LinkState.LIVE, LinkState.HALF, LinkState.PARKED})


@dataclass(frozen=True, slots=True)
class Aftermath:
    """What is known once a group of firings was carried out.

    Attributes:
        outcomes: Of all their operations.
        findings: What could not be planned.
        links: The pairs concerned, as they stood when it was planned.
        is_stopped: The run was asked to end early; what is left is simply left.
    """

    outcomes: Sequence[Outcome]
    findings: Sequence[Finding]
    links: Mapping[LinkId, Link]
    run_id: RunId
    now: datetime
    is_stopped: bool = False

    def endings(self, entries: Iterable[FiringEntry]) -> list[FiringEntry]:
        """The firings as they stand now."""
        by_cause: dict[str, list[Outcome]] = defaultdict(list)
        for outcome in self.outcomes:
            for cause in causes_of(outcome.operation):
                by_cause[cause].append(outcome)
        return [self._ending(each, by_cause[each.firing.id]) for each in entries]

    def _ending(self, entry: FiringEntry, mine: Sequence[Outcome]) -> FiringEntry:
        tried = replace(entry, run_id=self.run_id)
        if refused := next((o for o in mine if _is_refused(o)), None):
            return self._end(tried, FiringState.FAILED, refused.reason)
        if unfinished := next((o for o in mine if o.state is not OutcomeState.DONE), None):
            return self._later(tried, unfinished.reason)
        found = self._finding(entry)
        if found is None:
            return self._end(tried, FiringState.DONE, "")
        if self._may_pass(entry):
            return self._later(tried, found.reason)
        return self._end(tried, FiringState.REFUSED, found.reason)

    def _later(self, entry: FiringEntry, reason: str) -> FiringEntry:
        if self.is_stopped:
            return replace(entry, reason=reason)
        if entry.tries >= len(WAIT_S):
            return self._end(entry, FiringState.FAILED, reason)
        wait = timedelta(seconds=WAIT_S[entry.tries])
        return replace(entry, reason=reason, tries=entry.tries + 1, not_before=self.now + wait)

    def _end(self, entry: FiringEntry, state: FiringState, reason: str) -> FiringEntry:
        return replace(entry, state=state, reason=reason, ended_at=self.now, not_before=None)

    def _finding(self, entry: FiringEntry) -> Finding | None:
        ids = {
            record_id
            for link in self._links_of(entry)
            for record_id in (link.highlevel_id, link.timetonic_id, "")
        } or {""}
        says = f"Rule `{entry.firing.rule}` "
        mine = (f for f in self.findings if f.reason.startswith(says) and f.id in ids)
        return next(mine, None)

    def _may_pass(self, entry: FiringEntry) -> bool:
        links = self._links_of(entry)
        return bool(links) and all(link.state in _PASSING for link in links)

    def _links_of(self, entry: FiringEntry) -> list[Link]:
        found = (self.links.get(link_id) for link_id in links_touched([entry]))
        return [link for link in found if link is not None]


def links_touched(entries: Iterable[FiringEntry]) -> set[LinkId]:
    """The pairs that firings ask something of."""
    found: set[LinkId] = set()
    for entry in entries:
        for effect in entry.firing.effects:
            if isinstance(effect, NewRecord):
                found |= {effect.parent} if effect.parent else set()
            elif not isinstance(effect, Send):
                found.add(effect.link_id)
    return found


def causes_of(operation: Operation) -> tuple[str, ...]:
    """The firings that asked for an operation."""
    return operation.causes if isinstance(operation, Create | Update | Delete) else ()


def _is_refused(outcome: Outcome) -> bool:
    return outcome.state is OutcomeState.FAILED and not outcome.is_retryable

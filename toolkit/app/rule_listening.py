"""What happened since rules listened last, put down as firings that wait."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from toolkit.app.happening import FEED_KINDS, FEED_TRIGGERS, Heard, Line, Reader, hear_events
from toolkit.app.memo_names import FIRST_SYNC
from toolkit.app.rule_facts import read_facts
from toolkit.app.rule_memory import FEED, JOURNAL, Since
from toolkit.app.wiring import Parts
from toolkit.mapping.context import Context
from toolkit.model.automation import Firing, Happening
from toolkit.model.ids import Kind, LinkId, RunId
from toolkit.model.links import Link
from toolkit.model.outcomes import Outcome, OutcomeState
from toolkit.model.plan import Create, Join, Operation
from toolkit.planner.fields import KindFields
from toolkit.rules.due import due, waits_for_time
from toolkit.rules.evaluate import listens
from toolkit.rules.spec import Rule

BIRTHS: Final = "automations.births"
HALVES: Final = "automations.halves"

_UNDO: Final = "undo"
_LINES: Final = 5_000


@dataclass(frozen=True, slots=True)
class Told:
    """One journal line as it is read, or as a preview imagines it."""

    seq: int
    run_id: RunId
    at: datetime
    outcome: Outcome


class Listener:
    """Reads the journal and the feed for the rules of one connection.

    Args:
        parts: Of the connection.
        rules: Those in force, by name.
        since: From where on each counts.
    """

    def __init__(
        self, parts: Parts, rules: Mapping[str, Rule], since: Mapping[str, Since]
    ) -> None:
        self._store = parts.store
        self._rules = rules
        self._since = since
        self._automation = parts.config.automation
        self._words = parts.config.automation.words
        self._now = parts.now
        self._policies = parts.config.policy.kinds

    def read_journal(self) -> None:
        """Wake rules by what was written; a second call finds nothing new."""
        start = self._start(JOURNAL, (each.line for each in self._since.values()))
        while True:
            entries = self._store.list_journal(
                after=start, states=[OutcomeState.DONE], newest_first=False, limit=_LINES
            )
            if not entries:
                return
            start = entries[-1].seq
            births, halves = self._open_ends(BIRTHS), self._open_ends(HALVES)
            reader = self.reader(dict(births), dict(halves))
            told = [
                Told(each.seq, each.run_id, each.at, outcome)
                for each in entries
                if (outcome := each.outcome) is not None
            ]
            heard = reader.read(self._lines(told))
            kept = ((BIRTHS, births, reader.births), (HALVES, halves, reader.halves))
            memos = {key: now for key, before, now in kept if before != now}
            firings = list(self.woken(heard))
            self._store.put_firings(firings, readers={JOURNAL: start}, memos=memos)

    def read_feed(self) -> None:
        """Wake rules by conflicts and by how runs ended; without such rules reads nothing."""
        whens = (each for rule in self._rules.values() for each in rule.when)
        if not any(each.trigger in FEED_TRIGGERS for each in whens):
            return
        start = self._start(FEED, (each.event for each in self._since.values()))
        events = self._store.feed.list_events(start, kinds=FEED_KINDS, limit=_LINES)
        if not events:
            return
        contact_of = Parents(self._store.get_link).contact
        firings = [
            Firing(name, happening)
            for event in events
            for happening in hear_events([event], contact_of)
            for name, rule in self._rules.items()
            if event.seq > self._since[name].event and listens(rule, happening, self._words)
        ]
        self._store.put_firings(firings, readers={FEED: events[-1].seq})

    async def look_at_the_clock(self, context: Context) -> None:
        """Wake rules by what time brought; a second call finds nothing new."""
        timed = [rule for rule in self._rules.values() if waits_for_time(rule)]
        if timed:
            # Conditions may be a user's functions, which are waited for.
            firings = await asyncio.to_thread(self._ask_the_clock, timed, context)
            self._store.put_firings(firings)

    def _ask_the_clock(self, rules: Sequence[Rule], context: Context) -> list[Firing]:
        frame = self._automation.frame(now=self._now(), context=context)
        book = read_facts(self._store, None)
        return [
            Firing(rule.name, happening)
            for facts in book.contacts()
            for rule in rules
            for happening in due(rule, facts, frame, since=self._since[rule.name].at)
        ]

    def reader(
        self, births: dict[str, tuple[str, ...]], halves: dict[str, tuple[str, ...]]
    ) -> Reader:
        """One that knows this connection's fields and remembered chains."""
        fields = {kind: KindFields.of(policy) for kind, policy in self._policies.items()}
        quiet = {
            kind: frozenset(each.policy.fields) - frozenset(each.compared)
            for kind, each in fields.items()
        }
        chains = _Chains(self._find_happening)
        return Reader(chains.of, quiet, self._words.tags, births=births, halves=halves)

    def woken(self, heard: Iterable[Heard]) -> Iterator[Firing]:
        """Each rule that waits for what was heard, and for which it is not the past."""
        for each in heard:
            for name, rule in self._rules.items():
                since = self._since.get(name)
                is_past = since is not None and each.seq <= since.line
                if not is_past and listens(rule, each.happening, self._words):
                    yield Firing(name, each.happening)

    def _start(self, reader: str, begun: Iterable[int]) -> int:
        return max(self._store.get_readers().get(reader, 0), min(begun, default=0))

    def _open_ends(self, memo: str) -> dict[str, tuple[str, ...]]:
        stored = self._store.get_memo(memo) or {}
        return {name: tuple(texts) for name, texts in stored.items()}

    def _lines(self, told: Sequence[Told]) -> list[Line]:
        """The lines that count: not those of the first sync, nor of what was taken back."""
        first = str(self._store.get_memo(FIRST_SYNC))
        verbs = self._store.verbs_of(each.run_id for each in told)
        parents = Parents(self._store.get_link)
        return [
            to_line(each, parents)
            for each in told
            if each.run_id > first and verbs.get(each.run_id) != _UNDO
        ]

    def _find_happening(self, rule: str, key: str) -> Happening | None:
        entry = self._store.find_firing(rule, key)
        return entry.firing.happening if entry is not None else None


def to_line(told: Told, parents: Parents) -> Line:
    """The line with the contact it is about."""
    operation = told.outcome.operation
    contact = parents.of(operation)
    return Line(told.seq, told.run_id, told.at, operation, id=told.outcome.id, contact=contact)


@dataclass(frozen=True, slots=True)
class Parents:
    """Looks up contacts once each."""

    get_link: Callable[[LinkId], Link | None]
    _found: dict[LinkId, LinkId | None] = field(default_factory=dict)

    def of(self, operation: Operation) -> LinkId | None:
        """The contact that an operation is about."""
        if operation.kind is Kind.CONTACT:
            return operation.link_id
        if isinstance(operation, Create | Join) and operation.parent is not None:
            return operation.parent
        return self.contact(operation.link_id)

    def contact(self, link_id: LinkId) -> LinkId | None:
        """The contact that a pair is, or hangs on."""
        if link_id not in self._found:
            link = self.get_link(link_id)
            if link is None:
                self._found[link_id] = None
            else:
                self._found[link_id] = link.id if link.kind is Kind.CONTACT else link.parent
        return self._found[link_id]


@dataclass(frozen=True, slots=True)
class _Chains:
    """Causes -> the rules that led there."""

    find: Callable[[str, str], Happening | None]
    _found: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def of(self, causes: Sequence[str]) -> tuple[str, ...]:
        """All rules on the way, first one first; causes of nobody we know lead nowhere."""
        rules = [rule for cause in causes for rule in self._chain(cause)]
        return tuple(dict.fromkeys(rules))

    def _chain(self, cause: str) -> tuple[str, ...]:
        if cause not in self._found:
            rule, _, key = cause.partition("/")
            happening = self.find(rule, key)
            self._found[cause] = (*happening.chain, rule) if happening is not None else ()
        return self._found[cause]

"""What is remembered of rules between runs: since when each counts, and which are parked."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Final

from toolkit.model.ids import Digest, RunId
from toolkit.model.outcomes import HeldRules
from toolkit.model.values import digest
from toolkit.rules.spec import Rule
from toolkit.store import ConnectionStore
from toolkit.store.firings import FiringState

SINCE: Final = "automations.since"
PARKED: Final = "automations.parked"
HELD: Final = "automations.held"

JOURNAL: Final = "journal"
FEED: Final = "feed"


@dataclass(frozen=True, slots=True)
class Since:
    """From where on a rule counts.

    Attributes:
        digest: Of the rule as it stood then; a changed rule begins anew.
        line: Journal lines up to this one are the past.
        event: The same of the feed.
        at: When that was, for moments that come by themselves.
    """

    digest: Digest
    line: int
    event: int
    at: datetime


@dataclass(frozen=True, slots=True)
class ParkedRule:
    """A rule that led to itself and rests until somebody looks.

    Attributes:
        chain: The rules in between, the parked one first and last.
    """

    rule: str
    chain: tuple[str, ...]
    happening: str
    at: datetime


class RuleMemory:
    """Since when rules count, what is parked and what is held."""

    def __init__(self, store: ConnectionStore) -> None:
        self._store = store

    def begin(self, rules: Sequence[Rule], run_id: RunId, now: datetime) -> dict[str, Since]:
        """See to it that new and changed rules start from now, never from the past.

        Args:
            rules: Those in force.
            run_id: The run that has just begun; what it writes itself counts.
            now: When it began.

        Returns:
            Rule -> from where on it counts.
        """
        known = self.since()
        found = {
            rule.name: earlier
            if (earlier := known.get(rule.name)) and earlier.digest == rule_digest(rule)
            else self._from_now(rule, run_id, now)
            for rule in rules
        }
        if found != known:
            self._store.put_memo(SINCE, {name: _plain(each) for name, each in found.items()})
            changed = [name for name, each in known.items() if found.get(name) != each]
            self._forget(changed, now, mended=found.keys())
        return found

    def _from_now(self, rule: Rule, run_id: RunId, now: datetime) -> Since:
        line = self._store.newest_line(before=run_id)
        return Since(rule_digest(rule), line, self._store.feed.newest_event(), now)

    def _forget(
        self, changed: Iterable[str], now: datetime, *, mended: Collection[str]
    ) -> None:
        """What an earlier wording of a rule left waiting is not done any more.

        What it failed at and a person wants tried again is for the new wording, where there
        is one: that is what a rule is mended for.
        """
        gone = set(changed)
        for name in gone:
            states = {FiringState.WAITING, FiringState.HELD}
            waiting = self._store.list_firings(rule=name, states=states)
            reason = "the rule was changed or taken away before its turn came"
            self._store.put_entries(
                [
                    replace(each, state=FiringState.SKIPPED, reason=reason, ended_at=now)
                    for each in waiting
                    if not (each.is_again and name in mended)
                ]
            )
        parked = self.parked()
        if parked.keys() & gone:
            self._put_parked([each for each in parked.values() if each.rule not in gone])
        held = [each for each in self.held() if not each.rules.keys() & gone]
        if len(held) != len(self.held()):
            self._put_held(held)

    def since(self) -> dict[str, Since]:
        """Rule -> from where on it counts, as the last run left it."""
        stored = self._store.get_memo(SINCE) or {}
        return {
            name: Since(**{**each, "at": datetime.fromisoformat(each["at"])})
            for name, each in stored.items()
        }

    def parked(self) -> dict[str, ParkedRule]:
        """Rule -> why it rests."""
        stored = self._store.get_memo(PARKED) or []
        found = [
            ParkedRule(
                each["rule"],
                tuple(each["chain"]),
                each["happening"],
                datetime.fromisoformat(each["at"]),
            )
            for each in stored
        ]
        return {each.rule: each for each in found}

    def park(self, rule: ParkedRule) -> None:
        """Let a rule rest; the first reason stays."""
        self._put_parked([*self.parked().values(), rule])

    def unpark(self, rule: str) -> bool:
        """Let a rule work again; whether it rested. What happened meanwhile is done then."""
        parked = self.parked()
        if parked.pop(rule, None) is None:
            return False
        self._put_parked(list(parked.values()))
        return True

    def held(self) -> list[HeldRules]:
        """What brakes hold, oldest first."""
        return [
            HeldRules(
                each["approval"], each["rules"], each["operations"], tuple(each["brakes"])
            )
            for each in self._store.get_memo(HELD) or []
        ]

    def hold(self, held: HeldRules) -> None:
        """Remember what a brake holds; twice is once."""
        others = [each for each in self.held() if each.approval != held.approval]
        self._put_held([*others, held])

    def let_go(self, approval: str) -> None:
        """Forget what was held under this approval."""
        self._put_held([each for each in self.held() if each.approval != approval])

    def _put_parked(self, parked: Sequence[ParkedRule]) -> None:
        first = {each.rule: each for each in reversed(parked)}
        self._store.put_memo(PARKED, [_plain(each) for _, each in sorted(first.items())])

    def _put_held(self, held: Sequence[HeldRules]) -> None:
        self._store.put_memo(HELD, [_plain(each) for each in held])


def rule_digest(rule: Rule) -> Digest:
    """Names what the rule says, wherever it stands in the file."""
    return digest(dict(rule.source)) if rule.source else digest(repr(rule))


def _plain(each: Since | ParkedRule | HeldRules) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in asdict(each).items()
    }

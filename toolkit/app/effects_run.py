"""Effects that a person asks for: the same plan, brakes, journal and undo as rules have.

A front end says what it wants as `toolkit.model.automation` values (fields, tags, new tasks
and notes, archiving) and shows the plan first. Nothing is read for the plan: it stands on
what was seen last, and every record is read again before it is written.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from pydantic import TypeAdapter

from toolkit.app.rule_plan import plan_firings
from toolkit.app.wiring import Parts
from toolkit.errors import UseError
from toolkit.model.automation import Effect, Firing, Happening, NewRecord, Send, Trigger
from toolkit.model.ids import Kind, LinkId, Side
from toolkit.model.links import Link, LinkState
from toolkit.model.outcomes import Outcome, OutcomeState
from toolkit.model.plan import Delete, Plan
from toolkit.model.values import digest
from toolkit.planner.order import ordered
from toolkit.store import ConnectionStore

PERSON: Final = "a person ({})"
"""What stands in a rule's place where a person asked; filled with the verb."""

_ACTS: Final = "effects.acts"
_REMEMBERED: Final = timedelta(days=1)
_MOST_WAITING: Final = 100
_EFFECTS: TypeAdapter[tuple[Effect, ...]] = TypeAdapter(tuple[Effect, ...])


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asks for at one time.

    Attributes:
        verb: One word that names the run: `edit`, `archive`, `restore`, `merge`, ...
        reason: Why, in words; no personal values: it is part of what names the wish.
        once: A second wish with the same text makes no task or note again; empty: the
            same wish asked for again, after it was carried out, is another one.
        unarchive: Contacts whose rows leave the archive.
    """

    effects: tuple[Effect, ...]
    verb: str = "edit"
    reason: str = ""
    once: str = ""
    unarchive: tuple[LinkId, ...] = ()


@dataclass(frozen=True, slots=True)
class Act:
    """A wish as it is carried out: named the same until it is done.

    Attributes:
        at: When it was asked for first; a preview and its approval share it.
        number: Grows with each act, so that no two bear one name.
    """

    wish: Wish
    at: datetime
    number: int

    @property
    def firing(self) -> Firing:
        """The wish as the planner takes it; no rule can bear this name."""
        key = self.wish.once or f"{_name_of(self.wish)}/{self.number}"
        happening = Happening(key=key, trigger=Trigger.SCHEDULE, at=self.at)
        rule = PERSON.format(self.wish.verb)
        return Firing(rule, happening, _numbered(self.wish.effects))


class Acts:
    """Remembers which wishes wait, so that a preview and its approval are one act."""

    def __init__(self, store: ConnectionStore) -> None:
        self._store = store

    def open(self, wish: Wish, now: datetime) -> Act:
        """The act of a wish: the one that waits since yesterday at most, else a new one."""
        name = _name_of(wish)
        number, waiting = self._read(now)
        if name not in waiting:
            waiting[name] = {"number": number, "at": now.isoformat()}
            self._put(number + 1, waiting)
        found = waiting[name]
        return Act(wish, datetime.fromisoformat(found["at"]), found["number"])

    def close(self, act: Act) -> None:
        """It was carried out; the same wish asked for again is another act."""
        number, waiting = self._read(act.at)
        waiting.pop(_name_of(act.wish), None)
        self._put(number, waiting)

    def _read(self, now: datetime) -> tuple[int, dict[str, Any]]:
        stored: dict[str, Any] = self._store.get_memo(_ACTS) or {"number": 0, "waiting": {}}
        waiting = {
            name: each
            for name, each in stored["waiting"].items()
            if now - datetime.fromisoformat(each["at"]) < _REMEMBERED
        }
        return stored["number"], waiting

    def _put(self, number: int, waiting: dict[str, Any]) -> None:
        newest = sorted(waiting, key=lambda name: str(waiting[name]["at"]))[-_MOST_WAITING:]
        kept = {name: waiting[name] for name in newest}
        self._store.put_memo(_ACTS, {"number": number, "waiting": kept})


def check_wish(wish: Wish) -> None:
    """Whether it can be asked for at all.

    Raises:
        UseError: It sends messages, which only rules do, or asks for nothing.
    """
    if any(isinstance(each, Send) for each in wish.effects):
        raise UseError(
            "Messages are sent by rules only",
            unchanged="Nothing was changed",
            remedy="Write a rule with `post` or `call_url`",
        )
    if not wish.effects and not wish.unarchive:
        raise UseError("There is nothing to do", unchanged="Nothing was changed")


def plan_wish(parts: Parts, act: Act, *, own_kinds: Collection[Kind]) -> Plan:
    """What a wish comes to; a brake that holds some of it holds it all.

    Args:
        parts: Of the connection.
        act: From `Acts.open`.
        own_kinds: Kinds of our own whose table the book has.
    """
    links = {link.id: link for link in parts.store.links()}
    firing = act.firing
    plan = plan_firings(parts, [firing], links, own_kinds=own_kinds)
    leaving = _leaving(act.wish.unarchive, links.values(), cause=firing.id)
    found = tuple(
        replace(each, reason=each.reason.removeprefix(f"Rule `{firing.rule}` ").capitalize())
        for each in plan.findings
    )
    operations = ordered((*plan.operations, *leaving))
    if plan.held:
        held = ordered((*operations, *plan.held))
        return replace(plan, operations=(), held=held, findings=found, made_at=act.at)
    return replace(plan, operations=operations, findings=found, made_at=act.at)


def is_carried_out(plan: Plan, outcomes: Sequence[Outcome]) -> bool:
    """Whether nothing of it is left to be done."""
    open_states = {OutcomeState.FAILED, OutcomeState.UNKNOWN}
    return not plan.held and not any(each.state in open_states for each in outcomes)


def _leaving(
    contacts: Collection[LinkId], links: Iterable[Link], *, cause: str
) -> Iterator[Delete]:
    """Rows of the archive that go; one that a person has edited stays, and is told."""
    for link in links:
        is_row = link.kind is Kind.ARCHIVE and link.state is LinkState.LIVE
        if is_row and link.parent in contacts and link.timetonic_id is not None:
            shown = link.shown_on(Side.TIMETONIC)
            yield Delete(
                link_id=link.id,
                kind=link.kind,
                side=Side.TIMETONIC,
                id=link.timetonic_id,
                mode="delete",
                before=shown,
                expected=digest(shown),
                causes=(cause,),
            )


def _numbered(effects: Sequence[Effect]) -> tuple[Effect, ...]:
    """Two notes on one contact are two records: each new one has its place as its number.

    A number that was given stands, so that a part of a wish names its records as the whole.
    """
    return tuple(
        replace(each, number=each.number or place) if isinstance(each, NewRecord) else each
        for place, each in enumerate(effects)
    )


def _name_of(wish: Wish) -> str:
    effects = _EFFECTS.dump_python(wish.effects, mode="json")
    return digest([wish.verb, wish.reason, effects, sorted(wish.unarchive), wish.once])

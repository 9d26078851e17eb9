"""How a batch stands: its items judged by the store, its plan told in people's words."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from toolkit.app.bulk.batch import Batch, BatchPlan, ItemLine, ItemState, Kept
from toolkit.app.bulk.costs import (
    CALLS_PER_DAY,
    contacts_in,
    count_calls,
    count_writes,
    minutes_of,
)
from toolkit.app.bulk.items import Birth, Cell, Item, Tags
from toolkit.app.bulk.judging import TAGS, Traces, judge
from toolkit.app.bulk.recipe import items_of, read_recipe
from toolkit.app.effects_run import PERSON
from toolkit.app.figures import FigureBook
from toolkit.app.grid.shelf import GridShelf
from toolkit.executor.objections import GONE, SHOWN
from toolkit.model.automation import (
    EditTags,
    Effect,
    Firing,
    Happening,
    NewRecord,
    SetFields,
    Trigger,
)
from toolkit.model.ids import Kind, LinkId, RunId, Side
from toolkit.model.links import Link, LinkState
from toolkit.model.outcomes import OutcomeState
from toolkit.model.plan import Finding, Plan, Update
from toolkit.planner.births import birth_id
from toolkit.planner.fields import KindFields

if TYPE_CHECKING:
    from toolkit.app.grid.shelf import StoredContact
    from toolkit.app.wiring import Parts
    from toolkit.model.values import Value

VERB: Final = "bulk"
"""Verb of the runs that write batches."""
_PAGE: Final = 1_000
_SEARCHED: Final = 50
_NOT_DONE: Final = (OutcomeState.SKIPPED, OutcomeState.FAILED, OutcomeState.UNKNOWN)
_UNDONE: Final = frozenset({SHOWN, GONE})


class Standings:
    """Judges batches of one connection. Synchronous; safe from any thread."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._store = parts.store
        self._shelf = parts.store.beside(GridShelf)
        self._fields = KindFields.of(parts.config.policy.kinds[Kind.CONTACT])

    def lines(self, batch: Batch) -> list[ItemLine]:
        """Every item of a batch and how it stands now, by what the store holds."""
        items = items_of(read_recipe(self._store.get_recipe(batch.id)))
        contacts = self.read_contacts({each.contact for each in items} - {None})
        births = [each for each in items if isinstance(each, Birth)]
        names = {each.number: self._name(batch, each) for each in births}
        born = self._store.list_done(list(names.values()))
        traces = Traces()
        for run in batch.runs:
            traces.read(self._store.list_journal(run=RunId(run), newest_first=False))
        return list(
            judge(
                items, contacts, traces, names=names, born=born, writable=self._count_writable
            )
        )

    def _count_writable(self, name: str) -> int:
        return sum(self._fields.may_write(name, side) for side in Side)

    def refuse(self, batch: Batch, lines: Sequence[ItemLine], plan: Plan) -> list[ItemLine]:
        """The same, but what the planner would leave alone is refused with its reason."""
        if not plan.findings:
            return list(lines)
        links = {link.id: link for link in self._store.links(Kind.CONTACT)}
        reasons = {_place(each): _clause(each) for each in plan.findings}
        planned = {op.link_id for op in (*plan.operations, *plan.held)}

        def told(line: ItemLine) -> ItemLine:
            if line.state is not ItemState.OPEN:
                return line
            if isinstance(line.item, Birth) and self._name(batch, line.item) in planned:
                return line
            link = links.get(line.item.contact) if line.item.contact else None
            said = next((reasons[p] for p in _places(line.item, link) if p in reasons), "")
            return replace(line, state=ItemState.REFUSED, reason=said) if said else line

        return [told(each) for each in lines]

    def plan_of(self, batch: Batch, lines: Sequence[ItemLine], plan: Plan) -> BatchPlan:
        """A batch's plan out of how its items stand and of what they come to."""
        judged = self.refuse(batch, lines, plan)
        writes = count_writes(plan)
        calls = count_calls(writes, rows=self._parts.timetonic.profile.write_batch_size)
        told = {ItemState.DONE, ItemState.OPEN}
        return BatchPlan(
            batch=batch,
            to_do=sum(each.state is ItemState.OPEN for each in judged),
            contacts=contacts_in(plan),
            done=sum(each.state is ItemState.DONE for each in judged),
            left=tuple(each for each in judged if each.state not in told),
            operations=writes,
            api_calls=calls,
            minutes=minutes_of(calls),
            share_of_day=calls[Side.HIGHLEVEL] / CALLS_PER_DAY,
            left_today=FigureBook(self._store).read().left_today,
            brakes=tuple(each.reason for each in plan.brakes),
            approval=plan.approval,
        )

    def find_runs(self, batch: Batch) -> tuple[str, ...]:
        """Runs that wrote for a batch, also one that was killed before it could say so."""
        known = set(batch.runs)
        cause = f"{PERSON.format(VERB)}/{batch.id}"
        for run in self._store.list_runs(_SEARCHED):
            if run.verb == VERB and run.id not in known and run.started_at >= batch.made_at:
                # The oldest lines: what rules answered and the day's figures come after.
                entries = self._store.list_journal(
                    run=run.id, limit=_SEARCHED, newest_first=False
                )
                if any(cause in each.body for each in entries):
                    known.add(run.id)
        return tuple(sorted(known))

    def wake(self, lines: Iterable[ItemLine]) -> None:
        """Contacts that rest after a refusal are tried at once by the next run."""
        wanted = {each.item.contact for each in lines}
        parked = self._store.links(Kind.CONTACT, states=[LinkState.PARKED])
        now = self._parts.now()
        self._store.put_links([replace(e, not_before=now) for e in parked if e.id in wanted])

    def kept_by(self, undo_run: str) -> list[Kept]:
        """What a run that took another one back left as it is, because it was edited."""
        found = []
        for each in self._store.list_journal(run=RunId(undo_run), states=_NOT_DONE):
            if each.side is None or each.reason in _UNDONE:
                continue
            operation = each.operation
            fields = tuple(sorted(operation.after)) if isinstance(operation, Update) else ()
            found.append(Kept(each.link_id, each.kind, each.side, fields, each.reason))
        return found

    def read_contacts(self, ids: Collection[LinkId | None]) -> dict[str, StoredContact]:
        """These contacts as they are stored; those that are gone are absent."""
        wanted = sorted(each for each in ids if each is not None)
        found: dict[str, StoredContact] = {}
        for start in range(0, len(wanted), _PAGE):
            found |= self._shelf.read(wanted[start : start + _PAGE])
        return {i: each for i, each in found.items() if each.state is not LinkState.DELETED}

    def _name(self, batch: Batch, birth: Birth) -> LinkId:
        """The name a new record is made under; the same at every try."""
        happening = Happening(batch.id, Trigger.SCHEDULE, batch.made_at)
        firing = Firing(PERSON.format(VERB), happening)
        return birth_id(self._parts.config.scope, firing, _new_record(birth))


def effects_of(lines: Iterable[ItemLine]) -> tuple[Effect, ...]:
    """What these items ask for: new records first, then one effect for each contact."""
    births: list[Effect] = []
    values: dict[LinkId, dict[str, Value]] = {}
    tags: list[Effect] = []
    for line in lines:
        match line.item:
            case Birth() as birth:
                births.append(_new_record(birth))
            case Cell() as cell:
                values.setdefault(cell.contact, {})[cell.field] = cell.new
            case Tags() as item:
                tags.append(EditTags(item.contact, add=item.add, remove=item.remove))
    sets = (SetFields(contact, Kind.CONTACT, new) for contact, new in values.items())
    return (*births, *sets, *tags)


def _new_record(birth: Birth) -> NewRecord:
    return NewRecord(birth.kind, birth.contact, birth.values, birth.number)


_Place = tuple[Kind, str, str]


def _place(finding: Finding) -> _Place:
    return finding.kind, finding.id, finding.field


def _places(item: Item, link: Link | None) -> list[_Place]:
    """Where the planner would put what it has against an item; the nearest first."""
    contact = ""
    if link is not None:
        contact = link.highlevel_id or link.timetonic_id or ""
    match item:
        case Cell():
            return [(Kind.CONTACT, contact, item.field), (Kind.CONTACT, contact, "")]
        case Tags():
            return [(Kind.CONTACT, contact, TAGS), (Kind.CONTACT, contact, "")]
        case Birth():
            return [(item.kind, contact, ""), (Kind.CONTACT, contact, "")]


def _clause(finding: Finding) -> str:
    """A finding's reason without the words that name who asked."""
    _, _, said = finding.reason.partition("eft it alone: ")
    is_name = finding.reason.startswith(tuple(side.label for side in Side))
    return said or (finding.reason if is_name else _lowered(finding.reason))


def _lowered(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


__all__ = ["VERB", "Standings", "effects_of"]

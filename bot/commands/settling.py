"""Settling conflicts: one record's, and on request all others of the same fields alike."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from bot.commands.arguments import text
from bot.commands.ground import Ground
from bot.commands.promises import see_through
from bot.views.blocks import Message, actions, button, message, section
from toolkit.app.decisions import Choice, Decision
from toolkit.app.front_reading import FrontReading
from toolkit.errors import UseError
from toolkit.model.cards import DiffLine
from toolkit.model.ids import Side
from toolkit.model.values import digest

if TYPE_CHECKING:
    from bot.parse import Parsed
    from toolkit.app.front_desk import FrontDesk
    from toolkit.model.ids import Digest
    from toolkit.model.values import Value
    from toolkit.store import ConflictEntry

_UNCHANGED: Final = "Nothing was changed"


@dataclass(frozen=True, slots=True)
class Settling:
    """What a line would settle, as things stand.

    Attributes:
        own: Conflicts of the record that was named.
        others: Those of other records in the same fields, where they were asked for.
        value: Of the choice `value`.
    """

    front: FrontDesk
    own: tuple[ConflictEntry, ...]
    others: tuple[ConflictEntry, ...]
    keep: Choice
    value: str | None = None

    @property
    def all(self) -> tuple[ConflictEntry, ...]:
        """Everything that is settled."""
        return (*self.own, *self.others)

    @property
    def records(self) -> int:
        """How many records that writes."""
        return len({each.conflict.link_id for each in self.all})

    @property
    def hash(self) -> Digest:
        """Of the choices and the values they were made for; another value is another hash."""
        return digest(
            [
                [each.id, each.conflict.highlevel, each.conflict.timetonic, self._chosen(each)]
                for each in sorted(self.all, key=lambda each: each.id)
            ]
        )

    def decisions(self) -> list[Decision]:
        """The choices."""
        return [Decision(each.id, self.keep, self.value) for each in self.all]

    def diff(self) -> list[DiffLine]:
        """What each choice writes, and where."""
        return [self._line(each) for each in self.all]

    def _chosen(self, entry: ConflictEntry) -> Value:
        if self.keep == "value":
            return self.value
        return _value_on(entry, Side(self.keep))

    def _line(self, entry: ConflictEntry) -> DiffLine:
        clash = entry.conflict
        side = Side.HIGHLEVEL if self.keep == "timetonic" else Side.TIMETONIC
        return DiffLine(
            clash.link_id[:8], side, clash.field, _value_on(entry, side), self._chosen(entry)
        )


def _value_on(entry: ConflictEntry, side: Side) -> Value:
    clash = entry.conflict
    return clash.highlevel if side is Side.HIGHLEVEL else clash.timetonic


async def settling_of(ground: Ground, parsed: Parsed) -> Settling:
    """Find what is meant.

    Raises:
        UseError: Nothing of the record waits, or a value of one's own is meant for others.
    """
    wanted, keep = text(parsed, "record"), _choice(parsed)
    wants_others = bool(text(parsed, "similar"))
    if wants_others and keep == "value":
        raise UseError(
            "A value of your own goes to one record",
            unchanged=_UNCHANGED,
            remedy="Keep one system's values for those like it",
        )
    for front in ground.fronts.values():
        entries = await front.read(lambda it: it.conflicts())
        own = tuple(each for each in entries if _is_meant(each, wanted))
        if own:
            others = tuple(each for each in entries if wants_others and _is_like(each, own))
            value = (text(parsed, "value") or None) if keep == "value" else None
            return Settling(front, own, others, keep, value)
    raise UseError("Nothing of this record waits for a decision", unchanged=_UNCHANGED)


def _is_meant(entry: ConflictEntry, wanted: str) -> bool:
    return bool(wanted) and (entry.conflict.link_id.startswith(wanted) or entry.id == wanted)


def _is_like(entry: ConflictEntry, own: tuple[ConflictEntry, ...]) -> bool:
    kinds = {(each.conflict.kind, each.conflict.field) for each in own}
    is_other = entry.id not in {each.id for each in own}
    return is_other and (entry.conflict.kind, entry.conflict.field) in kinds


async def count_settled(ground: Ground, parsed: Parsed) -> int:
    """How many records a line would write."""
    return (await settling_of(ground, parsed)).records


async def resolve(ground: Ground, parsed: Parsed) -> Message:
    """Keep one side's values of a record whose fields both sides changed.

    Others like it are settled only by who was told how many there are: `similar` names
    that number, and where it is another by now, that is said instead.
    """
    settling = await settling_of(ground, parsed)
    counted = text(parsed, "similar")
    if counted and counted != str(len(settling.others)):
        return _counted(ground, parsed, settling)
    record = settling.own[0].conflict.link_id
    card = await settling.front.read(partial(FrontReading.conflict_card, contact=record))
    front, decisions = settling.front, settling.decisions()
    return await see_through(
        ground,
        front,
        lambda: front.resolve(decisions, is_approved=ground.is_approved, once=ground.once),
        said=_settled(ground, card.name, settling),
    )


def _choice(parsed: Parsed) -> Choice:
    match parsed.values.get("keep"):
        case "highlevel":
            return "highlevel"
        case "timetonic":
            return "timetonic"
        case _:
            return "value"


def _counted(ground: Ground, parsed: Parsed, settling: Settling) -> Message:
    voice, count = ground.scene.voice, len(settling.others)
    label = Side(settling.keep).label
    said = voice.say("deed.similar", count=count, system=label)
    if not count:
        return message(voice, said, [section(said)])
    go = button(
        voice.tell("button.settle_similar", count=count),
        f"conflict.similar.{settling.keep}",
        value=f"{text(parsed, 'record')}|{count}",
        style="primary",
    )
    return message(voice, said, [section(said), actions(go)])


def _settled(ground: Ground, name: str, settling: Settling) -> str:
    voice, others = ground.scene.voice, len(settling.others)
    if settling.keep == "value":
        return voice.say("deed.resolved_value", name=name)
    system = Side(settling.keep).label
    if others:
        return voice.say("deed.resolved_similar", name=name, count=others, system=system)
    return voice.say("deed.resolved", name=name, system=system)

"""What is shown before it is approved: a hash that binds, and the first lines of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from bot.commands.exporting import NAME as EXPORT
from bot.commands.exporting import extract_of, fixed
from bot.commands.ground import Ground
from bot.commands.settling import count_settled, settling_of
from toolkit.model.cards import DiffLine
from toolkit.model.ids import Kind
from toolkit.model.plan import Create, Delete, Plan, Update

if TYPE_CHECKING:
    from bot.commands.scene import Scene
    from bot.parse import Parsed

_MOST_LINES: Final = 50


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a risky line comes to at this moment.

    Attributes:
        connection: It is about; empty for none.
        hash: Other once anything of it has changed.
        diff: The first of its writes.
        count: How many there are.
        left: Why it would do nothing, where it is a deed that would.
    """

    connection: str
    hash: str
    diff: tuple[DiffLine, ...]
    count: int
    left: tuple[str, ...] = ()


Propose: TypeAlias = Callable[[Ground, "Parsed"], Awaitable[Proposal]]
Count: TypeAlias = Callable[[Ground, "Parsed"], Awaitable[int]]


def of_plan(connection: str, plan: Plan) -> Proposal:
    """A plan of writes."""
    count = len(plan.writes) + len(plan.held)
    return Proposal(connection, plan.hash, tuple(diff_of(plan)), count)


async def propose_settling(ground: Ground, parsed: Parsed) -> Proposal:
    """Choices for conflicts."""
    settling = await settling_of(ground, parsed)
    lines = settling.diff()
    return Proposal(settling.front.name, settling.hash, tuple(lines[:_MOST_LINES]), len(lines))


async def propose_export(ground: Ground, parsed: Parsed) -> Proposal:
    """Lines of the audit; there is nothing to show of them before they leave."""
    extract = await asyncio.to_thread(extract_of, ground.scene, parsed)
    return Proposal("", extract.hash, (), len(extract.lines))


PROPOSALS: Final[Mapping[str, Propose]] = {
    "sync resolve": propose_settling,
    EXPORT: propose_export,
}
"""Risky deeds that are no plan of writes."""
COUNTED: Final[Mapping[str, Count]] = {"sync resolve": count_settled}
"""Deeds whose size says whether they are risky."""

FIXED: Final[Mapping[str, Callable[[Scene, Parsed], Parsed]]] = {EXPORT: fixed}
"""Lines that are completed before somebody is asked about them."""


def diff_of(plan: Plan) -> list[DiffLine]:
    """The first writes of a plan, a field at a time."""
    lines: list[DiffLine] = []
    for op in (*plan.writes, *plan.held):
        if len(lines) >= _MOST_LINES:
            break
        match op:
            case Create():
                name = str(op.values.get("name") or op.values.get("title") or "")
                lines.append(DiffLine(name, op.side, "", None, None, "create"))
            case Update():
                lines += [
                    DiffLine(op.link_id[:8], op.side, name, op.before.get(name), value)
                    for name, value in op.after.items()
                ]
            case Delete():
                name = str(op.before.get("name") or op.before.get("title") or "")
                verb = "delete" if op.kind is not Kind.ARCHIVE else "update"
                lines.append(DiffLine(name, op.side, "", None, None, verb))
            case _:
                continue
    return lines

"""Who would be made twice: before a contact is made for its own sake, its side is asked."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from toolkit.model.ids import Kind, LinkId, RecordId, Side
from toolkit.model.plan import Create, Plan
from toolkit.model.records import Record

if TYPE_CHECKING:
    from toolkit.app.wiring import Parts
    from toolkit.sides.listing import SidePort

_AT_ONCE: Final = 4
_STRANGER: Final = (
    "somebody with this e-mail or phone stands in {} and is not known here: sync first"
)
_KNOWN: Final = "somebody with this {} is there already: edit them instead"


async def find_doubles(
    plan: Plan, parts: Parts, sides: Mapping[Side, SidePort]
) -> dict[LinkId, str]:
    """New contacts of a plan that must not be made, with the reason for each.

    A record of the same first match key (the e-mail, usually) is the same person; by another
    one (families share phones) only a record that no comparison has met stands in the way.

    Args:
        plan: Of what a person asked for.
        parts: Of the connection.
        sides: Ready; one call a key and new contact.
    """
    keys = parts.config.mapping.kinds[Kind.CONTACT].match_by
    gate = asyncio.Semaphore(_AT_ONCE)

    async def look(birth: Create) -> str:
        asked = Record(birth.side, birth.kind, RecordId(""), birth.values)
        async with gate:
            found = await sides[birth.side].find_matches(birth.kind, asked)
        for each in found:
            if each.correlation is not None and each.correlation == birth.correlation:
                continue  # our own, of a try that was cut short
            if parts.store.find_link_by_id(each.kind, each.side, each.id) is None:
                return _STRANGER.format(birth.side.label)
            first = next(iter(keys), "")
            if (
                birth.values.get(first) is not None
                and each.values.get(first) == birth.values[first]
            ):
                return _KNOWN.format(first.replace("email", "e-mail"))
        return ""

    births = [
        op
        for op in plan.operations
        if isinstance(op, Create) and op.is_birth and op.kind is Kind.CONTACT
    ]
    reasons = await asyncio.gather(*map(look, births))
    return {op.link_id: said for op, said in zip(births, reasons, strict=True) if said}

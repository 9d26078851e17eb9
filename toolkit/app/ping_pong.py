"""Loops made only of successes: two systems that keep changing one field back and forth.

Every brake that waits for a failure lets such a loop pass, and each round costs calls and
history. A pair caught in one rests until a person says so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby
from typing import Final

from toolkit.model.ids import LinkId, Side
from toolkit.model.links import Link, LinkState
from toolkit.model.plan import Plan, Update
from toolkit.model.values import Value, canonical_json
from toolkit.store import ConnectionStore

FORGIVEN: Final = "ping_pong.forgiven"
"""Memo: what was written before a person woke everything counts no more."""

LOOPING: Final = "it goes back and forth between the two systems"
"""How the reason of a pair that was caught ends."""

# What people do and take back, one after the other, is no loop.
_BY_THEMSELVES: Final = ("sync", "drain", "retry", "apply")
_WITHIN: Final = timedelta(hours=1)
_ALTERNATIONS: Final = 4
_MOST_WRITES: Final = 20
_MOST_VALUES: Final = 2


@dataclass(frozen=True, slots=True)
class WrittenValue:
    """One field of one pair as it was written."""

    field: str
    side: Side
    value: Value


def looping_fields(written: Iterable[WrittenValue]) -> tuple[str, ...]:
    """Fields of one pair that go back and forth: pure.

    A mirror writes to one side only, however often its people change their minds. A loop
    writes to both: the same two values in turn four times, or anything twenty times.

    Args:
        written: What was written to the pair within the last hour, oldest first.
    """
    by_field: dict[str, list[WrittenValue]] = defaultdict(list)
    for each in written:
        by_field[each.field].append(each)
    return tuple(sorted(name for name, found in by_field.items() if _is_loop(found)))


def _is_loop(found: Sequence[WrittenValue]) -> bool:
    if {each.side for each in found} != set(Side):
        return False
    # A rule writes the same to both sides: that is one step, and no way back.
    steps = [value for value, _ in groupby(canonical_json(each.value) for each in found)]
    is_alternating = len(steps) >= _ALTERNATIONS and len(set(steps)) <= _MOST_VALUES
    return is_alternating or len(found) >= _MOST_WRITES


class PingPong:
    """Takes pairs out of a plan that would go one round further."""

    def __init__(self, store: ConnectionStore, *, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now

    def forgive(self) -> None:
        """Begin to count anew; for pairs that a person woke."""
        self._store.put_memo(FORGIVEN, self._now().isoformat())

    def stop_loops(self, plan: Plan) -> tuple[Plan, dict[LinkId, tuple[str, ...]]]:
        """The plan without pairs that loop, and which fields loop; those pairs are parked.

        A second call with the same plan finds them parked, and changes nothing.
        """
        changing = {
            op.link_id for op in plan.operations if isinstance(op, Update) and not op.is_undo
        }
        caught = {
            link_id: fields
            for link_id, written in self._written(changing).items()
            if (fields := looping_fields(written))
        }
        if not caught:
            return plan, {}
        self._park(caught)
        kept = tuple(op for op in plan.operations if op.link_id not in caught)
        return replace(plan, operations=kept), caught

    def _written(self, links: set[LinkId]) -> dict[LinkId, list[WrittenValue]]:
        since = self._now() - _WITHIN
        if forgiven := self._store.get_memo(FORGIVEN):
            since = max(since, datetime.fromisoformat(forgiven))
        found: dict[LinkId, list[WrittenValue]] = defaultdict(list)
        written = self._store.list_updates(links, since=since, verbs=_BY_THEMSELVES)
        for link_id, side, sent in written:
            found[link_id] += [WrittenValue(field, side, v) for field, v in sent.items()]
        return found

    def _park(self, caught: dict[LinkId, tuple[str, ...]]) -> None:
        links = [self._store.get_link(link_id) for link_id in caught]
        self._store.put_links(
            [_parked(link, caught[link.id]) for link in links if link is not None]
        )


def _parked(link: Link, fields: tuple[str, ...]) -> Link:
    reason = f"{' and '.join(fields)}: {LOOPING}"
    return replace(link, state=LinkState.PARKED, reason=reason, not_before=None)

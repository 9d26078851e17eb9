"""New and won contacts by day, counted once from the journal: pure.

A contact is new on the day its pair came to be (its second record was made, or two records
were matched); those of the first sync were there before and are new on no day. It is won on
the day a run brought it, from a stage that is not won, to one that is, or when it comes to
be in such a stage. A run that takes another back (`undo`) counts as any other run.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, tzinfo

from toolkit.model.ids import LinkId, RunId
from toolkit.store.metrics import Step

STAGE = "lifecycle_stage"
_BIRTHS = frozenset({"create", "join"})


@dataclass(slots=True)
class Funnel:
    """Contacts by day.

    Attributes:
        new: Day -> contacts whose pair came to be.
        won: Day -> contacts that came to a won stage.
    """

    new: Counter[date] = field(default_factory=Counter)
    won: Counter[date] = field(default_factory=Counter)

    @property
    def days(self) -> list[date]:
        """The days on which something was counted, oldest first."""
        return sorted({*self.new, *self.won})


def count_steps(
    steps: Iterable[Step],
    *,
    won: Collection[str],
    zone: tzinfo,
    first_run: RunId | None,
) -> Funnel:
    """Contacts by day.

    Args:
        steps: Journal lines not counted before, oldest first.
        won: Stages that count as won, as they are spelled.
        zone: Where the day begins.
        first_run: The run that ended the first sync; None: it has not ended, nothing counts.
    """
    funnel = Funnel()
    if first_run is None:
        return funnel
    counted: set[tuple[str, RunId, LinkId]] = set()
    for step in steps:
        if step.run_id <= first_run:
            continue
        day = step.at.astimezone(zone).date()
        # One change written to both sides, in one run, is two lines.
        is_birth = step.verb in _BIRTHS and not step.is_again
        if is_birth and _is_first(counted, "new", step):
            funnel.new[day] += 1
        if _is_won(step, won) and _is_first(counted, "won", step):
            funnel.won[day] += 1
    return funnel


def _is_first(counted: set[tuple[str, RunId, LinkId]], what: str, step: Step) -> bool:
    key = (what, step.run_id, step.link_id)
    is_first = key not in counted
    counted.add(key)
    return is_first


def _is_won(step: Step, won: Collection[str]) -> bool:
    return step.after.get(STAGE) in won and step.before.get(STAGE) not in won

"""What is said of a batch: what happened, what was not changed, what to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from toolkit.app.bulk.batch import BatchState, ItemLine, ItemState, Kept
from toolkit.app.bulk.judging import STOPPED


def state_of(lines: Sequence[ItemLine]) -> BatchState:
    """The batch's state once nobody works on it."""
    states = {each.state for each in lines}
    if ItemState.OPEN in states:
        return BatchState.STOPPED
    return BatchState.DONE if states <= {ItemState.DONE} else BatchState.PARTLY


def said_of(lines: Sequence[ItemLine], state: BatchState) -> str:
    """What happened, what was not changed, what to do; empty where all is done."""
    counts = Counter(each.state for each in lines)
    if state is BatchState.DONE:
        return ""
    parts = [f"{counts[ItemState.DONE]:,} of {len(lines):,} are done"]
    parts += [f"{counts[each]:,} {_WORDS[each]}" for each in _WORDS if counts[each]]
    happened = ", ".join(parts)
    reasons = Counter(
        each.reason for each in lines if each.state in _TOLD and each.reason
    ).most_common(1)
    why = f" ({reasons[0][0]})" if reasons else ""
    is_shut_out = any(
        each.state is ItemState.OPEN and each.reason not in {"", STOPPED} for each in lines
    )
    return f"{happened}{why}. {remedy_of(counts, is_shut_out=is_shut_out)}"


def remedy_of(counts: Counter[ItemState], *, is_shut_out: bool) -> str:
    """What to do about what is not done.

    Args:
        counts: Items by state.
        is_shut_out: A service takes nothing now; nobody just stopped it.
    """
    if counts[ItemState.OPEN]:
        first = "See `hightonic doctor`, then resume" if is_shut_out else "Resume"
        return f"{first} it to send the rest; what is done is not sent again."
    if counts[ItemState.FAILED]:
        return "Retry the failed ones alone."
    return "What somebody changed, or cannot be written, stands as it is."


_WORDS: Final = {
    ItemState.OPEN: "not sent",
    ItemState.FAILED: "failed",
    ItemState.CHANGED: "changed by somebody since",
    ItemState.REFUSED: "refused",
    ItemState.GONE: "gone",
}
_TOLD: Final = frozenset({ItemState.OPEN, ItemState.FAILED, ItemState.REFUSED})


def said_of_revert(kept: Sequence[Kept]) -> str:
    """What a revert left as it is; empty where that is nothing."""
    if not kept:
        return ""
    return f"{len(kept):,} records were changed by somebody since, and stand as they are."

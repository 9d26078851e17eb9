"""What a typed word means: a run, a conflict, a value. Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from math import isfinite
from typing import TYPE_CHECKING, Literal

from toolkit.app.connection import Decision
from toolkit.errors import UseError

if TYPE_CHECKING:
    from toolkit.model.values import Value
    from toolkit.store import ConflictEntry, RunEntry

UNCHANGED = "Nothing was changed"
YES = frozenset({"yes", "true", "1", "y"})
NO = frozenset({"no", "false", "0", "n"})


def choose_run(runs: Sequence[RunEntry], typed: str, *, wrote: bool = False) -> str:
    """The newest run's id for `last`; anything else is for the use case to look up.

    Args:
        runs: Newest first.
        typed: `last`, an id, or the beginning of one.
        wrote: `last` passes over runs that wrote nothing.

    Raises:
        UseError: There is no such run yet.
    """
    if typed != "last":
        return typed
    for run in runs:
        if not wrote or (run.report and json.loads(run.report)["writes"]):
            return run.id
    raise UseError(
        "No run has written anything yet" if wrote else "There is no run yet",
        unchanged=UNCHANGED,
        remedy="Run `hightonic sync` first",
    )


def choose_decisions(
    conflicts: Sequence[ConflictEntry],
    ids: Sequence[str],
    *,
    everything: bool,
    keep: Literal["highlevel", "timetonic"] | None,
    value: str | None,
) -> list[Decision]:
    """One decision a chosen conflict.

    Raises:
        UseError: Not exactly one of `keep` and `value`, nobody or everybody chosen at
            once, or an id that fits no open conflict.
    """
    if (keep is None) == (value is None):
        raise UseError(
            "Say what shall stand",
            unchanged=UNCHANGED,
            remedy="Add --keep highlevel, --keep timetonic or --value TEXT",
        )
    if everything == bool(ids):
        raise UseError(
            "Say which conflicts",
            unchanged=UNCHANGED,
            remedy="Name ids from `hightonic conflicts`, or --all",
        )
    chosen = list(conflicts) if everything else [_find(conflicts, typed) for typed in ids]
    if keep is not None:
        return [Decision(stored.id, keep) for stored in chosen]
    return [
        Decision(stored.id, "value", read_value(value or "", like=_values(stored)))
        for stored in chosen
    ]


def _values(stored: ConflictEntry) -> tuple[Value, ...]:
    each = stored.conflict
    return (each.highlevel, each.timetonic, each.base)


def _find(conflicts: Sequence[ConflictEntry], typed: str) -> ConflictEntry:
    """The conflict of that id, or of the only one that begins like it."""
    # Checked before anything is decided: a slip in the third id spares the first two.
    wanted = typed.strip().lower()
    fitting = [stored for stored in conflicts if wanted and stored.id.startswith(wanted)]
    exact = [stored for stored in fitting if stored.id == wanted] or fitting
    if len(exact) == 1:
        return exact[0]
    raise UseError(
        f"{len(exact)} open conflicts begin with {typed}"
        if exact
        else f"No open conflict is called {typed}",
        unchanged=UNCHANGED,
        remedy="See `hightonic conflicts`",
    )


def read_value(text: str, *, like: Sequence[Value]) -> Value:
    """A typed value in the type its field has; empty text means blank.

    Args:
        text: As typed. Elements of a list are parted by commas.
        like: Values the field has had; the first that is not blank tells the type.

    Raises:
        UseError: It is not a number, or not yes or no, where one is needed.
    """
    if not text.strip():
        return None
    example = next((value for value in like if value is not None), "")
    match example:
        case bool():
            return _read_claim(text)
        case int() | float():
            return _read_number(text)
        case tuple():
            return tuple(sorted({part.strip() for part in text.split(",") if part.strip()}))
        case _:
            return text


def _read_claim(text: str) -> bool:
    word = text.strip().lower()
    if word not in YES | NO:
        raise UseError("This field is yes or no", unchanged=UNCHANGED, remedy="Type yes or no")
    return word in YES


def _read_number(text: str) -> int | float:
    with suppress(ValueError):
        number = float(text)
        if isfinite(number):
            return int(number) if number.is_integer() else number
    raise UseError(
        "This field is a number", unchanged=UNCHANGED, remedy="Type digits, like 12.5"
    )

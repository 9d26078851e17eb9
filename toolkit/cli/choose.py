"""What a typed word means: a run, a conflict, a value. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from math import isfinite
from typing import TYPE_CHECKING, Literal, TypeAlias

from toolkit.errors import UseError

if TYPE_CHECKING:
    from toolkit.model.values import Value
    from toolkit.store import ConflictEntry, RunEntry

Choice: TypeAlias = Literal["highlevel", "timetonic", "value"]
Decision: TypeAlias = "tuple[str, Choice, Value]"

UNCHANGED = "Nothing was changed"
YES = frozenset({"yes", "true", "1", "y"})
NO = frozenset({"no", "false", "0", "n"})


def choose_run(runs: Sequence[RunEntry], typed: str) -> str:
    """The id meant by `last`, by an id or by the unique beginning of one.

    An id that is not among `runs` (they may be the latest only) is passed on as typed.

    Raises:
        UseError: There is no run yet, or several begin like this.
    """
    if typed == "last":
        if not runs:
            raise UseError(
                "There is no run yet", unchanged=UNCHANGED, remedy="Run a sync first"
            )
        return runs[0].id
    found = _one_of([run.id for run in runs], typed, noun="run", command="runs")
    return found or typed


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
        return [(stored.id, keep, None) for stored in chosen]
    return [(s.id, "value", read_value(value or "", like=_values(s))) for s in chosen]


def _values(stored: ConflictEntry) -> tuple[Value, ...]:
    each = stored.conflict
    return (each.highlevel, each.timetonic, each.base)


def _find(conflicts: Sequence[ConflictEntry], typed: str) -> ConflictEntry:
    known = {stored.id: stored for stored in conflicts}
    found = _one_of(list(known), typed, noun="conflict", command="conflicts")
    if found is None:
        raise UseError(
            f"No open conflict is called {typed}",
            unchanged=UNCHANGED,
            remedy="See `hightonic conflicts`",
        )
    return known[found]


def _one_of(known: Sequence[str], typed: str, *, noun: str, command: str) -> str | None:
    if typed in known:
        return typed
    fitting = [each for each in known if typed and each.startswith(typed)]
    if len(fitting) > 1:
        raise UseError(
            f"{len(fitting)} {noun}s begin with {typed}",
            unchanged=UNCHANGED,
            remedy=f"Type more of it; see `hightonic {command}`",
        )
    return fitting[0] if fitting else None


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
        case str():
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

"""The nearest right name, and likely pairs of fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher

from toolkit.mapping.vendor_fields import CUSTOM

_CLOSE_ENOUGH = 0.65
_PAIR_ENOUGH = 0.75


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Two fields that probably mean the same.

    Attributes:
        score: 0 to 1; 1 is the same name.
    """

    highlevel: str
    timetonic: str
    score: float


def nearest(name: str, candidates: Iterable[str]) -> str | None:
    """The candidate most like `name`; None where none is near. Ties go by the alphabet."""
    wanted = _words(name)
    scored = sorted((-_likeness(wanted, _words(each)), each) for each in candidates)
    return scored[0][1] if scored and -scored[0][0] >= _CLOSE_ENOUGH else None


def did_you_mean(name: str, candidates: Iterable[str]) -> str:
    """The remedy sentence for a wrong name; the list of right ones where none is near."""
    known = sorted(candidates)
    near = nearest(name, known)
    if near is not None:
        return f"Did you mean `{near}`?"
    return "Use one of " + ", ".join(known) if known else ""


def suggest_pairs(
    highlevel_fields: Mapping[str, str], timetonic_columns: Mapping[str, str]
) -> tuple[Suggestion, ...]:
    """Likely pairs by name and type, best first; each field appears once.

    Args:
        highlevel_fields: HighLevel name -> mapping type.
        timetonic_columns: Column name -> mapping type.
    """
    scored = sorted(
        (-_pair_score(name, own, column, other), name, column)
        for name, own in highlevel_fields.items()
        for column, other in timetonic_columns.items()
    )
    taken: set[str] = set()
    pairs: list[Suggestion] = []
    for negative, name, column in scored:
        keys = {f"highlevel {name}", f"timetonic {column}"}
        if -negative >= _PAIR_ENOUGH and not keys & taken:
            taken |= keys
            pairs.append(Suggestion(name, column, -negative))
    return tuple(pairs)


def likeness(one: str, other: str) -> float:
    """How alike two names are, 0 to 1; case, `_`, `-` and `custom.` do not count."""
    return _likeness(_words(one), _words(other))


def _pair_score(name: str, own: str, column: str, other: str) -> float:
    alike = _likeness(_words(name), _words(column))
    return alike if own == other else alike * 0.9


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other).ratio()


def _words(name: str) -> str:
    bare = name.removeprefix(CUSTOM)
    spaced = "".join(f" {letter}" if letter.isupper() else letter for letter in bare)
    return " ".join(spaced.replace("_", " ").replace("-", " ").lower().split())

"""Which unmapped fields probably mean the same: by name, by type, by what stands in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from toolkit.app.mapping_desk.connecting import warning_of
from toolkit.app.mapping_desk.shapes import places
from toolkit.app.mapping_desk.trying import shown
from toolkit.mapping.suggest import likeness
from toolkit.model.ids import Side

if TYPE_CHECKING:
    from toolkit.app.mapping_desk.samples import Sample
    from toolkit.app.mapping_desk.shapes import Fields, KindDraft, SideField

_ENOUGH: Final = 0.7
_SAME_NAME: Final = 0.97
_LIKE: Final = 0.72
_TYPE_COUNTS: Final = 0.05
_FEWEST: Final = 3
"""Records that have to agree before their values count."""
_TELLING: Final = 4
"""Different values a column needs before agreement means more than chance."""


@dataclass(frozen=True, slots=True)
class Likely:
    """Two fields that probably mean the same.

    Attributes:
        score: 0 to 1.
        reasons: Why, a few words each.
    """

    highlevel: str
    timetonic: str
    score: float
    reasons: tuple[str, ...]


def suggest_lines(
    fields: Fields, draft: KindDraft, samples: Sequence[Sample] = ()
) -> tuple[Likely, ...]:
    """Lines worth drawing between fields without one, best first; each field appears once."""
    taken = {side: {n for e in draft.lines.values() for n in places(e, side)} for side in Side}
    free = {
        side: [each for each in fields.on(side) if each.name not in taken[side] and each.type]
        for side in Side
    }
    scored = sorted(
        _scored(free[Side.HIGHLEVEL], free[Side.TIMETONIC], samples),
        key=lambda each: (-each.score, each.highlevel, each.timetonic),
    )
    found: list[Likely] = []
    used: set[tuple[Side, str]] = set()
    for each in scored:
        ends = {(Side.HIGHLEVEL, each.highlevel), (Side.TIMETONIC, each.timetonic)}
        if not used & ends:
            used |= ends
            found.append(each)
    return tuple(found)


def _scored(
    highlevel: Sequence[SideField], timetonic: Sequence[SideField], samples: Sequence[Sample]
) -> Iterator[Likely]:
    texts = {
        (side, each.name): [_folded(sample, side, each.name) for sample in samples]
        for side, fields in ((Side.HIGHLEVEL, highlevel), (Side.TIMETONIC, timetonic))
        for each in fields
    }
    for one in highlevel:
        for other in timetonic:
            mine = texts[Side.HIGHLEVEL, one.name]
            likely = _likely(one, other, mine, texts[Side.TIMETONIC, other.name])
            if likely.score >= _ENOUGH:
                yield likely


def _likely(
    one: SideField, other: SideField, mine: Sequence[str], theirs: Sequence[str]
) -> Likely:
    reasons: list[str] = []
    alike = max(likeness(one.name, other.name), likeness(one.title, other.title))
    if alike >= _SAME_NAME:
        reasons.append("same name")
    elif alike >= _LIKE:
        reasons.append("similar name")
    score = alike * 0.9
    if warning_of(one, other):
        score -= 2 * _TYPE_COUNTS
    elif one.type == other.type:
        score += _TYPE_COUNTS
        reasons.append(f"both {one.type.replace('_', ' ')}")
    same, both, different = _agreement(mine, theirs)
    if both >= _FEWEST and same:
        # The two records are known to be the same one, so that equal values say a lot.
        reasons.append(f"same value in {same} of {both} records")
        share = same / both * (1.0 if different >= _TELLING else 0.6)
        score = max(score, share * 0.85) + share * 0.1
    elif both >= _FEWEST:
        score -= 0.15
    return Likely(one.name, other.name, min(score, 1.0), tuple(reasons))


def _agreement(mine: Sequence[str], theirs: Sequence[str]) -> tuple[int, int, int]:
    """Records that agree, those filled on both sides, and how many values they show."""
    filled = [(a, b) for a, b in zip(mine, theirs, strict=True) if a and b]
    same = [a for a, b in filled if a == b]
    return len(same), len(filled), len(set(same))


def _folded(sample: Sample, side: Side, name: str) -> str:
    return " ".join(shown(sample.raw.get(side, {}).get(name)).casefold().split())

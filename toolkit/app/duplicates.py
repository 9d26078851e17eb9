"""Contacts that may be one person, in groups: pure, from stored pairs, without a call."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Final, TypeAlias

from toolkit.app.likeness import Evidence, Portrait, compare, score_of
from toolkit.model.ids import Kind, LinkId
from toolkit.model.links import Link, LinkState
from toolkit.model.values import digest

AT_LEAST: Final = 40
"""Score from which a pair is shown, unless somebody asks for another."""
MARK: Final = "duplicate-of"
"""How the tag of a contact begins that was found to be another's duplicate."""
_CROWD: Final = 60
_ID_LENGTH: Final = 8

PairOfLinks: TypeAlias = tuple[LinkId, LinkId]


@dataclass(frozen=True, slots=True)
class Likeness:
    """Two contacts of a group, and what makes them alike."""

    one: LinkId
    two: LinkId
    score: int
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class DuplicateGroup:
    """Contacts that may be one person.

    Attributes:
        contacts: The oldest first (see `age_order`).
        score: Of its weakest member: the least of what ties each to the group.
        likenesses: Every pair that was found, the surest first.
    """

    contacts: tuple[LinkId, ...]
    score: int
    likenesses: tuple[Likeness, ...]

    @property
    def id(self) -> str:
        """Names exactly these contacts; another one in the group gives another name."""
        return digest(sorted(self.contacts))[:_ID_LENGTH]


@dataclass(frozen=True, slots=True)
class Duplicates:
    """What a search found.

    Attributes:
        groups: The surest first.
        searched: Contacts that were compared.
        crowds: Values that more than 60 contacts share (a company's phone, say): nobody
            was compared by them, so people who share nothing else are not found.
    """

    groups: tuple[DuplicateGroup, ...]
    searched: int
    crowds: int


def find_duplicates(links: Iterable[Link], *, at_least: int = AT_LEAST) -> Duplicates:
    """Groups of live contacts that may be one person.

    Only contacts that share a mailbox, a phone, or a company and part of a name are
    compared, so ten thousand take seconds. Those marked as duplicates before are left out.

    Args:
        links: Of any kind and state.
        at_least: Lowest score of a pair, 1 to 99.
    """
    contacts = {each.id: each for each in links if _is_wanted(each)}
    portraits = {link_id: Portrait.of(each.base) for link_id, each in contacts.items()}
    blocks: dict[tuple[str, ...], list[LinkId]] = defaultdict(list)
    for link_id, portrait in portraits.items():
        for key in portrait.blocks():
            blocks[key].append(link_id)
    found: dict[PairOfLinks, Likeness] = {}
    for one, two in _pairs(blocks):
        evidence = compare(portraits[one], portraits[two])
        score = score_of(evidence)
        if score >= at_least:
            found[one, two] = Likeness(one, two, score, evidence)
    groups = sorted(_groups(found, contacts), key=lambda each: (-each.score, each.contacts))
    crowds = sum(len(members) > _CROWD for members in blocks.values())
    return Duplicates(tuple(groups), len(contacts), crowds)


def age_order(link: Link) -> tuple[int, str, LinkId]:
    """The older pair first: TimeTonic's row ids grow with time, HighLevel's are random."""
    row_id = link.timetonic_id or ""
    return len(row_id), row_id, link.id


def _is_wanted(link: Link) -> bool:
    if link.kind is not Kind.CONTACT or link.state is not LinkState.LIVE:
        return False
    tags = link.base.get("tags")
    return not (isinstance(tags, tuple) and any(each.startswith(MARK) for each in tags))


def _pairs(blocks: Mapping[tuple[str, ...], list[LinkId]]) -> Iterator[PairOfLinks]:
    """Each pair that shares a block, once."""
    seen: set[PairOfLinks] = set()
    for members in blocks.values():
        if len(members) > _CROWD:
            continue
        for pair in combinations(sorted(members), 2):
            if pair not in seen:
                seen.add(pair)
                yield pair


def _groups(
    found: Mapping[PairOfLinks, Likeness], contacts: Mapping[LinkId, Link]
) -> Iterator[DuplicateGroup]:
    leader = {link_id: link_id for pair in found for link_id in pair}

    def lead(link_id: LinkId) -> LinkId:
        while leader[link_id] != link_id:
            leader[link_id] = leader[leader[link_id]]
            link_id = leader[link_id]
        return link_id

    for one, two in found:
        leader[lead(two)] = lead(one)
    members: dict[LinkId, list[LinkId]] = defaultdict(list)
    for link_id in leader:
        members[lead(link_id)].append(link_id)
    likenesses: dict[LinkId, list[Likeness]] = defaultdict(list)
    for (one, _), likeness in found.items():
        likenesses[lead(one)].append(likeness)
    for head, group in members.items():
        ties = sorted(likenesses[head], key=lambda each: (-each.score, each.one, each.two))
        yield DuplicateGroup(
            tuple(sorted(group, key=lambda link_id: age_order(contacts[link_id]))),
            score=min(_best_tie(link_id, ties) for link_id in group),
            likenesses=tuple(ties),
        )


def _best_tie(link_id: LinkId, ties: list[Likeness]) -> int:
    return max(each.score for each in ties if link_id in (each.one, each.two))

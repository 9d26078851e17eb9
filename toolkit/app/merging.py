"""What would make one contact of several: a plan for a person, and the part we carry out.

Neither vendor has a call that merges contacts (HighLevel's published operations, read
2026-11), and a task or note cannot be moved to another contact. So the kept contact is
completed and the others are marked; moving and deleting stay a person's work.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from toolkit.app.duplicates import MARK, DuplicateGroup
from toolkit.model.automation import EditTags, Effect, SetFields
from toolkit.model.ids import Kind, LinkId
from toolkit.model.links import Link, LinkState
from toolkit.model.policy import Direction, FieldPolicy, KindPolicy
from toolkit.model.values import Value
from toolkit.planner.fields import is_blank

_TAGS = "tags"
_MARK_LENGTH = 8
_MOVING = frozenset({Kind.TASK, Kind.NOTE, Kind.APPOINTMENT})


@dataclass(frozen=True, slots=True)
class Fill:
    """A blank field of the kept contact that another one could fill.

    Attributes:
        by_hand: Why we leave it to a person; empty where it is carried out.
    """

    field: str
    value: Value
    source: LinkId
    by_hand: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """A field in which another contact says something else; the kept one's value stays."""

    field: str
    kept: Value
    other: Value
    source: LinkId


@dataclass(frozen=True, slots=True)
class Children:
    """What hangs on a contact that is not kept, and would have to move with it."""

    contact: LinkId
    tasks: int = 0
    open_tasks: int = 0
    notes: int = 0
    appointments: int = 0


@dataclass(frozen=True, slots=True)
class MergePlan:
    """How a group becomes one contact.

    Attributes:
        keep: The oldest of the group; its id stays.
        marked: The others; they get a tag that names the kept one.
        add_tags: Tags of the others that the kept one lacks.
        effects: The part that is carried out: fills, tags and marks. Nothing is deleted.
    """

    group: DuplicateGroup
    keep: LinkId
    marked: tuple[LinkId, ...]
    fills: tuple[Fill, ...] = ()
    differences: tuple[Difference, ...] = ()
    add_tags: tuple[str, ...] = ()
    children: tuple[Children, ...] = ()
    effects: tuple[Effect, ...] = field(default=())


def plan_merges(
    groups: Iterable[DuplicateGroup], links: Sequence[Link], policy: KindPolicy
) -> Iterator[MergePlan]:
    """One plan for each group.

    Args:
        groups: From `find_duplicates` over these links.
        links: Every stored pair.
        policy: Of contacts.
    """
    by_id = {link.id: link for link in links}
    below = _count_children(links)
    for group in groups:
        keep, *others = (by_id[link_id] for link_id in group.contacts)
        fills = tuple(_fills(keep, others, policy))
        add_tags = tuple(sorted(_all_tags(others) - _all_tags([keep])))
        yield MergePlan(
            group,
            keep=keep.id,
            marked=tuple(each.id for each in others),
            fills=fills,
            differences=tuple(_differences(keep, others, policy)),
            add_tags=add_tags,
            children=tuple(below[each.id] for each in others if each.id in below),
            effects=tuple(
                _effects(keep, others, fills=fills, add_tags=add_tags, policy=policy)
            ),
        )


def mark_of(keep: LinkId) -> str:
    """The tag of a duplicate: `duplicate-of-` and the beginning of the kept pair's name."""
    return f"{MARK}-{keep[:_MARK_LENGTH].lower()}"


def _fills(keep: Link, others: Sequence[Link], policy: KindPolicy) -> Iterator[Fill]:
    for each in _own_fields(policy):
        if not is_blank(keep.base.get(each.name)):
            continue
        source = next((one for one in others if not is_blank(one.base.get(each.name))), None)
        if source is not None:
            value = source.base[each.name]
            yield Fill(each.name, value, source.id, _obstacle(each, policy))


def _obstacle(field: FieldPolicy, policy: KindPolicy) -> str:
    if field.name in policy.match_keys:
        return "HighLevel takes it for one contact only: free it on the other one first"
    if field.create_only_on:
        side = next(iter(field.create_only_on))
        return f"{side.label} takes it for new contacts only"
    return ""


def _differences(
    keep: Link, others: Sequence[Link], policy: KindPolicy
) -> Iterator[Difference]:
    for each in _own_fields(policy):
        kept = keep.base.get(each.name)
        for one in others:
            other = one.base.get(each.name)
            if not is_blank(kept) and not is_blank(other) and kept != other:
                yield Difference(each.name, kept, other, one.id)


def _effects(
    keep: Link,
    others: Sequence[Link],
    *,
    fills: Iterable[Fill],
    add_tags: tuple[str, ...],
    policy: KindPolicy,
) -> Iterator[Effect]:
    values = {each.field: each.value for each in fills if not each.by_hand}
    if values:
        yield SetFields(keep.id, Kind.CONTACT, values)
    if _TAGS not in policy.fields:
        return
    if add_tags:
        yield EditTags(keep.id, add=add_tags)
    for each in others:
        yield EditTags(each.id, add=(mark_of(keep.id),))


def _own_fields(policy: KindPolicy) -> Iterator[FieldPolicy]:
    """Fields that people fill, and that both sides take."""
    for each in policy.fields.values():
        is_two_way = each.direction is Direction.BOTH and not each.rides
        if is_two_way and not (each.is_set or each.rollup):
            yield each


def _all_tags(links: Iterable[Link]) -> set[str]:
    return {
        tag for link in links if isinstance(tags := link.base.get(_TAGS), tuple) for tag in tags
    }


def _count_children(links: Iterable[Link]) -> Mapping[LinkId, Children]:
    counts: dict[LinkId, dict[str, int]] = {}
    for link in links:
        if link.parent is None or link.kind not in _MOVING or link.state is not LinkState.LIVE:
            continue
        found = counts.setdefault(
            link.parent, {"tasks": 0, "open_tasks": 0, "notes": 0, "appointments": 0}
        )
        if link.kind is Kind.TASK:
            found["open_tasks"] += link.base.get("is_completed") is not True
        found[f"{link.kind}s"] += 1
    return {contact: Children(contact, **found) for contact, found in counts.items()}

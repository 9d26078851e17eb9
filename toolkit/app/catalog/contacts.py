"""Contacts of both sides at once, as entries: found, archived, restored, merged, counted."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pydantic import Field

from toolkit.app.archive import ArchivedContact
from toolkit.app.catalog.entry import Input
from toolkit.app.catalog.use_case import Nothing, UseCase
from toolkit.app.connection import Connection
from toolkit.app.day_figures import Dashboard
from toolkit.app.duplicates import AT_LEAST
from toolkit.app.effects_run import Wish
from toolkit.app.merging import MergePlan
from toolkit.model.ids import Kind, LinkId, RecordId
from toolkit.model.outcomes import RunReport

if TYPE_CHECKING:
    from toolkit.app.wiring import Parts
    from toolkit.model.plan import Plan


class ContactsInput(Input):
    """Which: an e-mail, an id of either side, or a pair's id each."""

    contacts: tuple[str, ...] = Field(min_length=1, max_length=10_000)


class ApprovedContactsInput(ContactsInput):
    """Which, and what may pass a brake."""

    approve: str | None = Field(None, description="Approval of what a brake holds back.")


class ArchiveInput(ApprovedContactsInput):
    """Which, and why."""

    reason: str = ""


class StaleInput(Input):
    """Since when nothing happened."""

    days: int = Field(180, ge=1)


class LikeInput(Input):
    """How alike two contacts must be."""

    at_least: int = Field(AT_LEAST, ge=1, le=99)


class MergeInput(LikeInput):
    """Which group, as `hightonic.contacts.merge_plans` names it."""

    group: str
    approve: str | None = Field(None, description="Approval of what a brake holds back.")


class FiguresInput(Input):
    """How far back."""

    days: int = Field(90, ge=1, le=800)


@dataclass(frozen=True, slots=True)
class PairShown:
    """A contact on both sides; `pair` names it for everything under `hightonic.contacts`."""

    pair: LinkId
    name: str
    highlevel_id: RecordId | None
    timetonic_id: RecordId | None


async def _find(parts: Parts, given: ContactsInput) -> list[PairShown]:
    return _shown(parts, Connection(parts).find_contacts(given.contacts))


async def _stale(parts: Parts, given: StaleInput) -> list[PairShown]:
    return _shown(parts, await Connection(parts).stale_contacts(given.days))


async def _names(parts: Parts, _given: Nothing) -> dict[LinkId, str]:
    return Connection(parts).contact_names()


def _shown(parts: Parts, wanted: Sequence[LinkId]) -> list[PairShown]:
    names = Connection(parts).contact_names()
    links = {each.id: each for each in parts.store.links(Kind.CONTACT)}
    return [
        PairShown(each, names.get(each, ""), links[each].highlevel_id, links[each].timetonic_id)
        for each in wanted
    ]


async def _archived(parts: Parts, _given: Nothing) -> list[ArchivedContact]:
    return Connection(parts).archived()


@dataclass(frozen=True, slots=True)
class GroupShown:
    """Contacts that may be one person; `group` is what `hightonic.contacts.merge` takes."""

    group: str
    plan: MergePlan


@dataclass(frozen=True, slots=True)
class GroupsShown:
    """What a search for duplicates found, the surest group first."""

    groups: tuple[GroupShown, ...]
    searched: int
    crowds: int


async def _merge_plans(parts: Parts, given: LikeInput) -> GroupsShown:
    plans = Connection(parts).merge_plans
    found = await asyncio.to_thread(lambda: plans(at_least=given.at_least))
    groups = tuple(GroupShown(each.group.id, each) for each in found.plans)
    return GroupsShown(groups, found.searched, found.crowds)


async def _figures(parts: Parts, given: FiguresInput) -> Dashboard:
    return Connection(parts).figures(given.days)


def _archive_wish(parts: Parts, given: ArchiveInput) -> Wish:
    desk = Connection(parts)
    return desk.wish_archived(desk.find_contacts(given.contacts), reason=given.reason)


def _restore_wish(parts: Parts, given: ApprovedContactsInput) -> Wish:
    desk = Connection(parts)
    return desk.wish_restored(desk.find_contacts(given.contacts))


def _merge_wish(parts: Parts, given: MergeInput) -> Wish:
    chosen = Connection(parts).merge_plans(at_least=given.at_least).get(given.group)
    return Wish(chosen.effects, "merge")


async def _archive(parts: Parts, given: ArchiveInput) -> RunReport:
    wish = _archive_wish(parts, given)
    return await Connection(parts).carry_wish(wish, approve=given.approve)


async def _foresee_archive(parts: Parts, given: ArchiveInput) -> Plan:
    return await Connection(parts).preview_wish(_archive_wish(parts, given))


async def _restore(parts: Parts, given: ApprovedContactsInput) -> RunReport:
    wish = _restore_wish(parts, given)
    return await Connection(parts).carry_wish(wish, approve=given.approve)


async def _foresee_restore(parts: Parts, given: ApprovedContactsInput) -> Plan:
    return await Connection(parts).preview_wish(_restore_wish(parts, given))


async def _merge(parts: Parts, given: MergeInput) -> RunReport:
    wish = _merge_wish(parts, given)
    return await Connection(parts).carry_wish(wish, approve=given.approve)


async def _foresee_merge(parts: Parts, given: MergeInput) -> Plan:
    return await Connection(parts).preview_wish(_merge_wish(parts, given))


_C: Final = {"contacts": ["PAIRED_CONTACT_ID"]}
CONTACTS: Final = (
    UseCase(
        "contacts.find",
        "The pairs of contacts, by e-mail or by an id of either side.",
        _find,
        list[PairShown],
        ContactsInput,
        _C,
        group="contacts",
    ),
    UseCase(
        "contacts.stale",
        "Pairs of contacts without activity for so many days that are not archived.",
        _stale,
        list[PairShown],
        StaleInput,
        {"days": 180},
        group="contacts",
    ),
    UseCase(
        "contacts.names",
        "Every pair of a contact with its name, from what is stored.",
        _names,
        dict[LinkId, str],
        group="contacts",
    ),
    UseCase(
        "contacts.archived",
        "Contacts that are archived, those archived last first.",
        _archived,
        list[ArchivedContact],
        group="contacts",
    ),
    UseCase(
        "contacts.archive",
        "Set contacts aside by a tag and a row in the archive; nothing is deleted.",
        _archive,
        RunReport,
        ArchiveInput,
        {**_C, "reason": "moved away"},
        group="contacts",
        is_write=True,
        calls=None,
        foresee=_foresee_archive,
    ),
    UseCase(
        "contacts.restore",
        "Take contacts back out of the archive.",
        _restore,
        RunReport,
        ApprovedContactsInput,
        {"contacts": ["ARCHIVED_CONTACT_ID"]},
        group="contacts",
        is_write=True,
        calls=None,
        foresee=_foresee_restore,
    ),
    UseCase(
        "contacts.merge_plans",
        "Contacts that may be one person, in groups, each with what would make one of them.",
        _merge_plans,
        GroupsShown,
        LikeInput,
        {"at_least": AT_LEAST},
        group="contacts",
    ),
    UseCase(
        "contacts.merge",
        "Complete the kept contact of a group and mark the others; nothing is deleted.",
        _merge,
        RunReport,
        MergeInput,
        {"group": "GROUP_ID"},
        group="contacts",
        is_write=True,
        calls=None,
        foresee=_foresee_merge,
    ),
    UseCase(
        "figures",
        "Totals, stages, tasks, new contacts and conversion, day by day.",
        _figures,
        Dashboard,
        FiguresInput,
        {"days": 30},
    ),
)

"""Pairs that rest: refused records are left alone for a while, then tried again."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from toolkit.model.ids import LinkId, RecordId, Side
from toolkit.model.links import Link, LinkState
from toolkit.model.plan import Finding
from toolkit.model.policy import SyncPolicy
from toolkit.model.values import digest
from toolkit.planner.fields import KindFields
from toolkit.store import ConnectionStore

RESTING: Final = "Left to rest: "
"""How the reason of every finding about a resting pair begins."""

_SHOWN: Final = "parking.shown"


class Parking:
    """The resting pairs of one connection."""

    def __init__(
        self, store: ConnectionStore, *, now: Callable[[], datetime], policy: SyncPolicy
    ) -> None:
        self._store = store
        self._now = now
        self._fields = {kind: KindFields.of(each) for kind, each in policy.kinds.items()}

    def wake(self, *, everything: bool) -> None:
        """Parked pairs whose rest is over are kept in step again.

        A create that was refused keeps its half pair, and with it the count of refusals,
        for as long as the record it starts from is there.
        """
        parked = self._store.links(states=[LinkState.PARKED])
        rested = [each for each in parked if everything or self._is_rested(each)]
        self._wake(rested)

    def wake_edited(self, links: Iterable[Link]) -> list[Link]:
        """Pairs somebody edited since they were refused rest no longer.

        Returns:
            The pairs to plan with.
        """
        found = list(links)
        self._wake(self._edited(found))
        return self.without_edited(found)

    def without_edited(self, links: Iterable[Link]) -> list[Link]:
        """The pairs to plan with after a look: edited ones rest no longer; stores nothing."""
        found = list(links)
        edited = {each.id for each in self._edited(found)}
        return [
            replace(link, state=LinkState.LIVE) if link.id in edited else link
            for link in found
            if link.id not in edited or _is_whole(link)
        ]

    def awake(self) -> list[Link]:
        """The pairs to plan with; half pairs whose rest is over are planned afresh."""
        return [
            replace(link, state=LinkState.LIVE) if self._is_rested(link) else link
            for link in self._store.links()
            if _is_whole(link) or not self._is_rested(link)
        ]

    def remember(self, refused: Collection[LinkId]) -> list[Finding]:
        """Keep what resting pairs show, so that an edit is known as one.

        Args:
            refused: Those refused just now; what others showed is kept as it is.

        Returns:
            One finding for each pair that goes on resting.
        """
        parked = self._store.links(states=[LinkState.PARKED])
        kept = self._store.get_memo(_SHOWN) or {}
        shown = {
            link.id: self._shown(link)
            if link.id in refused or link.id not in kept
            else kept[link.id]
            for link in parked
        }
        if shown != kept:
            self._store.put_memo(_SHOWN, shown)
        return findings_of(each for each in parked if not self._is_rested(each))

    def _wake(self, links: list[Link]) -> None:
        now = self._now()
        rested = [replace(each, not_before=now) for each in links]
        whole = [replace(each, state=LinkState.LIVE) for each in rested if _is_whole(each)]
        halves = [each for each in rested if not _is_whole(each)]
        orphans = [each.id for each in halves if not self._has_origin(each)]
        self._store.put_links([*whole, *halves])
        self._store.drop_links(orphans)

    def _edited(self, links: list[Link]) -> list[Link]:
        """Only refusals: what another pair owns does not come free by an edit."""
        parked = [each for each in links if each.state is LinkState.PARKED and each.not_before]
        kept = (self._store.get_memo(_SHOWN) or {}) if parked else {}
        return [
            each for each in parked if each.id in kept and kept[each.id] != self._shown(each)
        ]

    def _shown(self, link: Link) -> str:
        """Digest of what both records hold, as they were seen last."""
        fields = self._fields.get(link.kind)
        seen = []
        for side in Side:
            record_id = link.id_on(side)
            record = record_id and self._store.get_observed(side, link.kind, record_id)
            seen.append(fields.shown_digest(record.values) if fields and record else "")
        return digest(seen)

    def _has_origin(self, half: Link) -> bool:
        ids = ((side, half.id_on(side)) for side in Side)
        return any(i and self._store.get_observed(side, half.kind, i) for side, i in ids)

    def _is_rested(self, link: Link) -> bool:
        is_over = link.not_before is not None and link.not_before <= self._now()
        return link.state is LinkState.PARKED and is_over


def findings_of(links: Iterable[Link]) -> list[Finding]:
    """One finding for each resting pair: why it rests, until when, and how to end it."""
    return [_finding(link) for link in links if link.state is LinkState.PARKED]


def is_resting(finding: Finding) -> bool:
    """Whether a finding is about a resting pair."""
    return finding.reason.startswith(RESTING)


def _finding(link: Link) -> Finding:
    side = Side.HIGHLEVEL if link.highlevel_id is not None else Side.TIMETONIC
    reason = f"{RESTING}{link.reason or 'no reason was given'}; {_when(link.not_before)}"
    return Finding(link.kind, side, link.id_on(side) or RecordId(""), reason)


def _when(not_before: datetime | None) -> str:
    if not_before is None:
        return "tried again by `hightonic retry` only"
    at = f"{not_before.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    return f"tried again after {at}, when somebody edits it, or by `hightonic retry`"


def _is_whole(link: Link) -> bool:
    is_whole = link.highlevel_id is not None or not link.kind.is_paired
    return is_whole and link.timetonic_id is not None

"""Pairs that rest: refused records are left alone for a while, then tried again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from toolkit.model.ids import Side
from toolkit.model.links import Link, LinkState
from toolkit.store import ConnectionStore


class Parking:
    """The resting pairs of one connection."""

    def __init__(self, store: ConnectionStore, *, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now

    def wake(self, *, everything: bool) -> None:
        """Parked pairs whose rest is over are kept in step again.

        A create that was refused keeps its half pair, and with it the count of refusals,
        for as long as the record it starts from is there.
        """
        now = self._now()
        parked = self._store.links(states=[LinkState.PARKED])
        rested = [
            replace(link, not_before=now) if everything else link
            for link in parked
            if everything or self._is_rested(link)
        ]
        whole = [replace(each, state=LinkState.LIVE) for each in rested if _is_whole(each)]
        halves = [each for each in rested if not _is_whole(each)]
        orphans = [each.id for each in halves if not self._has_origin(each)]
        self._store.put_links([*whole, *halves])
        self._store.drop_links(orphans)

    def _has_origin(self, half: Link) -> bool:
        ids = ((side, half.id_on(side)) for side in Side)
        return any(i and self._store.get_observed(side, half.kind, i) for side, i in ids)

    def awake(self) -> list[Link]:
        """The pairs to plan with; half pairs whose rest is over are planned afresh."""
        return [
            replace(link, state=LinkState.LIVE) if self._is_rested(link) else link
            for link in self._store.links()
            if _is_whole(link) or not self._is_rested(link)
        ]

    def _is_rested(self, link: Link) -> bool:
        is_over = link.not_before is not None and link.not_before <= self._now()
        return link.state is LinkState.PARKED and is_over


def _is_whole(link: Link) -> bool:
    return link.highlevel_id is not None and link.timetonic_id is not None

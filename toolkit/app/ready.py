"""Both sides, ready to be read and written under the mapping in force."""

from __future__ import annotations

from collections.abc import Mapping

from toolkit.app.config import ConnectionConfig
from toolkit.app.observe import NEVER
from toolkit.app.surroundings import load_surroundings
from toolkit.app.wiring import Parts
from toolkit.mapping.translate import Translator
from toolkit.model.ids import Kind, Side
from toolkit.sides.highlevel import HighLevelSide
from toolkit.sides.highlevel_raw import AppointmentWindow
from toolkit.sides.listing import SidePort
from toolkit.sides.timetonic import TimeTonicSide


async def ready_sides(parts: Parts) -> tuple[dict[Side, SidePort], dict[Side, int]]:
    """The sides, and the fewest calls that could have taught them about the accounts."""
    config = parts.config
    found = await load_surroundings(
        config, highlevel=parts.highlevel, timetonic=parts.timetonic, store=parts.store
    )
    rows = {**config.mapping.kinds, **config.mapping.own}
    translators = {kind: Translator(each, found.context) for kind, each in rows.items()}
    sides = build_sides(parts, config, translators=translators)
    _forget_under_new_mapping(parts)
    return sides, found.minimum_calls


def build_sides(
    parts: Parts, config: ConnectionConfig, *, translators: Mapping[Kind, Translator]
) -> dict[Side, SidePort]:
    """The sides under these settings, which need not be those in force; nothing is asked."""
    mappings = config.mapping.kinds
    rows = {**mappings, **config.mapping.own}
    window = AppointmentWindow(
        config.sync.appointments_past_days, config.sync.appointments_future_days
    )
    return {
        Side.HIGHLEVEL: HighLevelSide(
            parts.highlevel,
            mappings=mappings,
            translators=translators,
            now=parts.now,
            window=window,
        ),
        Side.TIMETONIC: TimeTonicSide(
            parts.timetonic, mappings=rows, translators=translators, now=parts.now
        ),
    }


def _forget_under_new_mapping(parts: Parts) -> None:
    """What was seen through another mapping says nothing under this one."""
    store, digest = parts.store, parts.config.digest
    if store.get_memo("config.digest") == digest:
        return
    for side in Side:
        for kind in Kind:
            store.forget_observed(side, kind, store.observed_ids(side, kind))
    store.put_cursor(Side.HIGHLEVEL, Kind.CONTACT, "changed", {})
    store.put_note_reads(store.get_note_reads(), NEVER)
    store.put_memo("config.digest", digest)

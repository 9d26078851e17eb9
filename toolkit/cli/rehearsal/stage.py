"""A connection on a stage: the real settings and memory, emulated services, a clock that jumps."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Final

from toolkit.app.config import ConnectionConfig
from toolkit.app.connection import Connection
from toolkit.app.home import Home
from toolkit.app.surroundings import forget_surroundings
from toolkit.app.wiring import Meter, Parts
from toolkit.cli.rehearsal.workshop import copied_store, workshop
from toolkit.clients.highlevel import HighLevel
from toolkit.clients.pacing import ManualClock
from toolkit.clients.timetonic import CapabilityProfile, TimeTonic
from toolkit.model.ids import Kind
from toolkit.sandbox.common import EmulatorClock
from toolkit.sandbox.snapshot import Snapshot, Stage
from toolkit.store import ConnectionStore

# Addresses that lead nowhere (RFC 6761): whatever went wrong, no call could leave here.
_HIGHLEVEL: Final = "http://highlevel.invalid"
_TIMETONIC: Final = "http://timetonic.invalid"


@dataclass(frozen=True, slots=True)
class Rehearsing:
    """A connection that may do anything, as nothing it does is real."""

    connection: Connection
    memory: ConnectionStore
    stage: Stage


@asynccontextmanager
async def on_stage(parts: Parts, snapshot: Snapshot) -> AsyncIterator[Rehearsing]:
    """Open the connection once more over a snapshot of its accounts.

    It knows what the real one knows, and forgets it all when the block ends, however it
    ends. Keys stay out of it: the emulators have their own.

    Args:
        parts: The real connection; its store is copied, nothing of it is used otherwise.
        snapshot: What the accounts held.
    """
    clock = ManualClock(snapshot.taken_at)
    stage = Stage.build(snapshot, clock=EmulatorClock(clock.now, clock.monotonic))
    config = _on_emulators(parts.config, stage)
    with (
        workshop(parts.home.path, now=parts.now()) as folder,
        copied_store(parts.home.path, folder, clock=clock.now) as store,
    ):
        memory = store.connection(config.name)
        memory.set_paused(is_paused=False)
        forget_surroundings(memory)
        # The day's row was not copied with the accounts: here it is made anew.
        memory.drop_links([link.id for link in memory.links(Kind.METRIC)])
        meter = Meter()
        highlevel = _highlevel(config, stage, meter=meter, clock=clock)
        timetonic = _timetonic(parts, config, stage, meter=meter, clock=clock)
        async with highlevel, timetonic:
            staged = replace(
                parts,
                config=config,
                home=Home(folder),
                store=memory,
                highlevel=highlevel,
                timetonic=timetonic,
                meter=meter,
                now=clock.now,
                # What rules would send stays here: a rehearsal tells nobody.
                mailbox=None,
                courier=None,
            )
            yield Rehearsing(Connection(staged), memory, stage)


def _on_emulators(config: ConnectionConfig, stage: Stage) -> ConnectionConfig:
    path = stage.timetonic.credentials["path"]
    return replace(
        config,
        highlevel=replace(config.highlevel, base_url=_HIGHLEVEL),
        timetonic=replace(config.timetonic, url=f"{_TIMETONIC}{path}", profile=None),
    )


def _highlevel(
    config: ConnectionConfig, stage: Stage, *, meter: Meter, clock: ManualClock
) -> HighLevel:
    return HighLevel(
        stage.highlevel.credentials.token,
        location_id=config.highlevel.location_id,
        base_url=config.highlevel.base_url,
        version=config.highlevel.api_version,
        transport=stage.transports()["highlevel"],
        clock=clock,
        on_call=meter.count,
    )


def _timetonic(
    parts: Parts, config: ConnectionConfig, stage: Stage, *, meter: Meter, clock: ManualClock
) -> TimeTonic:
    profile = parts.timetonic.profile
    return TimeTonic(
        str(stage.timetonic.credentials["sesskey"]),
        user=config.timetonic.user,
        url=config.timetonic.url,
        book_owner=config.timetonic.book_owner,
        book_code=config.timetonic.book_code,
        # Sizes decide what a run costs; encodings are the emulator's own.
        profile=CapabilityProfile(
            page_size=profile.page_size,
            write_batch_size=profile.write_batch_size,
            tmp_id_mapping=profile.tmp_id_mapping,
        ),
        transport=stage.transports()["timetonic"],
        clock=clock,
        on_call=meter.count,
    )

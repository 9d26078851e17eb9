"""The HighLevel half of a stage: an emulated location that holds what was read of a real one."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from typing import TYPE_CHECKING, Final, Literal, cast

from toolkit.sandbox.faults import FaultPlan
from toolkit.sandbox.highlevel.app import HighLevelEmulator, build_highlevel
from toolkit.sandbox.highlevel.codec import DATA_TYPES
from toolkit.sandbox.highlevel.options import HighLevelOptions
from toolkit.sandbox.highlevel.records import BusinessRecord, FieldDefinition
from toolkit.sandbox.seed import make_world

if TYPE_CHECKING:
    from toolkit.sandbox.common import EmulatorClock
    from toolkit.sandbox.highlevel.state import HighLevelState
    from toolkit.sandbox.recording import Recorder
    from toolkit.sandbox.snapshot import HighLevelSnapshot, Team

# New ids must not meet those of a sandbox, whose seeds are small numbers.
_SEED: Final = 20_261_123_000_001
_NAMES: Final = ("name", "firstName", "lastName", "email")


def stage_highlevel(
    snapshot: HighLevelSnapshot, *, clock: EmulatorClock, recorder: Recorder
) -> HighLevelEmulator:
    """An emulated location with the snapshot's records under their own ids."""
    team = snapshot.team
    identifiers = [one for one in team.unique_identifiers if one in {"email", "phone"}]
    emulator = build_highlevel(
        make_world(
            now=clock.now(), seed=_SEED, contacts=0, tasks=0, notes=0, leads=0, shared=0
        ),
        clock=clock,
        faults=FaultPlan(),
        recorder=recorder,
        rate_limit=False,
        options=HighLevelOptions(
            country=team.country,
            timezone=team.timezone,
            allow_duplicate_contact=team.allow_duplicate_contact,
            unique_identifiers=cast(
                "tuple[Literal['email', 'phone'], ...]", tuple(identifiers)
            ),
        ),
    )
    _move_in(emulator, team)
    _load(emulator.state, deepcopy(snapshot))
    return emulator


def _move_in(emulator: HighLevelEmulator, team: Team) -> None:
    """The location takes the real one's id, so that stored settings fit it."""
    state = emulator.state
    state.location_id = team.location_id
    state.location |= {
        "id": team.location_id,
        "name": team.name,
        "country": team.country,
        "timezone": team.timezone,
    }
    state.users = {
        user_id: {**dict.fromkeys(_NAMES, ""), "id": user_id, **user}
        for user_id, user in team.users.items()
    }
    state.calendars = {
        calendar_id: {"id": calendar_id, "locationId": team.location_id, "name": name}
        for calendar_id, name in team.calendars.items()
    }
    state.businesses = {
        business_id: BusinessRecord(business_id, {"name": name}, state.now(), state.now())
        for business_id, name in team.businesses.items()
    }
    emulator.credentials = replace(
        emulator.credentials, location_id=team.location_id, token=emulator.issue_token()
    )


def _load(state: HighLevelState, snapshot: HighLevelSnapshot) -> None:
    state.fields = {one.id: _known_type(one) for one in snapshot.fields}
    for contact in snapshot.contacts:
        state.save(contact)
    for task in snapshot.tasks:
        state.save_task(task)
    for note in snapshot.notes:
        state.save_note(note)
    for appointment in snapshot.appointments:
        state.save_appointment(appointment)
    state.index.settle()


def _known_type(definition: FieldDefinition) -> FieldDefinition:
    """A data type the emulator has no codec for takes any text, as the client sends it."""
    if definition.data_type in DATA_TYPES:
        return definition
    return replace(definition, data_type="TEXT")

"""Values the tests of the command line share."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime

from rich.console import Console

from toolkit.model.ids import CorrelationKey, Digest, Kind, LinkId, RecordId, RunId, Side
from toolkit.model.outcomes import RunReport, Tally
from toolkit.model.plan import (
    Ambiguity,
    BrakeTripped,
    Conflict,
    Create,
    Delete,
    Finding,
    Join,
    Plan,
    Unlink,
    Update,
)

AT = datetime(2026, 11, 5, 14, 3, 9, tzinfo=UTC)
SECRET = "ada.lovelace@example.com"


def shown(renderables, *, width=120):
    """What a terminal of that width shows."""
    stream = io.StringIO()
    console = Console(file=stream, width=width, markup=False, emoji=False, highlight=False)
    for renderable in renderables:
        console.print(renderable)
    return stream.getvalue()


def link(name):
    return LinkId(name)


CREATE = Create(
    link_id=link("l1"),
    kind=Kind.CONTACT,
    side=Side.TIMETONIC,
    origin_id=RecordId("hl1"),
    correlation=CorrelationKey("c0ffee"),
    values={"name": "Ada", "email": SECRET},
    shown={"name": "Ada", "email": SECRET},
)
UPDATE = Update(
    link_id=link("l2"),
    kind=Kind.CONTACT,
    side=Side.HIGHLEVEL,
    id=RecordId("hl2"),
    before={"phone": "+33123456789"},
    after={"phone": None},
    other={"phone": None},
    expected=Digest("d"),
)
DELETE = Delete(
    link_id=link("l3"),
    kind=Kind.TASK,
    side=Side.TIMETONIC,
    id=RecordId("33"),
    mode="archive",
    before={"title": "Call Ada"},
    expected=Digest("d"),
)
JOIN = Join(
    link_id=link("l4"),
    kind=Kind.CONTACT,
    highlevel_id=RecordId("hl4"),
    timetonic_id=RecordId("44"),
    correlation=CorrelationKey("c"),
    base={},
    by="email",
)
UNLINK = Unlink(link_id=link("l5"), kind=Kind.CONTACT, gone=(Side.HIGHLEVEL,), before={})
CONFLICT = Conflict(
    link_id=link("l6"),
    kind=Kind.CONTACT,
    field="name",
    highlevel_id=RecordId("hl6"),
    timetonic_id=RecordId("66"),
    base="Ada",
    highlevel="Ada L.",
    timetonic="Ada Byron",
)
AMBIGUITY = Ambiguity(
    kind=Kind.CONTACT,
    key="email",
    highlevel_ids=(RecordId("hl7"), RecordId("hl8")),
    timetonic_ids=(RecordId("77"),),
    reason="two contacts share this e-mail",
)
FINDING = Finding(
    kind=Kind.CONTACT,
    side=Side.TIMETONIC,
    id=RecordId("88"),
    reason="this is not a phone number",
    field="phone",
)
BRAKE = BrakeTripped(
    side=Side.TIMETONIC,
    kind=Kind.CONTACT,
    verb="delete",
    count=60,
    limit=50,
    reason="60 contacts would be deleted in TimeTonic, more than 50",
)
EMPTY_PLAN = Plan(connection="main", config_digest=Digest("cfg"), made_at=AT)
FULL_PLAN = replace(
    EMPTY_PLAN,
    operations=(CREATE, UPDATE, DELETE, JOIN, UNLINK),
    held=(DELETE,),
    conflicts=(CONFLICT,),
    ambiguities=(AMBIGUITY,),
    findings=(FINDING,),
    brakes=(BRAKE,),
    estimated_calls={Side.HIGHLEVEL: 1, Side.TIMETONIC: 2},
)
QUIET_REPORT = RunReport(
    run_id=RunId("20261105-140309000-ab"),
    connection="main",
    verb="sync",
    started_at=AT,
    duration_s=1.25,
    tallies={kind: {side: Tally() for side in Side} for kind in Kind},
    conflicts=0,
    ambiguous=0,
    findings=0,
    held=0,
    api_calls={Side.HIGHLEVEL: 3, Side.TIMETONIC: 4},
    minimum_api_calls={Side.HIGHLEVEL: 3, Side.TIMETONIC: 4},
    writes_sent=0,
    writes_needed=0,
)
BUSY_REPORT = replace(
    QUIET_REPORT,
    tallies={
        Kind.CONTACT: {
            Side.HIGHLEVEL: Tally(created=150, updated=12, linked=50, failed=2),
            Side.TIMETONIC: Tally(created=1000, unlinked=1, conflicts=3),
        },
        Kind.TASK: {side: Tally() for side in Side},
    },
    conflicts=3,
    ambiguous=1,
    findings=2,
    writes_sent=1162,
    writes_needed=1162,
    failures=("2 x create contact: HighLevel refused the phone number",),
)
HELD_REPORT = replace(
    QUIET_REPORT, held=60, brakes=(BRAKE.reason,), approval="feedbeef", verb="apply"
)

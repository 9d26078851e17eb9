"""The tray over served emulators: brakes, stop, resume, a dead key, what others changed since."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from notebooks.widgets.bulk import BulkTalks, bulk_talks
from notebooks.widgets.talk import Answer, Talk
from notebooks.widgets.tray_talk import TrayTalk
from tests.browser.office_session import Office, open_office
from toolkit.sandbox.faults import Fault, FaultKind

pytestmark = pytest.mark.slow


class Desk:
    """One bulk editor with all that its tray says."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.talks: BulkTalks = bulk_talks(office.session)
        self.heard: list[dict[str, Any]] = []
        self.talks.tray.connect(self._hear)

    def _hear(self, answer: Answer) -> None:
        self.heard.append(answer.content)

    async def ask(self, talk: Talk, kind: str, **message: Any) -> dict[str, Any]:
        found = await asyncio.to_thread(talk.answer, {"kind": kind, **message})
        return found.content

    def tray_beside(self) -> tuple[TrayTalk, list[str]]:
        """One of a cell that was run again, and the kinds of what it says."""
        made, told = TrayTalk(self.talks.work), list[str]()
        made.connect(lambda answer: told.append(answer.content["kind"]))
        return made, told

    async def tray(self, kind: str, **message: Any) -> dict[str, Any]:
        return await self.ask(self.talks.tray, kind, **message)

    async def set_source(self, value: str, *, stage: str = "customer") -> int:
        """Stage a value for a few contacts; answers how many."""
        query = {"lifecycle_stage": {"test": "any_of", "values": [stage]}}
        await self.ask(self.talks.grid, "rows", start=0, end=1, filters=query)
        staged = await self.ask(self.talks.form, "set", field="source", text=value)
        return int(staged["count"])

    async def hears(self, kind: str, check: Callable[[dict[str, Any]], bool] = bool) -> Any:
        """The next message of a kind that fits; it and those before it are forgotten."""
        async with asyncio.timeout(30):
            while True:
                for at, each in enumerate(self.heard):
                    if each["kind"] == kind and check(each):
                        del self.heard[: at + 1]
                        return each
                await asyncio.sleep(0.01)

    def sources(self) -> list[str]:
        return [each for each in self.office.held("Source").values() if each]


@pytest_asyncio.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with open_office(tmp_path) as office:
        made = Desk(office)
        yield made
        made.talks.tray.close()
        made.talks.work.close()


async def test_batch_is_planned_applied_and_taken_back_but_for_what_others_changed(
    desk: Desk,
) -> None:
    count = await desk.set_source("Gold")
    before = desk.office.held("Source")
    await desk.tray("plan")
    plan = (await desk.hears("plan"))["plan"]
    await desk.tray("apply")
    ended = await desk.hears("ended")
    await desk.hears("idle")

    assert plan["to_do"] == count
    assert plan["calls"]["HighLevel"] >= count
    assert plan["batch"] == ended["batch"]["id"]
    assert desk.sources().count("Gold") == count
    assert len(desk.talks.work.staging) == 0

    state = desk.office.sandbox.timetonic.state
    row = next(key for key, each in state.rows("Contacts").items() if each["Source"] == "Gold")
    state.edit_row("Contacts", row, {"Source": "Platinum"})
    await desk.tray("act", verb="revert", batch=ended["batch"]["id"])
    reverted = await desk.hears("reverted")
    await desk.hears("idle")

    assert reverted["kept_total"] >= 1
    assert reverted["kept"][0]["name"]
    assert reverted["kept"][0]["what"]
    assert reverted["batch"]["state"] == "reverted"
    assert desk.sources().count("Platinum") == 1
    assert desk.sources().count("Gold") == 0
    assert len([e for e in before if desk.office.held("Source")[e] != before[e]]) == 1


async def test_brake_holds_everything_until_somebody_approves_just_this(desk: Desk) -> None:
    await desk.ask(desk.talks.form, "set", field="source", text="Gold")
    await desk.tray("apply")
    held = await desk.hears("ended")
    await desk.hears("idle")

    assert held["brakes"]
    assert desk.sources().count("Gold") == 0
    assert desk.talks.work.changes > 0

    await desk.tray("apply", approve=held["approval"])
    ended = await desk.hears("ended")
    await desk.hears("idle")

    assert ended["batch"]["state"] == "done"
    assert desk.talks.work.changes == 0


async def test_stopped_batch_is_resumed_and_each_contact_written_once(desk: Desk) -> None:
    slow = Fault(FaultKind.SLOW, system="highlevel", times=0, seconds=0.4, writes_only=True)
    count = await desk.set_source("Gold", stage="lead")
    desk.office.sandbox.faults.set([slow])
    await desk.tray("apply")
    again = await desk.tray("apply")
    beside, told = desk.tray_beside()
    late = await desk.ask(beside, "open")
    await desk.hears("progress", lambda each: bool(each["done"]))
    await desk.tray("stop")
    ended = await desk.hears("ended")
    await desk.hears("idle")
    desk.office.sandbox.faults.set([])

    assert "being worked on" in again["sentence"]
    assert late["verb"] == "apply"
    assert {"progress", "ended", "idle"} <= set(told)
    beside.close()
    assert ended["batch"]["state"] == "stopped"
    assert 0 < ended["left_total"] <= count
    assert "Resume" in ended["batch"]["said"]
    assert desk.talks.work.changes == 0

    (known,) = (await desk.tray("history"))["batches"]
    lines = await desk.tray("lines", batch=known["id"])
    await desk.tray("act", verb="resume", batch=known["id"])
    done = await desk.hears("ended")
    await desk.hears("idle")

    assert known["can_resume"]
    assert lines["left_total"] == ended["left_total"]
    assert done["batch"]["state"] == "done"
    assert desk.sources().count("Gold") == count


async def test_key_that_dies_in_the_middle_leaves_a_batch_that_says_so(desk: Desk) -> None:
    count = await desk.set_source("Gold")
    dead = Fault(FaultKind.DEAD_SESSION, system="timetonic", times=0)
    desk.office.sandbox.faults.set([dead])
    await desk.tray("apply")
    await desk.hears("idle")
    (known,) = (await desk.tray("history"))["batches"]
    told = [each for each in desk.heard if each.get("sentence")]
    desk.office.sandbox.faults.set([])

    assert known["state"] in {"stopped", "partly", "staged"}
    assert known["said"] or told

    verb = "resume" if known["can_resume"] else "retry"
    await desk.tray("act", verb=verb, batch=known["id"])
    await desk.hears("idle")

    assert desk.sources().count("Gold") == count


async def test_recipe_is_given_for_keeping_and_acts_that_are_none_are_refused(
    desk: Desk,
) -> None:
    await desk.set_source("Gold")
    await desk.tray("plan")
    plan = (await desk.hears("plan"))["plan"]
    found = await asyncio.to_thread(
        desk.talks.tray.answer, {"kind": "recipe", "batch": plan["batch"]}
    )
    await desk.tray("act", verb="nonsense", batch=plan["batch"])
    failed = await desk.hears("failed")

    assert found.block is not None
    assert b"hightonic_recipe" in found.block
    assert found.content["name"] == f"{plan['batch']}.json"
    assert "no such act" in failed["sentence"]

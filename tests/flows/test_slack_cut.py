"""A job that ends in the middle of its deed is taken up again: the deed is done once, and told."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.commands import CommandDesk
from tests.flows.slack_office import SlackOffice, open_slack_office
from tests.flows.world import HIGH, TIME, World
from tests.sampling import some
from toolkit.app.front_desk import FrontDesk
from toolkit.app.runs import Runner
from toolkit.errors import DecisionNeededError, StateBusyError
from toolkit.model.chat_people import Role
from toolkit.model.ids import Kind
from toolkit.sandbox.faults import Fault, FaultKind
from toolkit.store.slack_outbox import SlackOutbox


@pytest.fixture
async def office(world: World) -> AsyncIterator[SlackOffice]:
    async with open_slack_office(world) as opened:
        opened.link("olivia", Role.ADMIN)
        opened.link("adam", Role.APPROVER)
        yield opened
        opened.check()


class Cut:
    """Ends the next call of one of the front desk's methods, as a crash of the process does."""

    def __init__(self, method: str, *, is_after: bool) -> None:
        self.method = method
        self._call: Any = getattr(FrontDesk, method)
        self._is_after = is_after
        self.is_due = True

    def __get__(self, desk: FrontDesk, _owner: object) -> Any:
        async def called(*args: Any, **options: Any) -> Any:
            if self.is_due and not self._is_after:
                self.is_due = False
                raise asyncio.CancelledError
            told = await self._call(desk, *args, **options)
            if self.is_due:
                self.is_due = False
                raise asyncio.CancelledError
            return told

        return called


MOMENTS = pytest.mark.parametrize("is_after", [False, True], ids=["before", "after"])
WRITES = {
    "contact tag {email} +cut": ("edit", 2),
    "contact edit {email} phone=+33611111111": ("edit", 2),
    'note add {email} "Cut"': ("edit", 2),
    'task add "Cut" due=+2d contact={email}': ("edit", 2),
    "task done {task}": ("edit", 2),
    "contact add name=Zoe email=zoe@example.org": ("edit", 2),
}


@MOMENTS
@pytest.mark.parametrize("line", WRITES)
async def test_a_deed_that_is_cut_short_is_done_once_and_told(
    office: SlackOffice, monkeypatch: pytest.MonkeyPatch, line: str, *, is_after: bool
) -> None:
    world, email = office.world, office.world.emails()[0]
    task = next(each.id for each in world.high.tasks.values() if not each.is_completed)
    method, most = WRITES[line]
    cut = Cut(method, is_after=is_after)
    monkeypatch.setattr(FrontDesk, method, cut)

    said = await office.ask("olivia", line.format(email=email, task=task))

    assert not cut.is_due
    assert 1 <= world.writes() <= most + 1
    for kind in (Kind.CONTACT, Kind.TASK, Kind.NOTE):
        assert world.by_identity(HIGH, kind).keys() == world.by_identity(TIME, kind).keys()
    assert "[Undo]" in said


class Within:
    """Ends the first run of the service behind its writes, as a power cut does."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.is_due, call = True, Runner._automate

        async def cut(runner: Runner, *args: Any, **options: Any) -> None:
            if self.is_due:
                self.is_due = False
                raise asyncio.CancelledError
            await call(runner, *args, **options)

        monkeypatch.setattr(Runner, "_automate", cut)


@pytest.mark.parametrize("line", some([*WRITES], one_in=3))
async def test_a_deed_cut_within_its_run_is_told_and_taken_back_whole(
    office: SlackOffice, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    world, email = office.world, office.world.emails()[0]
    task = next(each.id for each in world.high.tasks.values() if not each.is_completed)
    kinds = (Kind.CONTACT, Kind.TASK, Kind.NOTE)
    before = {kind: world.by_identity(HIGH, kind) for kind in kinds}
    cut = Within(monkeypatch)

    said = await office.ask("olivia", line.format(email=email, task=task))
    taken_back = await office.click("olivia", "Undo")

    assert not cut.is_due
    assert "[Undo]" in said
    assert "Taken back" in taken_back
    for side in (HIGH, TIME):
        assert {kind: world.by_identity(side, kind).keys() for kind in kinds} == {
            kind: found.keys() for kind, found in before.items()
        }
        now = world.by_identity(side, Kind.CONTACT)[email]
        assert now["tags"] == before[Kind.CONTACT][email]["tags"]


async def test_an_approval_is_asked_for_once_although_its_job_is_cut_short(
    office: SlackOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    email = office.world.emails()[0]
    cut = Cut("preview_effects", is_after=True)
    monkeypatch.setattr(FrontDesk, "preview_effects", cut)

    await office.ask("olivia", f"contact delete {email}")
    await office.at_rest()
    await office.workspace.until(
        lambda: any("[Approve]" in each for each in office.workspace.reads("adam", "#ops")),
        timeout_s=15,
    )

    assert not cut.is_due
    assert len(office.store.slack.people.waiting_approvals(office.team)) == 1


@MOMENTS
@pytest.mark.parametrize("line", ["sync run", "sync retry"])
async def test_a_sync_that_is_cut_short_tells_all_that_it_did(
    office: SlackOffice, monkeypatch: pytest.MonkeyPatch, line: str, *, is_after: bool
) -> None:
    world, email = office.world, office.world.emails()[0]
    world.edit_contact(world.contact_id(email), phone="+33611111111")
    cut = Cut(line.removeprefix("sync ").replace("run", "sync"), is_after=is_after)
    monkeypatch.setattr(FrontDesk, cut.method, cut)

    said = await office.ask("olivia", line)

    assert not cut.is_due
    assert "1 change written" in said


@MOMENTS
async def test_an_approved_deed_that_is_cut_short_is_done_once(
    office: SlackOffice, monkeypatch: pytest.MonkeyPatch, *, is_after: bool
) -> None:
    world, email = office.world, office.world.emails()[0]
    await office.ask("olivia", f"contact delete {email}")
    await office.workspace.until(
        lambda: any("[Approve]" in each for each in office.workspace.reads("adam", "#ops")),
        timeout_s=15,
    )
    cut = Cut("edit", is_after=is_after)
    monkeypatch.setattr(FrontDesk, "edit", cut)

    said = await office.click("adam", "Approve")

    assert not cut.is_due
    assert "was deleted in both systems" in said
    for side in (HIGH, TIME):
        assert email not in world.by_identity(side, Kind.CONTACT)


async def test_an_approved_deed_that_fails_says_so_where_it_was_asked_for(
    office: SlackOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, email = office.world, office.world.emails()[0]
    await office.ask("olivia", f"contact delete {email}")
    await office.workspace.until(
        lambda: any("[Approve]" in each for each in office.workspace.reads("adam", "#ops")),
        timeout_s=15,
    )

    def locked(*_args: object, **_options: object) -> None:
        raise DecisionNeededError("The connection is paused", unchanged="Nothing was changed")

    monkeypatch.setattr(FrontDesk, "edit", locked)
    said = await office.click("adam", "Approve")
    await office.workspace.until(
        lambda: any("is paused" in each for each in office.workspace.reads("bruno", "#ops")),
        timeout_s=15,
    )

    assert "The connection is paused" in said
    assert not any("[Approve]" in each for each in office.workspace.reads("adam", "#ops"))
    assert email in world.by_identity(HIGH, Kind.CONTACT)


@MOMENTS
async def test_a_conflict_whose_settling_is_cut_short_is_settled_and_told(
    office: SlackOffice, monkeypatch: pytest.MonkeyPatch, *, is_after: bool
) -> None:
    world, email = office.world, office.world.emails()[0]
    world.edit_contact(world.contact_id(email), phone="+33611111111")
    world.time.edit_row("Contacts", world.row_id(email), {"Phone": "+33622222222"})
    await office.ask("olivia", "sync run")
    shown = await office.ask("olivia", "sync conflicts")
    cut = Cut("resolve", is_after=is_after)
    monkeypatch.setattr(FrontDesk, "resolve", cut)

    said = await office.click("olivia", re.findall(r"\[([^\]]*TimeTonic[^\]]*)\]", shown)[0])

    assert not cut.is_due
    for side in (HIGH, TIME):
        assert world.by_identity(side, Kind.CONTACT)[email]["phone"] == "+33622222222"
    assert "values stand in both systems" in said


@MOMENTS
async def test_an_undo_that_is_cut_short_is_done_once_and_told(
    office: SlackOffice, monkeypatch: pytest.MonkeyPatch, *, is_after: bool
) -> None:
    world, email = office.world, office.world.emails()[0]
    await office.ask("olivia", f"contact tag {email} +cut")
    cut = Cut("undo", is_after=is_after)
    monkeypatch.setattr(FrontDesk, "undo", cut)

    said = await office.click("olivia", "Undo")

    assert not cut.is_due
    for side in (HIGH, TIME):
        assert "cut" not in world.by_identity(side, Kind.CONTACT)[email]["tags"]
    assert "Taken back" in said


@pytest.mark.parametrize(
    ("place", "name"),
    [(CommandDesk, "read"), (CommandDesk, "note_outcome"), (SlackOutbox, "put")],
    ids=["read", "noted", "answered"],
)
async def test_a_deed_beside_which_the_store_fails_once_is_done_once_and_told(
    office: SlackOffice, monkeypatch: pytest.MonkeyPatch, place: type, name: str
) -> None:
    world, email = office.world, office.world.emails()[0]
    call, failures = getattr(place, name), [StateBusyError("The database is locked")]

    def busy(*args: Any, **options: Any) -> Any:
        if failures:
            raise failures.pop()
        return call(*args, **options)

    monkeypatch.setattr(place, name, busy)
    if name == "put":
        broken = Fault(FaultKind.BROKEN_BEFORE, match="^response_url", times=0)
        office.workspace.faults.set([broken])

    await office.type("olivia", f"contact tag {email} +cut")
    await office.at_rest()
    await office.workspace.until(
        lambda: any("[Undo]" in said for said in _told(office, "olivia")), timeout_s=15
    )

    assert not failures
    assert world.writes() == 2
    assert len(_told(office, "olivia")) == 1


def _told(office: SlackOffice, name: str) -> list[str]:
    return [*office.workspace.reads(name, "#ops"), *office.workspace.reads(name, "bot")]

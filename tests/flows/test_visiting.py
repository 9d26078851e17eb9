"""Notebooks and the command line write beside a running service, each in turn."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.flows.world import SMALL, World
from toolkit.app.connection import open_connection
from toolkit.app.front_opening import open_front_desk
from toolkit.app.home import Home
from toolkit.app.setup import connect_sandbox
from toolkit.app.wiring import Transports
from toolkit.clients.pacing import ManualClock
from toolkit.errors import StateBusyError, UseError
from toolkit.model.automation import EditTags
from toolkit.model.ids import Kind
from toolkit.sandbox.serve import Sandbox
from toolkit.server.process import ServeOptions, serving


class Patience:
    """The world's time; waits are true ones, but short."""

    def __init__(self, clock: ManualClock) -> None:
        self._clock = clock
        self.now = clock.now
        self.monotonic = clock.monotonic

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(min(seconds, 0.02))


def _tagged(sandbox: Sandbox, tag: str) -> list[str]:
    rows = sandbox.timetonic.state.rows("Contacts").values()
    return [row["Name"] for row in rows if tag in str(row["Tags"])]


@pytest.mark.slow
async def test_desk_and_command_write_while_the_service_runs(tmp_path: Path) -> None:
    home = Home(tmp_path)
    async with Sandbox.running(SMALL) as sandbox:
        await connect_sandbox(home, "main", sandbox.ready_line())
        async with open_connection(home=home.path) as first:
            await first.sync()
        contacts = len(sandbox.timetonic.state.rows("Contacts"))
        async with serving(home, ServeOptions(port=0)), open_front_desk(home=home.path) as desk:
            links = await desk.ask(lambda it: list(it.contact_names()))

            edits = [desk.edit([EditTags(each, add=("met",))]) for each in links[:3]]
            async with open_connection(home=home.path) as beside:
                synced = await beside.sync()
            reports = await asyncio.gather(*edits)

        assert [each.writes_sent for each in reports] == [2, 2, 2]
        assert synced.failures == ()
        assert len(_tagged(sandbox, "met")) == 3
        assert len(sandbox.timetonic.state.rows("Contacts")) == contacts


async def test_desk_claims_the_home_only_while_it_writes(world: World) -> None:
    wires = Transports(**world.sandbox.transports())
    async with open_front_desk(home=world.home, transports=wires, clock=world.clock) as desk:
        links = await desk.ask(lambda it: list(it.contact_names()))
        await desk.edit([EditTags(links[0], add=("met",))])
        report = await world.sync()
        async with world.open():
            with pytest.raises(StateBusyError):
                await desk.edit([EditTags(links[0], add=("seen",))])

        again = await desk.edit([EditTags(links[0], add=("seen",))])

    assert report.writes_sent == 0
    assert again.writes_sent == 2
    assert len(_tagged(world.sandbox, "seen")) == 1


async def test_new_contact_that_may_be_somebody_else_is_told_by_its_own_run(
    world: World,
) -> None:
    wires = Transports(**world.sandbox.transports())
    phone = next(row["Phone"] for row in world.rows("Contacts").values() if row["Phone"])
    async with open_front_desk(home=world.home, transports=wires, clock=world.clock) as desk:
        report = await desk.add_contact({"name": "Some Body", "phone": phone}, once="a1")
        found = await desk.ask(lambda it: it.findings())

    assert report.ambiguous == 1
    assert [each.reason for each in found]


@pytest.mark.parametrize("is_known", [True, False])
async def test_person_who_is_there_already_is_not_made_again(
    world: World, is_known: bool
) -> None:
    wires = Transports(**world.sandbox.transports())
    email = world.emails()[0]
    if not is_known:
        email = "typed.in.by.hand@example.org"
        world.time.add_row("Contacts", {"Name": "By Hand", "Email": email})
    before = len(world.rows("Contacts"))
    async with open_front_desk(home=world.home, transports=wires, clock=world.clock) as desk:
        report = await desk.add_contact({"name": "Some Body", "email": email}, once="a1")
        again = await desk.add_contact({"name": "Some Body", "email": email}, once="a1")

    assert len(world.rows("Contacts")) == before
    assert ("already" if is_known else "sync first") in report.failures[0]
    assert again.failures == report.failures
    await world.settle()


async def test_two_desks_that_write_at_once_write_one_after_the_other(world: World) -> None:
    wires = Transports(**world.sandbox.transports())
    opening = [
        open_front_desk(home=world.home, transports=wires, clock=Patience(world.clock))
        for _ in range(2)
    ]
    async with opening[0] as one, opening[1] as other:
        links = await one.ask(lambda it: list(it.contact_names()))
        reports = await asyncio.gather(
            *(
                desk.edit([EditTags(each, add=("met",))])
                for desk, each in zip((one, other), links, strict=False)
            )
        )

    assert [each.writes_sent for each in reports] == [2, 2]
    assert len(_tagged(world.sandbox, "met")) == 2


async def test_value_that_highlevel_would_refuse_is_refused_before_either_side_is_written(
    world: World,
) -> None:
    wires = Transports(**world.sandbox.transports())
    async with open_front_desk(home=world.home, transports=wires, clock=world.clock) as desk:
        writes = world.writes()
        with pytest.raises(UseError, match="takes one of"):
            await desk.read_values(Kind.CONTACT, {"plan": "Nonsense"})
        read = await desk.read_values(Kind.CONTACT, {"plan": "bASIC", "source": "anything"})

    assert read == {"plan": "Basic", "source": "anything"}
    assert world.writes() == writes

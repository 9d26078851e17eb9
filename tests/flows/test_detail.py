"""All that is known of a contact, and a look at it anew."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.flows.world import HIGH, World
from toolkit.app.contact_detail import ContactDetail
from toolkit.app.front_desk import FrontDesk
from toolkit.app.front_opening import open_front_desk
from toolkit.app.wiring import Transports
from toolkit.errors import UseError
from toolkit.model.automation import EditTags
from toolkit.model.ids import LinkId, Side


@asynccontextmanager
async def at_desk(world: World) -> AsyncIterator[FrontDesk]:
    wires = Transports(**world.sandbox.transports())
    async with open_front_desk(home=world.home, transports=wires, clock=world.clock) as desk:
        yield desk


async def read(desk: FrontDesk, contact: LinkId) -> ContactDetail:
    return await desk.read(lambda it: it.detail(contact, {"email": "E-mail"}))


async def test_detail_says_where_each_value_stands_and_who_wrote_it(world: World) -> None:
    async with at_desk(world) as desk:
        tasks = await desk.read(lambda it: it.tasks(is_open=False))
        family = {each.contact for each in tasks}
        names = await desk.ask(lambda it: it.contact_names())
        contact = next(each for each, name in names.items() if name in family)
        await desk.edit([EditTags(contact, add=("met",))], verb="bulk")
        calls = world.sandbox.recorder.count()

        detail = await read(desk, contact)

    tags = next(each for each in detail.fields if each.name == "tags")
    email = next(each for each in detail.fields if each.name == "email")
    newest = detail.history[0]
    assert world.sandbox.recorder.count() == calls
    assert detail.name == names[contact]
    assert detail.tasks
    assert all(each.id for each in detail.records)
    assert set(tags.shown) == set(Side)
    assert not tags.differs
    assert tags.written_by.startswith("by bulk into")
    assert (email.title, email.places[HIGH]) == ("E-mail", "email")
    assert newest.what == "Contact changed"
    assert newest.by == "bulk"
    assert "met" in str(newest.changes["tags"][1])


async def test_look_reads_one_contact_and_writes_nothing(world: World) -> None:
    async with at_desk(world) as desk:
        (contact, *_) = await desk.ask(lambda it: it.contact_names())
        before = await read(desk, contact)
        record = next(each for each in before.records if each.side is HIGH)
        world.clock.advance(5)
        held = world.high.contacts[str(record.id)]
        held.values["companyName"] = "Looked Ltd"
        writes, calls = world.writes(), world.sandbox.recorder.count()

        await desk.look(contact)

        after = await read(desk, contact)
        company = next(each for each in after.fields if each.name == "company")
        assert world.sandbox.recorder.count() - calls <= 3
        assert world.writes() == writes
        assert company.shown[HIGH] == "Looked Ltd"
        assert company.differs
        with pytest.raises(UseError):
            await desk.look(LinkId("nobody"))
        with pytest.raises(UseError):
            await read(desk, LinkId("nobody"))

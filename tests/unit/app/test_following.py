"""Settings saved while a notebook is open hold from its next act on."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.flows.world import World
from tests.unit.app.test_mapping_desk import settings
from toolkit.app.config_source import write_text
from toolkit.app.front_desk import FrontDesk
from toolkit.app.front_opening import open_front_desk
from toolkit.app.wiring import Transports
from toolkit.errors import ConfigError, PlanChangedError

CITY = """\
    mapping:
      contact:
        fields:
          city: {type: text, highlevel: city, timetonic: City, direction: to_timetonic}
"""


@pytest_asyncio.fixture
async def front(world: World) -> AsyncIterator[FrontDesk]:
    async with open_front_desk(
        home=world.home, transports=Transports(**world.sandbox.transports()), clock=world.clock
    ) as desk:
        yield desk


def city_of(world: World, email: str) -> object:
    return world.rows("Contacts")[world.row_id(email)]["City"]


async def test_next_sync_works_under_the_mapping_that_was_saved(
    world: World, front: FrontDesk
) -> None:
    email = world.emails()[0]
    world.edit_contact(world.contact_id(email), city="Reykjavík")
    await front.sync()
    assert city_of(world, email) != "Reykjavík"

    write_text(world.home / "hightonic.yaml", settings(world, CITY))
    plan = await front.preview()
    report = await front.sync(approve=plan.approval or None)

    assert not report.failures
    assert city_of(world, email) == "Reykjavík"
    assert front.config.mapping.kinds
    written = world.writes()
    await front.sync()
    assert world.writes() == written


@pytest.mark.parametrize(
    ("text", "error"),
    [("version: [", ConfigError), ("elsewhere", PlanChangedError)],
)
async def test_settings_that_cannot_be_followed_write_nothing(
    world: World, front: FrontDesk, text: str, error: type[Exception]
) -> None:
    path = world.home / "hightonic.yaml"
    before = path.read_text("utf-8")
    elsewhere = settings(world, CITY).replace("location_id: ", "location_id: other")
    write_text(path, elsewhere if text == "elsewhere" else text)

    with pytest.raises(error):
        await front.sync()

    assert world.writes() == 0
    write_text(path, before)
    await front.sync()

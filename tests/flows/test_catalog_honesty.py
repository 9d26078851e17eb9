"""What the catalogue claims of an entry is so: its scope is enough, a second call adds nothing."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from toolkit.app.catalog import get_entry, list_entries
from toolkit.app.catalog.calling import call_entry
from toolkit.app.catalog.examples import fill_example
from toolkit.app.home import Home
from toolkit.app.live import live_digest
from toolkit.app.setup import connect_sandbox
from toolkit.app.wiring import Transports, open_parts
from toolkit.clients.highlevel import HighLevel
from toolkit.errors import DecisionNeededError, ForbiddenError, NotFoundError
from toolkit.sandbox.serve import Sandbox, SandboxOptions

VENDORS = [
    entry
    for entry in list_entries().values()
    if entry.role == "action" and entry.system != "hightonic"
]
AGENCY_ONLY = {"highlevel.locations.search"}


class Stage:
    """Emulators in this process, and a home connected to them."""

    def __init__(self, folder):
        self.home = Home(folder / "home")
        self.sandbox = Sandbox(
            SandboxOptions(contacts=30, tasks=30, notes=3, leads=12, shared=2, rate_limit=False)
        )

    @asynccontextmanager
    async def parts(self):
        wires = Transports(**self.sandbox.transports())
        async with open_parts("main", home=self.home.path, transports=wires) as parts:
            yield parts

    def narrowed(self, parts, scope, *, is_agency=False):
        """The same parts, with a token that may do this alone."""
        high, config = self.sandbox.highlevel, parts.config.highlevel
        kind = "company" if is_agency else "pit"
        client = HighLevel(
            high.issue_token(scopes=frozenset({scope}), kind=kind),
            location_id=config.location_id,
            base_url=config.base_url,
            transport=self.sandbox.transports()["highlevel"],
            on_call=parts.meter.count,
        )
        return replace(parts, highlevel=client)

    def counts(self):
        counts = dict(self.sandbox.timetonic.state.counts())
        del counts["calls"]
        return self.sandbox.highlevel.state.counts(), counts


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    made = Stage(tmp_path_factory.mktemp("honest"))
    wires = dict(made.sandbox.transports())
    ready = made.sandbox.ready_line()
    asyncio.run(connect_sandbox(made.home, "main", ready, transports=wires))
    return made


@pytest.mark.parametrize("entry", VENDORS, ids=lambda entry: entry.id)
async def test_its_scope_is_enough_and_a_second_call_adds_nothing(stage, entry):
    async with stage.parts() as parts:
        given = await fill_example(entry, parts)
        # Custom fields by name cost a look at their definitions, with a scope of its own.
        given.pop("custom_fields", None)
        narrow = stage.narrowed(parts, entry.scope, is_agency=entry.id in AGENCY_ONLY)
        await call_entry(entry, entry.read_input(given), narrow)
        if not entry.is_idempotent:
            return

        counts = stage.counts()
        try:
            await call_entry(entry, entry.read_input(given), narrow)
        except NotFoundError:
            assert entry.is_write

    assert stage.counts() == counts


async def test_without_its_scope_a_call_is_refused(stage):
    entry = get_entry("highlevel.tags.list")
    async with stage.parts() as parts:
        narrow = stage.narrowed(parts, "contacts.readonly")
        with pytest.raises(ForbiddenError):
            await call_entry(entry, entry.read_input({}), narrow)


async def test_a_real_connection_writes_once_it_is_live_and_only_then(stage):
    create = get_entry("highlevel.tags.create")
    async with stage.parts() as parts:
        high = replace(parts.config.highlevel, base_url="https://highlevel.example.com")
        real = replace(parts, config=replace(parts.config, highlevel=high))
        stage.sandbox.recorder.clear()
        with pytest.raises(DecisionNeededError):
            await call_entry(create, create.read_input({"name": "not yet"}), real)
        refused = stage.sandbox.recorder.count()
        rehearsed = parts.store.put_rehearsal(live_digest(real.config), "{}")
        parts.store.set_live(live_digest(real.config), rehearsed.id)

        called = await call_entry(create, create.read_input({"name": "now"}), real)

    assert refused == 0
    assert called.value["name"] == "now"

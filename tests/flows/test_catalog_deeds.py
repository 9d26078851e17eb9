"""Bulk work through the catalogue: on both sides, planned first, undone, refused in one sentence."""

import pytest

from toolkit.app.catalog import get_entry
from toolkit.app.catalog.calling import call_entry, foresee_call, preview_call
from toolkit.app.wiring import Transports, open_parts
from toolkit.errors import UseError
from toolkit.model.ids import Kind

CONTACTS = "hightonic.contacts"


class Caller:
    """Calls entries on a world."""

    def __init__(self, world):
        self.world = world

    def _open(self):
        world = self.world
        wires = Transports(**world.sandbox.transports())
        return open_parts(world.name, home=world.home, transports=wires, clock=world.clock)

    async def call(self, name, **given):
        entry = get_entry(f"{CONTACTS}.{name}" if "." not in name else name)
        async with self._open() as parts:
            called = await call_entry(entry, entry.read_input(given), parts)
        return called.value

    async def would(self, name, **given):
        entry = get_entry(f"{CONTACTS}.{name}")
        async with self._open() as parts:
            taken = entry.read_input(given)
            found = await foresee_call(entry, taken, parts)
            return preview_call(entry, taken, parts, found=found).would

    @property
    def contact(self):
        """A contact on both sides, in HighLevel's own words."""
        return self.contacts[0]

    @property
    def contacts(self):
        state = self.world.sandbox.highlevel.state
        ids = [each.highlevel_id for each in self.world.pairs if each.kind is Kind.CONTACT]
        return [state.contacts[each] for each in ids if each in state.contacts]


@pytest.fixture
async def caller(world):
    await world.settle()
    return Caller(world)


async def test_a_field_is_set_on_both_sides_and_taken_back(caller):
    contact_id, before = caller.contact.id, caller.contact.values.get("source")

    done = await caller.call("set_fields", contacts=[contact_id], fields={"source": "fair"})
    told = caller.contact.values["source"]
    await caller.call("hightonic.undo", run_id=done["run_id"])

    assert told == "fair"
    assert {side: each["updated"] for side, each in done["tallies"]["contact"].items()} == {
        "highlevel": 1,
        "timetonic": 1,
    }
    assert caller.contact.values.get("source") == before


async def test_what_a_deed_would_do_is_shown_and_not_done(caller):
    given = {"contacts": [caller.contact.id]}
    writes = caller.world.writes()

    shown = await caller.would("archive", **given, reason="moved away")
    tagged = await caller.would("add_tags", **given, tags=["fair"])

    assert shown["writes"]["create archive in TimeTonic"] == 1
    assert sum(tagged["writes"].values()) == 2
    assert caller.world.writes() == writes


async def test_an_archived_contact_is_listed_and_restored(caller):
    contact_id = caller.contact.id

    await caller.call("archive", contacts=[contact_id], reason="moved away")
    (listed,) = await caller.call("archived")
    shown = await caller.would("restore", contacts=[listed["contact"]])
    await caller.call("restore", contacts=[listed["contact"]])

    assert (listed["highlevel_id"], listed["reason"]) == (contact_id, "moved away")
    assert shown["writes"]
    assert await caller.call("archived") == []
    assert "archived" not in caller.contact.tags


async def test_two_that_are_one_are_merged_and_nothing_is_deleted(caller):
    one, two = caller.contacts[:2]
    for contact, mailbox in ((one, "ada.byron@gmail.com"), (two, "adabyron@gmail.com")):
        contact.values |= {"email": mailbox, "firstName": "Ada", "lastName": "Byron"}
        caller.world.sandbox.highlevel.state.touch(contact)
    caller.world.sandbox.highlevel.state.index.settle()
    await caller.world.settle()
    people = len(caller.contacts)

    (found,) = (await caller.call("merge_plans"))["groups"]
    shown = await caller.would("merge", group=found["group"])
    done = await caller.call("merge", group=found["group"])

    assert shown["writes"]
    assert done["failures"] == []
    assert len(caller.contacts) == people
    tags = [tag for each in caller.contacts for tag in each.tags]
    assert sum(tag.startswith("duplicate-of") for tag in tags) == 1


@pytest.mark.parametrize(
    ("name", "given", "happened"),
    [
        ("set_fields", {"fields": {"nope": "x"}}, "nope"),
        ("act", {"then": [{"dance": True}]}, "`dance` is not an action"),
        ("act", {"then": [{"post": {"channel": "#x", "text": "y"}}]}, "sent by rules only"),
        ("act", {"then": [{"set": {"source": "{{ contact.nope }}"}}]}, "nope"),
        ("create_task", {"title": "x", "due": "whenever"}, "date cannot be read"),
        ("assign_owner", {"owner": "nobody at all"}, "owner"),
        ("add_tags", {"tags": ["x"], "contacts": ["nobody@example.org"]}, "contact"),
    ],
)
async def test_what_cannot_be_done_is_refused_and_nothing_is_written(
    caller, name, given, happened
):
    writes = caller.world.writes()

    with pytest.raises(UseError) as refused:
        await caller.call(name, **{"contacts": [caller.contact.id], **given})

    assert happened in refused.value.happened
    assert caller.world.writes() == writes


async def test_a_deed_for_too_many_is_held_until_approved(caller):
    caller.world.configure(sync={"brakes": {"update_floor": 2, "update_share": 0.01}})
    everybody = {"contacts": [each.id for each in caller.contacts], "tags": ["fair"]}

    held = await caller.call("add_tags", **everybody)
    done = await caller.call("add_tags", **everybody, approve=held["approval"])

    assert held["held"] > 0
    assert done["held"] == 0
    assert all("fair" in each.tags for each in caller.contacts)


async def test_contacts_are_found_by_mail_and_named(caller):
    contact = caller.contact

    (found,) = await caller.call("find", contacts=[contact.values["email"]])
    stale = await caller.call("stale", days=1)

    assert found["highlevel_id"] == contact.id
    assert found["name"]
    assert {each["pair"] for each in stale} <= set(await caller.call("names"))

"""Rules that tell other systems, and rules written in Python: from a change to what people see."""

from __future__ import annotations

import hashlib
import hmac
import json

import pytest

from tests.flows.ruled import a_rule, put_rules, tasks_of
from tests.flows.world import World
from tests.unit.app.receiver import receiving
from toolkit.app.home import Home
from toolkit.app.message_signing import renew_secret
from toolkit.app.wiring import Transports
from toolkit.cli.rehearsal.perform import open_rehearser
from toolkit.errors import DecisionNeededError
from toolkit.model.events import EventKind
from toolkit.store import DeliveryState

NEW = "nora.new@example.com"
TELL = a_rule(
    "tell",
    "contact_created",
    {"call_url": {"to": "crm", "body": {"mail": "{{ contact.email }}", "tags": ["a"]}}},
)


def addresses(url: str) -> dict[str, object]:
    return {"crm": {"url": url, "allow_private": True}}


async def test_a_new_contact_is_told_to_another_system_once_and_signed(world: World) -> None:
    async with receiving() as receiver:
        put_rules(world, TELL, addresses=addresses(receiver.url()))
        secret = renew_secret(Home(world.home), None, "crm")
        await world.sync()
        world.add_contact(NEW)

        await world.sync()
        await world.sync()

    (request,) = receiver.taken
    assert json.loads(request.body) == {"mail": NEW, "tags": ["a"]}
    stamp, mark = request.headers["x-hightonic-signature"].split(",")
    signed = f"{stamp[2:]}.".encode() + request.body
    assert mark == "v1=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


async def test_a_receiver_that_is_down_hears_of_it_later_and_the_run_is_good(
    world: World,
) -> None:
    async with receiving([503]) as receiver:
        put_rules(world, TELL, addresses=addresses(receiver.url()))
        await world.sync()
        world.add_contact(NEW)

        report = await world.sync()
        await world.sync()
        assert not report.failures
        assert len(receiver.taken) == 1
        world.clock.advance(60)
        await world.sync()

    first, second = (each.headers["x-hightonic-delivery"] for each in receiver.taken)
    assert first == second


async def test_a_paused_connection_sends_nothing(world: World) -> None:
    async with receiving() as receiver:
        put_rules(world, TELL, addresses=addresses(receiver.url()))
        await world.sync()
        world.add_contact(NEW)
        async with world.open() as connection:
            await connection._runner.sync(full=False, notes="due", approve=None, progress=None)
            connection._parts.store.set_paused(is_paused=True)

            with pytest.raises(DecisionNeededError):
                await connection.deliver()

    assert receiver.taken == []


async def test_a_rehearsal_tells_nobody(world: World) -> None:
    async with receiving() as receiver:
        put_rules(world, TELL, addresses=addresses(receiver.url()))
        await world.sync()
        world.add_contact(NEW)

        async with open_rehearser(
            home=world.home,
            transports=Transports(**world.sandbox.transports()),
            clock=world.clock,
        ) as rehearser:
            done = await rehearser.rehearse(progress=lambda *_: None)

        async with world.open() as connection:
            assert connection.mailbox is not None
            assert connection.mailbox.entries() == []
        assert done.report is not None
        assert receiver.taken == []
        await world.sync()

    assert len(receiver.taken) == 1


async def test_a_post_waits_sealed_for_whoever_speaks_in_slack(world: World) -> None:
    put_rules(
        world,
        a_rule(
            "say", "contact_created", {"post": {"channel": "#new", "text": "Hi {{ name }}"}}
        ),
    )
    await world.sync()
    world.add_contact(NEW)

    await world.sync()

    async with world.open() as connection:
        (event,) = connection._parts.store.feed.list_events(kinds=[EventKind.AUTOMATION_POST])
        mailbox = connection.mailbox
        assert mailbox is not None
        (letter,) = mailbox.take("slack")
        mailbox.mark_delivered([letter.id])
        assert mailbox.counts()[DeliveryState.SENT] == 1
    assert event.facts == {"rule": "say", "channel": "#new", "delivery": letter.id}
    assert letter.body["text"] == "Hi Nora New"


SCRIPT = """
@hightonic.condition
def is_new(contact, happening):
    return contact.email.startswith("nora") and happening.trigger == "contact_created"

@hightonic.action
def plan(contact, happening):
    return [{"create_task": {"title": f"Ask {contact.name} {{{{ x }}}}"}}]

@hightonic.condition(limit_s=0.1)
def spin(contact, happening):
    while True: pass

@hightonic.action
def broken(contact, happening):
    return 1 / 0
"""


async def test_a_function_decides_and_another_acts_and_a_broken_one_harms_nobody(
    world: World,
) -> None:
    (world.home / "mine.py").write_text(SCRIPT)
    put_rules(
        world,
        a_rule("mine", "contact_created", {"run": "plan"}, condition={"function": "is_new"}),
        a_rule("slow", "contact_created", {"run": "plan"}, condition={"function": "spin"}),
        a_rule("bad", "contact_created", {"run": "broken"}),
        scripts="mine.py",
    )
    await world.sync()
    world.add_contact(NEW)
    world.add_contact("other@example.com")

    await world.sync()

    assert tasks_of(world, NEW) == [["Ask Nora New {{ x }}"]] * 2
    assert tasks_of(world, "other@example.com") == [[], []]
    async with world.open() as connection:
        entries = connection._parts.store.list_firings()
    problems = {each.firing.rule: each.firing.problem for each in entries}
    assert problems["bad"].endswith("ZeroDivisionError in broken at mine.py:16")
    assert problems["slow"].endswith("more than 0.1 s in spin at mine.py:12")
    assert not problems["mine"]

"""The one way out, against the emulated Slack."""

import asyncio
import random
import subprocess
import sys
from collections import Counter
from datetime import timedelta

import aiohttp
import pytest
from sqlalchemy import update

from bot.alerts.desk import AlertDesk
from bot.dispatcher import Dispatcher, Pace, SlackWire
from bot.dispatcher.answers import (
    Closed,
    Limited,
    LockedOut,
    Rejected,
    Said,
    Unreached,
    Unsure,
)
from bot.settings import Settings
from tests.unit.bot.nasty import NOW
from tests.unit.bot.test_alerts import ALL, an_event, put
from toolkit.errors import StateBusyError
from toolkit.model.chat_messages import Flight, Outgoing
from toolkit.sandbox.common import EmulatorClock
from toolkit.sandbox.faults import Fault, FaultKind
from toolkit.sandbox.slack import SlackOptions, SlackSandbox, posting
from toolkit.store.schema_slack import slack_message

TEAM = "T1"
CLOSED_TO_US = Closed("restricted_action_thread_only_channel")
BLOCKS = [{"type": "section", "text": {"type": "mrkdwn", "text": "hello"}}]


class Place:
    """The emulated workspace, a dispatcher, and one time for both."""

    def __init__(self, sandbox, shelf, clock, session):
        self.workspace = sandbox.workspace
        self.shelf, self.clock = shelf, clock
        self.channels = {each.name: each.id for each in self.workspace.state.channels.values()}
        held = self.workspace.credentials
        self.faults = []
        self.wire = SlackWire(
            held.bot_token, base_url=held.base_url, session=session, timeout_s=1
        )
        self.dispatcher = Dispatcher(shelf, {TEAM: self.wire}.get)

    def put(self, *slots, channel="ops", **options):
        place = self.channels.get(channel, channel)
        messages = [self.message(slot, place, **options) for slot in slots]
        self.shelf.outbox.put(messages)

    def message(self, slot, place, *, text="", parent="", **payload):
        told = {"event_type": "hightonic_message", "event_payload": {"slot": slot}}
        body = {"text": text or slot, "metadata": told, **payload}
        return Outgoing(slot, TEAM, place, body, parent)

    async def settled(self):
        """Time goes on until nothing waits; how many seconds that took."""
        passed = 0
        for _ in range(10_000):
            if not self.shelf.outbox.counts().get("waiting"):
                return passed
            step = 1 if await self.dispatcher.once() else 5
            self.clock.on(seconds=step)
            self.workspace.clock.advance(step)
            passed += step
        raise AssertionError(self.shelf.outbox.counts())

    def texts(self, channel="ops"):
        found = self.workspace.state.history(self.channels.get(channel, channel))
        return [each.content["text"] for each in found]

    def fault(self, kind, match="chat.postMessage", **options):
        self.faults.append(Fault(FaultKind(kind), match, **options))
        self.workspace.faults.set(self.faults)


@pytest.fixture
async def place(shelf, clock):
    sandbox_clock = EmulatorClock.frozen(clock.at)
    async with (
        SlackSandbox.running(SlackOptions(), clock=sandbox_clock) as sandbox,
        aiohttp.ClientSession() as session,
    ):
        yield Place(sandbox, shelf, clock, session)


async def test_ten_times_the_channel_rate_arrives_once_and_in_order(place):
    for number in range(30):
        place.put(f"m{number}")
        place.put(f"n{number}", channel="sales-private")

    took_s = await place.settled()

    assert place.texts() == [f"m{number}" for number in range(30)]
    assert place.texts("sales-private") == [f"n{number}" for number in range(30)]
    assert 29 <= took_s <= 35


async def test_edits_land_in_the_message_and_replies_in_its_thread(place):
    place.put("root", text="one")
    place.put("reply", parent="root", reply_broadcast=True)
    await place.settled()
    place.put("root", text="two")
    await place.settled()

    root, reply = place.workspace.state.history(place.channels["ops"])
    assert (root.content["text"], reply.thread_ts) == ("two", root.ts)


async def test_an_edit_before_the_post_is_one_post(place):
    for number in range(30):
        place.put("root", text=str(number))

    await place.settled()

    assert place.texts() == ["29"]
    assert len(place.workspace.calls("chat.update")) == 0


LOSSES = [
    "429",
    "500_before",
    "500_after",
    "503_before",
    "502_after",
    "timeout_after",
    "timeout_before",
    "cut_before",
    "cut_after",
    "html_200",
]


@pytest.mark.parametrize("kind", LOSSES)
async def test_a_failure_costs_no_message_and_makes_none_twice(place, kind):
    place.put("a", "b", "c")
    place.fault(kind, nth=2, times=2)

    await place.settled()

    assert place.texts() == ["a", "b", "c"]


async def test_what_fails_again_and_again_arrives_once(place):
    rng = random.Random(7)
    for number in range(10):
        place.put(f"m{number}", channel=rng.choice(["ops", "sales-private"]))
    for kind in LOSSES:
        place.fault(kind, times=0, probability=0.1)

    await place.settled()

    arrived = Counter(place.texts() + place.texts("sales-private"))
    assert arrived == Counter(f"m{number}" for number in range(10))


async def test_slack_s_own_pause_is_kept(place):
    place.put("a")
    place.workspace.refuse("chat.postMessage", "ratelimited", retry_after_s=30)

    assert await place.settled() >= 30
    assert place.texts() == ["a"]


@pytest.mark.parametrize("error", ["channel_not_found", "is_archived", "not_in_channel"])
async def test_a_closed_channel_s_messages_go_to_the_default_one_and_somebody_is_told_once(
    place, error
):
    state = place.workspace.state
    anna = next(each.id for each in state.people.values() if each.name == "anna")
    place.shelf.people.put_setting(TEAM, "", "default_channel", value=place.channels["ops"])
    place.shelf.people.put_setting(TEAM, "", "installer", value=anna)
    place.put("a", "b", channel="sales-private")
    place.workspace.refuse("chat.postMessage", error)

    await place.settled()

    assert place.texts() == ["a", "b"]
    (direct,) = [each for each in state.messages.values() if each.channel.startswith("D")]
    assert "takes no messages from me" in direct.content["text"]


async def test_what_was_said_to_one_person_is_not_said_to_a_channel(place):
    place.shelf.people.put_setting(TEAM, "", "default_channel", value=place.channels["ops"])
    place.put("secret", channel="U404")

    await place.settled()

    (lost,) = place.shelf.outbox.list_lost()
    assert (lost.slot, place.texts()) == ("secret", [])


@pytest.mark.parametrize("error", ["access_denied", "user_not_visible", "no_permission"])
async def test_somebody_we_may_not_write_to_holds_nobody_else_up(place, error):
    state = place.workspace.state
    ezra = next(each.id for each in state.people.values() if each.name == "ezra")
    place.workspace.refuse("chat.postMessage", error)
    place.put("private", channel=ezra)

    await place.settled()

    (lost,) = place.shelf.outbox.list_lost()
    assert (lost.slot, lost.error) == ("private", error)


async def test_without_a_default_channel_a_message_is_kept_with_the_reason(place):
    place.put("a", channel="C404")

    await place.settled()

    (lost,) = place.shelf.outbox.list_lost()
    assert lost.error == "channel_not_found"


async def test_blocks_that_slack_refuses_are_sent_as_text(place, unsound):
    place.put("a", blocks=[{"type": "section"}])
    place.put("b", text="", blocks=BLOCKS)
    await place.settled()
    place.put("b", text="new", blocks=[{"type": "nonsense"}])
    await place.settled()

    assert place.texts() == ["a", "new"]
    assert len(unsound) == 2
    unsound.clear()


async def test_a_deleted_message_is_posted_anew_and_its_thread_goes_on(place):
    place.put("root")
    await place.settled()
    channel, ts = place.shelf.outbox.find_ts("root")
    del place.workspace.state.messages[(channel, ts)]
    place.put("reply", parent="root")
    await place.settled()
    place.put("root", text="again")
    await place.settled()

    assert sorted(place.texts()) == ["again", "reply"]


async def test_a_dead_token_holds_everything_until_it_is_mended(place):
    place.put("a")
    place.workspace.refuse("chat.postMessage", "token_revoked", times=3)

    assert await place.settled() >= 180
    assert place.texts() == ["a"]


async def test_a_workspace_that_is_not_installed_waits(place, shelf):
    shelf.outbox.put([Outgoing("x", "T9", "C1", {"text": "x"})])

    await place.dispatcher.once()

    assert shelf.outbox.counts() == {"waiting": 1}


async def test_edits_that_are_held_back_hold_no_new_message(place):
    place.put("root", text="1")
    await place.settled()
    place.put("root", text="2")
    place.workspace.refuse("chat.update", "ratelimited", retry_after_s=600)
    await place.dispatcher.once()
    place.put("next")

    for _ in range(5):
        place.clock.on(seconds=1)
        place.workspace.clock.advance(1)
        await place.dispatcher.once()

    assert place.texts() == ["1", "next"]
    await place.settled()
    assert place.texts() == ["2", "next"]


async def test_a_post_that_cannot_be_looked_for_is_said_again(place):
    place.put("a")
    place.fault("500_after")
    place.workspace.refuse("conversations.history", "missing_scope")

    await place.settled()

    assert place.texts() == ["a", "a"]


@pytest.mark.parametrize("error", ["ratelimited", "internal_error", "service_unavailable"])
async def test_while_slack_does_not_let_us_look_nothing_is_said_again(place, error):
    place.put("a")
    place.fault("500_after")
    place.workspace.refuse("conversations.history", error, times=3)

    await place.settled()

    assert place.texts() == ["a"]


async def test_a_lost_post_is_found_among_many_others(place):
    place.put("a")
    place.fault("500_after")
    await place.dispatcher.once()
    state, ops = place.workspace.state, place.channels["ops"]
    for number in range(450):
        posting.post_as_app(state, ops, {"text": f"another {number}"})

    await place.settled()

    assert place.texts().count("a") == 1


async def test_a_reply_that_its_channel_takes_in_no_thread_stands_in_the_channel(place):
    place.put("root")
    place.put("reply", parent="root")
    await place.dispatcher.once()
    place.workspace.refuse("chat.postMessage", "restricted_action_non_threadable_channel")

    await place.settled()

    root, reply = place.workspace.state.history(place.channels["ops"])
    assert (root.content["text"], reply.content["text"]) == ("root", "reply")
    assert not reply.thread_ts


async def test_a_direct_message_is_looked_for_where_it_stands(place):
    anna = next(
        each.id for each in place.workspace.state.people.values() if each.name == "anna"
    )
    place.put("a", channel=anna)
    place.fault("500_after")

    await place.settled()

    found = [
        each for each in place.workspace.state.messages.values() if each.channel.startswith("D")
    ]
    assert len(found) == 1


async def test_a_lost_post_that_changed_meanwhile_is_edited(place):
    place.put("a", text="old")
    place.fault("500_after")
    await place.dispatcher.once()
    place.put("a", text="new")

    await place.settled()

    assert place.texts() == ["new"]


async def test_a_lost_reply_is_looked_for_in_its_thread(place):
    place.put("root")
    await place.settled()
    place.put("reply", parent="root")
    place.fault("500_after")

    await place.settled()

    assert place.texts() == ["root", "reply"]


@pytest.mark.parametrize(
    ("error", "is_post", "answer"),
    [
        ("invalid_arguments", True, Rejected("invalid_arguments")),
        ("external_channel_migrating", True, Unreached("external_channel_migrating")),
        ("message_limit_exceeded", True, Unreached("message_limit_exceeded")),
        ("restricted_action_thread_only_channel", True, CLOSED_TO_US),
        ("not_allowed_token_type", True, LockedOut("not_allowed_token_type")),
        ("fatal_error", False, Unreached("fatal_error")),
        ("fatal_error", True, Unsure("fatal_error")),
    ],
)
async def test_answers_say_what_is_done_next(place, unsound, error, is_post, answer):
    place.workspace.refuse("chat.postMessage" if is_post else "chat.update", error)
    flight = Flight(
        "s", TEAM, place.channels["ops"], {"text": "x"}, 1, "C", "1.0" if not is_post else ""
    )

    found = await (place.wire.post if is_post else place.wire.edit)(flight)

    assert found == answer
    unsound.clear()


async def test_nobody_home_is_provably_not_posted():
    wire = SlackWire("xoxb-1", base_url="http://127.0.0.1:9/api/")

    assert isinstance(await wire.post(Flight("s", TEAM, "C1", {"text": "x"}, 1)), Unreached)
    assert isinstance(await wire.find(Flight("s", TEAM, "C1", {"text": "x"}, 1)), Unreached)


async def test_a_busy_disk_is_waited_for(place, monkeypatch):
    place.put("a")
    calls = []

    def busy(*_args, **_options):
        calls.append(1)
        raise StateBusyError("busy")

    with monkeypatch.context() as patched:
        patched.setattr(type(place.shelf.outbox), "claim", busy)
        assert await place.dispatcher.once() == 0
    with monkeypatch.context() as patched:
        patched.setattr(type(place.shelf.outbox), "settle", busy)
        await place.dispatcher.once()
    assert len(calls) == 2
    # The claim runs out, the message is found where it stands, and nothing is said twice.
    place.clock.on(seconds=120)
    place.workspace.clock.advance(120)
    await place.settled()
    assert place.texts() == ["a"]


async def test_it_runs_until_it_is_stopped_and_finishes_what_is_under_way(shelf):
    class Slow:
        def __init__(self):
            self.open = 0

        async def post(self, flight):
            self.open += 1
            if self.open == 2:
                dispatcher.stop()
            await asyncio.sleep(0.01)
            return Said(flight.channel, flight.slot)

    naps = []

    async def nap(seconds):
        naps.append(seconds)
        await asyncio.sleep(0)

    dispatcher = Dispatcher(
        shelf, {TEAM: Slow()}.get, sleep=nap, pace=Pace(0, 0, side_by_side=2)
    )
    shelf.outbox.put([Outgoing(f"m{n}", TEAM, f"C{n}", {"text": "x"}) for n in range(5)])

    await dispatcher.run()

    assert shelf.outbox.counts()["sent"] >= 2
    assert not dispatcher._under_way


async def test_all_ways_taken_waits_for_one(shelf):
    class Quick:
        async def post(self, flight):
            await asyncio.sleep(0)
            return Limited(0) if flight.tries == 0 else Said(flight.channel, "1.0")

    dispatcher = Dispatcher(shelf, {TEAM: Quick()}.get, pace=Pace(0, 0, side_by_side=1))
    shelf.outbox.put([Outgoing(f"m{n}", TEAM, f"C{n}", {"text": "x"}) for n in range(3)])

    async def nap(_seconds):
        if shelf.outbox.counts().get("sent") == 3:
            dispatcher.stop()
        await asyncio.sleep(0)

    dispatcher._sleep = nap
    await dispatcher.run()

    assert shelf.outbox.counts() == {"sent": 3}


def as_if_claims_ran_out(store):
    with store.transactions.writing() as connection:
        past = update(slack_message).where(slack_message.c.claimed_until.is_not(None))
        connection.execute(past.values(claimed_until=NOW - timedelta(days=1)))


@pytest.mark.slow
async def test_killed_processes_lose_nothing_and_say_nothing_twice(tmp_path, shelf, store):
    """Real processes, each killed at another moment; the last one ends the work."""
    async with SlackSandbox.running(SlackOptions(rate_limit=False)) as sandbox:
        held = sandbox.workspace.credentials
        command = [sys.executable, "-m", "tests.unit.bot.doomed", str(tmp_path)]
        ops = sandbox.workspace.state.find_channel("ops").id
        for number in range(40):
            slot = f"m{number}"
            told = {"event_type": "hightonic_message", "event_payload": {"slot": slot}}
            shelf.outbox.put([Outgoing(slot, TEAM, ops, {"text": slot, "metadata": told})])
        for wanted in (4, 17, None):
            process = await asyncio.create_subprocess_exec(
                *command, held.base_url, held.bot_token, stdout=subprocess.DEVNULL
            )
            if wanted is not None:
                await sandbox.workspace.until(
                    lambda wanted=wanted: len(sandbox.workspace.state.history(ops)) >= wanted,
                    timeout_s=30,
                )
                process.kill()
            await process.wait()
            as_if_claims_ran_out(store)
        texts = [each.content["text"] for each in sandbox.workspace.state.history(ops)]

    assert texts == [f"m{number}" for number in range(40)]


async def test_alerts_at_ten_times_the_channel_rate_are_all_told(place, store, clock):
    """150 events where a channel takes 15 messages; every event is counted."""
    Settings(place.shelf.people, TEAM).put_route(
        ALL.__class__("all", TEAM, place.channels["ops"])
    )
    desk = AlertDesk(place.shelf, store.feed, values_of=lambda _: {}, clock=clock)
    rng = random.Random(3)
    kinds = ["run_failed", "conflict_opened", "quota_low", "credential_dead"]
    for _ in range(15):
        put(
            store,
            *[
                an_event(rng.choice(kinds), connection=f"c{rng.randrange(12)}", at=clock.at)
                for _ in range(10)
            ],
        )
        while desk.read():
            pass
        desk.tick()
        await place.dispatcher.once()
        clock.on(seconds=1)
        place.workspace.clock.advance(1)
    for _ in range(5):
        desk.tick()
        await place.settled()
        clock.on(seconds=61)
        place.workspace.clock.advance(61)

    history = place.workspace.state.history(place.channels["ops"])
    payloads = [each.content["metadata"]["event_payload"] for each in history]
    assert sum(each.get("count", 0) for each in payloads) == 150
    assert len(place.workspace.calls("chat.postMessage")) < 150

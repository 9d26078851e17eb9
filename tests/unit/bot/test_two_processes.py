"""Two processes that both write, both read the feed and both send, on one PostgreSQL."""

import asyncio
import contextlib
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime

import pytest
from sqlalchemy import update

from bot.settings import Settings
from tests.unit.bot.test_alerts import an_event
from tests.unit.bot.twin import EDITS
from tests.unit.store.postgres import NoServerError, serving
from toolkit.model.chat_alerts import Route
from toolkit.sandbox.slack import SlackOptions, SlackSandbox
from toolkit.store import Store
from toolkit.store.schema_slack import slack_message

pytestmark = pytest.mark.slow
TEAM, NAMES, EACH, EVENTS = "T1", ("ada", "bob"), 25, 60
KINDS = ("run_failed", "conflict_opened", "credential_dead")
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def database():
    with contextlib.ExitStack() as stack:
        try:
            server = stack.enter_context(serving())
        except NoServerError as error:
            pytest.skip(f"no PostgreSQL can be started here: {error}")
        yield server.new_database()


class Twins:
    """Both, and what Slack holds."""

    def __init__(self, sandbox, database):
        self.workspace, self.database = sandbox.workspace, database
        self.ops = self.workspace.state.find_channel("ops").id

    async def begin(self):
        held = self.workspace.credentials
        return [
            await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "tests.unit.bot.twin", self.database),
                *(held.base_url, held.bot_token, self.ops, name, str(EACH)),
                stdout=subprocess.DEVNULL,
            )
            for name in NAMES
        ]

    async def kill_at(self, messages):
        both = await self.begin()
        await self.workspace.until(
            lambda: len(self.workspace.state.history(self.ops)) >= messages, timeout_s=60
        )
        for one in both:
            one.kill()
        for one in both:
            await one.wait()

    async def end(self):
        codes = [await one.wait() for one in await self.begin()]
        assert codes == [0, 0]

    def slots(self):
        shown = self.workspace.state.history(self.ops)
        return Counter(each.content["metadata"]["event_payload"]["slot"] for each in shown)

    def told(self):
        shown = self.workspace.state.history(self.ops)
        payloads = [each.content["metadata"]["event_payload"] for each in shown]
        return sum(each.get("count", 0) for each in payloads)


def happen(store):
    """A third of all events."""
    for number in range(EVENTS // 3):
        event = an_event(KINDS[number % 3], connection=f"c{number % 5}", at=datetime.now(UTC))
        store.feed.append_events([event])


async def test_two_processes_lose_nothing_and_say_nothing_twice(database):
    async with SlackSandbox.running(SlackOptions(rate_limit=False)) as sandbox:
        twins = Twins(sandbox, database)
        with Store.open(database) as store:
            Settings(store.slack.people, TEAM).put_route(Route("all", TEAM, twins.ops))
            for messages in (6, 30):
                happen(store)
                await twins.kill_at(messages)
                with store.transactions.writing() as connection:
                    past = update(slack_message).where(
                        slack_message.c.claimed_until.is_not(None)
                    )
                    connection.execute(past.values(claimed_until=LONG_AGO))
            happen(store)
            await twins.end()
            counts = store.slack.outbox.counts()
            boards = store.slack.alerts.read_board(TEAM, twins.ops).board.incidents.values()

        assert counts.keys() == {"sent"}
        assert set(twins.slots().values()) == {1}
        wanted = {f"{name}{number}" for name in NAMES for number in range(EACH)}
        assert wanted | {EDITS} <= twins.slots().keys()
        assert sum(each.count for each in boards) == EVENTS
        assert twins.told() == sum(each.shown for each in boards)

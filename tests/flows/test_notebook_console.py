"""The console's Python half over served emulators: no browser, the same messages."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from notebooks.session import Session, open_session
from notebooks.widgets.console_talk import ConsoleTalk
from notebooks.widgets.dashboard_talk import DashboardTalk
from notebooks.widgets.talk import Answer
from notebooks.widgets.ticker import Ticker
from tests.flows.world import SMALL
from toolkit.app.home import Home
from toolkit.app.setup import connect_sandbox
from toolkit.model.ids import Side
from toolkit.sandbox.faults import Fault, FaultKind
from toolkit.sandbox.serve import Sandbox


class Page:
    """Asks as a page does and keeps what it is told."""

    def __init__(self, talk: ConsoleTalk) -> None:
        self.talk = talk
        self.told: list[dict[str, Any]] = []
        talk.connect(self._hear)

    def _hear(self, answer: Answer) -> None:
        self.told.append(answer.content)

    async def ask(self, kind: str, **content: Any) -> dict[str, Any]:
        answer = await asyncio.to_thread(self.talk.answer, {"kind": kind, **content})
        return answer.content

    async def hears(self, kind: str) -> dict[str, Any]:
        """The first message of a kind; it is taken out."""
        async with asyncio.timeout(20):
            while True:
                for place, each in enumerate(self.told):
                    if each["kind"] == kind:
                        return self.told.pop(place)
                await asyncio.sleep(0.01)

    async def does(self, kind: str, **content: Any) -> dict[str, Any]:
        """Begin, and wait for the report."""
        begun = await self.ask(kind, **content)
        assert begun["kind"] == "begun", begun
        report = (await self.hears("report"))["report"]
        assert isinstance(report, dict)
        return report


@pytest_asyncio.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox.running(SMALL) as running:
        yield running


@pytest_asyncio.fixture
async def session(sandbox: Sandbox, tmp_path: Path) -> AsyncIterator[Session]:
    home = Home(tmp_path)
    await connect_sandbox(home, "main", sandbox.ready_line())
    opened = open_session(home=home.path)
    try:
        yield opened
    finally:
        await asyncio.to_thread(opened.close)


@pytest_asyncio.fixture
async def page(session: Session) -> AsyncIterator[Page]:
    talk = ConsoleTalk(session)
    yield Page(talk)
    talk.close()
    talk.close()


async def test_preview_counts_each_direction_and_writes_nothing(
    page: Page, sandbox: Sandbox
) -> None:
    before = sandbox.recorder.count(is_write=True)
    assert (await page.ask("preview", full=True))["kind"] == "begun"
    plan = (await page.hears("plan"))["plan"]

    directions = {(row["kind"], row["side"]) for row in plan["writes"]}
    assert {("contact", "HighLevel"), ("contact", "TimeTonic")} <= directions
    assert sum(plan["calls"].values()) > 0
    assert sandbox.recorder.count(is_write=True) == before


async def test_run_reports_and_the_other_panels_hear_of_it(
    page: Page, session: Session
) -> None:
    heard: list[str] = []
    session.bus.listen("changed", lambda **_: heard.append("changed"))
    report = await page.does("run")
    state = await page.ask("state")
    runs = await page.ask("runs")

    assert report["writes"] > 0
    assert report["failures"] == []
    assert state["equal"] != "never"
    async with asyncio.timeout(10):
        while not heard:
            await asyncio.sleep(0.01)
    assert [line["verb"] for line in runs["lines"]] == ["sync"]
    assert any(each["kind"] == "progress" for each in page.told)


async def test_second_piece_of_work_is_refused_while_one_runs(page: Page) -> None:
    await page.ask("run")
    second = await page.ask("retry")
    await page.hears("report")

    assert second["kind"] == "refused"
    assert "under way" in second["sentence"]


async def test_failed_records_are_listed_and_tried_again(page: Page, sandbox: Sandbox) -> None:
    await page.does("run")
    contact = next(iter(sandbox.highlevel.state.contacts.values()))
    contact.values["companyName"] = "Newly Ltd"
    sandbox.highlevel.state.touch(contact)
    sandbox.faults.set(
        [Fault(FaultKind.BROKEN_BEFORE, system=Side.TIMETONIC, writes_only=True, times=0)]
    )
    failed = await page.does("run")
    log = await page.ask("log", failed_only=True)
    sandbox.faults.set([])
    again = await page.does("retry")

    assert failed["failures"]
    assert {line["state"] for line in log["lines"]} <= {"failed", "skipped", "unknown"}
    assert any(line["who"] for line in log["lines"] if line["what"].endswith("contact"))
    assert again["failures"] == []


async def test_dead_key_is_one_sentence_and_the_console_goes_on(
    page: Page, sandbox: Sandbox
) -> None:
    sandbox.faults.set([Fault(FaultKind.UNAUTHORISED, system=Side.HIGHLEVEL, times=0)])
    await page.ask("run")
    failed = await page.hears("failed")
    sandbox.faults.set([])
    report = await page.does("run")

    assert failed["sentence"]
    assert report["failures"] == []


async def test_pause_holds_every_write_until_resumed(page: Page) -> None:
    paused = await page.ask("pause")
    await page.ask("run")
    failed = await page.hears("failed")
    resumed = await page.ask("resume")

    assert paused["is_paused"] is True
    assert "ause" in failed["sentence"]
    assert resumed["is_paused"] is False
    assert (await page.does("run"))["writes"] > 0


async def test_run_is_taken_back(page: Page, sandbox: Sandbox) -> None:
    before = len(sandbox.timetonic.state.rows("Contacts"))
    report = await page.does("run")
    undone = await page.does("undo", run=report["run"])

    assert undone["verb"] == "undo"
    assert len(sandbox.timetonic.state.rows("Contacts")) == before


@pytest.mark.parametrize(
    ("choices", "words"),
    [([], "picked"), ([{"id": "x", "choice": "a coin"}], "settled by")],
)
async def test_choice_that_is_none_is_refused(
    page: Page, choices: list[dict[str, str]], words: str
) -> None:
    answer = await page.ask("settle", choices=choices)

    assert answer["kind"] == "refused"
    assert words in answer["sentence"]


async def test_stop_where_nothing_runs_is_no_harm(page: Page) -> None:
    assert await page.ask("stop") == {"kind": "stopping", "is_working": False}


async def test_dashboard_draws_anew_when_something_was_written(
    session: Session, page: Page
) -> None:
    talk, told = DashboardTalk(session), []
    talk.connect(told.append)
    talk.warm()
    await page.does("run")
    async with asyncio.timeout(10):
        while len(told) < 2:
            await asyncio.sleep(0.01)
    talk.close()

    assert "Run one first" in str(told[0].content["tree"])
    assert "Contacts by source" in str(told[1].content["tree"])


def test_progress_is_drawn_ten_times_a_second_and_at_the_end() -> None:
    now_s, told = [0.0], []
    tick = Ticker(
        lambda kind, **said: told.append((kind, said["done"])), monotonic_s=lambda: now_s[0]
    )
    for done in range(101):
        now_s[0] += 0.01
        tick("contacts", done, 100)

    assert told[0] == ("progress", 0)
    assert told[-1] == ("progress", 100)
    assert 10 <= len(told) <= 13

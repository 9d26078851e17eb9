"""The demo on a smaller world: every act does what its heading says."""

from __future__ import annotations

import asyncio
import io

import pytest
from rich.console import Console

from toolkit.app.home import Home
from toolkit.cli.demo import Stage, Story, _play
from toolkit.cli.demo_rules import ARCHIVED_FOR
from toolkit.cli.render.demo import render_rules
from toolkit.sandbox.serve import Sandbox, SandboxOptions

SIZES = SandboxOptions(
    contacts=70, tasks=20, notes=6, leads=12, shared=4, seed=1, rate_limit=False
)


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    home = Home(tmp_path_factory.mktemp("demo"))

    async def play() -> Story:
        async with Sandbox.running(SIZES) as sandbox:
            return await _play(sandbox, home, Stage(is_silent=True))

    return asyncio.run(play())


def test_every_run_costs_what_it_must_and_the_last_writes_nothing(story: Story) -> None:
    assert list(story.acts) == [
        "first sync",
        "second sync",
        "decisions",
        "mistake",
        "undo",
        "rules",
        "archive",
        "quiet run",
    ]
    for report in story.acts.values():
        assert report.api_ratio <= 1.1
        assert report.write_amplification == 1.0
        assert not report.failures
    assert story.acts["first sync"].api_ratio <= 1.05
    assert story.acts["quiet run"].writes_sent == 0


def test_leads_get_stage_tags_dates_and_tasks(story: Story) -> None:
    lead, contact = sorted(story.rules.leads, key=lambda each: str(each["Lifecycle stage"]))[
        ::-1
    ]

    assert lead["Name"] == "Nia Okafor"
    assert lead["Lifecycle stage"] == "lead"
    assert {"web lead", "source: website"} <= set(lead["Tags"])
    assert lead["Open tasks"] == 3
    assert contact["Name"] == "Ben Aldous"
    assert contact["Tags"] == ["source: trade fair"]
    assert contact["Open tasks"] == 2
    assert all(each["Next action date"] for each in story.rules.leads)
    assert "Follow up with Nia Okafor" in story.rules.tasks
    assert len(story.rules.tasks) == 5


def test_report_names_leads_tasks_archive_and_figures(story: Story) -> None:
    shown = io.StringIO()
    Console(file=shown, width=200).print(*render_rules(story.rules), sep="\n")
    told = shown.getvalue()

    assert [each["Reason"] for each in story.rules.archived] == [ARCHIVED_FOR]
    assert story.rules.metrics["Total contacts"] > 70
    for part in ("web lead", "Call Ben Aldous", ARCHIVED_FOR, "total contacts"):
        assert part in told
    assert story.as_json()["rules"]["recipes"] == story.rules.recipes

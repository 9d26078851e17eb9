"""`hightonic demo`: both services made up on this machine, kept in step before your eyes."""

from __future__ import annotations

import asyncio
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from toolkit.app.connection import Connection, Decision, open_connection
from toolkit.app.home import Home
from toolkit.app.plan_counts import plan_summary
from toolkit.app.report import report_to_json
from toolkit.app.setup import connect_sandbox
from toolkit.cli.demo_people import Colleagues
from toolkit.cli.demo_rules import RECIPES, RulesAct, archive_one, look_around, switch_on
from toolkit.cli.progress import Progress, open_progress
from toolkit.cli.render.demo import (
    render_decisions,
    render_goodbye,
    render_rules,
    render_summary,
    render_welcome,
)
from toolkit.cli.render.plan import render_plan
from toolkit.cli.render.run import render_run
from toolkit.cli.voice import say, say_json
from toolkit.model.outcomes import RunReport
from toolkit.model.plan import Plan
from toolkit.sandbox.serve import Sandbox, SandboxOptions
from toolkit.sandbox.slack_app import sandbox_slack
from toolkit.server.process import ServeOptions, serving

MISTAKEN_CONTACTS = 5


@dataclass(slots=True)
class Story:
    """What happened so far, for the report at the end.

    Attributes:
        acts: Name of each act -> its run.
        edits: What the made-up colleagues did between runs, a sentence each.
    """

    sandbox: dict[str, Any]
    acts: dict[str, RunReport] = field(default_factory=dict)
    plan: Plan | None = None
    edits: list[str] = field(default_factory=list)
    decided: list[dict[str, str]] = field(default_factory=list)
    rules: RulesAct = field(default_factory=RulesAct)
    duration_s: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """The whole demo as one JSON object."""
        return {
            "sandbox": self.sandbox,
            "plan": plan_summary(self.plan) if self.plan else None,
            "edits": self.edits,
            "decisions": self.decided,
            "rules": self.rules.as_json(),
            "runs": [
                {"act": act, **report_to_json(report)} for act, report in self.acts.items()
            ],
            "duration_s": round(self.duration_s, 3),
        }


@dataclass(slots=True)
class Stage:
    """Where the story is told: a terminal, or nowhere under `--json`."""

    is_silent: bool

    def show(self, renderables: Iterator[Any]) -> None:
        """Print for people."""
        if not self.is_silent:
            say(renderables)

    def heading(self, title: str, lines: list[str]) -> None:
        """Begin an act."""
        if not self.is_silent:
            from rich.rule import Rule

            say([Rule(title, align="left"), *lines])


def run_demo(*, once: bool, as_json: bool, keep: Path | None) -> None:
    """Play the demo; without `once`, serve the emulators on until Ctrl-C.

    Args:
        once: End after the report.
        as_json: Print one JSON object at the end and nothing else.
        keep: Keep the demo's home here; None for a folder that is removed.
    """
    place = nullcontext(str(keep)) if keep else tempfile.TemporaryDirectory(prefix="hightonic-")
    with place as folder:
        home = Home(Path(folder))
        # Only who stays has a use for Slack: it is what one types into, not part of the story.
        slack = None if once else sandbox_slack(rate_limit=False)
        sandbox = Sandbox(SandboxOptions(rate_limit=False, slack=slack))
        sandbox.start()
        try:
            stage = Stage(is_silent=as_json)
            story = asyncio.run(_play(sandbox, home, stage))
            if as_json:
                say_json(story.as_json())
            if not once:
                asyncio.run(_serve_on(sandbox.ready_line(), home, stage))
        finally:
            sandbox.stop()


async def _play(sandbox: Sandbox, home: Home, stage: Stage) -> Story:
    began_s = time.perf_counter()
    options = sandbox.options
    sizes = ("contacts", "tasks", "notes", "leads", "shared", "seed")
    story = Story({name: getattr(options, name) for name in sizes})
    stage.show(render_welcome(options))
    ready = sandbox.ready_line()
    await connect_sandbox(home, "demo", ready)
    async with AsyncExitStack() as stack:
        colleagues = await stack.enter_async_context(Colleagues.at_work(ready))
        async with open_connection("demo", home=home.path) as connection:
            await _first_sync(connection, stage, story)
            await _edits_on_both_sides(connection, colleagues, stage, story)
            await _decisions(connection, stage, story)
            await _mistake_and_undo(connection, colleagues, stage, story)
        switch_on(home, "demo")
        async with open_connection("demo", home=home.path) as connection:
            await connection.sync()  # rules hear of what comes after they were switched on
            await _rules(connection, colleagues, stage, story)
            await _quiet_run(connection, stage, story)
    story.duration_s = time.perf_counter() - began_s
    stage.show(render_summary(story.acts, story.duration_s))
    return story


async def _first_sync(connection: Connection, stage: Stage, story: Story) -> None:
    stage.heading("1. First sync", ["What a sync would do, before anything is written:"])

    def show(plan: Plan) -> None:
        story.plan = plan
        stage.show(render_plan(plan))

    with _progress(stage) as progress:
        report = await connection.sync(progress=progress, on_plan=show)
    _end_act("first sync", report, stage, story)


async def _edits_on_both_sides(
    connection: Connection, colleagues: Colleagues, stage: Stage, story: Story
) -> None:
    edits = await colleagues.edit_both_sides()
    story.edits += edits
    stage.heading("2. People work on both sides", [f"  - {line}" for line in edits])
    with _progress(stage) as progress:
        report = await connection.sync(progress=progress)
    _end_act("second sync", report, stage, story)


async def _decisions(connection: Connection, stage: Stage, story: Story) -> None:
    open_conflicts = connection.conflicts()
    stage.heading("3. What only a person can decide", [])
    stage.show(render_decisions(open_conflicts))
    choices: list[Decision] = []
    for number, entry in enumerate(open_conflicts):
        side = ("highlevel", "timetonic")[number % 2]
        choices.append(Decision(entry.id, side))  # type: ignore[arg-type] # one of the two
        story.decided.append({"id": entry.id, "field": entry.conflict.field, "kept": side})
    report = await connection.resolve_many(choices)
    _end_act("decisions", report, stage, story)


async def _mistake_and_undo(
    connection: Connection, colleagues: Colleagues, stage: Stage, story: Story
) -> None:
    edits = await colleagues.mark_as_churned(MISTAKEN_CONTACTS)
    story.edits += edits
    stage.heading("4. A mistake is synced, and taken back", [f"  - {line}" for line in edits])
    mistake = await connection.sync()
    _end_act("mistake", mistake, stage, story)
    _end_act("undo", await connection.undo(mistake.run_id), stage, story)


async def _rules(
    connection: Connection, colleagues: Colleagues, stage: Stage, story: Story
) -> None:
    edits, emails = await colleagues.bring_leads()
    story.edits += edits
    switched = f"Four lines in the settings switch recipes on: {', '.join(RECIPES)}."
    stage.heading(
        "5. Leads come in, and rules see to them",
        [switched, *(f"  - {line}" for line in edits)],
    )
    _end_act("rules", await connection.sync(), stage, story)
    _end_act("archive", await archive_one(connection, [colleagues.somebody]), stage, story)
    story.rules = await look_around(colleagues, emails)
    stage.show(render_rules(story.rules))


async def _quiet_run(connection: Connection, stage: Stage, story: Story) -> None:
    stage.heading("6. Nothing has changed since", [])
    _end_act("quiet run", await connection.sync(), stage, story)


def _end_act(act: str, report: RunReport, stage: Stage, story: Story) -> None:
    story.acts[act] = report
    stage.show(render_run(report))


@contextmanager
def _progress(stage: Stage) -> Iterator[Progress]:
    with open_progress(is_silent=stage.is_silent) as progress:
        yield progress


async def _serve_on(ready: dict[str, Any], home: Home, stage: Stage) -> None:
    """Keep both sides in step, with the bot in its workspace, until Ctrl-C."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    async with serving(home, ServeOptions(port=0)):
        stage.show(render_goodbye(ready, home.path))
        await stopped.wait()
        stage.show(iter(["Stopping after the writes under way."]))

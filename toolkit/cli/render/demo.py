"""What the demo says, as pure functions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.text import Text

from toolkit.cli.render.conflicts import render_conflicts
from toolkit.cli.render.setup import next_commands
from toolkit.cli.render.words import bullet_list, count, show_calls, table
from toolkit.model.ids import Side
from toolkit.model.outcomes import RunReport

if TYPE_CHECKING:
    from rich.console import RenderableType

    from toolkit.cli.demo_rules import RulesAct
    from toolkit.sandbox.serve import SandboxOptions
    from toolkit.store import ConflictEntry

# What the vendor's window allows at the share we use: 98 of 100 in 10 s.
_HIGHLEVEL_CALLS_PER_S = 9.8


def render_welcome(options: SandboxOptions) -> Iterator[RenderableType]:
    """Who plays."""
    yield Text("hightonic demo", style="bold")
    yield Text(
        "HighLevel and TimeTonic are emulated on this machine; no account is used and "
        "nothing leaves it."
    )
    yield Text(
        f"HighLevel begins with {options.contacts:,} contacts, {options.tasks:,} tasks and "
        f"{options.notes:,} notes; TimeTonic with {options.leads:,} lead rows, "
        f"{options.shared:,} of them the same people."
    )


def render_decisions(conflicts: Sequence[ConflictEntry]) -> Iterator[RenderableType]:
    """The open conflicts and what the demo decides."""
    yield from render_conflicts(conflicts)
    yield Text("The demo keeps HighLevel's value, TimeTonic's, HighLevel's, and so on.")


def render_rules(act: RulesAct) -> Iterator[RenderableType]:
    """What rules, an archiving and the figures left in TimeTonic, as its people see it."""
    yield Text("What TimeTonic shows now", style="bold")
    yield _rows(act.leads)
    yield bullet_list("Tasks that rules made, on both sides", act.tasks)
    yield bullet_list(
        "Archived: tagged, listed in the Archive table, deleted nowhere",
        [f"{each['Name']}: {each['Reason']}" for each in act.archived],
    )
    shown = ", ".join(f"{name.lower()} {value}" for name, value in act.metrics.items())
    yield Text(f"Today's row in the Metrics table: {shown}.")


def _rows(rows: Sequence[Mapping[str, object]]) -> RenderableType:
    made = table(*(rows[0] if rows else ()))
    for row in rows:
        made.add_row(*(_cell(value) for value in row.values()))
    return made


def _cell(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "-" if value is None else str(value)


def render_summary(
    acts: Mapping[str, RunReport], duration_s: float
) -> Iterator[RenderableType]:
    """One line per run: what was done, what needs a person, what it cost."""
    made = table("Run", "Written", "Needs a person", "Calls", "Least possible", "Ratio")
    for act, report in acts.items():
        made.add_row(
            act,
            count(report.writes_sent, "record") if report.writes_sent else "nothing",
            _needs(report),
            show_calls(report.api_calls),
            show_calls(report.minimum_api_calls),
            f"{report.api_ratio:.2f}",
        )
    yield Text("")
    yield Text("In short", style="bold")
    yield made
    first = next(iter(acts.values()))
    real_s = first.api_calls.get(Side.HIGHLEVEL, 0) / _HIGHLEVEL_CALLS_PER_S
    yield Text(
        f"All of it took {duration_s:.0f} s. The emulated HighLevel was asked to lift its "
        f"rate limit for this: against the real one the first sync takes about "
        f"{real_s / 60:.0f} min, because notes are read one contact at a time."
    )


def _needs(report: RunReport) -> str:
    parts = [
        count(report.conflicts, "conflict") if report.conflicts else "",
        count(report.ambiguous, "unclear match") if report.ambiguous else "",
        count(report.findings, "finding") if report.findings else "",
        count(report.held, "held operation") if report.held else "",
    ]
    return ", ".join(filter(None, parts)) or "-"


def render_goodbye(ready: Mapping[str, Any], home: Path) -> Iterator[RenderableType]:
    """How to go on by hand while the emulators serve."""
    yield Text("")
    yield Text(f"The emulators go on at {ready['highlevel']['base_url']}. Try:", style="bold")
    yield next_commands(
        [
            f"hightonic run-status --home {home}",
            f"hightonic log --home {home}",
            f"hightonic conflicts --home {home}",
        ]
    )
    if slack := ready.get("slack"):
        yield Text(f"Slack is emulated too. Open {slack['page_url']} and type:", style="bold")
        yield next_commands(
            [
                "/hightonic contact find okafor",
                "/hightonic task list all",
                "/hightonic sync status",
            ]
        )
    yield Text("Press Ctrl-C to stop.")

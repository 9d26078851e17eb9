"""The end of a command that ran: show the report, choose the exit code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from toolkit.app.plan_counts import plan_summary
from toolkit.app.report import report_to_json
from toolkit.cli.place import Place
from toolkit.cli.plan_file import write_plan
from toolkit.cli.render.plan import render_plan, render_wish
from toolkit.cli.render.rules import preview_json, render_preview
from toolkit.cli.render.run import render_run
from toolkit.cli.voice import note, say, say_json
from toolkit.cli.work import Worked
from toolkit.model.outcomes import RunReport
from toolkit.model.plan import Plan, plan_to_json

if TYPE_CHECKING:
    from toolkit.app.rule_preview import RulesPreview

DECIDE = 78
"""A person must decide; `EX_CONFIG` of sysexits, chosen in the design."""

_WHOLE = frozenset({"sync", "retry"})
"""Runs that look at everything, and so answer for what rests as well."""


def end_run(place: Place, worked: Worked[RunReport]) -> None:
    """Show what a run did and leave with the code that tells it.

    Raises:
        typer.Exit: 128 + signal when stopped, 78 when a brake holds something back,
            1 when a write failed or its outcome is unknown, and after a sync or retry
            also while a refused record rests. Conflicts alone are no failure: they wait,
            everything else is in step.
    """
    report = worked.value
    if place.as_json:
        say_json(report_to_json(report))
    else:
        say(render_run(report))
    if code := exit_code(report, worked.stopped_by):
        raise typer.Exit(code)


def end_plan(
    place: Place,
    plan: Plan,
    *,
    output: Path | None,
    with_values: bool,
    rules: RulesPreview | None = None,
) -> None:
    """Show a plan, keep it where asked, and say how to carry it out.

    Args:
        place: How to answer.
        plan: The plan.
        output: File to keep it in, values included; None keeps it nowhere.
        with_values: Show personal values too.
        rules: What rules would do then; None where there are none.
    """
    if output is not None:
        write_plan(plan, output)
    if not place.as_json:
        say(render_plan(plan, with_values=with_values))
        if rules is not None:
            say(render_preview(rules, with_values=with_values))
    elif with_values:
        say_json(json.loads(plan_to_json(plan)))
    else:
        told = {} if rules is None else {"rules": preview_json(rules)}
        say_json(plan_summary(plan) | told)
    if output is not None:
        note(f"The plan is in {output}. To carry it out: hightonic apply {output}")


def end_wish(place: Place, plan: Plan | None) -> None:
    """Show what a wish would come to; None where nobody is concerned.

    Raises:
        typer.Exit: 78 where a brake would hold it back.
    """
    if place.as_json:
        say_json(plan_summary(plan) if plan is not None else {"writes": {}, "held": 0})
    else:
        say(render_wish(plan))
    if plan is not None and plan.held:
        raise typer.Exit(DECIDE)


def exit_code(report: RunReport, stopped_by: int | None = None) -> int:
    """The code of a run: 0, 1, 78 or 128 + signal."""
    if stopped_by is not None:
        return 128 + stopped_by
    if report.held or report.held_rules:
        return DECIDE
    is_left_out = bool(report.resting) and report.verb in _WHOLE
    return 1 if report.failures or is_left_out else 0

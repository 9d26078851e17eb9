"""The live switch and the report of a rehearsal, as people and machines read them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from toolkit.app.live import LiveState, WriteLeave
from toolkit.app.rehearsal_report import Did, RehearsalReport, RuleRehearsed, report_json
from toolkit.cli.render.words import bullet_list, count, plural, show_calls, show_counts, table
from toolkit.model.ids import Side

MOST_REASONS = 10
_WRITTEN = ("created", "updated", "deleted", "skipped", "failed")
_MINUTE_S = 60
_SMALL = 0.001


def render_rehearsal(report: RehearsalReport, leave: WriteLeave) -> Iterator[RenderableType]:
    """Everything about a rehearsal, and what to type next."""
    yield from render_figures(report)
    yield Text(
        "Nothing was written to your accounts; "
        f"they were read with these calls: {show_calls(report.cost.spent_calls)}"
    )
    yield Text(_next(report, leave), style="bold")


def render_figures(report: RehearsalReport) -> Iterator[RenderableType]:
    """What a rehearsal found: done, waiting for a person, cost."""
    when = f"{report.made_at:%Y-%m-%d %H:%M} UTC"
    yield Text(f"Rehearsed {report.connection} on a copy of your data, {when}", style="bold")
    yield _table(report)
    yield from _waiting(report)
    yield from _reasons("Values and records to look at", report.findings)
    if report.failures:
        yield bullet_list("Would not work", _shortened(list(report.failures)))
    yield from _rules(report)
    yield from _gaps(report)
    yield Text(
        "Comes to rest: a second run wrote nothing."
        if report.is_quiet
        else "Does not come to rest: a second run wrote again."
    )
    yield Text(_cost(report))


def render_state(state: LiveState) -> Iterator[RenderableType]:
    """How a connection stands, and what to type to change it."""
    yield Text(f"{state.leave.happened}.", style="bold" if state.leave.is_granted else "")
    if state.rehearsed_at is not None:
        yield Text(f"These settings were rehearsed at {state.rehearsed_at:%Y-%m-%d %H:%M} UTC.")
    if state.is_paused and state.is_live:
        yield Text("It is live as soon as it goes on.")
    if state.leave.command:
        yield Text(f"Next: {state.leave.command}", style="bold")


def state_json(state: LiveState) -> dict[str, Any]:
    """The same for machines."""
    return {
        "connection": state.connection,
        **leave_json(state.leave),
        "is_live": state.is_live,
        "is_paused": state.is_paused,
        "is_sandbox": state.is_sandbox,
        "rehearsed_at": state.rehearsed_at.isoformat() if state.rehearsed_at else None,
        "rehearsal": report_json(state.report) if state.report else None,
    }


def leave_json(leave: WriteLeave) -> dict[str, Any]:
    """Whether it writes, why not, and the command that changes it."""
    return {
        "may_write": leave.is_granted,
        "obstacle": leave.obstacle.value if leave.obstacle else None,
        "next": leave.command,
    }


def _next(report: RehearsalReport, leave: WriteLeave) -> str:
    if not report.is_quiet:
        return "Next: mend the mapping where the report points, then hightonic rehearse"
    if leave.is_granted:
        return f"{leave.happened}. Next: hightonic sync"
    return f"If this is what you want, type next: {leave.command}"


def _table(report: RehearsalReport) -> RenderableType:
    made = table("", *(side.label for side in Side), "Pairs")
    for kind, sides in report.did.items():
        cells = [_written(sides.get(side, Did())) for side in Side]
        made.add_row(plural(kind), *(cell or "-" for cell in cells), _pairs(sides) or "-")
    return made


def _written(did: Did) -> str:
    words = [word for word in (*_WRITTEN, "left_alone") if getattr(did, word)]
    return ", ".join(f"{getattr(did, word):,} {word.replace('_', ' ')}" for word in words)


def _pairs(sides: Mapping[Side, Did]) -> str:
    sums = {
        word: sum(getattr(did, word) for did in sides.values())
        for word in ("linked", "unlinked")
    }
    return ", ".join(f"{number:,} {word}" for word, number in sums.items() if number)


def _waiting(report: RehearsalReport) -> Iterator[RenderableType]:
    if report.held:
        title = f"A brake would hold back {count(report.held, 'operation')}"
        yield bullet_list(title, report.brakes)
    yield from _reasons("Conflicts you would be asked about", report.conflicts)
    yield from _reasons("Unclear matches, left alone", report.ambiguous)


def _rules(report: RehearsalReport) -> Iterator[RenderableType]:
    """What rules did and would do; their messages were not sent."""
    if report.rules:
        yield bullet_list("Rules", [_rule(name, each) for name, each in report.rules.items()])
    if report.held_rules:
        held = show_counts(report.held_rules)
        yield Text(f"A brake would hold back what these rules ask for: {held}")
    if report.rule_problems:
        yield bullet_list("Rules that would fail", _shortened(list(report.rule_problems)))


def _rule(name: str, rehearsed: RuleRehearsed) -> str:
    would = (
        f"if its moment came now, something to do for {count(rehearsed.would_act, 'contact')}"
    )
    failing = f", failing for {rehearsed.would_fail:,}" if rehearsed.would_fail else ""
    return f"{name}: answered {rehearsed.answered:,}; {would}{failing}"


def _reasons(title: str, counts: Mapping[str, int]) -> Iterator[RenderableType]:
    if counts:
        yield bullet_list(title, _shortened([f"{n:,} x {word}" for word, n in counts.items()]))


def _shortened(lines: list[str]) -> list[str]:
    left = len(lines) - MOST_REASONS
    return lines[:MOST_REASONS] + [f"... and {left} more"] * (left > 0)


def _gaps(report: RehearsalReport) -> Iterator[RenderableType]:
    if report.notes_unread:
        yield Text(
            f"Notes of {count(report.notes_unread, 'contact')} were left out, one call each: "
            "to include them, raise --note-calls"
        )
    if report.unreadable:
        yield Text(f"{count(report.unreadable, 'value')} could not be read, taken for blank")


def _cost(report: RehearsalReport) -> str:
    cost = report.cost
    return (
        f"The real run takes about {_lasting(cost.duration_s)} and these calls: "
        f"{show_calls(cost.calls)} ({_share(cost.share_of_day)} of HighLevel's daily allowance)"
    )


def _share(part: float) -> str:
    return f"{part:.1%}" if part >= _SMALL else "under 0.1%"


def _lasting(seconds: float) -> str:
    if seconds < 2 * _MINUTE_S:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / _MINUTE_S)} min"

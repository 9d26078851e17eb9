"""The report of a run as a newcomer reads it: done, waiting for a person, cost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rich.console import RenderableType
from rich.text import Text

from toolkit.cli.render.rules_held import render_held
from toolkit.cli.render.words import bullet_list, count, plural, show_calls, show_counts, table
from toolkit.model.ids import Kind, Side
from toolkit.model.outcomes import RunReport, Tally

DID = {
    "sync": "Synced",
    "apply": "Applied the plan to",
    "resolve": "Resolved conflicts of",
    "undo": "Took back a run of",
    "retry": "Tried again what was left over on",
}
ASKED = {
    "archive": "Archived contacts of",
    "restore": "Took contacts back on",
    "merge": "Completed and marked duplicates of",
    "edit": "Edited contacts of",
}
"""Runs that a person asked for in so many words."""
QUIET = {
    "undo": "There was nothing to take back; nothing was written.",
    "retry": "Nothing was left over; nothing was written.",
    "resolve": "Both sides show the chosen values already; nothing was written.",
}
WRITTEN = ("created", "updated", "deleted", "skipped", "failed", "unknown")
MOST_FAILURES = 10


def render_run(report: RunReport) -> Iterator[RenderableType]:
    """What was done, what needs a person and which command comes next, what it cost."""
    did = (DID | ASKED).get(report.verb, f"{report.verb.capitalize()}:")
    yield Text(f"{did} {report.connection} in {report.duration_s:.1f} s", style="bold")
    if not _is_quiet(report.tallies):
        yield _tally_table(report.tallies)
    elif _waits(report):
        yield Text("Nothing was written; this still waits:")
    else:
        yield Text(QUIET.get(report.verb, "Nothing had changed; nothing was written."))
    yield from _rules(report)
    yield from render_needs(report)
    yield from _skipped(report)
    yield from _failures(report)
    yield _cost(report)
    if _has_written(report):
        yield Text(f"To take this run back: hightonic undo {report.run_id}", style="dim")


def render_needs(report: RunReport) -> Iterator[RenderableType]:
    """What waits for a person, each with the command to type next; nothing if nothing."""
    if report.held:
        yield bullet_list(
            f"Held back by a brake: {count(report.held, 'operation')}",
            [
                *report.brakes,
                *_ways_on(report),
            ],
        )
    yield from render_held(report.held_rules)
    if report.parked_rules:
        yield bullet_list(
            f"Parked: {count(len(report.parked_rules), 'rule')} that led to itself",
            [*report.parked_rules, "More about them: hightonic rules list"],
        )
    if report.conflicts:
        yield Text(
            f"{count(report.conflicts, 'conflict')} for you to decide: hightonic conflicts"
        )
    yield from _resting(report)
    left_alone = report.ambiguous + report.findings
    if left_alone:
        parts = [
            count(report.ambiguous, "unclear match") if report.ambiguous else "",
            count(report.findings, f"{'other ' * bool(report.ambiguous)}finding")
            if report.findings
            else "",
        ]
        yield Text(f"Left alone: {' and '.join(filter(None, parts))}: hightonic conflicts")


def _ways_on(report: RunReport) -> Iterator[str]:
    if report.verb in DID:
        yield "To look closer:    hightonic plan"
        yield f"If this is right:  hightonic sync --approve {report.approval}"
    else:
        yield f"If this is right, repeat the command with --approve {report.approval}"


def _rules(report: RunReport) -> Iterator[RenderableType]:
    """What rules did; those that found nothing to do are not worth a line."""
    done = {name: tally.done for name, tally in report.rules.items() if tally.done}
    if done:
        yield Text(f"Rules answered: {show_counts(done)}")
    words = ("waiting", "refused", "failed")
    counts = {
        word: sum(getattr(tally, word) for tally in report.rules.values()) for word in words
    }
    left = {word: number for word, number in counts.items() if number}
    if left:
        yield Text(f"Rules left over: {show_counts(left)}: hightonic rules firings")


def _waits(report: RunReport) -> bool:
    return bool(
        report.held
        or report.held_rules
        or report.conflicts
        or report.resting
        or report.failures
    )


def _resting(report: RunReport) -> Iterator[RenderableType]:
    if report.resting:
        lines = list(report.resting[:MOST_FAILURES])
        if len(report.resting) > MOST_FAILURES:
            lines.append(f"... and {len(report.resting) - MOST_FAILURES:,} more")
        lines.append("All of them: hightonic conflicts. To try them now: hightonic retry")
        yield bullet_list(f"Left out of step: {count(len(report.resting), 'pair')}", lines)


def _has_written(report: RunReport) -> bool:
    """Whether undo has something to take back: figures of the day are left to the next look."""
    tallies = [
        tally
        for kind, sides in report.tallies.items()
        for tally in sides.values()
        if kind is not Kind.METRIC
    ]
    return any(tally.created + tally.updated + tally.deleted for tally in tallies)


def _is_quiet(tallies: Mapping[Kind, Mapping[Side, Tally]]) -> bool:
    return not any(
        getattr(tally, word)
        for sides in tallies.values()
        for tally in sides.values()
        for word in (*WRITTEN, "linked", "unlinked")
    )


def _tally_table(tallies: Mapping[Kind, Mapping[Side, Tally]]) -> RenderableType:
    made = table("", "HighLevel", "TimeTonic", "Pairs")
    for kind, sides in tallies.items():
        cells = [_written(sides.get(side, Tally())) for side in Side]
        pairs = _pairs(sides)
        if any(cells) or pairs:
            made.add_row(plural(kind), *(cell or "-" for cell in cells), pairs or "-")
    return made


def _written(tally: Tally) -> str:
    return ", ".join(
        f"{getattr(tally, word):,} {word}" for word in WRITTEN if getattr(tally, word)
    )


def _pairs(sides: Mapping[Side, Tally]) -> str:
    sums = {
        word: sum(getattr(tally, word) for tally in sides.values())
        for word in ("linked", "unlinked")
    }
    return ", ".join(f"{number:,} {word}" for word, number in sums.items() if number)


def _skipped(report: RunReport) -> Iterator[RenderableType]:
    number = sum(tally.skipped for sides in report.tallies.values() for tally in sides.values())
    if number:
        yield Text(
            f"{number:,} skipped, each for a reason: "
            f"hightonic log --failed --run {report.run_id}"
        )


def _failures(report: RunReport) -> Iterator[RenderableType]:
    if not report.failures:
        return
    lines = list(report.failures[:MOST_FAILURES])
    if len(report.failures) > MOST_FAILURES:
        lines.append(f"... and {count(len(report.failures) - MOST_FAILURES, 'other reason')}")
    lines += [
        "Details:    hightonic log --failed",
        "Try again:  hightonic retry",
    ]
    yield bullet_list("Did not work", lines)


def _cost(report: RunReport) -> Text:
    return Text(
        f"Calls: {show_calls(report.api_calls)} "
        f"(the least possible: {show_calls(report.minimum_api_calls)}; "
        f"{report.api_ratio:.2f} times that)"
    )

"""What a contact's tasks, notes and appointments add up to."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from toolkit.model.automation import ContactFacts
from toolkit.model.values import Value, Values
from toolkit.rules.calendar import Calendar
from toolkit.rules.comparisons import folded
from toolkit.rules.conditions import Counted
from toolkit.rules.dates import instant_text
from toolkit.rules.problems import RuleProblemError
from toolkit.rules.shapes import is_day, moment_of

_NOT_HELD = frozenset({"cancelled", "canceled", "noshow", "no show", "invalid"})
"""Appointments of these states (marketplace docs, read 2026-11) are no contact."""


def derive(facts: ContactFacts, *, now: datetime, calendar: Calendar) -> dict[str, Value]:
    """Every name of `toolkit.rules.words.DERIVED` with its value; None where there is none.

    A contact of whom nothing at all is dated has its `updated_at` as its last activity.
    """
    held = [each for each in facts.appointments if not _is_off(each)]
    starts = list(_moments((each.get("starts_at") for each in held), calendar))
    notes = list(_moments((each.get("written_at") for each in facts.notes), calendar))
    open_due = [
        _due(each.values, calendar) for each in facts.tasks if not is_completed(each.values)
    ]
    done_due = [
        _due(each.values, calendar) for each in facts.tasks if is_completed(each.values)
    ]
    values = facts.values
    past = [moment for moment in starts if moment <= now]
    ahead = [moment for moment in starts if moment > now]
    touched = [*notes, *past]
    contacted = list(_moments([values.get("last_contacted")], calendar))
    first_seen = [] if facts.first_seen_at is None else [facts.first_seen_at]
    done = [due for due in done_due if due is not None and due <= now]
    active = [*touched, *contacted, *first_seen, *done]
    steps = [*(due for due in open_due if due is not None), *ahead]
    return {
        "first_seen_at": _latest(first_seen),
        "last_note_at": _latest(notes),
        "last_appointment_at": _latest(past),
        "next_appointment_at": _earliest(ahead),
        "next_task_due_at": _earliest(due for due in open_due if due is not None),
        "last_activity_at": _latest(active) or values.get("updated_at"),
        "last_touch_on": _day(touched, calendar),
        "next_step_on": _day(steps, calendar, is_first=True),
        Counted.TOTAL_TASKS: len(facts.tasks),
        Counted.OPEN_TASKS: len(open_due),
        Counted.OVERDUE_TASKS: sum(due is not None and due < now for due in open_due),
    }


def is_completed(task: Values) -> bool:
    """Whether a task is done; one that does not say so is open."""
    return task.get("is_completed") is True


def due_at(task: Values, calendar: Calendar) -> datetime | None:
    """The instant up to which a task is due; None where it has no due date.

    Raises:
        RuleProblemError: What stands there is no date.
    """
    due = task.get("due_at")
    if due is None:
        return None
    moment = moment_of(due, calendar)
    return calendar.end_of(calendar.local(moment).date()) if is_day(due) else moment


def _due(task: Values, calendar: Calendar) -> datetime | None:
    try:
        return due_at(task, calendar)
    except RuleProblemError:
        return None


def _is_off(appointment: Values) -> bool:
    return folded(str(appointment.get("status"))) in _NOT_HELD


def _moments(values: Iterable[Value], calendar: Calendar) -> Iterable[datetime]:
    for value in values:
        if value is None or value == "":
            continue
        try:
            yield moment_of(value, calendar)
        except RuleProblemError:
            # A column the user mapped as text may hold anything; it counts for nothing.
            continue


def _latest(moments: Iterable[datetime]) -> str | None:
    found = list(moments)
    return instant_text(max(found)) if found else None


def _earliest(moments: Iterable[datetime]) -> str | None:
    found = list(moments)
    return instant_text(min(found)) if found else None


def _day(
    moments: Iterable[datetime], calendar: Calendar, *, is_first: bool = False
) -> str | None:
    found = list(moments)
    if not found:
        return None
    return calendar.local(min(found) if is_first else max(found)).date().isoformat()

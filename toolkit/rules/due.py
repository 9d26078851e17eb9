"""Happenings that time brings: a schedule's turn, a task past its due date."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from functools import lru_cache

from toolkit.model.automation import ContactFacts, Happening, TaskFacts, Trigger
from toolkit.rules.actions import Run
from toolkit.rules.calendar import Calendar
from toolkit.rules.dates import read_moment
from toolkit.rules.derived import due_at, is_completed
from toolkit.rules.evaluate import evaluate, matches
from toolkit.rules.problems import RuleProblemError
from toolkit.rules.spec import Frame, Rule, When


def due(
    rule: Rule, facts: ContactFacts, frame: Frame, *, since: datetime | None = None
) -> tuple[Happening, ...]:
    """What time has brought the rule for one contact, where it then asks for something.

    A schedule's key is `schedule/<slot>/<contact link>`, that of an overdue task
    `overdue/<task link>/<due date>`: asking again gives the same keys, so whoever keeps
    them acts once a slot, and once for each due date a task is given.

    Args:
        rule: The rule; others than those about time give nothing.
        facts: The contact.
        frame: `now` decides what is due.
        since: Moments up to then are of the past, and are left out.
    """
    found = [
        happening
        for when in rule.when
        for happening in _moments(when, facts, frame)
        if since is None or happening.at > since
    ]
    return tuple(each for each in found if _asks(rule, each, facts, frame))


def _asks(rule: Rule, happening: Happening, facts: ContactFacts, frame: Frame) -> bool:
    """Whether the rule would do anything: else each contact would fill a line a day.

    What a user's function asks for is not worked out twice; its conditions decide.
    """
    if any(isinstance(deed, Run) for action in rule.actions for deed in action.deeds):
        return matches(rule, happening, facts, frame)
    firing = evaluate(rule, happening, facts, frame)
    return bool(firing.effects or firing.problem)


def waits_for_time(rule: Rule) -> bool:
    """Whether `due` can ever give anything for the rule."""
    timed = {Trigger.SCHEDULE, Trigger.TASK_OVERDUE}
    return rule.is_enabled and any(each.trigger in timed for each in rule.when)


@lru_cache(maxsize=64)
def slot(when: When, now: datetime, calendar: Calendar) -> tuple[str, datetime]:
    """The schedule's slot that `now` lies in: its name, and the instant it began.

    Days, weeks and months are those of the office's clocks.
    """
    local = calendar.local(now).replace(microsecond=0)
    clock = time.fromisoformat(when.at)
    if when.every == "hour":
        start = local.replace(minute=clock.minute, second=0)
        begun = start if start <= local else start - timedelta(hours=1)
        return begun.strftime("%Y-%m-%dT%H"), calendar.instant(begun)
    day = local.date() if local.time() >= clock else local.date() - timedelta(days=1)
    if when.every == "week":
        day -= timedelta(days=day.weekday())
    elif when.every == "month":
        day = day.replace(day=1)
    elif when.every == "work_day":
        while not calendar.is_work_day(day):
            day -= timedelta(days=1)
    name = f"{when.every} {day.isoformat()}" if when.every != "day" else day.isoformat()
    return name.replace(" ", "-"), calendar.instant(datetime.combine(day, clock))


def _moments(when: When, facts: ContactFacts, frame: Frame) -> Iterator[Happening]:
    if when.trigger is Trigger.SCHEDULE:
        name, begun = slot(when, frame.now, frame.calendar)
        yield Happening(
            key=f"schedule/{name}/{facts.link_id}",
            trigger=when.trigger,
            at=begun,
            contact=facts.link_id,
        )
    if when.trigger is Trigger.TASK_OVERDUE:
        for task in facts.tasks:
            yield from _overdue(when, task, facts, frame)


def _overdue(
    when: When, task: TaskFacts, facts: ContactFacts, frame: Frame
) -> Iterator[Happening]:
    if is_completed(task.values):
        return
    try:
        limit = due_at(task.values, frame.calendar)
        if limit is not None and when.after:
            limit = _later(limit, when.after, frame.calendar)
    except RuleProblemError:
        # A task whose date cannot be read is never overdue; the mapping tells of it.
        return
    if limit is None or limit >= frame.now:
        return
    yield Happening(
        key=f"overdue/{task.link_id}/{task.values['due_at']}",
        trigger=when.trigger,
        at=limit,
        contact=facts.link_id,
        subject=task.link_id,
    )


def _later(limit: datetime, after: str, calendar: Calendar) -> datetime:
    moment = read_moment(after)
    later = moment.resolve(limit, calendar)
    if not moment.is_day:
        return later
    # So many days later is the same time of day, not the end of that day.
    clock = calendar.local(limit).time()
    return calendar.instant(datetime.combine(calendar.local(later).date(), clock))

"""Rules that wake themselves or each other for ever, seen in the file.

Rule `a` leads to rule `b` where something that `a` writes is what `b` waits for, unless the
conditions of `b` contradict what `a` has just written, and no rule that comes after may have
taken it back: they are asked with that knowledge and no other, and only a sure no counts.

A circle of such steps is harmless where it comes to rest: a step whose write is the same
every time is taken once only, since asking for what is so already changes nothing, unless
a rule that it leads to takes that write back. A circle of the steps that are left never
rests, and is refused. What a user's function writes is not known here: a circle through one
is met, and parked, while it runs.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from toolkit.model.automation import Trigger
from toolkit.rules.aftermath import Aftermath
from toolkit.rules.conditions import Condition, holds
from toolkit.rules.problems import Path, RuleProblemError
from toolkit.rules.spec import Rule, When
from toolkit.rules.words import Vocabulary
from toolkit.rules.writes import Write, sure_after, sure_of_subject, writes_of


@dataclass(frozen=True, slots=True)
class Step:
    """One rule leading to another by one of its writes."""

    rule: str
    write: Write
    then: str


def check_loops(
    rules: Collection[Rule], *, words: Vocabulary, segments: Mapping[str, Condition]
) -> None:
    """Whether every chain of these rules comes to rest; disabled ones do not count.

    Raises:
        RuleProblemError: Some never do; names them and what passes between them.
    """
    enabled = [rule for rule in rules if rule.is_enabled]
    loop = find_loop(enabled, words=words, segments=segments)
    if not loop:
        return
    first = next(rule for rule in enabled if rule.name == loop[0].rule)
    told = "; ".join(
        f"`{step.rule}` {step.write.doc}, which `{step.then}` waits for" for step in loop
    )
    names = " -> ".join([*(step.rule for step in loop), loop[0].rule])
    raise RuleProblemError(
        f"rules wake each other for ever ({names}): {told}"
        if len(loop) > 1
        else f"the rule wakes itself for ever: {told}",
        at=_place(first, rules),
        remedy="Narrow its `when`, or add a condition that no longer holds once it has acted",
    )


def find_loop(
    rules: Collection[Rule], *, words: Vocabulary, segments: Mapping[str, Condition]
) -> tuple[Step, ...]:
    """The shortest circle that never rests, first rule first; empty where there is none."""
    writes = {rule.name: writes_of(rule, words) for rule in rules}
    possible = [
        Step(rule.name, write, other.name)
        for rule in rules
        for write in writes[rule.name]
        for other in rules
        if _woken(write, other, words)
    ]
    ahead = _reach(possible)
    steps: list[Step] = []
    for rule in rules:
        names = ahead.get(rule.name, frozenset()) - {rule.name}
        others = frozenset(write for name in names for write in writes[name])
        steps += _steps(rule, rules, others, words=words, segments=segments)
    restless = _restless(steps, writes)
    # Where two rules undo each other, both also seem to wake themselves: tell of the two.
    by_itself = [
        step
        for step in restless
        if step.rule != step.then or _restless([step], {step.rule: writes[step.rule]})
    ]
    return _shortest(by_itself) or _shortest(restless)


def _steps(
    rule: Rule,
    rules: Collection[Rule],
    others: Collection[Write],
    *,
    words: Vocabulary,
    segments: Mapping[str, Condition],
) -> Iterator[Step]:
    """Where a rule leads to; `others` are writes of rules ahead, which may take its back."""
    lasting = _lasting(sure_after(rule, words), others)
    for write in writes_of(rule, words):
        subject = _lasting(sure_of_subject(write), others)
        now = Aftermath.of((*lasting, *subject), segments)
        # By the time a task is overdue the contact may have changed in every way.
        later = Aftermath.of(subject, segments)
        for other in rules:
            woken = _woken(write, other, words)
            known = later if woken == {Trigger.TASK_OVERDUE} else now
            if woken and holds(other.condition, known) is not False:
                yield Step(rule.name, write, other.name)


def _lasting(sure: Iterable[Write], others: Collection[Write]) -> list[Write]:
    return [each for each in sure if not any(other.undoes(each) for other in others)]


def _woken(write: Write, rule: Rule, words: Vocabulary) -> set[Trigger]:
    return {when.trigger for when in rule.when if _wakes(write, when, words)}


def _wakes(write: Write, when: When, words: Vocabulary) -> bool:
    if when.trigger not in write.triggers:
        return False
    if when.trigger is Trigger.CONTACT_TAGGED:
        return _tags(write, when)
    if when.trigger is not Trigger.CONTACT_UPDATED:
        return True
    if when.fields:
        return bool(write.fields & when.fields)
    return not write.fields <= words.counted()


def _tags(write: Write, when: When) -> bool:
    return not when.tags or not write.is_fixed or write.tag in when.tags


def _restless(steps: Collection[Step], writes: Mapping[str, Collection[Write]]) -> list[Step]:
    """The steps that can be taken again, where they lie in a circle."""
    reach = _reach(steps)
    known: dict[tuple[Write, frozenset[str]], bool] = {}
    for step in steps:
        # Also a rule that lies ahead and leads elsewhere may undo it before it is asked.
        ahead = reach[step.then]
        if (step.write, ahead) not in known:
            known[step.write, ahead] = not step.write.is_fixed or any(
                each.undoes(step.write) for rule in ahead for each in writes[rule]
            )
    return [step for step in steps if known[step.write, reach[step.then]]]


def _reach(steps: Collection[Step]) -> dict[str, frozenset[str]]:
    """Rule -> the rules it leads to in the end, itself included."""
    next_to: dict[str, set[str]] = {}
    for step in steps:
        next_to.setdefault(step.rule, set()).add(step.then)
        next_to.setdefault(step.then, set())
    return {rule: _reached(rule, next_to) for rule in next_to}


def _reached(start: str, next_to: Mapping[str, Collection[str]]) -> frozenset[str]:
    found, waiting = {start}, [start]
    while waiting:
        fresh = set(next_to[waiting.pop()]) - found
        found |= fresh
        waiting += fresh
    return frozenset(found)


def _shortest(steps: Collection[Step]) -> tuple[Step, ...]:
    leads: dict[str, dict[str, Step]] = {}
    for step in steps:
        leads.setdefault(step.rule, {}).setdefault(step.then, step)
    circles = (_circle(rule, leads) for rule in leads)
    return min(filter(None, circles), key=len, default=())


def _circle(start: str, leads: Mapping[str, Mapping[str, Step]]) -> tuple[Step, ...]:
    """The shortest way from a rule back to itself; empty where there is none."""
    paths: deque[tuple[Step, ...]] = deque((step,) for step in leads[start].values())
    seen: set[str] = set()
    while paths:
        path = paths.popleft()
        here = path[-1].then
        if here == start:
            return path
        if here not in seen:
            seen.add(here)
            paths.extend((*path, step) for step in leads.get(here, {}).values())
    return ()


def _place(rule: Rule, rules: Collection[Rule]) -> Path:
    if rule.recipe:
        return ("recipes", rule.recipe)
    own = [each.name for each in rules if not each.recipe]
    return ("rules", own.index(rule.name))

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
from collections.abc import Collection, Iterable, Mapping
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
    found = {rule.name: rule for rule in rules}
    writes = {rule.name: writes_of(rule, words) for rule in rules}
    possible = [
        Step(rule.name, write, other.name)
        for rule in rules
        for write in writes[rule.name]
        for other in rules
        if any(_wakes(write, when, words) for when in other.when)
    ]
    steps = []
    for step in possible:
        ahead = _reached(step.rule, possible) - {step.rule}
        others = [write for name in ahead for write in writes[name]]
        known = Aftermath.of(_known(step, found, others, words=words), segments)
        if holds(found[step.then].condition, known) is not False:
            steps.append(step)
    restless = [step for step in steps if not _rests(step, steps, writes)]
    # Where two rules undo each other, both also seem to wake themselves: tell of the two.
    by_itself = [
        step for step in restless if step.rule != step.then or not _rests(step, [step], writes)
    ]
    return _shortest(by_itself) or _shortest(restless)


def _known(
    step: Step, rules: Mapping[str, Rule], others: Iterable[Write], *, words: Vocabulary
) -> list[Write]:
    """What is sure when the step is taken: nothing that a rule ahead may have taken back."""
    whens = rules[step.then].when
    woken = {when.trigger for when in whens if _wakes(step.write, when, words)}
    # By the time a task is overdue the contact may have changed in every way.
    is_later = woken == {Trigger.TASK_OVERDUE}
    sure = [
        *(() if is_later else sure_after(rules[step.rule], words)),
        *sure_of_subject(step.write),
    ]
    return [each for each in sure if not any(other.undoes(each) for other in others)]


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


def _rests(
    step: Step, steps: Collection[Step], writes: Mapping[str, Collection[Write]]
) -> bool:
    """Whether the step can be taken but once: its write stays as it is."""
    if not step.write.is_fixed:
        return False
    ahead = _reached(step.then, steps)
    if step.rule not in ahead:
        return True
    # Also a rule that lies ahead and leads elsewhere may undo it before it is asked again.
    return not any(each.undoes(step.write) for rule in ahead for each in writes[rule])


def _reached(start: str, steps: Collection[Step]) -> frozenset[str]:
    """Rules that `start` leads to in the end, itself included."""
    found = {start}
    waiting = deque([start])
    while waiting:
        rule = waiting.popleft()
        for step in steps:
            if step.rule == rule and step.then not in found:
                found.add(step.then)
                waiting.append(step.then)
    return frozenset(found)


def _shortest(steps: Collection[Step]) -> tuple[Step, ...]:
    best: tuple[Step, ...] = ()
    for first in steps:
        paths: deque[tuple[Step, ...]] = deque([(first,)])
        seen = {first.then}
        while paths:
            path = paths.popleft()
            if path[-1].then == first.rule:
                best = path if not best or len(path) < len(best) else best
                break
            for step in steps:
                is_next = step.rule == path[-1].then
                if is_next and (step.then not in seen or step.then == first.rule):
                    seen.add(step.then)
                    paths.append((*path, step))
    return best


def _place(rule: Rule, rules: Collection[Rule]) -> Path:
    if rule.recipe:
        return ("recipes", rule.recipe)
    own = [each.name for each in rules if not each.recipe]
    return ("rules", own.index(rule.name))

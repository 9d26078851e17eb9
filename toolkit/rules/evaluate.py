"""Rules applied to what happened: facts in, effects out.

Everything here is pure: the same happening and facts give the same firing on every machine,
dates are counted from the moment of the happening and not from that of the evaluation, and
whatever goes wrong inside a template or a user's function stays inside its firing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from toolkit.model.automation import (
    ArchiveContact,
    ContactFacts,
    EditTags,
    Firing,
    Happening,
    NewRecord,
    Send,
    SetFields,
    Trigger,
)
from toolkit.model.ids import LinkId
from toolkit.rules.actions import Action, Run
from toolkit.rules.comparisons import folded
from toolkit.rules.conditions import holds
from toolkit.rules.deeds import do
from toolkit.rules.problems import RuleProblemError
from toolkit.rules.reading import Reader
from toolkit.rules.reading_actions import read_actions
from toolkit.rules.scope import Scope
from toolkit.rules.spec import Frame, Rule, When
from toolkit.rules.words import Vocabulary
from toolkit.rules.work import Work


def listens(rule: Rule, happening: Happening, words: Vocabulary) -> bool:
    """Whether the rule waits for such a happening; its conditions are not asked.

    A change of nothing but what the sync counts by itself wakes only rules that name it.
    """
    return rule.is_enabled and any(_is_meant(each, happening, words) for each in rule.when)


def matches(rule: Rule, happening: Happening, facts: ContactFacts | None, frame: Frame) -> bool:
    """Whether the rule would act: it waits for this, and its conditions hold.

    Conditions that cannot be worked out do not hold; `evaluate` says what is wrong.
    """
    if not listens(rule, happening, frame.words):
        return False
    try:
        return holds(rule.condition, Scope(rule.name, happening, facts, frame)) is True
    except RuleProblemError:
        return False


def evaluate(
    rule: Rule, happening: Happening, facts: ContactFacts | None, frame: Frame
) -> Firing:
    """What the rule asks for in answer to a happening it waits for.

    Args:
        rule: The rule; whether it `listens` was asked before.
        happening: What it answers.
        facts: The contact as both sides agreed on it; None where there is none (any more).
        frame: Everything else it may see.

    Returns:
        Effects, none of which is so already; none at all where the conditions do not hold
        or something went wrong, which `problem` then tells with file and line.
    """
    work = Work(rule.name, happening, facts, frame)
    line = rule.line
    try:
        if holds(rule.condition, work) is True:
            for action in rule.actions:
                line = action.line or rule.line
                _act(action, rule, work)
        return Firing(rule.name, happening, effects=work.effects(), turns=work.turns)
    except RuleProblemError as error:
        place = rule.place(line)
        return Firing(
            rule.name, happening, problem=f"{place}: {error.reason}" if place else error.reason
        )


def touched(rule: Rule, all_facts: Iterable[ContactFacts], frame: Frame) -> Iterator[Firing]:
    """What the rule would ask for if its trigger came for each contact now; for previews.

    Triggers about a task take each of the contact's tasks in turn, the others the contact
    as it is. Contacts for whom it asks nothing are left out.
    """
    for facts in all_facts:
        for happening in _imagined(rule, facts, frame):
            firing = evaluate(rule, happening, facts, frame)
            if firing.effects or firing.problem:
                yield firing


def _is_meant(when: When, happening: Happening, words: Vocabulary) -> bool:
    if when.trigger is not happening.trigger:
        return False
    if when.side is not None and happening.side is not when.side:
        return False
    if when.tags:
        return bool({folded(tag) for tag in happening.tags} & when.tags)
    changed = frozenset(happening.fields)
    if when.fields:
        return bool(changed & when.fields)
    return when.trigger is not Trigger.CONTACT_UPDATED or not changed <= words.counted()


def _act(action: Action, rule: Rule, work: Work) -> None:
    for deed in action.deeds:
        if isinstance(deed, Run):
            _run(deed, rule, work)
        else:
            do(deed, work)


def _run(deed: Run, rule: Rule, work: Work) -> None:
    given = work.call(deed.function)
    items = [] if given is None else given if isinstance(given, list | tuple) else [given]
    for item in items:
        if isinstance(item, SetFields | EditTags | NewRecord | ArchiveContact | Send):
            work.add(item)
            continue
        for each in _read_given(item, deed, rule, work).deeds:
            if isinstance(each, Run):
                raise RuleProblemError(f"`{deed.function}` asks for another function")
            do(each, work)


def _read_given(item: object, deed: Run, rule: Rule, work: Work) -> Action:
    # Texts from a function may hold what customers wrote, so braces in them mean nothing.
    reader = Reader(words=work.frame.words, subject=rule.subject, is_literal=True)
    try:
        return read_actions([item], reader=reader, at=())[0]
    except RuleProblemError as error:
        raise RuleProblemError(
            f"`{deed.function}` gave an action that cannot be read: {error.reason}"
        ) from error


def _imagined(rule: Rule, facts: ContactFacts, frame: Frame) -> Iterator[Happening]:
    for when in rule.when:
        match when.trigger:
            case Trigger.TASK_CREATED | Trigger.TASK_COMPLETED | Trigger.TASK_OVERDUE:
                subjects = [each.link_id for each in facts.tasks]
            case Trigger.NOTE_ADDED | Trigger.APPOINTMENT_BOOKED:
                subjects = list(facts.subjects)
            case _:
                subjects = []
        found: list[LinkId | None] = [*subjects]
        for subject in found or [None]:
            yield Happening(
                key=f"preview/{facts.link_id}",
                trigger=when.trigger,
                at=frame.now,
                contact=facts.link_id,
                subject=subject,
                side=when.side,
            )

"""Rules and segments out of the settings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import get_args

from toolkit.model.automation import Trigger
from toolkit.model.ids import Kind, Side
from toolkit.rules.comparisons import folded
from toolkit.rules.conditions import Condition, segments_in
from toolkit.rules.dates import read_moment
from toolkit.rules.problems import Path, RuleProblemError
from toolkit.rules.reading import (
    Reader,
    check_keys,
    group,
    items,
    plain_text,
    yes_no,
)
from toolkit.rules.reading_actions import read_actions
from toolkit.rules.reading_conditions import read_condition
from toolkit.rules.spec import Every, Rule, When
from toolkit.rules.words import SUBJECT_KINDS

_KEYS = ("name", "when", "if", "then", "enabled")
_WHEN_KEYS: Mapping[str, frozenset[Trigger]] = {
    "side": frozenset(each for each in Trigger if each.has_contact),
    "fields": frozenset({Trigger.CONTACT_UPDATED, Trigger.CONFLICT}),
    "tags": frozenset({Trigger.CONTACT_TAGGED}),
    "every": frozenset({Trigger.SCHEDULE}),
    "at": frozenset({Trigger.SCHEDULE}),
    "after": frozenset({Trigger.TASK_OVERDUE}),
}
_NAME = re.compile(r"[A-Za-z0-9][\w .-]{0,79}\Z")
_CLOCK = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d\Z")


def read_rules(raw: object, *, reader: Reader, at: Path, file: str = "") -> tuple[Rule, ...]:
    """The list under `rules:`.

    Raises:
        RuleProblemError: One cannot be read, or two have one name.
    """
    if raw is None:
        return ()
    if not isinstance(raw, list):
        raise RuleProblemError("rules stand in a list", at=at, remedy="Begin with `- name:`")
    rules: dict[str, Rule] = {}
    for index, each in enumerate(raw):
        rule = read_rule(each, reader=reader, at=(*at, index), file=file)
        if rule.name in rules:
            raise RuleProblemError(
                f"two rules are called `{rule.name}`", at=(*at, index, "name")
            )
        rules[rule.name] = rule
    return tuple(rules.values())


def read_rule(
    raw: object, *, reader: Reader, at: Path, file: str = "", recipe: str = ""
) -> Rule:
    """One rule.

    Raises:
        RuleProblemError: It cannot be read, or names something unknown.
    """
    given = group(raw, at)
    check_keys(given, _KEYS, at, what="a rule")
    for key in ("name", "when", "then"):
        if given.get(key) is None:
            raise RuleProblemError(
                f"`{key}` is missing in a rule", at=at, remedy=f"Add `{key}:`"
            )
    name = plain_text(given["name"], (*at, "name"))
    if _NAME.match(name) is None:
        raise RuleProblemError(
            "this cannot name a rule",
            at=(*at, "name"),
            remedy="Use letters, digits, blanks and . - _, up to 80",
        )
    when = _read_whens(given["when"], reader=reader, at=(*at, "when"))
    triggers = {each.trigger for each in when}
    own = reader.about(
        _subject(when),
        has_contact=all(each.has_contact for each in triggers),
        can_write=all(_is_writable(each) for each in triggers),
    )
    condition = read_condition(given.get("if"), reader=own, at=(*at, "if"))
    actions = read_actions(given["then"], reader=own, at=(*at, "then"))
    return Rule(
        name=name,
        when=when,
        condition=condition,
        actions=actions,
        is_enabled=yes_no(given.get("enabled", True), (*at, "enabled")),
        recipe=recipe,
        file=file,
        line=reader.line_of(at),
        source=given,
    )


def read_segments(
    raw: Mapping[str, object], *, reader: Reader, at: Path
) -> dict[str, Condition]:
    """Segments by name.

    Raises:
        RuleProblemError: One cannot be read, or is made of itself.
    """
    segments = {
        name: read_condition(each, reader=reader, at=(*at, name)) for name, each in raw.items()
    }
    for name in segments:
        circle = _circle(name, segments, ())
        if circle:
            raise RuleProblemError(
                f"the segment is made of itself: {' -> '.join(circle)}", at=(*at, name)
            )
    return segments


def _is_writable(trigger: Trigger) -> bool:
    return trigger.has_contact and trigger is not Trigger.CONTACT_DELETED


def _circle(
    name: str, segments: Mapping[str, Condition], above: tuple[str, ...]
) -> tuple[str, ...]:
    if name in above:
        return (*above[above.index(name) :], name)
    for inner in segments_in(segments[name]):
        found = _circle(inner, segments, (*above, name))
        if found:
            return found
    return ()


def _subject(when: Iterable[When]) -> Kind | None:
    kinds = {SUBJECT_KINDS.get(each.trigger) for each in when}
    return kinds.pop() if len(kinds) == 1 else None


def _read_whens(raw: object, *, reader: Reader, at: Path) -> tuple[When, ...]:
    whens = items(raw, at)
    if not whens:
        raise RuleProblemError("`when` is empty", at=at)
    is_list = isinstance(raw, list)
    return tuple(
        _read_when(each, reader=reader, at=(*at, index) if is_list else at)
        for index, each in enumerate(whens)
    )


def _read_when(raw: object, *, reader: Reader, at: Path) -> When:
    given = group(raw, at) if isinstance(raw, Mapping) else {"trigger": raw}
    check_keys(given, ("trigger", *_WHEN_KEYS), at, what="`when`")
    spot = (*at, "trigger") if isinstance(raw, Mapping) else at
    word = plain_text(given.get("trigger"), spot)
    if word not in set(Trigger):
        raise RuleProblemError(
            f"there is no trigger `{word}`",
            at=spot,
            wrong=word,
            known=[each.value for each in Trigger],
        )
    trigger = Trigger(word)
    for key, triggers in _WHEN_KEYS.items():
        if key in given and trigger not in triggers:
            raise RuleProblemError(f"`{key}` does not go with `{trigger}`", at=(*at, key))
    return When(
        trigger=trigger,
        side=_side(given.get("side"), (*at, "side")),
        fields=_fields(given, reader, at),
        tags=_tags(given, at),
        every=_every(given.get("every", "day"), (*at, "every")),
        at=_clock(given.get("at", "00:00"), (*at, "at")),
        after=_after(given.get("after"), (*at, "after")),
    )


def _side(raw: object, at: Path) -> Side | None:
    if raw is None:
        return None
    if raw not in set(Side):
        raise RuleProblemError(
            "there is no such side", at=at, wrong=str(raw), known=[each.value for each in Side]
        )
    return Side(str(raw))


def _fields(given: Mapping[str, object], reader: Reader, at: Path) -> frozenset[str]:
    if "fields" not in given:
        return frozenset()
    spot = (*at, "fields")
    own = reader.words.kinds.get(Kind.CONTACT, {})
    names = [plain_text(each, spot) for each in items(given["fields"], spot)]
    for name in names:
        if name not in own:
            raise RuleProblemError(
                f"`{name}` is not a mapped field", at=spot, wrong=name, known=sorted(own)
            )
    return frozenset(names)


def _tags(given: Mapping[str, object], at: Path) -> frozenset[str]:
    if "tags" not in given:
        return frozenset()
    spot = (*at, "tags")
    return frozenset(folded(plain_text(each, spot)) for each in items(given["tags"], spot))


def _every(raw: object, at: Path) -> Every:
    for each in get_args(Every):
        if raw == each:
            found: Every = each
            return found
    raise RuleProblemError(
        "a schedule cannot come that often", at=at, wrong=str(raw), known=get_args(Every)
    )


def _clock(raw: object, at: Path) -> str:
    text = plain_text(raw, at)
    if _CLOCK.match(text) is None:
        raise RuleProblemError("this is no time of day", at=at, remedy='For example `"09:00"`')
    return text


def _after(raw: object, at: Path) -> str:
    if raw is None:
        return ""
    text = plain_text(raw, at)
    signed = text if text.strip().startswith(("+", "in ")) else f"+{text}"
    try:
        read_moment(signed)
    except RuleProblemError as error:
        raise RuleProblemError(
            error.reason, at=at, remedy="For example `2 business days`"
        ) from error
    return signed

"""One contact as one firing sees it: the facts, and what the firing has asked for so far."""

from __future__ import annotations

from dataclasses import replace

from toolkit.model.automation import ContactFacts, Happening, TaskFacts
from toolkit.model.ids import Kind, LinkId
from toolkit.model.values import Value, Values
from toolkit.rules.calls import call
from toolkit.rules.comparisons import folded
from toolkit.rules.conditions import Condition, Counted
from toolkit.rules.dates import read_moment
from toolkit.rules.derived import derive, is_completed
from toolkit.rules.problems import RuleProblemError
from toolkit.rules.shapes import is_day, moment_of
from toolkit.rules.spec import Frame
from toolkit.rules.templates import Names, Text
from toolkit.rules.words import ABSENT, DERIVED, SUBJECT_KINDS, Absent, FieldRef

_NO_ONE = LinkId("")
_DAY_S = 86_400.0


class Scope:
    """What conditions ask and templates read; changed by the firing's own actions.

    Args:
        rule: Name of the rule.
        happening: What it answers.
        facts: The contact; None where there is none.
        frame: Everything else.
    """

    def __init__(
        self, rule: str, happening: Happening, facts: ContactFacts | None, frame: Frame
    ) -> None:
        self.rule = rule
        self.happening = happening
        self.frame = frame
        self.facts = facts or ContactFacts(_NO_ONE, {})
        self._derived: dict[str, Value] | None = None

    @property
    def values(self) -> Values:
        """The contact's fields as the firing would have them."""
        return self.facts.values

    @property
    def tags(self) -> tuple[str, ...]:
        """The contact's tags as the firing would have them."""
        name = self.frame.words.tags
        held = self.values.get(name) if name else None
        return held if isinstance(held, tuple) else ()

    @property
    def subject(self) -> Values | None:
        """The task, note or appointment it is about, where that is still there."""
        link_id = self.happening.subject
        if link_id is None:
            return None
        task = next((each for each in self.facts.tasks if each.link_id == link_id), None)
        return task.values if task else self.facts.subjects.get(link_id)

    def put(self, values: Values) -> None:
        """The contact's fields become these; those not named stay."""
        self._change(replace(self.facts, values={**self.values, **values}))

    def put_task(self, task: TaskFacts) -> None:
        """A task of that pair is there from now on, with these values."""
        others = tuple(each for each in self.facts.tasks if each.link_id != task.link_id)
        self._change(replace(self.facts, tasks=(*others, task)))

    def _change(self, facts: ContactFacts) -> None:
        self.facts = facts
        self._derived = None

    # What conditions ask.

    def read(self, ref: FieldRef) -> Value | Absent:
        """The field's value; what is worked out comes before what is stored."""
        if ref.kind is not Kind.CONTACT:
            subject = self.subject
            is_here = subject is not None and self._subject_kind() is ref.kind
            return (subject or {}).get(ref.name, ABSENT) if is_here else ABSENT
        if self.frame.words.is_derived(ref):
            return self._worked_out()[ref.name]
        return self.values.get(ref.name, ABSENT)

    def has_tag(self, tag: Text) -> bool | None:
        """Whether the contact carries the tag; unknown where nobody has looked."""
        name = self.frame.words.tags
        if name is None or name not in self.values:
            return None
        return folded(self.render(tag)) in {folded(each) for each in self.tags}

    def count(self, what: Counted) -> int | None:
        """How many tasks of that sort the contact has."""
        number = self._worked_out()[what]
        return number if isinstance(number, int) else None

    def has_task(self, title: Text, *, is_open: bool | None) -> bool | None:
        """Whether the contact has a task of that title."""
        return bool(self.find_tasks(self.render(title), is_open=is_open))

    def ask(self, function: str) -> bool | None:
        """What the user's function says; None stays unknown."""
        answer = self.call(function)
        if answer is not None and not isinstance(answer, bool):
            raise RuleProblemError(f"`{function}` gave neither True, False nor None")
        return answer

    def segment(self, name: str) -> Condition:
        """What makes a contact belong to the segment."""
        return self.frame.segments[name]

    def days_since(self, value: Value) -> float | None:
        """Days from a day or an instant until now."""
        calendar, now = self.frame.calendar, self.frame.now
        moment = moment_of(value, calendar)
        if is_day(value):
            return float((calendar.local(now).date() - calendar.local(moment).date()).days)
        return (now - moment).total_seconds() / _DAY_S

    def is_before(self, value: Value, moment: str) -> bool | None:
        """Whether it comes before the date in words; days compare as days."""
        return self._distance(value, moment) < 0

    def is_after(self, value: Value, moment: str) -> bool | None:
        """Whether it comes after the date in words; days compare as days."""
        return self._distance(value, moment) > 0

    def _distance(self, value: Value, text: str) -> float:
        calendar, moment = self.frame.calendar, read_moment(text)
        own = moment_of(value, calendar)
        limit = moment.resolve(self.frame.now, calendar)
        if is_day(value) or moment.is_day:
            return float((calendar.local(own).date() - calendar.local(limit).date()).days)
        return (own - limit).total_seconds()

    # What templates and functions read.

    def find_tasks(self, title: str, *, is_open: bool | None) -> tuple[TaskFacts, ...]:
        """Tasks of that title; case and blanks do not matter."""
        wanted = folded(title)
        return tuple(
            each
            for each in self.facts.tasks
            if folded(str(each.values.get("title") or "")) == wanted
            and (is_open is None or is_completed(each.values) is not is_open)
        )

    def render(self, text: Text) -> str:
        """The text for this contact."""
        return text.render(self.names)

    def names(self, used: frozenset[str]) -> dict[str, object]:
        """Values of the words a template uses; of others too, where they cost nothing."""
        # What is worked out takes longest, and most templates name fields only.
        is_plain = used.isdisjoint(DERIVED) and Kind.CONTACT not in used
        contact = self.values if is_plain else self.contact_argument()
        names: dict[str, object] = {**contact, Kind.CONTACT.value: Names(contact)}
        kind, subject = self._subject_kind(), self.subject
        if kind is not None and subject is not None:
            names[kind.value] = Names(subject)
        if "happening" in used:
            names["happening"] = Names(self.happening_argument())
        names["rule"] = self.rule
        names["today"] = self.frame.calendar.local(self.happening.at).date().isoformat()
        return names

    def call(self, function: str) -> object:
        """What the user's function gives for this contact.

        Raises:
            RuleProblemError: It is not there, or fails.
        """
        facts = self.facts
        contact = {
            **self.contact_argument(),
            "tasks": [dict(each.values) for each in facts.tasks],
            "notes": [dict(each) for each in facts.notes],
            "appointments": [dict(each) for each in facts.appointments],
        }
        return call(self.frame, function, contact, self.happening_argument())

    def contact_argument(self) -> dict[str, object]:
        """The contact's fields and what they add up to."""
        if self.happening.contact is None:
            return {}
        # A mapped field goes before what is worked out, save for the counts of tasks.
        counts = {each.value: self._worked_out()[each] for each in Counted}
        return {**self._worked_out(), **self.values, **counts}

    def happening_argument(self) -> dict[str, object]:
        """What happened, in plain values."""
        happening, subject = self.happening, self.subject
        return {
            "trigger": happening.trigger.value,
            "at": happening.at.isoformat(),
            "side": happening.side.value if happening.side else None,
            "fields": happening.fields,
            "tags": happening.tags,
            "facts": dict(happening.facts),
            "subject": None if subject is None else dict(subject),
        }

    def _subject_kind(self) -> Kind | None:
        return SUBJECT_KINDS.get(self.happening.trigger)

    def _worked_out(self) -> dict[str, Value]:
        if self._derived is None:
            frame = self.frame
            self._derived = derive(self.facts, now=frame.now, calendar=frame.calendar)
        return self._derived

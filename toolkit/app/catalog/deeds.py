"""The actions of rules, asked for by hand for chosen contacts; each is a run of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from pydantic import Field

from toolkit.app.catalog.entry import Input
from toolkit.app.catalog.use_case import UseCase
from toolkit.app.connection import Connection
from toolkit.app.rule_facts import read_facts
from toolkit.app.surroundings import load_surroundings
from toolkit.errors import UseError
from toolkit.model.automation import Effect, Happening, Trigger
from toolkit.model.outcomes import RunReport
from toolkit.rules.evaluate import evaluate
from toolkit.rules.problems import RuleProblemError
from toolkit.rules.reading import Reader
from toolkit.rules.reading_actions import read_actions
from toolkit.rules.spec import Rule, When

if TYPE_CHECKING:
    from toolkit.app.wiring import Parts
    from toolkit.model.plan import Plan

_HAND: Final = "by hand"


class DeedInput(Input):
    """For whom: an e-mail, an id of either side, or a pair's id each."""

    contacts: tuple[str, ...] = Field(min_length=1, max_length=10_000)
    approve: str | None = Field(None, description="Approval of what a brake holds back.")

    def actions(self) -> list[dict[str, Any]]:
        """What is asked for, as `then:` of a rule says it."""
        raise NotImplementedError


class SetFieldsInput(DeedInput):
    """Field of the mapping -> value; texts may hold `{{ contact.name }}`."""

    fields: dict[str, str | bool | int | float | tuple[str, ...] | None] = Field(min_length=1)

    def actions(self) -> list[dict[str, Any]]:
        """`set`."""
        plain = {
            name: list(each) if isinstance(each, tuple) else each
            for name, each in self.fields.items()
        }
        return [{"set": plain}]


class StageInput(DeedInput):
    """The lifecycle stage they reach."""

    stage: str

    def actions(self) -> list[dict[str, Any]]:
        """`lifecycle_stage`."""
        return [{"lifecycle_stage": self.stage}]


class AddTagsInput(DeedInput):
    """Tags to add."""

    tags: tuple[str, ...] = Field(min_length=1)

    def actions(self) -> list[dict[str, Any]]:
        """`add_tags`."""
        return [{"add_tags": list(self.tags)}]


class RemoveTagsInput(AddTagsInput):
    """Tags to take away; `plan-*` takes every tag that begins so."""

    def actions(self) -> list[dict[str, Any]]:
        """`remove_tags`."""
        return [{"remove_tags": list(self.tags)}]


class OwnerInput(DeedInput):
    """Who looks after them: a user's id, e-mail or name."""

    owner: str
    unless_owned: bool = False

    def actions(self) -> list[dict[str, Any]]:
        """`assign_owner`."""
        return [{"assign_owner": {"to": self.owner, "unless_owned": self.unless_owned}}]


class TaskInput(DeedInput):
    """One task for each of them."""

    title: str
    body: str | None = None
    due: str = Field("+1 business day", description="`2026-12-01`, `+2 business days`.")
    owner: str | None = Field(None, description="The contact's owner where left out.")
    unless_open: bool = Field(
        default=False, description="Not where an open task of that title is there."
    )

    def actions(self) -> list[dict[str, Any]]:
        """`create_task`."""
        given = {"title": self.title, "due": self.due, "unless_open": self.unless_open}
        named = {"body": self.body, "owner": self.owner}
        return [{"create_task": given | {k: v for k, v in named.items() if v is not None}}]


class CompleteInput(DeedInput):
    """The open tasks of that title."""

    title: str

    def actions(self) -> list[dict[str, Any]]:
        """`complete_task`."""
        return [{"complete_task": {"title": self.title}}]


class NoteInput(DeedInput):
    """One note on each of them."""

    body: str

    def actions(self) -> list[dict[str, Any]]:
        """`add_note`."""
        return [{"add_note": {"body": self.body}}]


class ActionsInput(DeedInput):
    """Several at once, each as `then:` of a rule takes it; messages are for rules only."""

    then: tuple[dict[str, Any], ...] = Field(min_length=1)

    def actions(self) -> list[dict[str, Any]]:
        """As given."""
        return list(self.then)


async def _carry_out(parts: Parts, given: DeedInput) -> RunReport:
    effects = await _effects(parts, given)
    return await Connection(parts).apply_effects(effects, reason=_HAND, approve=given.approve)


async def _foresee(parts: Parts, given: DeedInput) -> Plan:
    effects = await _effects(parts, given)
    return await Connection(parts).preview_effects(effects, reason=_HAND)


async def _effects(parts: Parts, given: DeedInput) -> Sequence[Effect]:
    """What the actions come to for each contact; what is so already asks for nothing.

    Raises:
        UseError: An action that cannot be read, or worked out for one of them.
    """
    found = Connection(parts).find_contacts(given.contacts)
    learnt = await load_surroundings(
        parts.config, highlevel=parts.highlevel, timetonic=parts.timetonic, store=parts.store
    )
    settings, now = parts.config.automation, parts.now()
    frame = settings.frame(now=now, context=learnt.context)
    rule = _rule(given.actions(), Reader(words=frame.words, calendar=frame.calendar))
    book = read_facts(parts.store, found)
    effects: list[Effect] = []
    for contact in found:
        moment = Happening(_HAND, Trigger.SCHEDULE, now, contact=contact)
        firing = evaluate(rule, moment, book.find(contact), frame)
        if firing.problem:
            raise _cannot(firing.problem)
        effects += firing.effects
    return effects


def _rule(actions: list[dict[str, Any]], reader: Reader) -> Rule:
    try:
        read = read_actions(actions, reader=reader, at=())
    except RuleProblemError as error:
        raise _cannot(error.reason, error.remedy) from None
    return Rule(_HAND, (When(Trigger.SCHEDULE),), actions=read)


def _cannot(reason: str, remedy: str = "") -> UseError:
    return UseError(
        reason[:1].upper() + reason[1:], unchanged="Nothing was changed", remedy=remedy
    )


_C: Final[Mapping[str, Any]] = {"contacts": ["PAIRED_CONTACT_ID"]}


def _deed(name: str, summary: str, model: type[DeedInput], **example: Any) -> UseCase:  # noqa: ANN401 — any JSON
    return UseCase(
        f"contacts.{name}",
        summary,
        _carry_out,
        RunReport,
        model,
        {**_C, **example},
        group="contacts",
        is_write=True,
        is_idempotent=name not in {"create_task", "add_note", "act"},
        calls=None,
        foresee=_foresee,
    )


DEEDS: Final = (
    _deed(
        "set_fields",
        "Give fields of contacts these values on both sides.",
        SetFieldsInput,
        fields={"source": "fair"},
    ),
    _deed(
        "set_stage",
        "Move contacts to a lifecycle stage, on both sides.",
        StageInput,
        stage="Customer",
    ),
    _deed("add_tags", "Add tags to contacts, on both sides.", AddTagsInput, tags=["fair"]),
    _deed(
        "remove_tags",
        "Take tags away from contacts, on both sides.",
        RemoveTagsInput,
        tags=["ITS_TAG"],
    ),
    _deed(
        "assign_owner",
        "Give contacts an owner, on both sides.",
        OwnerInput,
        owner="USER_ID",
    ),
    _deed(
        "create_task",
        "Make a task for each contact, on both sides.",
        TaskInput,
        title="Call back",
        due="+2 business days",
    ),
    _deed(
        "complete_task",
        "Complete the contacts' open tasks of a title, on both sides.",
        CompleteInput,
        title="ITS_TASK",
    ),
    _deed(
        "add_note",
        "Write a note on each contact, on both sides.",
        NoteInput,
        body="Met at the fair",
    ),
    _deed(
        "act",
        "Several actions of rules at once, for chosen contacts.",
        ActionsInput,
        then=[{"add_tags": ["lyon"]}, {"add_note": {"body": "Came with a friend"}}],
    ),
)

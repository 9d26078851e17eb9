"""Actions worked out for one contact."""

from __future__ import annotations

from collections.abc import Mapping

from toolkit.model.ids import Kind
from toolkit.model.values import Value
from toolkit.rules.actions import (
    AddNote,
    Archive,
    AssignOwner,
    Body,
    CallUrl,
    ChangeTags,
    CompleteTask,
    CreateTask,
    Plain,
    Post,
    SetField,
)
from toolkit.rules.comparisons import folded
from toolkit.rules.derived import is_completed
from toolkit.rules.problems import RuleProblemError
from toolkit.rules.templates import Text
from toolkit.rules.words import ABSENT, FieldRef
from toolkit.rules.work import Work


def do(deed: Plain, work: Work) -> None:
    """Write down what the deed asks for.

    Raises:
        RuleProblemError: It cannot be worked out for this contact.
    """
    match deed:
        case SetField():
            _set(deed, work)
        case ChangeTags():
            work.change_tags(
                add=tuple(map(work.render, deed.add)),
                remove=tuple(map(work.render, deed.remove)),
            )
        case AssignOwner():
            _assign(deed, work)
        case CreateTask() | CompleteTask():
            _task(deed, work)
        case _:
            _tell(deed, work)


def _tell(deed: AddNote | Archive | Post | CallUrl, work: Work) -> None:
    match deed:
        case AddNote(body):
            work.create(Kind.NOTE, {"body": _needed(work.render(body), "the note")})
        case Archive(reason):
            work.archive(work.render(reason))
        case Post(channel, text):
            work.send("slack", channel, {"text": _needed(work.render(text), "the message")})
        case CallUrl(to, body):
            work.send("url", to, _usual_body(work) if body is None else _map(body, work))


def _set(deed: SetField, work: Work) -> None:
    raw = work.render(deed.value) if isinstance(deed.value, Text) else deed.value
    value = work.neutral(deed.ref, raw)
    if deed.ref.kind is Kind.CONTACT:
        work.set_contact({deed.ref.name: value})
    elif work.happening.subject is not None and work.subject is not None:
        work.set_task(work.happening.subject, {deed.ref.name: value})
    else:
        raise RuleProblemError("the task it is about is not there any more")


def _assign(deed: AssignOwner, work: Work) -> None:
    if deed.unless_owned and work.values.get("owner_id"):
        return
    owner = _owner(deed, work)
    if owner is not None:
        ref = FieldRef(Kind.CONTACT, "owner_id")
        work.set_contact({ref.name: work.neutral(ref, owner)})


def _owner(deed: AssignOwner, work: Work) -> str | None:
    if deed.to is not None:
        return work.render(deed.to)
    if deed.by_field is None:
        return deed.round_robin[work.next_turn() % len(deed.round_robin)]
    value = work.read(deed.by_field)
    chosen = {folded(key): owner for key, owner in deed.map.items()}
    key = "" if value is ABSENT or value is None else folded(str(value))
    return chosen.get(key, deed.otherwise)


def _task(deed: CreateTask | CompleteTask, work: Work) -> None:
    match deed:
        case CreateTask():
            _create_task(deed, work)
        case CompleteTask(Text() as title):
            for task in work.find_tasks(work.render(title), is_open=True):
                if not task.link_id.startswith("new/"):
                    work.set_task(task.link_id, {"is_completed": True})
        case CompleteTask():
            _complete_subject(work)


def _complete_subject(work: Work) -> None:
    subject, link_id = work.subject, work.happening.subject
    if subject is None or link_id is None:
        raise RuleProblemError("the task it is about is not there any more")
    if not is_completed(subject):
        work.set_task(link_id, {"is_completed": True})


def _create_task(deed: CreateTask, work: Work) -> None:
    title = _needed(work.render(deed.title), "the task's title")
    if deed.unless_open and work.find_tasks(title, is_open=True):
        return
    raw: dict[str, object] = {
        "title": title,
        "body": None if deed.body is None else work.render(deed.body),
        "due_at": work.render(deed.due),
        "owner_id": _task_owner(deed, work),
    }
    values: dict[str, Value] = {"is_completed": False}
    for name, given in raw.items():
        value = work.neutral(FieldRef(Kind.TASK, name), given) if given else None
        if value is not None:
            values[name] = value
    work.create(Kind.TASK, values)


def _task_owner(deed: CreateTask, work: Work) -> object:
    if deed.owner is not None:
        return work.render(deed.owner)
    is_mapped = work.frame.words.word(FieldRef(Kind.TASK, "owner_id")) is not None
    return work.values.get("owner_id") if is_mapped else None


def _needed(text: str, what: str) -> str:
    if not text.strip():
        raise RuleProblemError(f"{what} comes out empty")
    return text


def _usual_body(work: Work) -> dict[str, object]:
    return {
        "rule": work.rule,
        "happening": work.happening_argument(),
        "contact": work.contact_argument(),
    }


def _map(body: Mapping[str, Body], work: Work) -> dict[str, object]:
    return {key: _rendered(value, work) for key, value in body.items()}


def _rendered(body: Body, work: Work) -> object:
    match body:
        case Text():
            return work.render(body)
        case Mapping():
            return _map(body, work)
        case tuple():
            return [_rendered(each, work) for each in body]
        case _:
            return body

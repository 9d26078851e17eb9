"""Actions out of the settings, or out of what a user's function gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from toolkit.model.ids import Kind
from toolkit.rules.actions import (
    DEFAULT_DUE,
    Action,
    AddNote,
    Archive,
    AssignOwner,
    ChangeTags,
    CompleteTask,
    CreateTask,
    Deed,
    Run,
    SetField,
)
from toolkit.rules.dates import read_moment
from toolkit.rules.problems import Path, RuleProblemError
from toolkit.rules.reading import (
    Reader,
    check_keys,
    group,
    items,
    plain_text,
    value_of,
    yes_no,
)
from toolkit.rules.reading_conditions import check_option
from toolkit.rules.reading_messages import read_call_url, read_post
from toolkit.rules.shapes import shaped
from toolkit.rules.templates import Text
from toolkit.rules.words import FieldRef, FieldWord, Shape

_WAYS = ("to", "round_robin", "by_field")
_SETTABLE_KINDS = (Kind.CONTACT, Kind.TASK)
_Read = Callable[[object, Reader, Path], tuple[Deed, ...]]


def read_actions(raw: object, *, reader: Reader, at: Path) -> tuple[Action, ...]:
    """The list under `then:`; one action needs no list.

    Raises:
        RuleProblemError: One cannot be read, or names something unknown.
    """
    return tuple(
        _read_action(each, reader=reader, at=(*at, index) if isinstance(raw, list) else at)
        for index, each in enumerate(items(raw, at))
    )


def _read_action(raw: object, *, reader: Reader, at: Path) -> Action:
    given = group(raw, at)
    if len(given) != 1:
        raise RuleProblemError(
            "an action does one thing", at=at, remedy="Begin each with `- ` on its own line"
        )
    key, value = next(iter(given.items()))
    read = _READERS.get(key)
    if read is None:
        raise RuleProblemError(
            f"`{key}` is not an action", at=(*at, key), wrong=key, known=_READERS
        )
    if not reader.can_write and key not in _TELLING:
        raise RuleProblemError(
            f"`{key}` needs a contact, and this trigger has none to act on",
            at=(*at, key),
            remedy="Use `post` or `call_url`",
        )
    return Action(read(value, reader, (*at, key)), line=reader.line_of(at))


def _set(raw: object, reader: Reader, at: Path) -> tuple[Deed, ...]:
    given = group(raw, at)
    if not given:
        raise RuleProblemError("`set` names no field", at=at)
    return tuple(_set_one(name, value, reader, (*at, name)) for name, value in given.items())


def _set_one(name: str, raw: object, reader: Reader, at: Path) -> SetField:
    ref = reader.ref(name, at)
    word = reader.words.word(ref) or FieldWord()
    if ref.kind is Kind.CONTACT and ref.name == reader.words.tags:
        raise RuleProblemError(
            "tags are not set as a whole", at=at, remedy="Use `add_tags` and `remove_tags`"
        )
    if not word.is_settable or ref.kind not in _SETTABLE_KINDS:
        raise RuleProblemError(f"`{name}` can only be read", at=at)
    if isinstance(raw, str):
        text = Text(raw, is_literal=True) if raw == "" else reader.text(raw, at)
        _check_fixed(text, word, reader, at)
        return SetField(ref, text)
    value = value_of(raw, at)
    _check_shape(value, word, reader, at)
    return SetField(ref, value)


def _check_fixed(text: Text, word: FieldWord, reader: Reader, at: Path) -> None:
    if text.is_fixed and not reader.is_literal:
        _check_shape(text.source, word, reader, at)


def _check_shape(value: object, word: FieldWord, reader: Reader, at: Path) -> None:
    from datetime import UTC, datetime

    moment = datetime(2000, 1, 1, tzinfo=UTC)
    try:
        neutral = shaped(value, word.shape, at=moment, calendar=reader.calendar)
    except RuleProblemError as error:
        raise RuleProblemError(error.reason, at=at, remedy=error.remedy) from error
    if word.shape is not Shape.TEXTS or neutral is not None:
        check_option(word, neutral, at)


def _lifecycle_stage(raw: object, reader: Reader, at: Path) -> tuple[Deed, ...]:
    return (_set_one("lifecycle_stage", raw, reader, at),)


def _add_tags(raw: object, reader: Reader, at: Path) -> tuple[Deed, ...]:
    _check_tags(reader, at)
    return (ChangeTags(add=_texts(raw, reader, at)),)


def _remove_tags(raw: object, reader: Reader, at: Path) -> tuple[Deed, ...]:
    _check_tags(reader, at)
    return (ChangeTags(remove=_texts(raw, reader, at)),)


def _check_tags(reader: Reader, at: Path) -> None:
    if reader.words.tags is None:
        raise RuleProblemError("no tags are mapped", at=at)


def _texts(raw: object, reader: Reader, at: Path) -> tuple[Text, ...]:
    return tuple(
        reader.text(each, (*at, index) if isinstance(raw, list) else at)
        for index, each in enumerate(items(raw, at))
    )


def _assign_owner(raw: object, reader: Reader, at: Path) -> tuple[Deed, ...]:
    given = group(raw, at) if isinstance(raw, Mapping) else {"to": raw}
    check_keys(given, (*_WAYS, "map", "otherwise", "unless_owned"), at, what="`assign_owner`")
    reader.ref("owner_id", at)
    ways = [key for key in _WAYS if key in given]
    if len(ways) != 1:
        raise RuleProblemError(
            "`assign_owner` takes one of `to`, `round_robin` and `by_field`", at=at
        )
    way = ways[0]
    if way != "by_field" and ("map" in given or "otherwise" in given):
        raise RuleProblemError(f"`map` and `otherwise` do not go with `{way}`", at=at)
    keeps = yes_no(given.get("unless_owned", False), (*at, "unless_owned"))
    if way == "to":
        return (AssignOwner(reader.text(given["to"], (*at, "to")), unless_owned=keeps),)
    if way == "round_robin":
        people = _people(given[way], (*at, way))
        return (AssignOwner(round_robin=people, unless_owned=keeps),)
    return (replace(_by_field(given, reader, at), unless_owned=keeps),)


def _by_field(given: Mapping[str, object], reader: Reader, at: Path) -> AssignOwner:
    chosen = group(given.get("map"), (*at, "map"))
    otherwise = given.get("otherwise")
    return AssignOwner(
        by_field=reader.ref(given["by_field"], (*at, "by_field")),
        map={key: plain_text(who, (*at, "map", key)) for key, who in chosen.items()},
        otherwise=None if otherwise is None else plain_text(otherwise, (*at, "otherwise")),
    )


def _people(raw: object, at: Path) -> tuple[str, ...]:
    people = tuple(plain_text(each, (*at, index)) for index, each in enumerate(items(raw, at)))
    if not people:
        raise RuleProblemError("`round_robin` names nobody", at=at)
    return people


def _create_task(raw: object, reader: Reader, at: Path) -> tuple[Deed, ...]:
    given = group(raw, at) if isinstance(raw, Mapping) else {"title": raw}
    check_keys(given, ("title", "body", "due", "owner", "unless_open"), at, what="a new task")
    _check_mapped(given, reader, at)
    due = reader.text(given["due"], (*at, "due")) if "due" in given else DEFAULT_DUE
    if due.is_fixed:
        _check_moment(due.source, (*at, "due"))
    return (
        CreateTask(
            title=reader.text(given.get("title"), (*at, "title")),
            body=_optional(given, "body", reader, at),
            due=due,
            owner=_optional(given, "owner", reader, at),
            unless_open=yes_no(given.get("unless_open", False), (*at, "unless_open")),
        ),
    )


def _check_mapped(given: Mapping[str, object], reader: Reader, at: Path) -> None:
    names = {"title": "title", "due": "due_at", "body": "body", "owner": "owner_id"}
    for key, name in names.items():
        is_used = key in given or key in {"title", "due"}
        if is_used and reader.words.word(FieldRef(Kind.TASK, name)) is None:
            raise RuleProblemError(f"tasks have no mapped field `{name}`", at=at)


def _check_moment(text: str, at: Path) -> None:
    try:
        read_moment(text)
    except RuleProblemError as error:
        raise RuleProblemError(error.reason, at=at, remedy=error.remedy) from error


def _optional(given: Mapping[str, object], key: str, reader: Reader, at: Path) -> Text | None:
    return None if given.get(key) is None else reader.text(given[key], (*at, key))


def _complete_task(raw: object, reader: Reader, at: Path) -> tuple[Deed, ...]:
    given = {} if raw in (None, True) else raw if isinstance(raw, Mapping) else {"title": raw}
    check_keys(given, ("title",), at, what="`complete_task`")
    if "title" not in given and reader.subject is not Kind.TASK:
        raise RuleProblemError("which task? This trigger is not about one", at=at)
    return (CompleteTask(_optional(given, "title", reader, at)),)


def _add_note(raw: object, reader: Reader, at: Path) -> tuple[Deed, ...]:
    given = group(raw, at) if isinstance(raw, Mapping) else {"body": raw}
    check_keys(given, ("body",), at, what="a new note")
    if reader.words.word(FieldRef(Kind.NOTE, "body")) is None:
        raise RuleProblemError("notes are not mapped", at=at)
    return (AddNote(reader.text(given.get("body"), (*at, "body"))),)


def _archive(raw: object, reader: Reader, at: Path) -> tuple[Deed, ...]:
    _check_tags(reader, at)
    given = {} if raw in (None, True) else raw if isinstance(raw, Mapping) else {"reason": raw}
    check_keys(given, ("reason",), at, what="`archive`")
    return (Archive(_optional(given, "reason", reader, at) or Text("")),)


def _run(raw: object, reader: Reader, at: Path) -> tuple[Deed, ...]:
    return (Run(reader.name(raw, reader.actions, what="action function", at=at)),)


_READERS: Mapping[str, _Read] = {
    "set": _set,
    "lifecycle_stage": _lifecycle_stage,
    "add_tags": _add_tags,
    "remove_tags": _remove_tags,
    "assign_owner": _assign_owner,
    "create_task": _create_task,
    "complete_task": _complete_task,
    "add_note": _add_note,
    "archive": _archive,
    "post": read_post,
    "call_url": read_call_url,
    "run": _run,
}
_TELLING = frozenset({"post", "call_url", "run"})
ACTION_NAMES = tuple(_READERS)

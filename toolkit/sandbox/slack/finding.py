"""Finds what a person means: people and channels by name, elements by what is written on them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from toolkit.errors import UseError
from toolkit.sandbox.slack.blockkit.walk import elements
from toolkit.sandbox.slack.people import Person
from toolkit.sandbox.slack.state import SlackState
from toolkit.sandbox.slack.values import Channel, ChannelKind, Json, Message, View

Place = Message | View


def find_person(state: SlackState, name: str) -> Person:
    """A person by id, short name, `@name`, real name or e-mail address.

    Raises:
        UseError: Nobody of that name.
    """
    wanted = name.removeprefix("@").lower()
    for one in state.people.values():
        if wanted in {one.id.lower(), one.name, one.real_name.lower(), one.email.lower()}:
            return one
    known = ", ".join(one.name for one in state.people.values())
    raise UseError(f"Nobody is called {name!r}", remedy=f"Known are {known}")


def find_channel(state: SlackState, person: Person, name: str) -> Channel:
    """A conversation as this person would name it; `bot` is their conversation with the app.

    Raises:
        UseError: There is none, or they cannot see it.
    """
    if name in {"bot", f"@{state.app.name}"}:
        return state.direct_channel(person.id)
    found = state.find_channel(name)
    if found is None or found not in channels_of(state, person):
        raise UseError(f"{person.name} sees no channel {name!r}")
    return found


def channels_of(state: SlackState, person: Person) -> list[Channel]:
    """The conversations a person sees: their own, and public ones unless they are a guest."""
    is_staff = person.to_json(with_email=False, with_locale=False).get("is_restricted") is False
    return [
        one
        for one in state.channels.values()
        if person.id in one.members or (is_staff and one.kind is ChannelKind.PUBLIC)
    ]


def sees(person: Person, message: Message) -> bool:
    """Whether a message is shown to a person who is in its conversation."""
    return message.seen_by in {"", person.id}


def find_element(place: Place, label: str) -> tuple[Json, Json]:
    """The block and element that a person means.

    Args:
        place: A message or a view.
        label: What is written on or above it, its placeholder, or its action or block id.

    Raises:
        UseError: Nothing of the kind; says what is there.
    """
    known = []
    for block, element in elements(place.blocks):
        names = [*_names(block, element)]
        if label in names:
            return dict(block), dict(element)
        known.append(names[0])
    raise UseError(f"Nothing is called {label!r}", remedy=f"There is: {', '.join(known)}")


def element_at(place: Place, block_id: str, action_id: str) -> tuple[Json, Json]:
    """The block and element of these ids.

    Raises:
        UseError: The place changed meanwhile and has none.
    """
    for block, element in elements(place.blocks):
        if (block.get("block_id"), element.get("action_id")) == (block_id, action_id):
            return dict(block), dict(element)
    raise UseError("That is no longer there", remedy="Look again")


def has_element(place: Place, label: str) -> bool:
    """Whether a message or view has an element of that name."""
    return any(label in _names(block, one) for block, one in elements(place.blocks))


def _names(block: Mapping[str, Any], element: Mapping[str, Any]) -> Iterator[str]:
    """What an element is called: best known first."""
    for member in (element.get("text"), block.get("label"), element.get("placeholder")):
        if isinstance(member, dict):
            yield str(member.get("text"))
    yield from (str(element.get("action_id")), str(block.get("block_id")))
    if element.get("alt_text"):
        yield str(element["alt_text"])

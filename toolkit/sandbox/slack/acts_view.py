"""A person clicks, chooses, fills in and hands in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from toolkit.errors import UseError
from toolkit.sandbox.slack.blockkit.objects import MOST_OPTIONS, OPTIONS
from toolkit.sandbox.slack.blockkit.walk import elements
from toolkit.sandbox.slack.calls import SlackRefusalError
from toolkit.sandbox.slack.finding import Place, find_channel, find_person
from toolkit.sandbox.slack.inputs import (
    action_of,
    complaints,
    find_option,
    initial_values,
    is_stateful,
    read_typed,
    state_of,
    value_of,
)
from toolkit.sandbox.slack.methods_views import (
    close_views,
    push_view,
    read_view,
    replace_view,
)
from toolkit.sandbox.slack.outgoing import Ending, Kind, Outgoing, Reply
from toolkit.sandbox.slack.payloads import Payloads
from toolkit.sandbox.slack.people import Person
from toolkit.sandbox.slack.state import SlackState
from toolkit.sandbox.slack.telling import Teller
from toolkit.sandbox.slack.values import Json, Message, View

_TROUBLE: Final = "We had some trouble connecting. Try again?"
_CLICK_TROUBLE: Final = {
    Ending.REFUSED: "This app responded with an error.",
    Ending.LATE: "This app took too long to respond.",
    Ending.UNREACHABLE: "This app cannot be reached.",
}
Target = tuple[Json, Json]
_EXTERNAL: Final = frozenset({"external_select", "multi_external_select"})


class Hands:
    """Clicking and filling in.

    Args:
        state: The workspace.
        teller: Tells the app.
        payloads: Words what it is told.
    """

    def __init__(self, state: SlackState, teller: Teller, payloads: Payloads) -> None:
        self._state = state
        self._teller = teller
        self._payloads = payloads
        self._offered: dict[str, dict[str, Json]] = {}

    async def click(
        self, person: Person, place: Place, target: Target, *, option: str = ""
    ) -> Reply:
        """Click a button, or choose an option of an overflow menu."""
        _, element = target
        extra: Json = {}
        if element["type"] == "overflow":
            extra = {"selected_option": find_option(element, option)}
        elif element["type"] == "feedback_buttons":
            extra = {"value": element[f"{option or 'positive'}_button"]["value"]}
        elif is_stateful(element):
            raise UseError(f"{element['action_id']!r} is no button", remedy="Use chooses()")
        return await self._act(person, place, target, state=extra)

    async def choose(
        self, person: Person, place: Place, target: Target, *, value: object
    ) -> Reply | None:
        """Give an element a value; the app hears of it unless it waits in a form."""
        block, element = target
        if not is_stateful(element):
            raise UseError(f"{element['action_id']!r} takes no value", remedy="Use clicks()")
        read = await self._read(person, place, target, value=value)
        state = state_of(element, read)
        if not place.values:
            place.values = initial_values(place.blocks)
        place.values.setdefault(block["block_id"], {})[element["action_id"]] = state
        self._state.changes.note()
        if block["type"] == "input" and not block.get("dispatch_action"):
            return None
        return await self._act(person, place, target, state=state)

    async def suggest(
        self, person: Person, place: Place, target: Target, *, typed: str
    ) -> list[Json]:
        """Type into a menu whose options come from the app; returns what it offers."""
        block, element = target
        if element["type"] not in _EXTERNAL:
            raise UseError(f"{element['action_id']!r} does not ask the app")
        if len(typed) < element.get("min_query_length", 3):
            return []
        payload = self._payloads.suggestion(
            person,
            place,
            block_id=block["block_id"],
            action_id=element["action_id"],
            value=typed,
        )
        reply = await self._teller.tell(Outgoing(Kind.INTERACTION, payload))
        groups = reply.body.get("option_groups") or []
        nested = [one for group in groups for one in group.get("options", [])]
        offered = [*(reply.body.get("options") or []), *nested][:MOST_OPTIONS]
        if issues := [*OPTIONS.check(offered, "/options")] if offered else []:
            self._state.notify(person.id, f"The app offered badly: {issues[0]}")
            return []
        known = self._offered.setdefault(f"{block['block_id']} {element['action_id']}", {})
        known.update({one["value"]: one for one in offered})
        return offered

    async def submit(self, person: Person, view: View) -> Reply | None:
        """Hand in a modal; None when Slack's own client finds something missing first."""
        view.errors = complaints(view.blocks, view.values)
        self._state.changes.note()
        if view.errors:
            return None
        payload = self._payloads.submission(
            person, view, response_urls=self._response_urls(person, view)
        )
        reply = await self._teller.tell(Outgoing(Kind.INTERACTION, payload))
        if not reply.is_accepted:
            self._state.notify(person.id, _TROUBLE)
            return reply
        try:
            self._follow(person, view, reply.body)
        except SlackRefusalError as refusal:
            words = "; ".join(refusal.messages) or refusal.error
            self._state.notify(person.id, f"{_TROUBLE} ({words})")
        return reply

    def _response_urls(self, person: Person, view: View) -> list[Json]:
        found = []
        for block, element in elements(view.blocks):
            if element.get("response_url_enabled"):
                chosen = value_of(view.values[block["block_id"]][element["action_id"]])
                url = self._state.new_response_url(person.id, str(chosen))
                found.append(
                    {
                        "block_id": block["block_id"],
                        "action_id": element["action_id"],
                        "channel_id": chosen,
                        "response_url": url,
                    }
                )
        return found

    def _follow(self, person: Person, view: View, body: Mapping[str, Any]) -> None:
        """Do what the acknowledgement of a submission asks for."""
        match body.get("response_action"):
            case None:
                close_views(self._state, person.id, only_top=True)
            case "clear":
                close_views(self._state, person.id)
            case "errors":
                view.errors = self._read_errors(view, body.get("errors"))
                self._state.changes.note()
            case "update":
                content = read_view(self._state, body.get("view"), kind="modal", replaces=view)
                replace_view(self._state, view, content)
            case "push":
                content = read_view(self._state, body.get("view"), kind="modal")
                push_view(self._state, person.id, content)
            case other:
                raise SlackRefusalError(f"unknown response_action {other}")

    def _read_errors(self, view: View, errors: Any) -> dict[str, str]:  # noqa: ANN401
        if not isinstance(errors, dict) or not errors:
            raise SlackRefusalError("errors must be an object with members")
        inputs = {one["block_id"] for one in view.blocks if one["type"] == "input"}
        if unknown := sorted(set(errors) - inputs):
            raise SlackRefusalError(f"no input block is called {unknown[0]}")
        return {block_id: str(sentence) for block_id, sentence in errors.items()}

    async def close(self, person: Person, view: View, *, is_cleared: bool) -> None:
        """Close a modal, or with `is_cleared` the whole stack."""
        wipes = is_cleared or view.content.get("clear_on_close") is True
        for one in close_views(self._state, person.id, only_top=not wipes):
            if one.content.get("notify_on_close"):
                payload = self._payloads.closing(person, one, is_cleared=wipes)
                await self._teller.tell(Outgoing(Kind.INTERACTION, payload))

    async def _act(self, person: Person, place: Place, target: Target, *, state: Json) -> Reply:
        block, element = target
        action = action_of(
            block["block_id"], element, state=state, action_ts=self._state.new_ts()
        )
        if isinstance(place, Message):
            payload = self._payloads.message_action(person, place, action)
        else:
            payload = self._payloads.view_action(person, place, action)
        if not self._state.app.is_interactive:
            reply = Reply(Ending.UNREACHABLE)
        else:
            reply = await self._teller.tell(Outgoing(Kind.INTERACTION, payload))
        if not reply.is_accepted:
            self._state.notify(person.id, _CLICK_TROUBLE[reply.ending])
        return reply

    async def _read(
        self, person: Person, place: Place, target: Target, *, value: object
    ) -> Any:  # noqa: ANN401 — any JSON
        """What an element holds once a person chose, in Slack's form."""
        block, element = target
        kind = str(element["type"])
        if value is None:
            return None
        if kind.startswith("multi_") or kind == "checkboxes":
            single = {**element, "type": _single(kind)}
            wanted = value if isinstance(value, list | tuple) else [value]
            return [
                await self._read(person, place, (block, single), value=one) for one in wanted
            ]
        match kind:
            case "users_select":
                read: Any = find_person(self._state, str(value)).id
            case "channels_select" | "conversations_select":
                read = find_channel(self._state, person, str(value)).id
            case "static_select" | "radio_buttons":
                read = find_option(element, str(value))
            case "external_select":
                read = await self._read_external(person, place, target, value=str(value))
            case _:
                read = read_typed(element, value, tz=person.tz)
        return read

    async def _read_external(
        self, person: Person, place: Place, target: Target, *, value: str
    ) -> Json:
        block, element = target
        known = self._offered.get(f"{block['block_id']} {element['action_id']}", {})
        if value in known:
            return known[value]
        asked = {**element, "type": "external_select"}
        offered = await self.suggest(person, place, (block, asked), typed=value)
        for one in offered:
            # A person picks what they see: the name may go on beyond what they typed.
            if one["text"]["text"].lower().startswith(value.lower()):
                return one
        return find_option({}, value, offered=offered)


def _single(kind: str) -> str:
    return "radio_buttons" if kind == "checkboxes" else kind.removeprefix("multi_")

"""`views.*`: modals and home tabs, and what is left of a view when it is replaced."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable
from typing import Any, Final

from toolkit.sandbox.slack.blockkit import check_view
from toolkit.sandbox.slack.calls import Call, Method, SlackRefusalError
from toolkit.sandbox.slack.inputs import initial_values
from toolkit.sandbox.slack.posting import fill_ids
from toolkit.sandbox.slack.state import SlackState
from toolkit.sandbox.slack.values import Json, View

TRIGGER_S: Final = 3.0
_MOST_STACKED: Final = 3
_MOST_BYTES: Final = 250_000


class ViewMethods:
    """What an app does with views over the Web API. No scope is asked for any of it."""

    def __init__(self) -> None:
        self.methods: dict[str, Method] = {
            "views.open": Method(self.open, per_minute=100, is_write=True),
            "views.push": Method(self.push, per_minute=100, is_write=True),
            "views.update": Method(self.update, per_minute=100, is_write=True),
            "views.publish": Method(self.publish, per_minute=100, is_write=True),
        }

    async def open(self, call: Call) -> Json:
        """`views.open`: a modal takes the place of whatever the person had open."""
        content = read_view(call.state, call.arguments.get("view"), kind="modal")
        user = _redeem(call)
        close_views(call.state, user)
        return _shown(call, open_view(call.state, user, content))

    async def push(self, call: Call) -> Json:
        """`views.push`: three deep at most."""
        content = read_view(call.state, call.arguments.get("view"), kind="modal")
        user = _redeem(call)
        return _shown(call, push_view(call.state, user, content))

    async def update(self, call: Call) -> Json:
        """`views.update`: by id or external id; with `hash` only what was last seen."""
        view = _find(call)
        if (given := call.text("hash")) and given != view.hash:
            raise SlackRefusalError("hash_conflict")
        content = read_view(
            call.state, call.arguments.get("view"), kind=view.kind, replaces=view
        )
        replace_view(call.state, view, content)
        return _shown(call, view)

    async def publish(self, call: Call) -> Json:
        """`views.publish`: the home tab of one person; with `hash` only what was last seen."""
        state = call.state
        user = call.need("user_id")
        if not state.app.has_home:
            raise SlackRefusalError("not_enabled")
        if user not in state.people:
            raise SlackRefusalError("invalid_arguments", messages=["[ERROR] user not found"])
        home = state.home(user)
        if (given := call.text("hash")) and home is not None and given != home.hash:
            raise SlackRefusalError("hash_conflict")
        content = read_view(state, call.arguments.get("view"), kind="home", replaces=home)
        if home is None:
            home = _new_view(state, user, content)
            state.homes[user] = home.id
            state.changes.note()
        else:
            replace_view(state, home, content)
        return _shown(call, home)


def read_view(
    state: SlackState,
    view: Any,  # noqa: ANN401 — before validation
    *,
    kind: str,
    replaces: View | None = None,
) -> Json:
    """The content of a view as an app sends it, ids filled in.

    Raises:
        SlackRefusalError: `invalid_arguments` with pointers, `view_too_large`,
            `duplicate_external_id`.
    """
    if issues := check_view(view):
        raise SlackRefusalError.of_issues(issues, error="invalid_arguments")
    if view["type"] != kind:
        message = f"[ERROR] must be a {kind} view [json-pointer:/view/type]"
        raise SlackRefusalError("invalid_arguments", messages=[message])
    if len(json.dumps(view)) > _MOST_BYTES:
        raise SlackRefusalError("view_too_large")
    external_id = view.get("external_id")
    for other in state.views.values():
        is_other = other is not replaces and other.is_open
        if external_id and is_other and other.content.get("external_id") == external_id:
            raise SlackRefusalError("duplicate_external_id")
    return fill_ids({k: v for k, v in view.items() if v is not None}, state)


def open_view(state: SlackState, user: str, content: Json) -> View:
    """Show a modal on top of nothing."""
    view = _new_view(state, user, content)
    state.stacks[user] = [view.id]
    state.changes.note()
    return view


def push_view(state: SlackState, user: str, content: Json) -> View:
    """Show a modal on top of the one that is open.

    Raises:
        SlackRefusalError: `push_limit_reached`, or nothing is open.
    """
    stack = state.stacks.get(user) or []
    if not stack:
        raise SlackRefusalError("not_found")
    if len(stack) >= _MOST_STACKED:
        raise SlackRefusalError("push_limit_reached")
    view = _new_view(state, user, content)
    view.previous_id = stack[-1]
    view.root_id = state.views[stack[0]].id
    stack.append(view.id)
    state.changes.note()
    return view


def replace_view(state: SlackState, view: View, content: Json) -> None:
    """Give a view new content; what was typed stays where block id and action id stay."""
    fresh = initial_values(content["blocks"])
    for block_id, actions in fresh.items():
        for action_id in actions:
            kept = view.values.get(block_id, {}).get(action_id)
            if kept is not None and kept["type"] == actions[action_id]["type"]:
                actions[action_id] = kept
    view.content, view.values, view.errors = content, fresh, {}
    view.hash = _new_hash(state)
    state.changes.note()


def close_views(state: SlackState, user: str, *, only_top: bool = False) -> list[View]:
    """Close the modal on top, or all of them; returns those closed, topmost first."""
    stack = state.stacks.get(user) or []
    closed = [stack.pop() for _ in stack[-1 if only_top else 0 :]]
    views = [state.views[one] for one in closed]
    _mark_closed(views)
    state.changes.note()
    return views


def _mark_closed(views: Iterable[View]) -> None:
    for one in views:
        one.is_open = False


def _new_view(state: SlackState, user: str, content: Json) -> View:
    view_id = state.new_id("V")
    view = View(view_id, user, content, _new_hash(state), view_id)
    view.values = initial_values(content["blocks"])
    state.views[view_id] = view
    return view


def _new_hash(state: SlackState) -> str:
    return f"{int(state.clock.now().timestamp())}.{secrets.token_hex(4)}"


def _shown(call: Call, view: View) -> Json:
    return {"view": call.state.member_json(view)}


def _redeem(call: Call) -> str:
    """The person a trigger belongs to; it is spent.

    Raises:
        SlackRefusalError: `invalid_trigger_id`, `exchanged_trigger_id`, `expired_trigger_id`.
    """
    trigger = call.state.triggers.get(call.need("trigger_id"))
    if trigger is None:
        raise SlackRefusalError("invalid_trigger_id")
    if trigger.is_used:
        raise SlackRefusalError("exchanged_trigger_id")
    if call.state.clock.monotonic() - trigger.given_at_s > TRIGGER_S:
        raise SlackRefusalError("expired_trigger_id")
    trigger.is_used = True
    return trigger.user


def _find(call: Call) -> View:
    if external_id := call.text("external_id"):
        for one in call.state.views.values():
            if one.is_open and one.content.get("external_id") == external_id:
                return one
        raise SlackRefusalError("not_found")
    view = call.state.views.get(call.need("view_id"))
    if view is None or not view.is_open:
        raise SlackRefusalError("not_found")
    return view

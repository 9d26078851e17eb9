"""What a person typed or chose, in the form Slack tells the app: `state.values` and `actions`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from toolkit.errors import UseError
from toolkit.sandbox.slack.blockkit.objects import options_of
from toolkit.sandbox.slack.blockkit.walk import elements
from toolkit.sandbox.slack.values import Json

# Type of element: (member that says what was chosen first, member that says what is chosen).
_MEMBERS: Final[dict[str, tuple[str, str]]] = {
    "plain_text_input": ("initial_value", "value"),
    "email_text_input": ("initial_value", "value"),
    "url_text_input": ("initial_value", "value"),
    "number_input": ("initial_value", "value"),
    "rich_text_input": ("initial_value", "rich_text_value"),
    "static_select": ("initial_option", "selected_option"),
    "external_select": ("initial_option", "selected_option"),
    "radio_buttons": ("initial_option", "selected_option"),
    "checkboxes": ("initial_options", "selected_options"),
    "multi_static_select": ("initial_options", "selected_options"),
    "multi_external_select": ("initial_options", "selected_options"),
    "users_select": ("initial_user", "selected_user"),
    "multi_users_select": ("initial_users", "selected_users"),
    "channels_select": ("initial_channel", "selected_channel"),
    "multi_channels_select": ("initial_channels", "selected_channels"),
    "conversations_select": ("initial_conversation", "selected_conversation"),
    "multi_conversations_select": ("initial_conversations", "selected_conversations"),
    "datepicker": ("initial_date", "selected_date"),
    "timepicker": ("initial_time", "selected_time"),
    "datetimepicker": ("initial_date_time", "selected_date_time"),
    "file_input": ("", "files"),
}
_LISTS: Final = frozenset(
    name
    for name in _MEMBERS
    if name.startswith("multi_") or name in {"checkboxes", "file_input"}
)
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s.]+\.[^@\s]+")
_TEXTS: Final = frozenset(name for name in _MEMBERS if name.endswith("_input"))
_MOST_TYPED: Final = 3000
_REQUIRED: Final = "Please complete this required field."


def is_stateful(element: Mapping[str, Any]) -> bool:
    """Whether the element remembers a value; buttons and overflow menus do not."""
    return element.get("type") in _MEMBERS


def initial_values(blocks: Sequence[Json]) -> Json:
    """The values a view or a message starts with: block id, action id, state."""
    values: Json = {}
    for block, element in elements(blocks):
        if is_stateful(element):
            first, _ = _MEMBERS[element["type"]]
            state = state_of(element, element.get(first))
            values.setdefault(block["block_id"], {})[element["action_id"]] = state
    return values


def state_of(element: Mapping[str, Any], value: Any) -> Json:  # noqa: ANN401 — any JSON
    """The state object of an element that holds this value; None is nothing chosen."""
    kind = element["type"]
    _, member = _MEMBERS[kind]
    state: Json = {"type": kind}
    if value is None and kind in _LISTS:
        value = []
    state[member] = value
    if kind == "timepicker" and element.get("timezone"):
        state["timezone"] = element["timezone"]
    return state


def value_of(state: Mapping[str, Any]) -> Any:  # noqa: ANN401 — any JSON
    """What a state object holds."""
    return state.get(_MEMBERS[str(state["type"])][1])


def find_option(
    element: Mapping[str, Any], wanted: str, *, offered: Sequence[Json] = ()
) -> Json:
    """The option a person means, by what they read or by its value.

    Args:
        element: Holds its options, or not when they come from outside.
        wanted: Text or value.
        offered: Options from outside.

    Raises:
        UseError: Nothing like it is offered; says what is.
    """
    options = [*options_of(element), *offered]
    for one in options:
        if wanted in {one["text"]["text"], one["value"]}:
            return {name: one[name] for name in ("text", "value", "description") if name in one}
    names = ", ".join(one["text"]["text"] for one in options)
    raise UseError(f"{wanted!r} is not offered", remedy=f"Choose among: {names}")


def read_typed(element: Mapping[str, Any], value: object, *, tz: str) -> Any:  # noqa: ANN401 — any JSON
    """What a person typed into a text, number, date or time field, as Slack would keep it.

    Raises:
        UseError: A date or time that cannot be picked.
    """
    kind = element["type"]
    if value is None or value == "":
        return None
    if kind == "datepicker":
        return date.fromisoformat(str(value)).isoformat()
    if kind == "timepicker":
        if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", str(value)):
            raise UseError("That is no time", remedy="Use HH:MM")
        return str(value)
    if kind == "datetimepicker":
        return _read_moment(str(value), tz)
    if kind == "rich_text_input" and isinstance(value, str):
        section = {"type": "rich_text_section", "elements": [{"type": "text", "text": value}]}
        return {"type": "rich_text", "elements": [section]}
    return value if kind == "rich_text_input" else str(value)


def _read_moment(text: str, tz: str) -> int:
    """Unix time; without an offset it is meant on the clock of that zone."""
    if text.isdigit():
        return int(text)
    moment = datetime.fromisoformat(text)
    return int((moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(tz))).timestamp())


def action_of(
    block_id: str, element: Mapping[str, Any], *, state: Json | None, action_ts: str
) -> Json:
    """One member of `actions` in a `block_actions` payload."""
    action: Json = {
        "type": element["type"],
        "block_id": block_id,
        "action_id": element["action_id"],
        "action_ts": action_ts,
    }
    for name in ("text", "value", "style", "confirm", "placeholder"):
        if name in element:
            action[name] = element[name]
    return action | (state or {})


def complaints(blocks: Sequence[Json], values: Json) -> dict[str, str]:
    """What Slack's own client would say before it lets a person submit: block id to sentence."""
    found: dict[str, str] = {}
    for block, element in elements(blocks):
        if block["type"] == "input" and is_stateful(element):
            value = value_of(values[block["block_id"]][element["action_id"]])
            sentence = _complaint(element, value, is_optional=block.get("optional") is True)
            if sentence:
                found[block["block_id"]] = sentence
    return found


def _complaint(
    element: Mapping[str, Any],
    value: Any,  # noqa: ANN401 — any JSON
    *,
    is_optional: bool,
) -> str:
    kind = element["type"]
    if value in (None, "", []):
        return "" if is_optional else _REQUIRED
    if kind == "email_text_input" and not _EMAIL.fullmatch(value):
        return "Please enter a valid email address."
    if kind == "url_text_input" and not re.match(r"https?://\S+$", value):
        return "Please enter a valid URL."
    if kind == "number_input":
        return _number_complaint(element, value)
    if kind in _TEXTS and isinstance(value, str):
        return _length_complaint(element, value)
    return _count_complaint(element, value)


def _number_complaint(element: Mapping[str, Any], value: str) -> str:
    pattern = r"-?\d+(\.\d+)?" if element["is_decimal_allowed"] else r"-?\d+"
    if not re.fullmatch(pattern, value):
        return "Please enter a valid number."
    low, high = element.get("min_value"), element.get("max_value")
    if low is not None and float(value) < float(low):
        return f"Please enter a number no less than {low}."
    if high is not None and float(value) > float(high):
        return f"Please enter a number no greater than {high}."
    return ""


def _length_complaint(element: Mapping[str, Any], value: str) -> str:
    least, most = element.get("min_length", 0), element.get("max_length", _MOST_TYPED)
    if len(value) < least:
        return f"Please enter at least {least} characters."
    if len(value) > most:
        return f"Please enter no more than {most} characters."
    return ""


def _count_complaint(element: Mapping[str, Any], value: Any) -> str:  # noqa: ANN401
    most = element.get("max_selected_items")
    if most is not None and len(value) > most:
        return f"Please choose no more than {most}."
    return ""

"""Block elements: what a person clicks, chooses from or types into."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from toolkit.sandbox.slack.blockkit.objects import (
    ACTION_ID,
    CHOICE_OPTION,
    CONFIRM,
    CONVERSATION_FILTER,
    DISPATCH_CONFIG,
    MENU_OPTION,
    MOST_OPTIONS,
    OPTION_GROUPS,
    OPTIONS,
    OVERFLOW_OPTION,
    PLACEHOLDER,
    STYLE,
    URL,
    OneOf,
    image,
    initial_is_offered,
    plain,
    values_differ,
)
from toolkit.sandbox.slack.blockkit.shapes import (
    Anything,
    Fields,
    Flag,
    Issue,
    Items,
    Num,
    Shape,
    Str,
    below,
)

_BUTTON_TEXT: Final = 75
_BUTTON_VALUE: Final = 2000
_MOST_TYPED: Final = 3000
_MOST_OVERFLOW: Final = 5
_MOST_CHOICES: Final = 10
_DATE: Final = Str(pattern=r"\d{4}-\d{2}-\d{2}")
_TIME: Final = Str(pattern=r"([01]\d|2[0-3]):[0-5]\d")
_ID: Final = Str(least=1)

_ACTS: Final[dict[str, Shape]] = {"action_id": ACTION_ID}
_CLICKS: Final[dict[str, Shape]] = {**_ACTS, "confirm": CONFIRM}
_PICKS: Final[dict[str, Shape]] = {**_CLICKS, "focus_on_load": Flag()}
_SELECTS: Final[dict[str, Shape]] = {**_PICKS, "placeholder": PLACEHOLDER}
_MANY: Final[dict[str, Shape]] = {**_SELECTS, "max_selected_items": Num(low=1)}
_TYPES: Final[dict[str, Shape]] = {
    **_ACTS,
    "focus_on_load": Flag(),
    "placeholder": PLACEHOLDER,
    "dispatch_action_config": DISPATCH_CONFIG,
}
_LISTED: Final[dict[str, Shape]] = {"options": OPTIONS, "option_groups": OPTION_GROUPS}
_LISTED_ONCE: Final = OneOf(("options", "option_groups"))


def _ordered(low: str, high: str) -> Any:  # noqa: ANN401 — a Rule
    def rule(value: Mapping[str, Any], at: str) -> Iterator[Issue]:
        least, most = value.get(low), value.get(high)
        if least is not None and most is not None and float(least) > float(most):
            yield Issue(below(at, low), f"must not be greater than {high}")

    return rule


_NUMBER: Final = Str(pattern=r"-?\d+(\.\d+)?")
_FEEDBACK: Final = Fields(
    {"text": plain(_BUTTON_TEXT), "value": Str(most=_BUTTON_VALUE)},
    {"accessibility_label": Str(most=_BUTTON_TEXT)},
)

BUTTON: Final = Fields(
    {"text": plain(_BUTTON_TEXT)},
    {
        **_CLICKS,
        "value": Str(most=_BUTTON_VALUE),
        "url": URL,
        "style": STYLE,
        "accessibility_label": Str(most=_BUTTON_TEXT),
    },
)

ELEMENTS: Final[dict[str, Shape]] = {
    "button": BUTTON,
    "image": image(),
    "overflow": Fields(
        {"options": Items(OVERFLOW_OPTION, most=_MOST_OVERFLOW)}, _CLICKS, (values_differ,)
    ),
    "checkboxes": Fields(
        {"options": Items(CHOICE_OPTION, most=_MOST_CHOICES)},
        {**_PICKS, "initial_options": Items(CHOICE_OPTION)},
        (initial_is_offered, values_differ),
    ),
    "radio_buttons": Fields(
        {"options": Items(CHOICE_OPTION, most=_MOST_CHOICES)},
        {**_PICKS, "initial_option": CHOICE_OPTION},
        (initial_is_offered, values_differ),
    ),
    "datepicker": Fields({}, {**_SELECTS, "initial_date": _DATE}),
    "timepicker": Fields({}, {**_SELECTS, "initial_time": _TIME, "timezone": _ID}),
    "datetimepicker": Fields(
        {}, {**_PICKS, "initial_date_time": Num(low=1_000_000_000, high=9_999_999_999)}
    ),
    "static_select": Fields(
        {},
        {**_SELECTS, **_LISTED, "initial_option": MENU_OPTION},
        (_LISTED_ONCE, initial_is_offered),
    ),
    "multi_static_select": Fields(
        {},
        {**_MANY, **_LISTED, "initial_options": Items(MENU_OPTION, most=MOST_OPTIONS)},
        (_LISTED_ONCE, initial_is_offered),
    ),
    "external_select": Fields(
        {}, {**_SELECTS, "initial_option": MENU_OPTION, "min_query_length": Num(low=0)}
    ),
    "multi_external_select": Fields(
        {},
        {
            **_MANY,
            "initial_options": Items(MENU_OPTION, most=MOST_OPTIONS),
            "min_query_length": Num(low=0),
        },
    ),
    "users_select": Fields({}, {**_SELECTS, "initial_user": _ID}),
    "multi_users_select": Fields({}, {**_MANY, "initial_users": Items(_ID)}),
    "channels_select": Fields(
        {}, {**_SELECTS, "initial_channel": _ID, "response_url_enabled": Flag()}
    ),
    "multi_channels_select": Fields({}, {**_MANY, "initial_channels": Items(_ID)}),
    "conversations_select": Fields(
        {},
        {
            **_SELECTS,
            "initial_conversation": _ID,
            "default_to_current_conversation": Flag(),
            "filter": CONVERSATION_FILTER,
            "response_url_enabled": Flag(),
        },
    ),
    "multi_conversations_select": Fields(
        {},
        {
            **_MANY,
            "initial_conversations": Items(_ID),
            "default_to_current_conversation": Flag(),
            "filter": CONVERSATION_FILTER,
        },
    ),
    "plain_text_input": Fields(
        {},
        {
            **_TYPES,
            "initial_value": Str(most=_MOST_TYPED),
            "multiline": Flag(),
            "min_length": Num(low=0, high=_MOST_TYPED),
            "max_length": Num(low=1, high=_MOST_TYPED),
        },
        (_ordered("min_length", "max_length"),),
    ),
    "email_text_input": Fields({}, {**_TYPES, "initial_value": Str(pattern=r"\S+@\S+")}),
    "url_text_input": Fields({}, {**_TYPES, "initial_value": URL}),
    "number_input": Fields(
        {"is_decimal_allowed": Flag()},
        {**_TYPES, "initial_value": _NUMBER, "min_value": _NUMBER, "max_value": _NUMBER},
        (_ordered("min_value", "max_value"),),
    ),
    "rich_text_input": Fields(
        {},
        {
            **_TYPES,
            "initial_value": Anything(),
            "min_lines": Num(low=1),
            "max_lines": Num(low=1),
        },
    ),
    "file_input": Fields(
        {}, {**_ACTS, "filetypes": Items(_ID), "max_files": Num(low=1, high=10)}
    ),
    "workflow_button": Fields(
        {"text": plain(_BUTTON_TEXT), "workflow": Anything()},
        {**_CLICKS, "style": STYLE, "accessibility_label": Str(most=_BUTTON_TEXT)},
    ),
    "feedback_buttons": Fields(
        {"positive_button": _FEEDBACK, "negative_button": _FEEDBACK}, _ACTS
    ),
    "icon_button": Fields(
        {"icon": _ID, "text": plain(_BUTTON_TEXT)},
        {
            **_CLICKS,
            "value": Str(most=_BUTTON_VALUE),
            "accessibility_label": Str(most=_BUTTON_TEXT),
            "visible_to_user_ids": Items(_ID),
        },
    ),
}

_MENUS: Final = (
    "static_select",
    "external_select",
    "users_select",
    "conversations_select",
    "channels_select",
)
_PICKERS: Final = (
    *_MENUS,
    *(f"multi_{name}" for name in _MENUS),
    "checkboxes",
    "radio_buttons",
    "datepicker",
    "timepicker",
)

IN_ACTIONS: Final = (
    *_PICKERS,
    "button",
    "overflow",
    "datetimepicker",
    "workflow_button",
    "rich_text_input",
)
IN_SECTION: Final = (*_PICKERS, "button", "overflow", "image", "workflow_button")
IN_INPUT: Final = (
    *_PICKERS,
    "datetimepicker",
    "plain_text_input",
    "email_text_input",
    "url_text_input",
    "number_input",
    "rich_text_input",
    "file_input",
)
IN_CONTEXT_ACTIONS: Final = ("feedback_buttons", "icon_button")


def only(names: tuple[str, ...]) -> dict[str, Shape]:
    """The elements of these types."""
    return {name: ELEMENTS[name] for name in names}

"""Interactive elements as HTML controls.

What they do is written in `data-` attributes; the page's script reads those and knows nothing
of Slack.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any, Final

from toolkit.sandbox.slack.blockkit.objects import options_of
from toolkit.sandbox.slack.finding import channels_of
from toolkit.sandbox.slack.inputs import is_stateful, state_of, value_of
from toolkit.sandbox.slack.render.markup import text_html
from toolkit.sandbox.slack.render.names import Names
from toolkit.sandbox.slack.render.plain import plain_text
from toolkit.sandbox.slack.values import Json

_INPUT_TYPES: Final = {
    "plain_text_input": "text",
    "email_text_input": "email",
    "url_text_input": "url",
    "number_input": "number",
    "datepicker": "date",
    "timepicker": "time",
    "datetimepicker": "datetime-local",
}


def control_html(
    block: Mapping[str, Any],
    element: Mapping[str, Any],
    names: Names,
    *,
    values: Mapping[str, Any],
) -> str:
    """One element of a block, with what it holds now."""
    kind = str(element["type"])
    if kind == "image":
        return image_html(element, is_small=True)
    where = _where(block, element)
    if kind in {"button", "workflow_button", "icon_button"}:
        return _button(element, names, where)
    if kind == "overflow":
        return _overflow(element, names, where)
    if kind == "feedback_buttons":
        return _feedback(element, names, where)
    if not is_stateful(element):
        return ""
    held = values.get(str(block["block_id"]), {}).get(element["action_id"])
    value = value_of(held or state_of(element, None))
    drawn = _STATEFUL.get(kind, _field)(element, value, names, where)
    label = plain_text(element.get("placeholder"), names)
    return drawn.replace("<!--label-->", escape(label, quote=True))


def _where(block: Mapping[str, Any], element: Mapping[str, Any]) -> str:
    """The attributes that say which element is meant, and what to ask before."""
    parts = {"block": block["block_id"], "action": element["action_id"]}
    if block["type"] == "input" and block.get("dispatch_action"):
        config = element.get("dispatch_action_config", {})
        is_live = "on_character_entered" in config.get("trigger_actions_on", [])
        parts["live"] = "1" if is_live else ""
    if confirm := element.get("confirm"):
        words = [confirm[name]["text"] for name in ("title", "text")]
        parts["confirm"] = "\n".join(words)
    return _attributes(parts)


def _attributes(parts: Mapping[str, object]) -> str:
    return " ".join(
        f'data-{name}="{escape(str(value), quote=True)}"'
        for name, value in parts.items()
        if value != ""
    )


def image_html(element: Mapping[str, Any], *, is_small: bool = False) -> str:
    """A picture frame with its description: nothing is fetched from here."""
    look = "picture small" if is_small else "picture"
    alt = escape(str(element["alt_text"]))
    return f'<span class="{look}" role="img" aria-label="{alt}">🖼 {alt}</span>'


def _button(element: Mapping[str, Any], names: Names, where: str) -> str:
    style = str(element.get("style", ""))
    href = f' data-href="{escape(element["url"], quote=True)}"' if "url" in element else ""
    label = str(element.get("accessibility_label", ""))
    aria = f' aria-label="{escape(label, quote=True)}"' if label else ""
    inner = text_html(element["text"], names)
    return f'<button class="btn {style}" data-do="click" {where}{href}{aria}>{inner}</button>'


def _overflow(element: Mapping[str, Any], names: Names, where: str) -> str:
    items = "".join(
        f'<button data-do="click" data-option="{escape(one["value"], quote=True)}" {where}>'
        f"{text_html(one['text'], names)}</button>"
        for one in element["options"]
    )
    return f'<details class="menu"><summary aria-label="More">⋯</summary><div>{items}</div></details>'


def _feedback(element: Mapping[str, Any], names: Names, where: str) -> str:
    return "".join(
        f'<button class="btn" data-do="click" data-option="{name}" {where}>'
        f"{text_html(element[f'{name}_button']['text'], names)}</button>"
        for name in ("positive", "negative")
    )


def _field(element: Mapping[str, Any], value: Any, names: Names, where: str) -> str:  # noqa: ANN401
    kind = str(element["type"])
    shown = "" if value is None else str(value)
    if kind == "datetimepicker":
        shown = "" if value is None else names.date(int(value), "{date_num}T{time}")
    limits = {"maxlength": element.get("max_length"), "minlength": element.get("min_length")}
    extra = "".join(f' {name}="{one}"' for name, one in limits.items() if one is not None)
    text = escape(shown, quote=True)
    if element.get("multiline"):
        return (
            f'<textarea data-do="choose" {where} placeholder="<!--label-->"{extra} rows="4">'
            f"{escape(shown)}</textarea>"
        )
    step = ' step="any"' if element.get("is_decimal_allowed") else ""
    return (
        f'<input type="{_INPUT_TYPES[kind]}" data-do="choose" {where} '
        f'placeholder="<!--label-->" value="{text}"{extra}{step}>'
    )


def _rich_field(element: Mapping[str, Any], value: Any, names: Names, where: str) -> str:  # noqa: ANN401, ARG001
    from toolkit.sandbox.slack.render.plain import plain_blocks

    shown = "\n".join(plain_blocks([value], names)) if value else ""
    return (
        f'<textarea data-do="choose" {where} placeholder="<!--label-->" rows="4">'
        f"{escape(shown)}</textarea>"
    )


def _menu(
    options: Sequence[tuple[str, str]], chosen: Sequence[str], *, where: str, is_many: bool
) -> str:
    rows = "".join(
        f'<option value="{escape(value, quote=True)}"{" selected" if value in chosen else ""}>'
        f"{escape(text)}</option>"
        for value, text in options
    )
    many = " multiple" if is_many else ""
    first = "" if is_many else '<option value=""><!--label--></option>'
    return f'<select data-do="choose" {where}{many} aria-label="<!--label-->">{first}{rows}</select>'


def _static(element: Mapping[str, Any], value: Any, names: Names, where: str) -> str:  # noqa: ANN401
    options = [(one["value"], plain_text(one["text"], names)) for one in options_of(element)]
    is_many = str(element["type"]).startswith("multi_")
    return _menu(options, _option_values(value), where=where, is_many=is_many)


def _option_values(value: Any) -> list[str]:  # noqa: ANN401 — an option, several or none
    chosen = value if isinstance(value, list) else [value]
    return [one["value"] for one in chosen if one]


def _ticks(element: Mapping[str, Any], value: Any, names: Names, where: str) -> str:  # noqa: ANN401
    kind = "radio" if element["type"] == "radio_buttons" else "checkbox"
    chosen = _option_values(value)
    rows = []
    for one in element["options"]:
        text = text_html(one["text"], names)
        if one.get("description"):
            text += f"<small>{text_html(one['description'], names)}</small>"
        mark = " checked" if one["value"] in chosen else ""
        worth = escape(one["value"], quote=True)
        # Action ids may repeat between blocks; where it stands does not.
        group = escape(where, quote=True)
        rows.append(
            f'<label class="tick"><input type="{kind}" name="{group}" value="{worth}"{mark} '
            f'data-do="tick" {where}><span>{text}</span></label>'
        )
    return f'<div class="ticks">{"".join(rows)}</div>'


def _members(element: Mapping[str, Any], value: Any, names: Names, where: str) -> str:  # noqa: ANN401
    kind = str(element["type"])
    if "users" in kind:
        options = [(one.id, one.real_name) for one in names.state.people.values()]
    else:
        reader = names.reader
        seen = channels_of(names.state, reader) if reader else names.state.channels.values()
        options = [(one.id, f"#{one.name}") for one in seen if one.name]
    chosen = value if isinstance(value, list) else [value]
    is_many = kind.startswith("multi_")
    return _menu(options, [str(one) for one in chosen if one], where=where, is_many=is_many)


def _external(element: Mapping[str, Any], value: Any, names: Names, where: str) -> str:  # noqa: ANN401
    is_many = str(element["type"]).startswith("multi_")
    options: list[Json] = [one for one in (value if is_many else [value]) if one]
    chips = "".join(
        f'<button class="chip" data-do="unpick" data-option="{escape(one["value"], quote=True)}" '
        f"{where}>{text_html(one['text'], names)} ✕</button>"
        for one in options
    )
    held = escape(json.dumps([one["value"] for one in options]), quote=True)
    least = int(element.get("min_query_length", 3))
    return (
        f'<div class="external" data-held="{held}" data-many="{int(is_many)}">{chips}'
        f'<input type="text" data-do="suggest" data-least="{least}" {where} '
        'placeholder="<!--label-->" autocomplete="off"><div class="offers"></div></div>'
    )


def _file(element: Mapping[str, Any], value: Any, names: Names, where: str) -> str:  # noqa: ANN401, ARG001
    return '<span class="picture small">Files are not taken here</span>'


_STATEFUL: Final[dict[str, Callable[[Mapping[str, Any], Any, Names, str], str]]] = {
    "static_select": _static,
    "multi_static_select": _static,
    "radio_buttons": _ticks,
    "checkboxes": _ticks,
    "users_select": _members,
    "multi_users_select": _members,
    "channels_select": _members,
    "multi_channels_select": _members,
    "conversations_select": _members,
    "multi_conversations_select": _members,
    "external_select": _external,
    "multi_external_select": _external,
    "rich_text_input": _rich_field,
    "file_input": _file,
}

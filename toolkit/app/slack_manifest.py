"""The manifest to paste into Slack: it makes the app with all that the bot needs."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import urlsplit

from toolkit.app.slack_features import ALWAYS_HEARD, FEATURES, Feature, find_feature
from toolkit.errors import UseError

COMMAND: Final = "/hightonic"
EVENTS_PATH: Final = "/slack/events"
INSTALL_PATH: Final = "/slack/install"
REDIRECT_PATH: Final = "/slack/oauth_redirect"
UNFURLED: Final = ("app.gohighlevel.com", "timetonic.com")

_UNCHANGED: Final = "No manifest was written"
_LONG: Final = (
    "Find and edit contacts, add and finish tasks, take notes, and see what your two systems "
    "disagree about, without leaving the conversation. Alerts say what happened, what was "
    "not changed and what to do next; risky work waits for somebody else's approval."
)
_SHORTCUTS: Final = (
    ("New task", "global", "task_new", "Make a task"),
    ("Save as note", "message", "note_from_message", "Keep it with a contact"),
    ("Task from message", "message", "task_from_message", "Make a task of it"),
)


def choose_features(more: Iterable[str] = (), *, is_minimal: bool = False) -> list[Feature]:
    """What to ask for: the usual features, or only the needed ones, and those named.

    Raises:
        UseError: There is no such feature.
    """
    wanted = set(more)
    for name in wanted:
        if find_feature(name) is None:
            names = ", ".join(each.name for each in FEATURES)
            raise UseError(
                f"There is no feature `{name}`", unchanged=_UNCHANGED, remedy=f"One of {names}"
            )
    return [
        each
        for each in FEATURES
        if each.is_needed or each.name in wanted or (each.is_usual and not is_minimal)
    ]


def slack_manifest(
    features: Iterable[Feature], *, url: str = "", is_distributed: bool = False
) -> dict[str, Any]:
    """The app's manifest.

    Args:
        features: From `choose_features`.
        url: Where Slack reaches `hightonic serve`; empty for Socket Mode, which needs none.
        is_distributed: For several workspaces: tokens rotate, and people install it by
            themselves. Slack never turns rotation off again.

    Raises:
        UseError: Slack cannot reach that address, or several workspaces without one.
    """
    chosen = list(features)
    base = _checked(url)
    if is_distributed and not base:
        raise UseError(
            "Several workspaces install the app through a page of yours",
            unchanged=_UNCHANGED,
            remedy="Add --url with the address of `hightonic serve`",
        )
    scopes = [scope for each in chosen for scope in each.scopes]
    events = [*ALWAYS_HEARD, *(event for each in chosen for event in each.events)]
    oauth: dict[str, Any] = {"scopes": {"bot": scopes}}
    if base:
        oauth["redirect_urls"] = [base + REDIRECT_PATH]
    return {
        "_metadata": {"major_version": 2, "minor_version": 1},
        "display_information": {
            "name": "hightonic",
            "description": "HighLevel and TimeTonic in Slack",
            "long_description": _LONG,
            "background_color": "#1f2937",
        },
        "features": _features(chosen, base),
        "oauth_config": oauth,
        "settings": {
            "event_subscriptions": {**_at(base), "bot_events": events},
            "interactivity": {
                "is_enabled": True,
                **_at(base),
                **({"message_menu_options_url": base + EVENTS_PATH} if base else {}),
            },
            "org_deploy_enabled": False,
            "socket_mode_enabled": not base,
            "token_rotation_enabled": is_distributed,
        },
    }


def manifest_text(manifest: dict[str, Any], *, as_json: bool) -> str:
    """The manifest as Slack's form takes it: YAML, or JSON."""
    if as_json:
        return json.dumps(manifest, indent=2, ensure_ascii=False)
    from ruamel.yaml import YAML

    writer = YAML()
    writer.default_flow_style = False
    writer.width = 1000
    written = io.StringIO()
    writer.dump(manifest, written)
    return written.getvalue().rstrip("\n")


def _features(chosen: list[Feature], base: str) -> dict[str, Any]:
    command = {
        "command": COMMAND,
        "description": "Contacts, tasks, notes and sync",
        "usage_hint": "contact find ada | task add | sync status | help",
        "should_escape": True,
        **({"url": base + EVENTS_PATH} if base else {}),
    }
    made: dict[str, Any] = {
        "app_home": {
            "home_tab_enabled": True,
            "messages_tab_enabled": True,
            "messages_tab_read_only_enabled": False,
        },
        "bot_user": {"display_name": "hightonic", "always_online": True},
        "slash_commands": [command],
        "shortcuts": [
            {"name": name, "type": kind, "callback_id": id_, "description": text}
            for name, kind, id_, text in _SHORTCUTS
        ],
    }
    if any(each.name == "links" for each in chosen):
        made["unfurl_domains"] = list(UNFURLED)
    return made


def _at(base: str) -> dict[str, str]:
    return {"request_url": base + EVENTS_PATH} if base else {}


def _checked(url: str) -> str:
    base = url.rstrip("/")
    parts = urlsplit(base)
    is_here = parts.hostname in {"127.0.0.1", "localhost"}
    if base and not (parts.hostname and (parts.scheme == "https" or is_here)):
        raise UseError(
            f"Slack calls nothing at {url}",
            unchanged=_UNCHANGED,
            remedy="Give an address that begins with https://, or use Socket Mode",
        )
    return base

"""Messages that rules send, out of the settings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from toolkit.rules.actions import Body, CallUrl, Deed, Post
from toolkit.rules.problems import Path, RuleProblemError
from toolkit.rules.reading import Reader, check_keys, group, plain_text
from toolkit.rules.templates import Text

# Slack's names of channels, and its ids of channels, groups and direct messages.
_CHANNEL: Final = re.compile(r"#[^\s#@,]{1,79}\Z|[CGD][A-Z0-9]{8,}\Z")


def read_post(raw: object, reader: Reader, at: Path) -> tuple[Deed, ...]:
    """What `post` says.

    Raises:
        RuleProblemError: It cannot be.
    """
    given = group(raw, at)
    check_keys(given, ("channel", "text"), at, what="`post`")
    channel = plain_text(given.get("channel"), (*at, "channel"))
    if _CHANNEL.match(channel) is None:
        raise RuleProblemError(
            "this cannot be a Slack channel",
            at=(*at, "channel"),
            remedy='Write `"#sales"` in quotes, or the channel\'s id',
        )
    return (Post(channel, reader.text(given.get("text"), (*at, "text"))),)


def read_call_url(raw: object, reader: Reader, at: Path) -> tuple[Deed, ...]:
    """What `call_url` says.

    Raises:
        RuleProblemError: It cannot be.
    """
    given = group(raw, at) if isinstance(raw, Mapping) else {"to": raw}
    check_keys(given, ("to", "body"), at, what="`call_url`")
    name = reader.name(given.get("to"), reader.addresses, what="address", at=(*at, "to"))
    if given.get("body") is None:
        return (CallUrl(name),)
    body = group(given["body"], (*at, "body"))
    return (
        CallUrl(
            name, {key: _body(each, reader, (*at, "body", key)) for key, each in body.items()}
        ),
    )


def _body(raw: object, reader: Reader, at: Path) -> Body:
    match raw:
        case None | bool() | int() | float():
            return raw
        case str():
            return Text("", is_literal=True) if raw == "" else reader.text(raw, at)
        case list() | tuple():
            return tuple(_body(each, reader, (*at, index)) for index, each in enumerate(raw))
        case Mapping():
            return {str(key): _body(each, reader, (*at, str(key))) for key, each in raw.items()}
        case _:
            raise RuleProblemError("this is no JSON", at=at)

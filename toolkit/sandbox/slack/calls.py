"""One call of the Web API: its arguments, who makes it, and how it can be refused."""

from __future__ import annotations

import base64
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qsl

from toolkit.sandbox.common import Request
from toolkit.sandbox.slack.blockkit import Issue
from toolkit.sandbox.slack.manifest import Token, TokenKind
from toolkit.sandbox.slack.multipart import read_multipart
from toolkit.sandbox.slack.state import SlackState
from toolkit.sandbox.slack.values import Channel, Json

JSON_MEMBERS: Final = ("blocks", "attachments", "view", "metadata", "unfurls")
_TRUE: Final = frozenset({"1", "true", "True"})


class SlackRefusalError(Exception):
    """Slack says no. Most refusals come with HTTP status 200.

    Args:
        error: Slack's word, for example `channel_not_found`.
        messages: For `response_metadata.messages`.
        more: Further members of the answer.
        status: HTTP status.
        retry_after_s: For `Retry-After`.
    """

    def __init__(
        self,
        error: str,
        *,
        messages: Sequence[str] = (),
        more: Mapping[str, Any] | None = None,
        status: int = 200,
        retry_after_s: int | None = None,
    ) -> None:
        super().__init__(error)
        self.error = error
        self.messages = tuple(messages)
        self.more = dict(more or {})
        self.status = status
        self.retry_after_s = retry_after_s

    @classmethod
    def of_issues(
        cls, issues: Sequence[Issue], *, error: str = "invalid_blocks"
    ) -> SlackRefusalError:
        """The refusal of a payload that the validator found fault with."""
        words = [str(one) for one in issues]
        more = {"errors": [one.removeprefix("[ERROR] ") for one in words]}
        return cls(error, messages=words, more=more)


@dataclass(slots=True)
class Call:
    """One call, its token already checked.

    Args:
        method: For example `chat.postMessage`.
        arguments: Form fields and query, or the JSON body; JSON in form fields is read.
        token: Who calls.
        state: The workspace.
    """

    method: str
    arguments: Json
    token: Token
    state: SlackState
    warnings: list[str] = field(default_factory=list)

    @property
    def bot_user(self) -> str:
        """The user the token speaks for."""
        return self.token.user or self.state.team.bot_user

    def text(self, name: str, default: str = "") -> str:
        """An argument as text."""
        value = self.arguments.get(name)
        return default if value is None else str(value)

    def need(self, name: str) -> str:
        """An argument that must be given.

        Raises:
            SlackRefusalError: `invalid_arguments`, naming it.
        """
        value = self.text(name)
        if not value:
            raise SlackRefusalError(
                "invalid_arguments", messages=[f"[ERROR] missing required field: {name}"]
            )
        return value

    def flag(self, name: str) -> bool:
        """An argument as yes or no; absent is no."""
        value = self.arguments.get(name)
        return value is True or str(value) in _TRUE

    def limit(self, default: int = 100, most: int = 1000) -> int:
        """How many are wanted a page.

        Raises:
            SlackRefusalError: `invalid_limit`.
        """
        text = self.text("limit", str(default))
        if not text.isdigit() or not 1 <= int(text) <= most:
            raise SlackRefusalError("invalid_limit")
        return int(text)

    def channel(self, name: str = "channel") -> Channel:
        """The conversation that an argument names.

        Raises:
            SlackRefusalError: `channel_not_found`, also for what the bot cannot see.
        """
        found = self.state.find_channel(self.need(name))
        is_hidden = found is not None and (
            found.kind != "public" and self.bot_user not in found.members
        )
        if found is None or is_hidden:
            raise SlackRefusalError("channel_not_found")
        return found

    def page(self, rows: Sequence[Json], *, limit: int) -> tuple[list[Json], Json]:
        """One page of rows and the `response_metadata` that leads to the next.

        Raises:
            SlackRefusalError: `invalid_cursor`.
        """
        start = 0
        if cursor := self.text("cursor"):
            try:
                start = int(base64.b64decode(cursor).decode().removeprefix("from:"))
            except ValueError as unreadable:
                raise SlackRefusalError("invalid_cursor") from unreadable
        end = start + limit
        more = base64.b64encode(f"from:{end}".encode()).decode() if end < len(rows) else ""
        return [*rows[start:end]], {"next_cursor": more}


Handler = Callable[[Call], Awaitable[Json]]


@dataclass(frozen=True, slots=True)
class Method:
    """One method of the Web API.

    Args:
        handler: Does it.
        scopes: Any one of them will do; none asks for none.
        kinds: Whose tokens may call it.
        per_minute: Calls a minute and workspace; Slack's tiers are 1, 20, 50 and 100.
        is_write: Whether it changes something.
        needs_token: False for those that bring their own secret.
    """

    handler: Handler
    scopes: tuple[str, ...] = ()
    kinds: tuple[TokenKind, ...] = (TokenKind.BOT, TokenKind.USER)
    per_minute: int = 50
    is_write: bool = False
    needs_token: bool = True


def read_arguments(request: Request) -> Json:
    """The arguments of a request: query, form, multipart or JSON.

    Raises:
        SlackRefusalError: `invalid_json`, `json_not_object`, `invalid_form_data`.
    """
    given: Json = dict(request.parameters)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/json":
        given |= _read_json(request.body)
    elif kind == "multipart/form-data":
        given |= read_multipart(request.body, request.headers["content-type"])
    elif request.body:
        given |= _read_form(request.body)
    return given


def _read_json(body: bytes) -> Json:
    try:
        value = json.loads(body)
    except ValueError as unreadable:
        raise SlackRefusalError("invalid_json") from unreadable
    if not isinstance(value, dict):
        raise SlackRefusalError("json_not_object")
    return value


def _read_form(body: bytes) -> Json:
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=True))
    except ValueError as unreadable:
        raise SlackRefusalError("invalid_form_data") from unreadable


def open_members(arguments: Json) -> Json:
    """The arguments with JSON text in members that hold JSON read.

    Raises:
        SlackRefusalError: `invalid_blocks_format` and its like.
    """
    opened = dict(arguments)
    for name in JSON_MEMBERS:
        value = opened.get(name)
        if isinstance(value, str):
            if not value:
                del opened[name]
                continue
            try:
                opened[name] = json.loads(value)
            except ValueError as unreadable:
                raise SlackRefusalError(
                    _FORMAT_ERRORS.get(name, "invalid_arguments")
                ) from unreadable
    return opened


_FORMAT_ERRORS: Final = {
    "blocks": "invalid_blocks_format",
    "attachments": "invalid_attachments",
    "metadata": "invalid_metadata_format",
    "unfurls": "invalid_unfurls_format",
}

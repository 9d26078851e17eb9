"""Response URLs: five answers to one command or click, within thirty minutes."""

from __future__ import annotations

import json
from typing import Final

from toolkit.sandbox.common import Answer, Request
from toolkit.sandbox.slack.calls import SlackRefusalError
from toolkit.sandbox.slack.posting import post_as_app, read_content
from toolkit.sandbox.slack.state import ApiCall, ResponseUrl, SlackState
from toolkit.sandbox.slack.values import Json

_USES: Final = 5
_LIFE_S: Final = 1800.0
_GONE: Final = 404
_BAD: Final = 400


def answer_response_url(state: SlackState, secret: str, request: Request) -> Answer:
    """Take one answer that the app posts to a response URL."""
    body: Json = {}
    error = ""
    status = 200
    try:
        body = _read(request)
        respond(state, _spend(state, secret), body)
    except SlackRefusalError as refusal:
        error = refusal.error
        status = refusal.status
    state.calls.append(ApiCall("response_url", body, status, error, state.clock.monotonic()))
    if error:
        return Answer.of_json({"ok": False, "error": error}, status=status)
    return Answer(200, b"ok", content_type="text/plain; charset=utf-8")


def _read(request: Request) -> Json:
    try:
        body = json.loads(request.body)
    except ValueError as unreadable:
        raise SlackRefusalError("invalid_payload", status=_BAD) from unreadable
    if not isinstance(body, dict):
        raise SlackRefusalError("invalid_payload", status=_BAD)
    return body


def _spend(state: SlackState, secret: str) -> ResponseUrl:
    found = state.response_urls.get(secret)
    if found is None or state.clock.monotonic() - found.given_at_s > _LIFE_S:
        raise SlackRefusalError("expired_url", status=_GONE)
    if found.uses >= _USES:
        raise SlackRefusalError("used_url", status=_GONE)
    found.uses += 1
    return found


def respond(state: SlackState, url: ResponseUrl, body: Json) -> None:
    """Show, replace or delete what an answer asks for.

    Args:
        state: The workspace.
        url: Says to whom, where, and about which message.
        body: As the app sent it.

    Raises:
        SlackRefusalError: HTTP 400: nothing to show, or blocks that Slack refuses.
    """
    original = state.messages.get((url.channel, url.message_ts))
    if body.get("delete_original"):
        state.messages.pop((url.channel, url.message_ts), None)
        state.changes.note()
        return
    try:
        content = read_content(body, state)
    except SlackRefusalError as refusal:
        raise SlackRefusalError(
            refusal.error, messages=refusal.messages, status=_BAD
        ) from refusal
    if body.get("replace_original") and original is not None:
        original.content = content
        original.edited_ts = "" if original.seen_by else state.new_ts()
        state.changes.note()
        return
    is_public = body.get("response_type") == "in_channel"
    post_as_app(
        state,
        url.channel,
        content,
        thread_ts=str(body.get("thread_ts") or url.thread_ts),
        seen_by="" if is_public else url.user,
    )

"""The emulated Web API: which method, whose token, what answer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from toolkit.sandbox.common import Answer, EmulatedService, Operation, Request
from toolkit.sandbox.faults import FaultKind, FaultPlan
from toolkit.sandbox.recording import Recorder
from toolkit.sandbox.slack.calls import (
    Call,
    Method,
    SlackRefusalError,
    open_members,
    read_arguments,
)
from toolkit.sandbox.slack.limits import RateLimits
from toolkit.sandbox.slack.manifest import Token, TokenKind
from toolkit.sandbox.slack.methods_chat import ChatMethods
from toolkit.sandbox.slack.methods_conversations import ConversationMethods, missing_scope
from toolkit.sandbox.slack.methods_files import UPLOAD_PATH, FileMethods, take_upload
from toolkit.sandbox.slack.methods_users import UserMethods
from toolkit.sandbox.slack.methods_views import ViewMethods
from toolkit.sandbox.slack.responding import answer_response_url
from toolkit.sandbox.slack.state import ApiCall, SlackState
from toolkit.sandbox.slack.values import Json

API_PATH: Final = re.compile(r"/api/([A-Za-z0-9._]+)/?")
RESPOND_PATH: Final = re.compile(r"/respond/([0-9a-f]+)")
_NOBODY: Final = Token(TokenKind.BOT, frozenset())
_FAULTS: Final[Mapping[FaultKind, tuple[str, int]]] = {
    FaultKind.TOO_MANY: ("ratelimited", 429),
    FaultKind.TOO_MANY_TODAY: ("ratelimited", 429),
    FaultKind.BROKEN_BEFORE: ("internal_error", 500),
    FaultKind.BROKEN_AFTER: ("internal_error", 500),
    FaultKind.BAD_GATEWAY_BEFORE: ("service_unavailable", 502),
    FaultKind.BAD_GATEWAY_AFTER: ("service_unavailable", 502),
    FaultKind.UNAVAILABLE_BEFORE: ("service_unavailable", 503),
    FaultKind.UNAUTHORISED: ("invalid_auth", 200),
    FaultKind.COMMAND_TIMED_OUT: ("request_timeout", 408),
    FaultKind.DEAD_SESSION: ("token_revoked", 200),
    FaultKind.QUOTA: ("ratelimited", 429),
}


@dataclass(slots=True)
class Refusals:
    """Slack's own words for no, on demand: the next calls of a method fail with one.

    For what a `FaultPlan` cannot say, as `channel_not_found` or `expired_trigger_id`.
    """

    _queued: dict[str, list[SlackRefusalError]] = field(default_factory=dict)

    def queue(
        self, method: str, error: str, *, times: int = 1, retry_after_s: int | None = None
    ) -> None:
        """Refuse the next calls of a method.

        Args:
            method: For example `chat.postMessage`.
            error: Slack's word; `ratelimited` comes with status 429.
            times: How many calls.
            retry_after_s: For `Retry-After`; one second for `ratelimited`.
        """
        is_limit = error == "ratelimited"
        refusal = SlackRefusalError(
            error,
            status=429 if is_limit else 200,
            retry_after_s=retry_after_s or (1 if is_limit else None),
        )
        self._queued.setdefault(method, []).extend([refusal] * times)

    def clear(self) -> None:
        """Refuse nothing more."""
        self._queued.clear()

    def take(self, method: str) -> SlackRefusalError | None:
        """The refusal for this call, if one is queued."""
        queued = self._queued.get(method)
        return queued.pop(0) if queued else None


class SlackEmulator:
    """Slack's Web API over one workspace, and its response URLs.

    Args:
        state: The workspace.
        limits: How often what may be called.
        faults: Shared with the other emulators of a sandbox; `system` is `slack`.
        recorder: Shared with the other emulators of a sandbox.
        more: Further methods, for those that need the delivering side.
    """

    def __init__(
        self,
        state: SlackState,
        *,
        limits: RateLimits,
        faults: FaultPlan,
        recorder: Recorder,
        more: Mapping[str, Method] | None = None,
    ) -> None:
        self.state = state
        self.limits = limits
        self.refusals = Refusals()
        self.others: list[SlackEmulator] = []
        self.app = EmulatedService("slack", self, state.clock, faults, recorder)
        self.methods: dict[str, Method] = {
            **ChatMethods(limits).methods,
            **ConversationMethods().methods,
            **FileMethods().methods,
            **UserMethods().methods,
            **ViewMethods().methods,
            **(more or {}),
        }

    def name_operation(self, request: Request) -> Operation:
        """The method asked for; `response_url` for an answer to a command or click."""
        if match := API_PATH.fullmatch(request.path):
            method = self.methods.get(match[1])
            return Operation(match[1], is_write=method is not None and method.is_write)
        if RESPOND_PATH.fullmatch(request.path):
            return Operation("response_url", is_write=True)
        is_upload = UPLOAD_PATH.fullmatch(request.path) is not None
        return Operation("upload" if is_upload else "unknown", is_write=is_upload)

    def answer_fault(self, kind: FaultKind, request: Request) -> Answer:  # noqa: ARG002
        """A failure in Slack's words; kinds of the other vendors become their nearest."""
        if kind is FaultKind.HTML:
            return Answer.of_html("<!DOCTYPE html><title>Slack</title>", status=200)
        error, status = _FAULTS.get(kind, ("fatal_error", 500))
        retry = (("retry-after", "1"),) if status == 429 else ()  # noqa: PLR2004 — HTTP
        return Answer.of_json({"ok": False, "error": error}, status=status, headers=retry)

    async def answer(self, request: Request) -> Answer:
        """Answer one request; most refusals come with status 200, as Slack does."""
        meant = next((one for one in self.others if one.is_meant(request)), self)
        return await meant.answer_here(request)

    def is_meant(self, request: Request) -> bool:
        """Whether a request is about this workspace: by its token, code or address."""
        state = self.state
        if match := RESPOND_PATH.fullmatch(request.path):
            return match[1] in state.response_urls
        if match := UPLOAD_PATH.fullmatch(request.path):
            return match[1] in state.files
        try:
            arguments = read_arguments(request)
        except SlackRefusalError:
            arguments = {}
        keys = {str(arguments.get(name)) for name in ("code", "refresh_token")}
        is_secret = bool(keys & (state.codes.keys() | state.refresh_tokens))
        return is_secret or _take_token(request, arguments) in state.tokens

    async def answer_here(self, request: Request) -> Answer:
        """Answer one request about this very workspace."""
        if match := RESPOND_PATH.fullmatch(request.path):
            return answer_response_url(self.state, match[1], request)
        if match := UPLOAD_PATH.fullmatch(request.path):
            return take_upload(self.state, match[1], request)
        match = API_PATH.fullmatch(request.path)
        if match is None:
            return Answer.of_html("Not found", status=404)
        return await self._answer_method(match[1], request)

    async def _answer_method(self, name: str, request: Request) -> Answer:
        arguments: Json = {}
        token = _NOBODY
        warnings: list[str] = []
        status, value = 200, Json()
        refusal: SlackRefusalError | None = None
        try:
            arguments = open_members(read_arguments(request))
            text = _take_token(request, arguments)
            token, method = self._admit(name, text)
            call = Call(name, arguments, token, self.state, warnings)
            self._check_scope(call, method)
            value = await method.handler(call)
        except SlackRefusalError as refused:
            refusal, status = refused, refused.status
        error = refusal.error if refusal else ""
        self.state.calls.append(
            ApiCall(name, arguments, status, error, self.state.clock.monotonic())
        )
        return _answer(value, refusal, warnings=warnings, scopes=token.scopes)

    def _admit(self, name: str, text: str) -> tuple[Token, Method]:
        """The token and the method of a call that may go on."""
        if queued := self.refusals.take(name):
            raise queued
        method = self.methods.get(name)
        if method is None:
            raise SlackRefusalError("unknown_method", more={"req_method": name})
        token = self._check_token(text) if method.needs_token else _NOBODY
        if method.needs_token and token.kind not in method.kinds:
            raise SlackRefusalError("not_allowed_token_type")
        wait_s = self.limits.take_call(name, method.per_minute)
        if wait_s is not None:
            raise SlackRefusalError("ratelimited", status=429, retry_after_s=wait_s)
        return token, method

    def _check_token(self, text: str) -> Token:
        if not text:
            raise SlackRefusalError("not_authed")
        token = self.state.tokens.get(text)
        if token is None:
            is_gone = not self.state.is_installed
            raise SlackRefusalError("account_inactive" if is_gone else "invalid_auth")
        now_s = self.state.clock.now().timestamp()
        if token.expires_at_s is not None and now_s >= token.expires_at_s:
            raise SlackRefusalError("token_expired")
        return token

    def _check_scope(self, call: Call, method: Method) -> None:
        if method.scopes and not call.token.scopes & set(method.scopes):
            raise missing_scope(call, method.scopes[0])


def _take_token(request: Request, arguments: Json) -> str:
    """The token of a request; it is taken out of the arguments, which are kept."""
    scheme, _, text = request.headers.get("authorization", "").partition(" ")
    in_form = str(arguments.pop("token", ""))
    return text.strip() if scheme.lower() == "bearer" and text else in_form


def _answer(
    value: Json,
    refusal: SlackRefusalError | None,
    *,
    warnings: list[str],
    scopes: frozenset[str],
) -> Answer:
    headers = [("x-oauth-scopes", ",".join(sorted(scopes)))] if scopes else []
    body: Json = {"ok": True, **value}
    metadata: Json = dict(value.get("response_metadata", {}))
    status = 200
    if refusal is not None:
        status = refusal.status
        body = {"ok": False, "error": refusal.error, **refusal.more}
        if refusal.messages:
            metadata["messages"] = [*refusal.messages]
        if refusal.retry_after_s is not None:
            headers.append(("retry-after", str(refusal.retry_after_s)))
    if warnings:
        body["warning"] = ",".join(warnings)
        metadata["warnings"] = [*warnings]
    if metadata:
        body["response_metadata"] = metadata
    return Answer.of_json(body, status=status, headers=tuple(headers))

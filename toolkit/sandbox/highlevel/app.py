"""The emulated HighLevel: routes, and the order in which a call is checked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn
from urllib.parse import parse_qs

from toolkit.sandbox.common import Answer, EmulatedService, EmulatorClock, Operation, Request
from toolkit.sandbox.faults import FaultKind, FaultPlan
from toolkit.sandbox.highlevel import (
    appointment_notes,
    auth,
    businesses,
    calendars,
    contacts,
    custom_fields,
    enrolments,
    locations,
    notes,
    oauth,
    opportunities,
    problems,
    recurring,
    search,
    tags,
    tasks,
    users,
)
from toolkit.sandbox.highlevel.calls import Call, Payload, Route
from toolkit.sandbox.highlevel.limits import Limits
from toolkit.sandbox.highlevel.options import (
    UNLIMITED_BURST,
    UNLIMITED_DAILY,
    HighLevelOptions,
)
from toolkit.sandbox.highlevel.router import Router
from toolkit.sandbox.highlevel.seeding import Credentials, seed_state
from toolkit.sandbox.highlevel.state import HighLevelState
from toolkit.sandbox.highlevel.wire import mend_surrogates
from toolkit.sandbox.recording import Recorder
from toolkit.sandbox.seed import World

ROUTES: Final = (
    *contacts.ROUTES,
    *search.ROUTES,
    *tasks.ROUTES,
    *recurring.ROUTES,
    *notes.ROUTES,
    *tags.ROUTES,
    *enrolments.ROUTES,
    *businesses.ROUTES,
    *custom_fields.ROUTES,
    *calendars.ROUTES,
    *appointment_notes.ROUTES,
    *opportunities.ROUTES,
    *users.ROUTES,
    *locations.ROUTES,
    *oauth.ROUTES,
)
_NOBODY: Final = auth.Grant("pit", frozenset(), None, key="nobody")
_TOO_MANY: Final = {"statusCode": 429, "message": "Too Many Requests"}


@dataclass(slots=True)
class HighLevelEmulator:
    """One emulated location. `app` serves it, `state` is what it holds."""

    state: HighLevelState
    limits: Limits
    credentials: Credentials
    router: Router
    app: EmulatedService = field(init=False)

    def name_operation(self, request: Request) -> Operation:
        """The vendor's operation id."""
        found = self.router.find(request.method, request.path)
        return Operation(found[0].operation, found[0].is_write) if found else _UNKNOWN

    async def answer(self, request: Request) -> Answer:
        """Serve one call; every answer carries the rate headers."""
        bearer = self._bearer(request)
        if not self.limits.admit(bearer):
            return self._told(Answer.of_json(_TOO_MANY, status=429), bearer)
        trace_id = self.state.ids.uuid()
        try:
            answer = self._serve(request, trace_id)
        except problems.RefusalError as refused:
            body = {**refused.body, "traceId": trace_id}
            answer = Answer.of_json(body, status=refused.status)
        return self._told(answer, bearer)

    def answer_fault(self, kind: FaultKind, request: Request) -> Answer:
        """How the vendor words a failure; gateways speak HTML."""
        headers = self.limits.headers(
            self._bearer(request),
            is_spent=kind is FaultKind.TOO_MANY,
            is_spent_today=kind is FaultKind.TOO_MANY_TODAY,
        )
        status, body = _FAULTS.get(kind, _BROKEN)
        if body is None:
            return Answer.of_html(f"<html><body><h1>{status}</h1></body></html>", status=status)
        return Answer.of_json(body, status=status, headers=headers)

    def issue_token(
        self, *, scopes: frozenset[str] = auth.SCOPES, kind: auth.GrantKind = "pit"
    ) -> str:
        """A further token in force: a rotated one, one with fewer scopes, an agency's."""
        token = self.state.ids.pit()
        location_id = None if kind == "company" else self.state.location_id
        self.state.keyring.add(
            token, auth.Grant(kind, scopes, location_id, key=f"{kind} token")
        )
        return token

    def _serve(self, request: Request, trace_id: str) -> Answer:
        found = self.router.find(request.method, request.path)
        if found is None:
            raise problems.no_route(request.method, request.path)
        route, ids = found
        version = auth.check_version(request.headers, is_needed=not route.is_open)
        if self._is_gated(route, version):
            raise problems.no_route(request.method, request.path)
        grant = self._admit(route, request)
        call = Call(
            state=self.state,
            request=request,
            ids=ids,
            grant=grant,
            version=version,
            now=self.state.now(),
            trace_id=trace_id,
            parameters=parse_qs(request.query, keep_blank_values=True) if request.query else {},
        )
        self._read_body(call, route)
        payload = route.handler(call)
        if isinstance(payload, Answer):
            return payload
        status = self._status(route)
        if isinstance(payload, str):
            return Answer(status, payload.encode())
        return Answer.of_json(payload, status=status)

    def _admit(self, route: Route, request: Request) -> auth.Grant:
        if route.is_open:
            return _NOBODY
        grant = self.state.keyring.find(request.headers, self.state.now())
        auth.check_scope(grant, route.scope)
        if route.is_agency_only and grant.kind != "company":
            raise problems.agency_only()
        return grant

    def _read_body(self, call: Call, route: Route) -> None:
        """Parse, then the location, then the declared shape: the order is the vendor's."""
        shape = route.shape(call.version)
        body: Any = _read_json(call.request.body) if shape is not None else {}
        if route.location != "none":
            given = _given_location(call, route, body)
            auth.check_location(call.grant, given, location_id=self.state.location_id)
        if shape is None:
            return
        if not isinstance(body, dict):
            raise problems.unprocessable(["body must be an object"])
        if wrong := shape("", body):
            raise problems.unprocessable(wrong)
        call.body = body

    def _is_gated(self, route: Route, version: str) -> bool:
        is_strict = self.state.options.gates_renamed_paths
        return is_strict and bool(route.only_versions) and version not in route.only_versions

    def _status(self, route: Route) -> int:
        is_odd = route.operation == "task-search"
        return self.state.options.task_search_status if is_odd else route.status

    def _bearer(self, request: Request) -> str:
        token = request.headers.get("authorization", "").rpartition(" ")[2]
        grant = self.state.keyring.grants.get(token)
        return grant.key if grant else "nobody"

    def _told(self, answer: Answer, bearer: str) -> Answer:
        headers = answer.headers + self.limits.headers(bearer)
        return Answer(answer.status, answer.body, answer.content_type, headers)


def _given_location(call: Call, route: Route, body: Any) -> str | None:  # noqa: ANN401
    match route.location:
        case "body":
            given = body.get("locationId") if isinstance(body, dict) else None
            return given if isinstance(given, str) else None
        case "path":
            return call.ids["locationId"]
        case "query_snake" if not call.is_v3:
            if call.parameter("locationId") is not None:
                raise problems.unprocessable(["property locationId should not exist"])
            return call.parameter("location_id")
        case _:
            return call.parameter("locationId")


def _read_json(body: bytes) -> Any:  # noqa: ANN401 — before validation
    """The body as JSON, `{}` when there is none.

    Raises:
        RefusalError: 400, not JSON.
    """
    if not body.strip():
        return {}
    try:
        value = json.loads(body, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as unreadable:
        raise problems.bad_request("Unexpected token in JSON at position 0") from unreadable
    has_escapes = b"\\ud" in body or b"\\uD" in body
    return mend_surrogates(value) if has_escapes else value


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


_UNKNOWN: Final = Operation("unknown", is_write=False)
_BROKEN: Final[tuple[int, Payload | None]] = (
    500,
    {"statusCode": 500, "message": "Internal server error"},
)
_FAULTS: Final[Mapping[FaultKind, tuple[int, Payload | None]]] = {
    FaultKind.TOO_MANY: (429, _TOO_MANY),
    FaultKind.TOO_MANY_TODAY: (429, _TOO_MANY),
    FaultKind.BAD_GATEWAY_BEFORE: (502, None),
    FaultKind.BAD_GATEWAY_AFTER: (502, None),
    FaultKind.UNAVAILABLE_BEFORE: (503, None),
    FaultKind.HTML: (200, None),
    FaultKind.UNAUTHORISED: (401, {"statusCode": 401, "message": "Invalid JWT"}),
    FaultKind.COMMAND_TIMED_OUT: (401, {"statusCode": 401, "message": "Command timed out"}),
    FaultKind.REFUSED_BUT_CREATED: (
        422,
        {
            "statusCode": 422,
            "message": ["Unprocessable Entity"],
            "error": "Unprocessable Entity",
        },
    ),
}


def build_highlevel(  # noqa: PLR0913 — one name for each thing the tests swap
    world: World,
    *,
    clock: EmulatorClock,
    faults: FaultPlan,
    recorder: Recorder,
    rate_limit: bool = True,
    options: HighLevelOptions | None = None,
) -> HighLevelEmulator:
    """An emulated location holding this world.

    Args:
        world: What it starts with.
        clock: Its time.
        faults: Asked at every call.
        recorder: Told of every call.
        rate_limit: False raises the limits out of reach; the headers stay.
        options: The switches; the defaults behave as live observers report.
    """
    chosen = options or HighLevelOptions()
    state, credentials = seed_state(world, clock=clock, options=chosen)
    limits = Limits(
        clock,
        burst=chosen.burst if rate_limit else UNLIMITED_BURST,
        window_ms=chosen.window_ms,
        daily=chosen.daily if rate_limit else UNLIMITED_DAILY,
    )
    emulator = HighLevelEmulator(state, limits, credentials, Router(ROUTES))
    emulator.app = EmulatedService("highlevel", emulator, clock, faults, recorder)
    return emulator

"""The door for tests and demonstrations: what was asked, what shall go wrong, what time it is."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final, Protocol

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from toolkit.errors import UseError
from toolkit.sandbox.common import EmulatorClock
from toolkit.sandbox.faults import FaultPlan
from toolkit.sandbox.recording import Recorder

PREFIX: Final = "/__emulator"


class Sender(Protocol):
    """Something that sends by itself, and can be looked at and set."""

    def to_json(self) -> dict[str, Any]:
        """Settings and counters."""
        ...

    def set_json(self, given: Any) -> None:  # noqa: ANN401 — before validation
        """Change settings; UseError when they cannot be."""
        ...


class _Control:
    def __init__(
        self,
        clock: EmulatorClock,
        faults: FaultPlan,
        recorder: Recorder,
        counts: Mapping[str, Callable[[], Mapping[str, int]]],
    ) -> None:
        self._clock = clock
        self._faults = faults
        self._recorder = recorder
        self._counts = counts

    async def list_requests(self, _: Request) -> Response:
        return JSONResponse(self._recorder.to_json())

    async def forget_requests(self, _: Request) -> Response:
        self._recorder.clear()
        return Response(status_code=204)

    async def get_faults(self, _: Request) -> Response:
        return JSONResponse(self._faults.to_json())

    async def put_faults(self, request: Request) -> Response:
        try:
            self._faults.set_json(await _read(request))
        except UseError as wrong:
            return JSONResponse({"error": wrong.sentence}, status_code=400)
        return JSONResponse(self._faults.to_json())

    async def get_sender(self, _: Request, *, sender: Sender) -> Response:
        return JSONResponse(sender.to_json())

    async def put_sender(self, request: Request, *, sender: Sender) -> Response:
        try:
            sender.set_json(await _read(request))
        except UseError as wrong:
            return JSONResponse({"error": wrong.sentence}, status_code=400)
        return JSONResponse(sender.to_json())

    async def get_state(self, _: Request) -> Response:
        return JSONResponse({system: dict(count()) for system, count in self._counts.items()})

    async def advance_clock(self, request: Request) -> Response:
        try:
            given = await _read(request)
            self._clock.advance(float(given["advance_s"]))
        except (UseError, KeyError, TypeError, ValueError):
            return JSONResponse({"error": 'Send {"advance_s": seconds}'}, status_code=400)
        return JSONResponse({"now": self._clock.now().isoformat()})


async def _read(request: Request) -> Any:  # noqa: ANN401 — before validation
    try:
        return json.loads(await request.body())
    except ValueError as unreadable:
        raise UseError("The body is not JSON") from unreadable


def build_control(
    *,
    clock: EmulatorClock,
    faults: FaultPlan,
    recorder: Recorder,
    counts: Mapping[str, Callable[[], Mapping[str, int]]],
    senders: Mapping[str, Sender],
) -> Starlette:
    """The control application, all of it below `/__emulator`.

    Args:
        clock: `POST clock` moves it by `advance_s`.
        faults: `PUT faults` replaces the plan, `GET faults` tells the hits so far.
        recorder: `GET requests` reads it, `DELETE requests` empties it.
        counts: System to a function that counts its records, for `GET state`.
        senders: Name to what `GET` and `PUT` of that name show and set.
    """
    control = _Control(clock, faults, recorder, counts)
    sender_routes = [
        Route(f"{PREFIX}/{name}", partial(handler, sender=sender), methods=[method])
        for name, sender in senders.items()
        for method, handler in (("GET", control.get_sender), ("PUT", control.put_sender))
    ]
    return Starlette(
        routes=[
            *sender_routes,
            Route(f"{PREFIX}/requests", control.list_requests, methods=["GET"]),
            Route(f"{PREFIX}/requests", control.forget_requests, methods=["DELETE"]),
            Route(f"{PREFIX}/faults", control.get_faults, methods=["GET"]),
            Route(f"{PREFIX}/faults", control.put_faults, methods=["PUT"]),
            Route(f"{PREFIX}/state", control.get_state, methods=["GET"]),
            Route(f"{PREFIX}/clock", control.advance_clock, methods=["POST"]),
        ]
    )

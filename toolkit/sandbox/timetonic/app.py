"""The emulated `api.php`: which function, whose session, what answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from toolkit.sandbox.common import Answer, EmulatedService, EmulatorClock, Operation, Request
from toolkit.sandbox.faults import FaultKind, FaultPlan
from toolkit.sandbox.recording import Recorder
from toolkit.sandbox.timetonic.books import BookFunctions
from toolkit.sandbox.timetonic.call import Access, Call, Handler
from toolkit.sandbox.timetonic.envelope import RefusalError, accepted, refused, to_bytes
from toolkit.sandbox.timetonic.files import FILE_PATH, FileFunctions
from toolkit.sandbox.timetonic.keys import KeyFunctions
from toolkit.sandbox.timetonic.metadata import Metadata
from toolkit.sandbox.timetonic.reads import ReadFunctions
from toolkit.sandbox.timetonic.state import TimeTonicState
from toolkit.sandbox.timetonic.talk import TalkFunctions
from toolkit.sandbox.timetonic.wire import (
    API_PATH,
    Parameters,
    content_type,
    peek_req,
    read_parameters,
)
from toolkit.sandbox.timetonic.writes import WriteFunctions

# Without a charset: one published client compares the header for equality.
_JSON: Final = "application/json"
_PAGE: Final = (
    "<!DOCTYPE html><html><head><title>TimeTonic</title></head><body>{}</body></html>"
)
_WRITES: Final = frozenset(
    {
        "createOrUpdateTableRow",
        "createOrUpdateTableRows",
        "updateTableValue",
        "deleteTableRow",
        "deleteTableRows",
        "rollBackBeforeChange",
        "editTableValueComments",
        "deleteTableValueComments",
        "sendMsg",
        "deleteMsg",
        "fileUpload",
    }
)
# Listed by the vendor, inputs or outputs unpublished (reference sections 7.9 and 7.10).
_KNOWN_BY_NAME: Final = frozenset(
    {
        "computeTableOperation",
        "getBookEvents",
        "getReferenceFieldValues",
        "getTableRowByToken",
        "renderSmartTextField",
        "resumableUpload",
        "updatePushId",
    }
)
_STATUS_OF_FAULT: Final[Mapping[FaultKind, int]] = {
    FaultKind.TOO_MANY: 429,
    FaultKind.BROKEN_BEFORE: 500,
    FaultKind.BROKEN_AFTER: 500,
    FaultKind.BAD_GATEWAY_BEFORE: 502,
    FaultKind.BAD_GATEWAY_AFTER: 502,
    FaultKind.UNAVAILABLE_BEFORE: 503,
    FaultKind.COMMAND_TIMED_OUT: 504,
    FaultKind.HTML: 200,
}
_REFUSAL_OF_FAULT: Final[Mapping[FaultKind, str]] = {
    FaultKind.TOO_MANY_TODAY: "quota",
    FaultKind.QUOTA: "quota",
    FaultKind.UNAUTHORISED: "dead_session",
    FaultKind.DEAD_SESSION: "dead_session",
    FaultKind.REFUSED_BUT_CREATED: "bad_value",
    FaultKind.DEADLOCK: "deadlock",
}


class TimeTonicEmulator:
    """TimeTonic on this machine.

    Args:
        state: Books, users and keys.
        credentials: What a client needs: user, sesskey, book_owner, book_code, tables, path.
        clock: Times the recording and the stamps.
        faults: Asked once for each request.
        recorder: Told of each request.

    Attributes:
        app: The ASGI application; serve it at the root of a port.
    """

    def __init__(
        self,
        state: TimeTonicState,
        *,
        credentials: Mapping[str, object],
        clock: EmulatorClock,
        faults: FaultPlan,
        recorder: Recorder,
    ) -> None:
        self.state = state
        self.credentials = dict(credentials)
        self.app = EmulatedService("timetonic", self, clock, faults, recorder)
        self.clock = clock
        access = Access(state)
        metadata = Metadata(state.tables, date_format=state.variant.date_format)
        self._keys = KeyFunctions(state)
        self._files = FileFunctions(state, access)
        functions: dict[str, Handler] = {
            **self._keys.handlers,
            **BookFunctions(state, access, metadata).handlers,
            **ReadFunctions(state, access, metadata).handlers,
            **WriteFunctions(state, access).handlers,
            **TalkFunctions(state, access).handlers,
            **self._files.handlers,
        }
        missing = set(state.variant.missing_functions)
        self._functions = {
            name: each for name, each in functions.items() if name not in missing
        }

    def name_operation(self, request: Request) -> Operation:
        """The function asked for; `getFile` for a file's address, `unknown` for the rest."""
        if FILE_PATH.fullmatch(request.path):
            return Operation("getFile", is_write=False)
        req = peek_req(request)
        return Operation(req or "unknown", is_write=req in _WRITES)

    async def answer(self, request: Request) -> Answer:
        """Answer a call; application errors come with status 200, as TimeTonic does."""
        if FILE_PATH.fullmatch(request.path):
            return self._answer_file(request)
        if not API_PATH.fullmatch(request.path) or request.method not in {"GET", "POST"}:
            return _page("Not found", status=404)
        variant = self.state.variant
        parameters = await read_parameters(request, max_vars=variant.max_input_vars)
        req = parameters.arguments.text("req").strip()
        if content_type(request) == _JSON and variant.json_body == "refused":
            return self._refuse(req, RefusalError("json_body"))
        return self._answer_call(req, parameters, request)

    def answer_fault(self, kind: FaultKind, request: Request) -> Answer:
        """A failure in TimeTonic's words; kinds of the other vendor become their nearest."""
        if name := _REFUSAL_OF_FAULT.get(kind):
            return self._refuse(peek_req(request), RefusalError(name))
        status = _STATUS_OF_FAULT.get(kind, 500)
        return _page("Something went wrong", status=status)

    def _answer_call(self, req: str, parameters: Parameters, request: Request) -> Answer:
        open_handler = self._keys.open_handlers.get(req)
        handler = open_handler or self._functions.get(req)
        if handler is None:
            return self._answer_unknown(req)
        arguments = parameters.arguments
        try:
            self._count_call()
            session = None if open_handler else self._keys.check(arguments)
            user = arguments.text("o_u").strip()
            call = Call(
                req=req,
                arguments=arguments,
                base_url=f"http://{request.headers.get('host', 'localhost')}",
                user=user,
                author=arguments.text("u_c").strip() or user,
                session=session,
                upload=parameters.upload,
            )
            return Answer(200, to_bytes(accepted(req, handler(call))), _JSON)
        except RefusalError as refusal:
            return self._refuse(req, refusal)

    def _count_call(self) -> None:
        limit = self.state.variant.monthly_calls
        if limit is not None and self.state.calls >= limit:
            raise RefusalError("quota")
        self.state.calls += 1

    def _answer_unknown(self, req: str) -> Answer:
        if req in _KNOWN_BY_NAME:
            return self._refuse(req, RefusalError("not_implemented", req))
        if self.state.variant.unknown_req == "json":
            return self._refuse(req, RefusalError("unknown_function"))
        return _page("<h1>TimeTonic API</h1>", status=200)

    def _answer_file(self, request: Request) -> Answer:
        if not self.state.variant.files_public:
            query = dict(request.parameters)
            if query.get("sesskey") not in self.state.sessions:
                return _page("Forbidden", status=403)
        found = self._files.find(request.path)
        if found is None:
            return _page("Not found", status=404)
        return Answer(200, found[1], "application/octet-stream")

    def _refuse(self, req: str, refusal: RefusalError) -> Answer:
        variant = self.state.variant
        is_session = refusal.name == "dead_session"
        status = variant.auth_http_status if is_session else 200
        return Answer(status, to_bytes(refused(req, refusal, variant)), _JSON)


def _page(text: str, *, status: int) -> Answer:
    return Answer.of_html(_PAGE.format(text), status=status)

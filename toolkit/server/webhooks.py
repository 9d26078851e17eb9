"""The webhooks' addresses: a body in, one short answer out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from starlette.responses import Response

from toolkit.app.intake import Verdict
from toolkit.server.bodies import BodyLimits, read_body

if TYPE_CHECKING:
    from starlette.requests import Request

    from toolkit.app.intake_highlevel import HighLevelIntake
    from toolkit.app.intake_timetonic import TimeTonicIntake

_FORM: Final = "application/x-www-form-urlencoded"

# 429 is the one status that HighLevel repeats by both of its texts on retries (its guides,
# read 2026-11); 500 would lose the event for good by one of them.
STATUSES: Final[Mapping[Verdict, int]] = {
    Verdict.STORED: 200,
    Verdict.REPEATED: 200,
    Verdict.NOT_OURS: 200,
    Verdict.NOT_JSON: 400,
    Verdict.NO_TYPE: 400,
    Verdict.NO_RECORD: 400,
    Verdict.CUT_OFF: 400,
    Verdict.BAD_SIGNATURE: 401,
    Verdict.BAD_CREDENTIALS: 401,
    Verdict.TOO_OLD: 401,
    Verdict.WRONG_APP: 403,
    Verdict.TOO_SLOW: 408,
    Verdict.TOO_LARGE: 413,
    Verdict.QUEUE_FULL: 429,
    Verdict.NOT_STORED: 429,
}
# Those who may not come in are all told the same, so that nobody learns what was nearly right.
_UNTOLD: Final = frozenset({401, 403})
# Their bodies were not read to the end: what follows on that connection is no request.
_UNREAD: Final = frozenset({401, 408, 413})


class WebhookDoor:
    """Answers both vendors' webhooks."""

    def __init__(
        self, highlevel: HighLevelIntake, timetonic: TimeTonicIntake, *, limits: BodyLimits
    ) -> None:
        self._highlevel = highlevel
        self._timetonic = timetonic
        self._limits = limits

    async def highlevel(self, request: Request) -> Response:
        """`POST /webhooks/highlevel`."""
        body = await read_body(request, self._limits)
        if isinstance(body, Verdict):
            return answer(self._highlevel.refuse(body).verdict)
        receipt = await self._highlevel.take(body, request.headers)
        return answer(receipt.verdict)

    async def timetonic(self, request: Request) -> Response:
        """`POST /webhooks/timetonic/{connection}`; the sender is checked before the body."""
        name = request.path_params["connection"]
        refusal = self._timetonic.admit(name, request.headers.get("authorization", ""))
        if refusal:
            return answer(refusal.verdict)
        body = await read_body(request, self._limits)
        if isinstance(body, Verdict):
            return answer(self._timetonic.refuse(body, name).verdict)
        is_form = request.headers.get("content-type", "").lower().startswith(_FORM)
        receipt = await self._timetonic.take(name, body, is_form=is_form)
        return answer(receipt.verdict)


def answer(verdict: Verdict) -> Response:
    """What the sender is told."""
    status = STATUSES[verdict]
    told = "refused" if status in _UNTOLD else verdict.value
    headers = {"connection": "close"} if status in _UNREAD else {}
    if verdict is Verdict.BAD_CREDENTIALS:
        headers["www-authenticate"] = 'Bearer, Basic realm="hightonic"'
    return Response(
        f'{{"result":"{told}"}}',
        status_code=status,
        headers=headers,
        media_type="application/json",
    )

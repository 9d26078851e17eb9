"""Where a person comes back from HighLevel: one plain page, nothing on it to steal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from starlette.responses import Response

from toolkit.app.oauth_consent import ConsentVerdict

if TYPE_CHECKING:
    from starlette.requests import Request

    from toolkit.app.oauth_consent import Consent

_AGAIN: Final = "Nothing was stored. Start again with <code>hightonic connect highlevel</code>."
_PAGES: Final[Mapping[ConsentVerdict, tuple[int, str, str]]] = {
    ConsentVerdict.CONNECTED: (
        200,
        "Connected",
        "HighLevel is connected. You can close this window.",
    ),
    ConsentVerdict.WRONG_STATE: (400, "Not connected", f"This link is not known. {_AGAIN}"),
    ConsentVerdict.EXPIRED: (400, "Not connected", f"This link has expired. {_AGAIN}"),
    ConsentVerdict.DENIED: (400, "Not connected", f"HighLevel did not agree. {_AGAIN}"),
    ConsentVerdict.NO_CODE: (400, "Not connected", f"HighLevel sent no code. {_AGAIN}"),
    ConsentVerdict.NOT_ACCEPTED: (
        400,
        "Not connected",
        f"HighLevel does not take its code back. {_AGAIN}",
    ),
    ConsentVerdict.WRONG_LOCATION: (
        400,
        "Not connected",
        f"Another location was chosen than this connection is for. {_AGAIN}",
    ),
    ConsentVerdict.NOT_REACHED: (
        502,
        "Not connected",
        f"HighLevel did not answer. {_AGAIN}",
    ),
    ConsentVerdict.NOT_SET_UP: (
        500,
        "Not connected",
        f"This connection has no HighLevel app. {_AGAIN}",
    ),
    ConsentVerdict.NOT_STORED: (
        500,
        "Not connected",
        "The answer could not be stored on this machine. "
        "Look at its disk, then start again with <code>hightonic connect highlevel</code>.",
    ),
}
# The address of this page holds a code: it is kept from caches, referrers and anything loaded.
_HEADERS: Final[Mapping[str, str]] = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
_PAGE: Final = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>'
    "<body><h1>{title}</h1><p>{text}</p></body></html>"
)


class ConsentDoor:
    """Answers the way back from a consent."""

    def __init__(self, consent: Consent) -> None:
        self._consent = consent

    async def callback(self, request: Request) -> Response:
        """`GET /oauth/callback?state=…&code=…`; good once.

        HEAD, with which programs look at links before a person does, takes nothing.
        """
        if request.method != "GET":
            return Response(status_code=405, headers={"allow": "GET", **_HEADERS})
        given = request.query_params
        result = await self._consent.finish_consent(
            state=given.get("state"), code=given.get("code"), is_denied="error" in given
        )
        status, title, text = _PAGES[result.verdict]
        return Response(
            _PAGE.format(title=title, text=text),
            status_code=status,
            headers=_HEADERS,
            media_type="text/html",
        )

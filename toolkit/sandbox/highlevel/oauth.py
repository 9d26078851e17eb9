"""OAuth: consent, tokens that rotate, and an agency's way to a location's token."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from toolkit.sandbox.common import Answer
from toolkit.sandbox.highlevel import problems
from toolkit.sandbox.highlevel.auth import SCOPES, Grant, GrantKind
from toolkit.sandbox.highlevel.calls import Call, Payload, Route
from toolkit.sandbox.highlevel.oauth_app import RefreshToken
from toolkit.sandbox.highlevel.wire import stamp

_ACCESS_S: Final = 86_399
_REFRESH_AGE: Final = timedelta(days=365)
# Within this time a repeated refresh gets the same new pair; later the old token is dead.
_GRACE: Final = timedelta(seconds=30)
_CAMEL: Final = {
    "access_token": "accessToken",
    "token_type": "tokenType",
    "expires_in": "expiresIn",
    "refresh_token": "refreshToken",
}
_SNAKE: Final = {
    "clientId": "client_id",
    "clientSecret": "client_secret",
    "grantType": "grant_type",
    "refreshToken": "refresh_token",
    "userType": "user_type",
    "redirectUri": "redirect_uri",
}


def choose_location(call: Call) -> Answer:
    """The consent page, always agreed to: sends the browser back with a code."""
    back, client_id = call.parameter("redirect_uri"), call.parameter("client_id")
    if not back or client_id != call.state.oauth.client_id:
        raise problems.bad_request("Invalid client_id or redirect_uri")
    wanted = frozenset((call.parameter("scope") or "").split())
    code = call.state.ids.hexadecimal()
    call.state.oauth.codes[code] = ("location", wanted & SCOPES if wanted else SCOPES)
    carried = {"code": code}
    if state := call.parameter("state"):
        carried["state"] = state
    joint = "&" if "?" in back else "?"
    return Answer(302, headers=(("location", f"{back}{joint}{urlencode(carried)}"),))


def get_token(call: Call) -> Payload:
    """Form or JSON in, snake or camel case in; the answer's case follows the version alone."""
    given = {_SNAKE.get(name, name): value for name, value in _body(call).items()}
    app = call.state.oauth
    if (given.get("client_id"), given.get("client_secret")) != (
        app.client_id,
        app.client_secret,
    ):
        raise _refusal(call, 401, "Invalid client: client credentials are invalid")
    match given.get("grant_type"):
        case "authorization_code":
            granted = app.codes.pop(str(given.get("code", "")), None)
            if granted is None:
                raise _refusal(call, 400, "Invalid grant: authorization code is invalid")
            pair = issue(call, *granted)
        case "refresh_token":
            pair = _refresh(call, str(given.get("refresh_token", "")))
        case "client_credentials":
            pair = issue(call, "company", SCOPES)
        case _:
            raise _refusal(call, 422, "grant_type must be a valid enum value")
    return _cased(call, pair)


def _refresh(call: Call, token: str) -> Payload:
    held = call.state.oauth.refresh_tokens.get(token)
    if held is None or call.now >= held.ends_at:
        raise _refusal(call, 400, "Invalid grant: refresh token is invalid")
    if held.pair is not None and held.used_at is not None:
        if call.now - held.used_at > _GRACE:
            raise _refusal(call, 400, "Invalid grant: refresh token is invalid")
        return held.pair
    held.pair, held.used_at = issue(call, held.kind, held.scopes), call.now
    return held.pair


def issue(call: Call, kind: GrantKind, scopes: frozenset[str]) -> Payload:
    """A new pair of tokens, in force at once."""
    state = call.state
    access, refresh = state.ids.jwt(), state.ids.jwt()
    location_id = state.location_id if kind == "location" else None
    ends_at = call.now + timedelta(seconds=_ACCESS_S)
    state.keyring.add(
        access, Grant(kind, scopes, location_id, ends_at, key=f"app {location_id}")
    )
    state.oauth.refresh_tokens[refresh] = RefreshToken(kind, scopes, call.now + _REFRESH_AGE)
    pair: Payload = {
        "access_token": access,
        "token_type": "Bearer",
        "expires_in": _ACCESS_S,
        "refresh_token": refresh,
        "scope": " ".join(sorted(scopes)),
        "userType": "Location" if kind == "location" else "Company",
        "companyId": state.company_id,
        "userId": next(iter(state.users)),
        "planId": state.ids.short(),
        "refreshTokenId": state.ids.hexadecimal(),
    }
    if kind == "location":
        return pair | {"locationId": state.location_id}
    return pair | {
        "approvedLocations": [state.location_id],
        "isBulkInstallation": True,
        "installToFutureLocations": False,
        "approveAllLocations": False,
    }


def get_location_token(call: Call) -> Payload:
    """A location's pair for an agency's token."""
    given = _body(call)
    if given.get("companyId") != call.state.company_id:
        raise _refusal(call, 400, "companyId is invalid")
    if given.get("locationId") != call.state.location_id:
        raise _refusal(call, 400, "Location not found")
    pair = issue(call, "location", call.grant.scopes)
    kept = {name: value for name, value in pair.items() if name != "companyId"}
    more = {"appId": call.state.oauth.app_id, "versionId": call.state.oauth.app_id}
    return _cased(call, kept | more)


def list_installed(call: Call) -> Payload:
    """Where the app is installed; the shape of the pages follows the version."""
    for name, known in (
        ("companyId", call.state.company_id),
        ("appId", call.state.oauth.app_id),
    ):
        if call.parameter(name) != known:
            raise _refusal(call, 400, f"{name} is invalid")
    row = {
        "_id": call.state.location_id,
        "name": call.state.location["name"],
        "address": call.state.location["address"],
        "isInstalled": True,
        "versionId": call.state.oauth.app_id,
        "installedAt": stamp(call.state.started_at),
    }
    if not call.is_v3:
        return {"locations": [row], "count": 1, "installToFutureLocations": False}
    pagination = {
        "totalRecords": 1,
        "hasNextPage": False,
        "hasPrevPage": False,
        "nextPageToken": None,
        "prevPageToken": None,
        "currentPageSize": 1,
    }
    return {"items": [row], "pagination": pagination, "metadata": {}}


def reconnect(_: Call) -> Payload:
    """Gone for good."""
    raise problems.bad_request("API endpoint has been removed")


def _cased(call: Call, pair: Payload) -> Payload:
    if not call.is_v3:
        return pair
    return {_CAMEL.get(name, name): value for name, value in pair.items()}


def _body(call: Call) -> dict[str, Any]:
    """A form or a JSON object, told apart by the content type."""
    if "json" not in call.request.headers.get("content-type", ""):
        return dict(parse_qsl(call.request.body.decode("utf-8", "replace")))
    try:
        given = json.loads(call.request.body)
    except (ValueError, RecursionError) as unreadable:
        raise _refusal(call, 400, "Unexpected token in JSON") from unreadable
    if not isinstance(given, dict):
        raise _refusal(call, 400, "Unexpected token in JSON")
    return given


def _refusal(call: Call, status: int, message: str) -> problems.RefusalError:
    """New-style errors under v3, the common envelope otherwise."""
    if call.is_v3:
        error = {"code": str(status), "message": message, "details": [], "resolution": ""}
        return problems.RefusalError(status, {"error": error})
    names = {400: "Bad Request", 401: "Unauthorized", 422: "Unprocessable Entity"}
    body = {"statusCode": status, "message": message, "error": names[status]}
    return problems.RefusalError(status, body)


ROUTES: Final = (
    *(
        Route("choose-location", "GET", path, choose_location, is_open=True)
        for path in ("/v2/oauth/chooselocation", "/oauth/chooselocation")
    ),
    Route("get-access-token", "POST", "/oauth/token", get_token, is_open=True, is_write=True),
    *(
        Route(
            "get-location-access-token",
            "POST",
            path,
            get_location_token,
            scope="oauth.write",
            is_write=True,
            is_agency_only=True,
            only_versions=versions,
        )
        for path, versions in (("/oauth/locationToken", ()), ("/oauth/location-token", ("v3",)))
    ),
    *(
        Route(
            "get-installed-location",
            "GET",
            path,
            list_installed,
            scope="oauth.readonly",
            is_agency_only=True,
            only_versions=versions,
        )
        for path, versions in (
            ("/oauth/installedLocations", ()),
            ("/oauth/installed-locations", ("v3",)),
        )
    ),
    Route("reconnect", "POST", "/oauth/reconnect", reconnect, is_open=True),
)

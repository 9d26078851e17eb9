"""The team: users of the location."""

from __future__ import annotations

from typing import Final

from toolkit.sandbox.highlevel import problems
from toolkit.sandbox.highlevel.calls import Call, Payload, Route


def list_users(call: Call) -> Payload:
    """The older list, gone from the published v3 yet still answering under it."""
    return {"users": list(call.state.users.values())}


def search_users(call: Call) -> Payload:
    """Needs the agency's id, which a location's caller reads from its location first."""
    if call.parameter("companyId") != call.state.company_id:
        raise problems.unauthorised("E01 - unauthorized request")
    words = (call.parameter("query") or "").lower()
    ids = [one for one in (call.parameter("ids") or "").split(",") if one]
    found = [
        user
        for user in call.state.users.values()
        if words in f"{user['name']} {user['email']}".lower() and (not ids or user["id"] in ids)
    ]
    skip = call.count("skip", 0, most=10**9)
    limit = call.count("limit", 25, most=100)
    return {"users": found[skip : skip + limit], "count": len(found)}


def get_user(call: Call) -> Payload:
    """One user, not wrapped in a key."""
    user = call.state.users.get(call.ids["userId"])
    if user is None:
        raise problems.bad_request("User not found")
    return user


_READ: Final = "users.readonly"
ROUTES: Final = (
    Route("get-user-by-location", "GET", "/users/", list_users, scope=_READ, location="query"),
    Route("search-users", "GET", "/users/search", search_users, scope=_READ),
    Route("get-user", "GET", "/users/{userId}", get_user, scope=_READ),
)

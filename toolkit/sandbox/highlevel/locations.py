"""The location itself."""

from __future__ import annotations

from typing import Final

from toolkit.sandbox.highlevel import problems
from toolkit.sandbox.highlevel.calls import Call, Payload, Route

_TIME_ZONES: Final = ("Europe/Paris", "Europe/London", "America/New_York", "Asia/Tokyo", "UTC")
_NOT_IN_SEARCH: Final = frozenset({"companyId", "business"})


def get_location(call: Call) -> Payload:
    """The location with its settings."""
    return {"location": call.state.location, "traceId": call.trace_id}


def list_time_zones(call: Call) -> Payload:
    """Names of time zones; the location's own is among them."""
    return {"timeZones": sorted({*_TIME_ZONES, call.state.options.timezone})}


def search_locations(call: Call) -> Payload:
    """For an agency's token."""
    if call.parameter("companyId") not in {None, call.state.company_id}:
        raise problems.wrong_location()
    email = call.parameter("email")
    row = {name: one for name, one in call.state.location.items() if name not in _NOT_IN_SEARCH}
    found = [row] if email in {None, "", call.state.location["email"]} else []
    skip, limit = call.count("skip", 0, most=10**9), call.count("limit", 10, most=100)
    return {"locations": found[skip : skip + limit]}


_READ: Final = "locations.readonly"
ROUTES: Final = (
    Route(
        "search-locations",
        "GET",
        "/locations/search",
        search_locations,
        scope=_READ,
        is_agency_only=True,
    ),
    Route(
        "get-location",
        "GET",
        "/locations/{locationId}",
        get_location,
        scope=_READ,
        location="path",
    ),
    Route(
        "get-timezones",
        "GET",
        "/locations/{locationId}/timezones",
        list_time_zones,
        scope=_READ,
        location="path",
    ),
)

"""Opportunity searches, which can bring tasks, notes and appointments of the contact along."""

from __future__ import annotations

from typing import Any, Final

from toolkit.sandbox.highlevel import problems
from toolkit.sandbox.highlevel.calls import Call, Payload, Route
from toolkit.sandbox.highlevel.records import Opportunity
from toolkit.sandbox.highlevel.validate import Shape, anything, flag, number, text
from toolkit.sandbox.highlevel.wire import epoch_ms, stamp

_GET_MOST: Final = 100
_POST_MOST: Final = 500
_STATUSES: Final = ("open", "won", "lost", "abandoned", "all")
_DETAILS: Final = Shape(
    dict.fromkeys(("notes", "tasks", "calendarEvents", "unReadConversations"), flag)
)
_BODY: Final = Shape(
    {
        "locationId": text,
        "query": text,
        "limit": number,
        "page": number,
        "searchAfter": anything,
        "filters": anything,
        "sort": anything,
        "additionalDetails": _DETAILS,
    },
    ("locationId",),
)
_QUERY: Final = frozenset(
    {
        "q",
        "status",
        "campaignId",
        "id",
        "order",
        "endDate",
        "startAfter",
        "startAfterId",
        "date",
        "country",
        "page",
        "limit",
        "getTasks",
        "getNotes",
        "getCalendarEvents",
    }
)
# The one list of query names that version 3 renamed.
_RENAMED: Final = {
    "location_id": "locationId",
    "pipeline_id": "pipelineId",
    "pipeline_stage_id": "pipelineStageId",
    "contact_id": "contactId",
    "assigned_to": "assignedTo",
}
# Here filter fields are written in snake case, unlike those of the contact search.
_FILTERS: Final = ("pipeline_id", "pipeline_stage_id", "status", "contact_id", "assigned_to")


def search_by_query(call: Call) -> Payload:
    """The older search, at most 100 a page."""
    names = set(_RENAMED.values() if call.is_v3 else _RENAMED)
    if unknown := sorted(set(call.parameters) - _QUERY - names):
        raise problems.unprocessable([f"property {one} should not exist" for one in unknown])
    status = call.parameter("status") or "all"
    if status not in _STATUSES:
        raise problems.unprocessable(["status must be a valid enum value"])
    limit = call.count("limit", 20, most=_GET_MOST, least=1)
    page = call.count("page", 1, most=10**9, least=1)
    wanted = {old: call.parameter(new if call.is_v3 else old) for old, new in _RENAMED.items()}
    wanted |= {"status": None if status == "all" else status, "id": call.parameter("id")}
    found = [one for one in _ranked(call) if _fits(one, wanted)]
    start = _after(found, call.parameter("startAfterId")) or (page - 1) * limit
    rows = found[start : start + limit]
    extras = {
        "notes": call.parameter("getNotes") == "true",
        "tasks": call.parameter("getTasks") == "true",
        "calendarEvents": call.parameter("getCalendarEvents") == "true",
    }
    meta: Payload = {"total": len(found), "currentPage": page}
    if start + limit < len(found):
        last = rows[-1]
        meta |= {"nextPage": page + 1}
        meta |= {"startAfterId": last.id, "startAfter": epoch_ms(last.added_at)}
    return {"opportunities": [_wire(call, one, extras) for one in rows], "meta": meta}


def search_by_body(call: Call) -> Payload:
    """The newer search, at most 500 a page; 201 in life."""
    body = call.body
    limit, page = body.get("limit", 20), body.get("page", 1)
    if limit != int(limit) or not 1 <= limit <= _POST_MOST:
        raise problems.unprocessable([f"limit must be between 1 and {_POST_MOST}"])
    if page != int(page) or page < 1:
        raise problems.unprocessable(["page must not be less than 1"])
    wanted = _wanted(body.get("filters"))
    words: str = body.get("query", "").lower()
    found = [one for one in _ranked(call) if _fits(one, wanted) and words in one.name.lower()]
    cursor = body.get("searchAfter")
    start = (int(page) - 1) * int(limit)
    if isinstance(cursor, list) and cursor:
        start = _after(found, str(cursor[-1]))
    extras = body.get("additionalDetails", {})
    rows = [
        _wire(call, one, extras) | {"searchAfter": [epoch_ms(one.added_at), one.id]}
        for one in found[start : start + int(limit)]
    ]
    return {"opportunities": rows, "total": len(found), "traceId": call.trace_id}


def list_pipelines(call: Call) -> Payload:
    """All pipelines with their stages."""
    return {"pipelines": call.state.pipelines}


def get_opportunity(call: Call) -> Payload:
    """One opportunity."""
    opportunity = call.state.opportunities.get(call.ids["id"])
    if opportunity is None:
        raise problems.bad_request("Opportunity not found")
    return {"opportunity": _wire(call, opportunity, {})}


def _wanted(filters: Any) -> dict[str, Any]:  # noqa: ANN401 — before validation
    if filters is None:
        return {}
    if not isinstance(filters, list) or not all(isinstance(one, dict) for one in filters):
        raise problems.unprocessable(["filters must be an array"])
    for one in filters:
        if one.get("field") not in _FILTERS:
            raise problems.bad_request(f"Invalid field {one.get('field')}")
        if one.get("operator", "eq") != "eq":
            message = f"Invalid Operator ({one['operator']}) passed for field {one['field']}"
            raise problems.unprocessable([message])
    return {one["field"]: one.get("value") for one in filters}


def _ranked(call: Call) -> list[Opportunity]:
    return sorted(call.state.opportunities.values(), key=lambda one: (one.added_at, one.id))


def _fits(opportunity: Opportunity, wanted: dict[str, Any]) -> bool:
    mine = {
        "id": opportunity.id,
        "pipeline_id": opportunity.pipeline_id,
        "pipeline_stage_id": opportunity.stage_id,
        "contact_id": opportunity.contact_id,
        "assigned_to": opportunity.assigned_to,
        "status": opportunity.status,
    }
    return all(
        mine[name] == value
        for name, value in wanted.items()
        if value is not None and name in mine
    )


def _after(found: list[Opportunity], last_id: str | None) -> int:
    places = (place + 1 for place, one in enumerate(found) if one.id == last_id)
    return next(places, 0)


def _wire(call: Call, one: Opportunity, extras: dict[str, Any]) -> Payload:
    state = call.state
    contact = state.contacts.get(one.contact_id)
    updated = stamp(one.updated_at)
    row: Payload = {
        "id": one.id,
        "name": one.name,
        "monetaryValue": one.monetary_value,
        "pipelineId": one.pipeline_id,
        "pipelineStageId": one.stage_id,
        "status": one.status,
        "source": "seed",
        "lastStatusChangeAt": updated,
        "lastStageChangeAt": updated,
        "lastActionDate": updated,
        "createdAt": stamp(one.added_at),
        "updatedAt": updated,
        "contactId": one.contact_id,
        "locationId": state.location_id,
        "customFields": [],
        "followers": [],
        "notes": [],
        "tasks": [],
        "calendarEvents": [],
    }
    if one.assigned_to is not None:
        row["assignedTo"] = one.assigned_to
    if contact is not None:
        named = {name: contact.values.get(name) for name in ("companyName", "email", "phone")}
        named |= {"id": contact.id, "name": contact.name, "tags": contact.tags}
        row["contact"] = {name: value for name, value in named.items() if value is not None}
    # The inlined lists are those of the contact, not of the opportunity.
    if extras.get("notes"):
        row["notes"] = [note.wire() for note in state.notes.get(one.contact_id, {}).values()]
    if extras.get("tasks"):
        row["tasks"] = [task.wire() for task in state.tasks_of(one.contact_id)]
    return row


_READ: Final = "opportunities.readonly"
ROUTES: Final = (
    Route(
        "search-opportunity",
        "GET",
        "/opportunities/search",
        search_by_query,
        scope=_READ,
        location="query_snake",
    ),
    Route(
        "search-opportunities-advanced",
        "POST",
        "/opportunities/search",
        search_by_body,
        scope=_READ,
        status=201,
        body=_BODY,
        location="body",
    ),
    Route(
        "get-pipelines",
        "GET",
        "/opportunities/pipelines",
        list_pipelines,
        scope=_READ,
        location="query",
    ),
    Route("get-opportunity", "GET", "/opportunities/{id}", get_opportunity, scope=_READ),
)

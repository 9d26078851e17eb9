"""The vendor's own OpenAPI files, loosened only where the service was seen to differ."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import schemathesis
from schemathesis.schemas import BaseSchema

SHARED = Path(__file__).resolve().parents[3] / "shared"
OPENAPI = SHARED / "openapi"

# Place in the file -> what live observers say instead (section of the HighLevel reference).
LOOSENED = {
    # 5.3: a custom field reads back as text, number, list or object, by its type.
    "CustomFieldSchema.value": {},
    # 6.1: rows of the bulk-tag answer are objects; the file's own example shows it.
    "UpdateTagsResponseDTO.responses": {"type": "array", "items": {"type": "object"}},
    # 8.1: rows of the task search are objects; the file says lists.
    "LocationTaskListSuccessfulResponseDto.tasks": {
        "type": "array",
        "items": {"type": "object"},
    },
    # 8.2: upload details are objects; the file says text.
    "FileUploadResponseDto.meta": {"type": "array", "items": {"type": "object"}},
    # 8.7: times are ISO text with an offset; the file says object.
    "CalendarEventDTO.startTime": {"type": "string"},
    "CalendarEventDTO.endTime": {"type": "string"},
    "CalendarEventDTO.dateAdded": {"type": "string"},
    "CalendarEventDTO.dateUpdated": {"type": "string"},
    # 8.8: inlined tasks, notes, events, followers and stages are objects; the file says lists.
    "SearchOpportunitiesResponseSchema.notes": {"type": "array"},
    "SearchOpportunitiesResponseSchema.tasks": {"type": "array"},
    "SearchOpportunitiesResponseSchema.calendarEvents": {"type": "array"},
    "SearchOpportunitiesResponseSchema.followers": {"type": "array"},
    "PipelinesResponseSchema.stages": {"type": "array"},
}


def load(name: str) -> BaseSchema:
    """One file of the vendor, with the shared error schemas brought in."""
    path = OPENAPI / name
    text = path.read_text("utf-8").replace("../common/common-schemas.json#", "#")
    document: dict[str, Any] = json.loads(text)
    common = json.loads((path.parent / "common" / "common-schemas.json").read_text("utf-8"))
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    schemas |= common["components"]["schemas"]
    for place, schema in LOOSENED.items():
        owner, _, field = place.partition(".")
        if field in schemas.get(owner, {}).get("properties", {}):
            schemas[owner]["properties"][field] = schema
    return schemathesis.openapi.from_dict(document)

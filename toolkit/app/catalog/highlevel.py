"""HighLevel's part of the catalogue: one entry for each operation of its client."""

from __future__ import annotations

import typing
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Literal

from pydantic import Base64Bytes, BaseModel, Field

from toolkit.app.catalog.entry import Buildable, Entry, Input
from toolkit.app.catalog.highlevel_rows import ROWS, Row
from toolkit.app.catalog.inputs import Signature, call_method, read_signature
from toolkit.clients import highlevel as client
from toolkit.clients.highlevel.filters import Filter, custom_field, field
from toolkit.clients.highlevel.operations import OPERATIONS
from toolkit.clients.highlevel.resources import (
    calendars,
    contacts,
    custom_fields,
    memberships,
    notes,
    surroundings,
    tags,
    tasks,
)
from toolkit.clients.highlevel.search import Search
from toolkit.clients.highlevel.wire import activity
from toolkit.clients.highlevel.wire import surroundings as around

if typing.TYPE_CHECKING:
    from toolkit.app.wiring import Parts
    from toolkit.clients.highlevel import HighLevel

_CLASSES: Final[Mapping[str, type]] = {
    "contacts": contacts.Contacts,
    "tasks": tasks.Tasks,
    "recurring_tasks": tasks.RecurringTasks,
    "notes": notes.Notes,
    "tags": tags.Tags,
    "followers": memberships.Followers,
    "campaigns": memberships.Campaigns,
    "workflows": memberships.Workflows,
    "appointments": calendars.Appointments,
    "calendars": calendars.Calendars,
    "locations": surroundings.Locations,
    "users": surroundings.Users,
    "businesses": surroundings.Businesses,
    "opportunities": surroundings.Opportunities,
    "custom_fields": custom_fields.CustomFields,
}
_OWN_WORDS: Final = {
    "campaigns": "contacts",
    "appointments": "calendars/events",
    "custom_fields": "locations/customFields",
    "followers": "contacts",
    "notes": "contacts",
    "tasks": "contacts",
    "workflows": "contacts",
}
# Named by the vendor's OpenAPI otherwise than their neighbours (read 2026-11).
_SCOPES: Final = {
    "tasks.search": "locations/tasks.readonly",
    "tasks.list_pages": "locations/tasks.readonly",
    "appointments.list_for_contact": "contacts.readonly",
    "calendars.list_events": "calendars/events.readonly",
    "tags.add": "contacts.write",
    "tags.remove": "contacts.write",
    **{f"tags.{verb}": "locations/tags.readonly" for verb in ("list", "get")},
    **{f"tags.{verb}": "locations/tags.write" for verb in ("create", "rename", "delete")},
    **{f"recurring_tasks.{verb}": "" for verb in ("create", "get", "update", "delete")},
}
# Methods of several calls, by the operation they repeat.
_BY_PAGES: Final = {
    "contacts.list": "contacts.search",
    "tasks.list_pages": "tasks.search",
    "opportunities.list_all": "opportunities.search",
}


class FilterInput(Buildable):
    """One condition of a contact search.

    Attributes:
        field: Name, ours or the vendor's; `customFields.ID` for a custom field.
        value: For all but `exists`, `not_exists` and `range`.
        at_least: Lower bound of a `range`.
        at_most: Upper bound of a `range`.
    """

    field: str
    operator: Literal[
        "eq", "not_eq", "contains", "not_contains", "exists", "not_exists", "range"
    ] = "eq"
    value: Any = None
    at_least: float | str | None = None
    at_most: float | str | None = None

    def build(self) -> Filter:
        """The condition, checked by the client's own rules."""
        place, _, name = self.field.partition(".")
        named = custom_field(name) if place == "customFields" and name else field(self.field)
        match self.operator:
            case "range":
                return named.between(gte=self.at_least, lte=self.at_most)
            case "exists" | "not_exists":
                return typing.cast("Filter", getattr(named, self.operator)())
            case _:
                return typing.cast("Filter", getattr(named, self.operator)(self.value))


class SearchInput(Buildable):
    """A contact search."""

    query: str | None = Field(None, description="Free text, up to 75 characters.")
    filters: tuple[FilterInput, ...] = Field((), description="All must hold.")
    sort: tuple[tuple[str, Literal["asc", "desc"]], ...] = Field((), max_length=2)
    page_size: int = Field(100, ge=1, le=500)
    page: int | None = Field(None, ge=1)
    search_after: tuple[Any, ...] | None = Field(
        None, description="`search_after` of the last contact seen."
    )

    def build(self) -> Search:
        """The client's search."""
        search = Search().where(*(each.build() for each in self.filters)).sized(self.page_size)
        for name, direction in self.sort:
            search = search.sorted_by(name, direction)
        if self.query:
            search = search.matching(self.query)
        if self.page:
            search = search.at_page(self.page)
        return search.after(self.search_after) if self.search_after else search


_FLAT: Final[tuple[type[BaseModel], ...]] = (
    SearchInput,
    client.ContactWrite,
    client.TaskWrite,
    client.NoteWrite,
    client.AppointmentWrite,
    client.RecurringTaskWrite,
    client.CustomFieldWrite,
    client.BusinessWrite,
)
_WORDS: Final[Mapping[str, Any]] = {
    **{name: value for name, value in vars(client).items() if isinstance(value, type)},
    **{name: value for name, value in vars(around).items() if isinstance(value, type)},
    **{name: value for name, value in vars(activity).items() if isinstance(value, type)},
    "Search": SearchInput,
    "bytes": Base64Bytes,
    "AsyncIterator": AsyncIterator,
    "Mapping": Mapping,
    "Sequence": Sequence,
    "datetime": datetime,
    "Any": Any,
    "Literal": Literal,
}


def highlevel_entries() -> Iterator[Entry]:
    """Every operation of the HighLevel client."""
    for row in ROWS:
        yield _entry(row)


def _entry(row: Row) -> Entry:
    noun, _, verb = row.name.partition(".")
    resource, _, method = (row.method or row.name).partition(".")
    operation = OPERATIONS[_BY_PAGES.get(row.name, row.name)]
    signature = read_signature(
        getattr(_CLASSES[resource], method),
        words=_WORDS,
        flat=_FLAT,
        title=f"highlevel.{row.name}",
    )
    is_repeatable = row.is_repeatable
    if is_repeatable is None:
        is_repeatable = operation.is_read or operation.method != "POST"
    return Entry(
        id=f"highlevel.{row.name}",
        title=f"{_plain(noun)}: {_plain(verb).lower()}",
        system="highlevel",
        group=noun,
        role="action",
        summary=signature.summary,
        input=signature.input,
        output=signature.output,
        scope=_scope(row.name, is_read=operation.is_read),
        is_write=not operation.is_read,
        is_idempotent=is_repeatable,
        calls=row.calls,
        request=f"{operation.method} {operation.path}",
        example=row.example,
        run=_runner(resource, method, signature),
    )


def _runner(resource: str, method: str, signature: Signature) -> typing.Any:  # noqa: ANN401 — Entry.run
    async def run(parts: Parts, given: Input) -> object:
        highlevel: HighLevel = parts.highlevel
        bound = getattr(getattr(highlevel, resource), method)
        return await call_method(bound, signature, given)

    return run


def _scope(name: str, *, is_read: bool) -> str:
    if name in _SCOPES:
        return _SCOPES[name]
    noun = name.partition(".")[0]
    return f"{_OWN_WORDS.get(noun, noun)}.{'readonly' if is_read else 'write'}"


def _plain(word: str) -> str:
    return word.replace("_", " ").capitalize()

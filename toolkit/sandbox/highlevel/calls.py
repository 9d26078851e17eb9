"""One call under way, and the description of a route."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from toolkit.sandbox.common import Answer, Request
from toolkit.sandbox.highlevel.problems import unprocessable
from toolkit.sandbox.highlevel.validate import Shape

if TYPE_CHECKING:
    from toolkit.sandbox.highlevel.auth import Grant
    from toolkit.sandbox.highlevel.state import HighLevelState

Payload = dict[str, Any]
V3 = "v3"


@dataclass(slots=True)
class Call:
    """What a handler knows of the request it answers."""

    state: HighLevelState
    request: Request
    ids: dict[str, str]
    grant: Grant
    version: str
    now: datetime
    trace_id: str
    body: Payload = field(default_factory=dict)
    parameters: dict[str, list[str]] = field(default_factory=dict)

    @property
    def is_v3(self) -> bool:
        """Whether the caller speaks the newest version."""
        return self.version == V3

    @property
    def ok(self) -> Payload:
        """The success flag, misspelt as ever; `v3` adds the right spelling."""
        return {"succeeded": True, "succeded": True} if self.is_v3 else {"succeded": True}

    def parameter(self, name: str) -> str | None:
        """The last value of a query parameter, None when it is not given."""
        values = self.parameters.get(name)
        return values[-1] if values else None

    def count(self, name: str, default: int, *, most: int, least: int = 0) -> int:
        """A whole number from the query.

        Raises:
            RefusalError: 422, not a number or out of range.
        """
        given = self.parameter(name)
        if given is None or given == "":
            return default
        if not given.isascii() or not given.isdigit() or len(given) > 15:  # noqa: PLR2004
            raise unprocessable([f"{name} must be a number string"])
        value = int(given)
        if value > most:
            raise unprocessable([f"{name} must not be greater than {most}"])
        if value < least:
            raise unprocessable([f"{name} must not be less than {least}"])
        return value


Handler = Callable[[Call], Payload | str | Answer]
LocationIn = Literal["body", "query", "path", "query_snake", "none"]


@dataclass(frozen=True, slots=True)
class Route:
    """One operation.

    Args:
        operation: The vendor's operation id.
        method: HTTP method.
        path: `{name}` marks a variable segment.
        handler: Returns the JSON payload, or its text when it is faster to build.
        scope: What the token must be granted; empty where none is named.
        status: HTTP status of success.
        body: Declared shape of the body; None where any body is ignored.
        body_v3: The shape under `v3`, where it differs.
        location: Where `locationId` is read; `none` where the contact implies it.
        is_write: Whether the call changes something.
        is_agency_only: Whether a location's token is refused.
        is_open: Whether it answers without a token, and without a version.
        only_versions: Versions under which the path exists; empty for all of them.
    """

    operation: str
    method: str
    path: str
    handler: Handler
    scope: str = ""
    status: int = 200
    body: Shape | None = None
    body_v3: Shape | None = None
    location: LocationIn = "none"
    is_write: bool = False
    is_agency_only: bool = False
    is_open: bool = False
    only_versions: tuple[str, ...] = ()

    def shape(self, version: str) -> Shape | None:
        """The declared body under this version."""
        return self.body_v3 if version == V3 and self.body_v3 else self.body

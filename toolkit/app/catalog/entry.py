"""One thing that can be called or that fires, described so that every front end can offer it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError
from pydantic_core import to_jsonable_python

from toolkit.errors import UseError

if TYPE_CHECKING:
    from toolkit.app.wiring import Parts
    from toolkit.model.plan import Plan

System: TypeAlias = Literal["highlevel", "timetonic", "hightonic"]
Role: TypeAlias = Literal["action", "trigger"]
Example: TypeAlias = Mapping[str, Any]


_MOST_CLAUSES = 4


class Input(BaseModel):
    """What an entry takes: JSON types as they are, nothing guessed, nothing unknown."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        hide_input_in_errors=True,
        defer_build=True,  # a command needs one of them
    )


class Buildable(Input):
    """A part of an input that becomes another value before it is used."""

    def build(self) -> object:
        """The value meant."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the catalogue.

    Attributes:
        id: `highlevel.contacts.create`, `trigger.schedule`.
        group: The noun it is about: `contacts`.
        summary: One sentence.
        input: Model of what it takes; its JSON schema is `input_schema`.
        output: Type of what it answers; its JSON schema is `output_schema`.
        scope: What the HighLevel token must be granted; `member` for a member of the
            TimeTonic book; empty where nothing leaves this machine.
        is_write: Whether it changes something at a vendor, or what this machine does there.
        is_idempotent: Whether a second call with the same input changes nothing more.
        calls: API calls of the example; None where that depends on how much there is.
        request: Method and path, or the function's name; empty for what is our own.
        example: An input. `CONTACT_ID` and the like stand for ids of your own records.
        run: Does it; None for triggers, which the sandbox delivers.
        foresee: What it would do now, as a plan; None where its input says all there is.
    """

    id: str
    title: str
    system: System
    group: str
    role: Role
    summary: str
    input: type[BaseModel]
    output: Any = field(repr=False)
    scope: str = ""
    is_write: bool = False
    is_idempotent: bool = True
    calls: int | None = 0
    request: str = ""
    example: Example = field(default_factory=dict)
    run: Callable[[Parts, Any], Awaitable[object]] | None = field(default=None, repr=False)
    foresee: Callable[[Parts, Any], Awaitable[Plan]] | None = field(default=None, repr=False)

    @property
    def is_vendor_write(self) -> bool:
        """Whether it writes to a vendor by itself, not as a run of its own."""
        return self.is_write and self.role == "action" and self.system != "hightonic"

    @property
    def looks_closely(self) -> bool:
        """Whether planning it stores what was seen, so that nobody else may work meanwhile."""
        return self.foresee is not None or self.id == "hightonic.plan"

    @property
    def input_schema(self) -> dict[str, Any]:
        """JSON schema of the input."""
        return self.input.model_json_schema()

    @property
    def output_schema(self) -> dict[str, Any]:
        """JSON schema of the answer."""
        adapter: TypeAdapter[Any] = TypeAdapter(self.output)
        return adapter.json_schema(mode="serialization", by_alias=False)

    def read_input(self, given: Mapping[str, Any]) -> BaseModel:
        """The input, checked.

        Raises:
            UseError: An unknown name, a missing one, or a value of another type; names
                the places, never the values.
        """
        try:
            return self.input.model_validate_json(json.dumps(given))
        except ValidationError as error:
            raise _misfit(self.id, error) from None

    def to_json(self, value: object) -> Any:  # noqa: ANN401 — any JSON
        """An answer as JSON, in our names."""
        return to_jsonable_python(value, by_alias=False, fallback=str)


def input_digest(entry: Entry, given: BaseModel) -> str:
    """Names exactly this call: entry and input; what an approval stands for."""
    body = given.model_dump_json(exclude_unset=True)
    return hashlib.blake2b(f"{entry.id}\n{body}".encode(), digest_size=16).hexdigest()


def _misfit(entry_id: str, error: ValidationError) -> UseError:
    found = error.errors(include_input=False, include_url=False, include_context=False)
    clauses = [
        _clause(each["type"], each["loc"], each["msg"]) for each in found[:_MOST_CLAUSES]
    ]
    left = len(found) - len(clauses)
    if left:
        clauses.append(f"and {left} more")
    return UseError(
        f"{entry_id} {', '.join(clauses)}",
        unchanged="Nothing was sent",
        remedy=f"See `hightonic catalog {entry_id}`",
    )


def _clause(problem: str, at: tuple[int | str, ...], message: str) -> str:
    place = ".".join(map(str, at)) or "the input"
    match problem:
        case "missing":
            return f"needs {place}"
        case "extra_forbidden":
            return f"does not take {place}"
        case _:
            return f"takes another {place}: {message.lower()}"

"""One of our own use cases, as the catalogue describes it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from toolkit.app.catalog.entry import Entry, Example, Input

if TYPE_CHECKING:
    from toolkit.app.wiring import Parts
    from toolkit.model.plan import Plan

Run: TypeAlias = Callable[["Parts", Any], Awaitable[object]]
Foresee: TypeAlias = Callable[["Parts", Any], Awaitable["Plan"]]


class Nothing(Input):
    """No input."""


@dataclass(frozen=True, slots=True)
class UseCase:
    """One row; the fields are those of `Entry`."""

    name: str
    summary: str
    run: Run
    output: Any
    input: type[Input] = Nothing
    example: Example = field(default_factory=dict)
    group: str = "connection"
    is_write: bool = False
    is_idempotent: bool = True
    calls: int | None = 0
    foresee: Foresee | None = None

    @property
    def entry(self) -> Entry:
        """As an entry."""
        return Entry(
            id=f"hightonic.{self.name}",
            title=f"{self.group.capitalize()}: {_plain(self.name)}",
            system="hightonic",
            group=self.group,
            role="action",
            summary=self.summary,
            input=self.input,
            output=self.output,
            is_write=self.is_write,
            is_idempotent=self.is_idempotent,
            calls=self.calls,
            example=self.example,
            run=self.run,
            foresee=self.foresee,
        )


def _plain(name: str) -> str:
    return name.rpartition(".")[2].replace("_", " ")

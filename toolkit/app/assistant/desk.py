"""What an assistant may ask for: reads at once, writes through plan and approval."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from toolkit.app.catalog import Entry, find_entries, get_entry, input_digest, list_entries
from toolkit.app.catalog.calling import call_entry, foresee_call, preview_call
from toolkit.errors import DecisionNeededError
from toolkit.model.plan import plan_to_json

if TYPE_CHECKING:
    from toolkit.app.assistant.approvals import Approvals
    from toolkit.app.wiring import Parts
    from toolkit.model.plan import Plan

Opener: TypeAlias = "Callable[[bool], AbstractAsyncContextManager[Parts]]"
"""Opens the connection; True holds the home, since something may be written."""

_SHOWN = 25
_SYNC = "hightonic.sync"
_APPLY = "hightonic.apply"


def is_open(entry: Entry) -> bool:
    """Whether it is called without a plan: it changes nothing anywhere."""
    return entry.role == "action" and not entry.is_write


def tool_name(entry: Entry) -> str:
    """The entry's id as clients take names: letters, digits and underscores."""
    return entry.id.replace(".", "_")


@dataclass(slots=True)
class Desk:
    """Serves one session over one connection.

    Args:
        opening: Gives the connection for the length of one call, so that nobody else is kept
            from working in between.
        approvals: Of this session.
    """

    opening: Opener
    approvals: Approvals
    _found: dict[str, Plan] = field(default_factory=dict)

    async def read(self, entry: Entry, given: Mapping[str, Any]) -> dict[str, Any]:
        """Call a read.

        Raises:
            DecisionNeededError: It is no read.
            HightonicError: As the entry says.
        """
        if not is_open(entry):
            raise DecisionNeededError(
                f"{entry.id} changes something",
                unchanged="Nothing was sent",
                remedy="Plan it, show the plan to a person, then apply it",
            )
        taken = entry.read_input(given)
        async with self.opening(entry.looks_closely) as parts:
            called = await call_entry(entry, taken, parts)
        return {"value": called.value, "api_calls": _counts(called.api_calls)}

    async def plan(self, entry_id: str, given: Mapping[str, Any]) -> dict[str, Any]:
        """What a call would do, and the approval to do exactly that; sends nothing.

        Raises:
            UseError: No such entry, or the input does not fit it.
        """
        entry = get_entry(entry_id)
        taken = entry.read_input(given)
        async with self.opening(entry.looks_closely) as parts:
            found = await foresee_call(entry, taken, parts)
            previewed = preview_call(entry, taken, parts, found=found)
        if not previewed.is_allowed:
            return asdict(previewed) | {"approval": ""}
        approval = self.approvals.give(previewed.approval)
        if found is not None and entry.id == _SYNC:
            self._found[approval] = found
        return asdict(previewed) | {"approval": approval}

    async def apply(
        self, entry_id: str, given: Mapping[str, Any], approval: str
    ) -> dict[str, Any]:
        """Carry out what was planned.

        Raises:
            PlanChangedError: The approval is not for this call, or not good any more.
            HightonicError: As the entry says.
        """
        entry = get_entry(entry_id)
        taken = entry.read_input(given)
        found = self._found.pop(approval, None)
        self.approvals.use(approval, input_digest(entry, taken))
        if found is not None:
            # What was shown is what is done, also where a sync would find more by now.
            entry, taken = (
                get_entry(_APPLY),
                get_entry(_APPLY).read_input(_as_input(found, taken)),
            )
        async with self.opening(True) as parts:  # noqa: FBT003 — the alias has no names
            called = await call_entry(entry, taken, parts)
        return {
            "value": called.value,
            "api_calls": _counts(called.api_calls),
            "run_id": called.run_id,
        }

    def look_up(self, words: str, entry_id: str) -> dict[str, Any]:
        """Entries with these words; or one entry with the schema of its input."""
        if entry_id:
            entry = get_entry(entry_id)
            return {**_card(entry), "input_schema": entry.input_schema}
        found = find_entries(words=words)
        return {
            "entries": [_card(each) for each in found[:_SHOWN]],
            "left_out": max(0, len(found) - _SHOWN),
        }

    def catalogue(self) -> list[dict[str, Any]]:
        """Every entry, briefly."""
        return [_card(each) for each in list_entries().values()]


def _as_input(plan: Plan, given: Any) -> dict[str, Any]:  # noqa: ANN401 — the input of a sync
    return {"plan": json.loads(plan_to_json(plan)), "approve": given.approve}


def _card(entry: Entry) -> dict[str, Any]:
    return {
        "entry": entry.id,
        "summary": entry.summary,
        "kind": "read" if is_open(entry) else "write" if entry.role == "action" else "trigger",
        "example": dict(entry.example),
    }


def _counts(calls: Mapping[Any, int]) -> dict[str, int]:
    return {side.value: number for side, number in calls.items()}

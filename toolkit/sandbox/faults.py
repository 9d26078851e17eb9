"""Fault plans: what goes wrong, at which call, how often. Data, so a test or a URL can set it."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from typing import Any

from toolkit.errors import UseError


class FaultKind(StrEnum):
    """What goes wrong. *Before* and *after* are said of the commit in the emulated vendor."""

    TOO_MANY = "429"
    TOO_MANY_TODAY = "429_daily"
    BROKEN_BEFORE = "500_before"
    BROKEN_AFTER = "500_after"
    BAD_GATEWAY_BEFORE = "502_before"
    BAD_GATEWAY_AFTER = "502_after"
    UNAVAILABLE_BEFORE = "503_before"
    TIMEOUT_BEFORE = "timeout_before"
    TIMEOUT_AFTER = "timeout_after"
    CUT_BEFORE = "cut_before"
    CUT_AFTER = "cut_after"
    SLOW = "slow"
    UNAUTHORISED = "401_once"
    COMMAND_TIMED_OUT = "401_command_timed_out"
    REFUSED_BUT_CREATED = "422_but_created"
    STALE_SEARCH = "stale_search"
    DEADLOCK = "deadlock"
    HTML = "html_200"
    DEAD_SESSION = "dead_session"
    QUOTA = "quota_nok"

    @property
    def is_after_commit(self) -> bool:
        """Whether the vendor does the work first, and then fails to say so."""
        return self in _AFTER_COMMIT


_AFTER_COMMIT = frozenset(
    {
        FaultKind.BROKEN_AFTER,
        FaultKind.BAD_GATEWAY_AFTER,
        FaultKind.REFUSED_BUT_CREATED,
        FaultKind.TIMEOUT_AFTER,
        FaultKind.CUT_AFTER,
    }
)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong.

    Args:
        kind: What happens.
        match: Regular expression, searched in `"OPERATION METHOD PATH"`, for example
            `create-contact POST /contacts/`; empty matches every call.
        system: `highlevel`, `timetonic`, or empty for both.
        nth: 1-based: the first matching call that is hit.
        times: Matching calls hit from there on; 0 means all of them.
        probability: 0.0 to 1.0, drawn for each call that would be hit.
        seconds: Length of `slow`, or age of the index of `stale_search`.
        writes_only: Whether reads pass unharmed.
    """

    kind: FaultKind
    match: str = ""
    system: str = ""
    nth: int = 1
    times: int = 1
    probability: float = 1.0
    seconds: float = 0.0
    writes_only: bool = False

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> Fault:
        """Read one fault from a JSON object.

        Raises:
            UseError: An unknown key, an unknown kind, or an unreadable expression.
        """
        known = {one.name for one in fields(cls)}
        if unknown := sorted(set(given) - known):
            raise UseError(f"A fault has no {unknown[0]!r}", remedy=f"Use {sorted(known)}")
        try:
            kind = FaultKind(str(given.get("kind", "")))
            re.compile(str(given.get("match", "")))
        except (ValueError, re.error) as wrong:
            raise UseError(f"Not a fault: {wrong}", remedy=f"Use {[*FaultKind]}") from wrong
        return cls(**{**given, "kind": kind})

    def to_json(self) -> dict[str, Any]:
        """The same fault as a JSON object."""
        return {**asdict(self), "kind": self.kind.value}


@dataclass(slots=True)
class _Armed:
    fault: Fault
    pattern: re.Pattern[str]
    seen: int = 0
    hits: int = 0

    def fires(self, text: str, rng: random.Random) -> bool:
        if not self.pattern.search(text):
            return False
        self.seen += 1
        is_due = self.seen >= self.fault.nth
        is_spent = bool(self.fault.times) and self.hits >= self.fault.times
        if not is_due or is_spent or rng.random() >= self.fault.probability:
            return False
        self.hits += 1
        return True


@dataclass(slots=True)
class FaultPlan:
    """An ordered list of faults; every call asks it what goes wrong.

    Args:
        faults: Looked at in this order; several may hit one call.
        seed: Makes `probability` repeatable.
    """

    faults: Sequence[Fault] = ()
    seed: int = 1
    _armed: list[_Armed] = field(init=False, default_factory=list)
    _rng: random.Random = field(init=False, default_factory=random.Random)

    def __post_init__(self) -> None:
        self.set(self.faults, seed=self.seed)

    def set(self, faults: Iterable[Fault], *, seed: int = 1) -> None:
        """Replace the plan; counters and the random sequence start afresh."""
        self.faults = tuple(faults)
        self.seed = seed
        self._armed = [_Armed(one, re.compile(one.match)) for one in self.faults]
        self._rng = random.Random(seed)

    def set_json(self, given: Any) -> None:  # noqa: ANN401 — before validation
        """Replace the plan by a JSON list of faults, or `{"faults": [...], "seed": 1}`.

        Raises:
            UseError: Not such a list; the plan in force stays.
        """
        seed = given.get("seed", 1) if isinstance(given, Mapping) else 1
        faults = given.get("faults") if isinstance(given, Mapping) else given
        if not isinstance(faults, list) or not all(isinstance(one, Mapping) for one in faults):
            raise UseError("A fault plan is a list of objects")
        self.set([Fault.from_json(one) for one in faults], seed=int(seed))

    def to_json(self) -> dict[str, Any]:
        """The plan with the number of hits so far."""
        rows = [{**one.fault.to_json(), "hits": one.hits} for one in self._armed]
        return {"faults": rows, "seed": self.seed}

    def strike(self, *, system: str, call: str, is_write: bool) -> tuple[Fault, ...]:
        """The faults that hit this call; asking counts as one call.

        Args:
            system: `highlevel` or `timetonic`.
            call: `"OPERATION METHOD PATH"`.
            is_write: Whether the call changes something.
        """
        if not self._armed:
            return ()
        return tuple(
            one.fault
            for one in self._armed
            if one.fault.system in {"", system}
            and (is_write or not one.fault.writes_only)
            and one.fires(call, self._rng)
        )

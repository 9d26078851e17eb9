"""Approvals of single calls: bound to one input, good once, for ten minutes."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from toolkit.errors import PlanChangedError

GOOD_FOR: Final = timedelta(minutes=10)


@dataclass(slots=True)
class Approvals:
    """Those given in this session and not used yet; they live in this process only.

    Args:
        now: Aware.
    """

    now: Callable[[], datetime]
    _open: dict[str, tuple[str, datetime]] = field(default_factory=dict)

    def give(self, digest: str) -> str:
        """A new approval for what `digest` names; each call gives another one."""
        now = self.now()
        self._open = {key: each for key, each in self._open.items() if each[1] > now}
        approval = f"{digest[:16]}-{secrets.token_hex(8)}"
        self._open[approval] = (digest, now + GOOD_FOR)
        return approval

    def use(self, approval: str, digest: str) -> None:
        """Take an approval; it is spent from now on, also where it does not fit.

        Raises:
            PlanChangedError: Unknown, used, too old, or given for another input.
        """
        meant, ends_at = self._open.pop(approval, ("", self.now()))
        if meant == digest and self.now() < ends_at:
            return
        why = "is for another input" if meant and meant != digest else "is not good any more"
        raise PlanChangedError(
            f"This approval {why}",
            unchanged="Nothing was sent",
            remedy="Plan the call again and apply exactly what was planned",
        )

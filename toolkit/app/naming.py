"""What a process that writes is called: the same after a restart, and nobody else's.

A service claims its home and stays; whoever comes and goes (the command line, a notebook)
claims it for the length of its work, or works beside the service, each in turn.
"""

from __future__ import annotations

import os
import secrets
import socket
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import Final

from toolkit.errors import StateBusyError
from toolkit.store import Lease, find_holder

SERVE: Final = "serve"
"""The purpose a service claims its home for."""
ALONE: Final = "home"
"""Who holds a home of files alone: nobody waits for a namesake that is gone."""


def claim_name(stack: ExitStack, home: Path, *, is_shared: bool) -> str:
    """Claim a name for as long as the stack is open.

    A worker that was killed finds its name free at the next start, and with it the jobs it
    had begun: nobody has to wait until it counts as dead.

    Args:
        stack: Gives the name back at its end; the system does so if the process is killed.
        home: The folder of settings and key.
        is_shared: Several processes may serve; without, the home belongs to this one.

    Raises:
        StateBusyError: Not shared, and another process works in the home.
        StateError: The folder cannot be written to.
    """
    if not is_shared:
        stack.enter_context(Lease(home, purpose=SERVE))
        return ALONE
    return _claim_place(stack, home / "workers", purpose=SERVE)


def claim_visit(stack: ExitStack, home: Path, *, purpose: str) -> str:
    """Claim a home for as long as the stack is open, or a place beside its service.

    Beside a service, and where several machines share a database, the name alone gives no
    right to write: take turns under it (`toolkit.app.turns`).

    Args:
        stack: Gives everything back at its end; the system does so if the process is killed.
        home: The folder of settings and key.
        purpose: What for, for the sentence that another process shows.

    Raises:
        StateBusyError: Another process that is no service works in the home.
        StateError: The folder cannot be written to.
    """
    is_beside = bool(os.environ.get("HIGHTONIC_DATABASE_URL"))
    try:
        stack.enter_context(Lease(home, purpose=purpose))
    except StateBusyError:
        holder = find_holder(home)
        if holder is None or holder.purpose != SERVE:
            raise
        is_beside = True
    if not is_beside:
        return ALONE
    return f"visitor-{_claim_place(stack, home / 'visitors', purpose=purpose)}"


def _claim_place(stack: ExitStack, folder: Path, *, purpose: str) -> str:
    for number in count(1):
        place = folder / str(number)
        try:
            stack.enter_context(Lease(place, purpose=purpose))
        except StateBusyError:
            continue
        return f"{socket.gethostname()}-{number}-{_mark(place)}"
    raise AssertionError  # pragma: no cover — counting has no end


def _mark(place: Path) -> str:
    """Tells apart places of one number: another home, another machine of the same name."""
    path = place / "mark"
    if not path.exists():
        path.write_text(secrets.token_hex(4), encoding="ascii")
    return path.read_text(encoding="ascii")

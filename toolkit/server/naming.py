"""What a serving process is called: the same after a restart, and nobody else's."""

from __future__ import annotations

import secrets
import socket
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import Final

from toolkit.errors import StateBusyError
from toolkit.store import Lease

_FOLDER: Final = "workers"


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
        stack.enter_context(Lease(home, purpose="serve"))
        return "home"
    for number in count(1):
        place = home / _FOLDER / str(number)
        try:
            stack.enter_context(Lease(place, purpose="serve"))
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

"""What a typed word means: a run, a conflict. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from toolkit.app.connection import Decision
from toolkit.errors import UseError

if TYPE_CHECKING:
    from toolkit.store import ConflictEntry, RunEntry

UNCHANGED = "Nothing was changed"


def choose_run(typed: str, last: RunEntry | None, *, nothing: str) -> str:
    """The id of the run meant by `last`; anything else is for the use case to look up.

    Args:
        typed: `last`, an id, or the beginning of one.
        last: The run that `last` means here.
        nothing: What to say where there is none.

    Raises:
        UseError: There is no such run yet.
    """
    if typed != "last":
        return typed
    if last is None:
        raise UseError(nothing, unchanged=UNCHANGED, remedy="Run `hightonic sync` first")
    return last.id


def choose_decisions(
    conflicts: Sequence[ConflictEntry],
    ids: Sequence[str],
    *,
    everything: bool,
    keep: Literal["highlevel", "timetonic"] | None,
    value: str | None,
) -> list[Decision]:
    """One decision a chosen conflict.

    Raises:
        UseError: Not exactly one of `keep` and `value`, nobody or everybody chosen at
            once, or an id that fits no open conflict.
    """
    if (keep is None) == (value is None):
        raise UseError(
            "Say what shall stand",
            unchanged=UNCHANGED,
            remedy="Add --keep highlevel, --keep timetonic or --value TEXT",
        )
    if everything == bool(ids):
        raise UseError(
            "Say which conflicts",
            unchanged=UNCHANGED,
            remedy="Name ids from `hightonic conflicts`, or --all",
        )
    chosen = list(conflicts) if everything else [_find(conflicts, typed) for typed in ids]
    if keep is not None:
        return [Decision(stored.id, keep) for stored in chosen]
    # As typed: the use case reads it as the field's type, for every front end alike.
    return [Decision(stored.id, "value", value or None) for stored in chosen]


def _find(conflicts: Sequence[ConflictEntry], typed: str) -> ConflictEntry:
    """The conflict of that id, or of the only one that begins like it."""
    # Checked before anything is decided: a slip in the third id spares the first two.
    wanted = typed.strip().lower()
    fitting = [stored for stored in conflicts if wanted and stored.id.startswith(wanted)]
    exact = [stored for stored in fitting if stored.id == wanted] or fitting
    if len(exact) == 1:
        return exact[0]
    raise UseError(
        f"{len(exact)} open conflicts begin with {typed}"
        if exact
        else f"No open conflict is called {typed}",
        unchanged=UNCHANGED,
        remedy="See `hightonic conflicts`",
    )


@dataclass(frozen=True, slots=True)
class Archiving:
    """What is to be done with the archive, and with whom."""

    verb: Literal["list", "archive", "restore"]
    contacts: tuple[str, ...] = ()


def choose_archiving(words: Sequence[str], *, stale: int | None) -> Archiving:
    """What the words after `hightonic archive` mean.

    Raises:
        UseError: Contacts and --stale at once, or `restore` without anybody.
    """
    first, *rest = words or ["list" if stale is None else ""]
    if first == "list" and not rest and stale is None:
        return Archiving("list")
    if first == "restore":
        if rest and stale is None:
            return Archiving("restore", tuple(rest))
        raise UseError(
            "Say who is to be taken back",
            unchanged=UNCHANGED,
            remedy="Name contacts as `hightonic archive list` shows them",
        )
    if (stale is None) == (first in {"", "list"}):
        raise UseError(
            "Say who is to be archived",
            unchanged=UNCHANGED,
            remedy="Name contacts by e-mail or id, or use --stale DAYS; not both",
        )
    return Archiving("archive", tuple(words))

"""Finding a contact among thousands as somebody types: folded text, kept until something is written."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from unicodedata import combining, normalize

from toolkit.model.ids import Kind, LinkId
from toolkit.model.links import Link, LinkState
from toolkit.model.values import Value
from toolkit.store import ConnectionStore

SEARCHED: Final = ("name", "email", "phone", "company")
STANDING: Final = (LinkState.LIVE, LinkState.PARKED, LinkState.UNLINKED)
"""States of pairs of which at least one record is there."""

_FRESH: Final = timedelta(seconds=1)
_LEAST_PREFIX: Final = 4
_IDENTIFYING: Final = ("email", "phone")


@dataclass(frozen=True, slots=True)
class Line:
    """One contact as the search sees it.

    Attributes:
        text: Everything that is searched, folded.
        exact: Folded values that are a whole field, or an id.
        names: Of those, what names this contact and no other.
    """

    link_id: LinkId
    name: str
    text: str
    exact: frozenset[str]
    names: frozenset[str]


class ContactIndex:
    """The contacts of one connection. Safe from any thread.

    Args:
        store: Its memory.
        now: The clock.
    """

    def __init__(self, store: ConnectionStore, *, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now
        self._lock = threading.Lock()
        self._lines: Sequence[Line] = ()
        self._stamp: int | None = None
        self._looked_at: datetime | None = None

    def search(self, typed: str) -> list[LinkId]:
        """Contacts that hold every word, in any of the searched fields; best first."""
        words = fold(typed).split()
        ranked = sorted(
            (_rank(line, words), line.name, line.link_id)
            for line in self._read()
            if all(word in line.text for word in words)
        )
        return [link_id for _, _, link_id in ranked]

    def named(self, typed: str) -> list[LinkId]:
        """Contacts whose e-mail, phone or id this is; else those whose id begins so."""
        wanted = fold(typed)
        lines = self._read()
        found = [line.link_id for line in lines if wanted in line.names]
        if found or len(wanted) < _LEAST_PREFIX:
            return found
        return [line.link_id for line in lines if line.link_id.startswith(wanted)]

    def called(self, typed: str) -> list[LinkId]:
        """Contacts one of whose searched fields is just this."""
        wanted = fold(typed)
        return [line.link_id for line in self._read() if wanted in line.exact]

    def _read(self) -> Sequence[Line]:
        with self._lock:
            now = self._now()
            if self._looked_at is not None and now - self._looked_at < _FRESH:
                return self._lines
            stamp = self._store.newest_line()
            if stamp != self._stamp:
                links = self._store.links(Kind.CONTACT, STANDING)
                self._lines = [_line(each) for each in links]
                self._stamp = stamp
            self._looked_at = now
            return self._lines


def fold(text: str) -> str:
    """Lower case, without accents, one blank between words."""
    plain = "".join(each for each in normalize("NFKD", text) if not combining(each))
    return " ".join(plain.casefold().split())


def _line(link: Link) -> Line:
    values = {name: fold(_text(link.base.get(name))) for name in SEARCHED}
    ids = [fold(each) for each in (link.highlevel_id, link.timetonic_id, link.id) if each]
    naming = [values[name] for name in _IDENTIFYING if values[name]]
    return Line(
        link.id,
        values["name"],
        "\n".join([*values.values(), *ids]),
        frozenset(each for each in [*values.values(), *ids] if each),
        frozenset([*naming, *ids]),
    )


def _rank(line: Line, words: Sequence[str]) -> int:
    """0: a field is just that; 1: the name begins so; 2: it is somewhere."""
    whole = " ".join(words)
    if whole in line.exact:
        return 0
    return 1 if line.name.startswith(whole) else 2


def _text(value: Value) -> str:
    return "" if value is None else str(value)

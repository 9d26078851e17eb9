"""The search index: what a search sees, which may lag behind what is stored."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from toolkit.sandbox.highlevel.documents import search_row
from toolkit.sandbox.highlevel.records import Contact
from toolkit.sandbox.highlevel.wire import epoch_ms, to_text

if TYPE_CHECKING:
    from toolkit.sandbox.highlevel.state import HighLevelState

Keys = list[Any]
Directions = tuple[str, ...]

_REMEMBERED: Final = 20_000
_KEPT_VIEWS: Final = 8


@dataclass(slots=True, eq=False)
class Row:
    """One contact as the index holds it. `text` is its JSON without the closing brace."""

    id: str
    document: dict[str, Any]
    added_ms: int
    updated_ms: int
    _text: str | None = None

    @property
    def text(self) -> str:
        """Built once: a row is read far more often than it is written."""
        if self._text is None:
            self._text = to_text(self.document)[:-1]
        return self._text


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """All matches of a search in order, with the sort values that cursors are made of."""

    rows: list[Row]
    keys: list[Keys]
    directions: Directions
    places: dict[str, int]


class SearchIndex:
    """All rows, with enough history to show how they stood some seconds ago."""

    def __init__(self, state: HighLevelState) -> None:
        self._state = state
        self._rows: dict[str, Row] = {}
        self._history: deque[tuple[float, str, Row | None]] = deque(maxlen=_REMEMBERED)
        self._views: OrderedDict[str, View] = OrderedDict()

    def put(self, contact: Contact) -> None:
        """Take a contact up as it stands now."""
        row = Row(
            contact.id,
            search_row(contact, self._state),
            epoch_ms(contact.added_at),
            epoch_ms(contact.updated_at),
        )
        self._remember(contact.id)
        self._rows[contact.id] = row

    def drop(self, contact_id: str) -> None:
        """Let a contact go."""
        self._remember(contact_id)
        del self._rows[contact_id]

    def rows(self, stale_s: float = 0.0) -> list[Row]:
        """The rows as they stood that many seconds ago, deleted ones lingering."""
        if stale_s <= 0:
            return list(self._rows.values())
        moment = self._state.clock.monotonic() - stale_s
        seen: dict[str, Row | None] = dict(self._rows)
        for at, contact_id, before in reversed(self._history):
            if at <= moment:
                break
            seen[contact_id] = before
        return [row for row in seen.values() if row is not None]

    def view(self, name: str, build: Callable[[], View]) -> View:
        """The view of this name, built when it is not at hand; every write throws all away."""
        view = self._views.get(name)
        if view is None:
            view = self._views[name] = build()
            if len(self._views) > _KEPT_VIEWS:
                self._views.popitem(last=False)
        return view

    def settle(self) -> None:
        """Forget the history: what is stored now has been there for ever."""
        self._history.clear()

    def _remember(self, contact_id: str) -> None:
        at = self._state.clock.monotonic()
        self._history.append((at, contact_id, self._rows.get(contact_id)))
        self._views.clear()

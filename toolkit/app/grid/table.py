"""The grid's memory of one moment: who is there, and columns as they are asked for."""

from __future__ import annotations

from array import array
from collections import OrderedDict
from typing import TYPE_CHECKING, Final

from toolkit.app.grid.columns import SYNC
from toolkit.app.grid.memory import Builder, Codes, Held, Texts, folded, ranks, shown
from toolkit.app.grid.states import RowState, find_differences, quick_state
from toolkit.model.ids import Side

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from toolkit.app.grid.columns import GridColumn
    from toolkit.app.grid.shelf import GridShelf, StoredContact
    from toolkit.model.values import Value

_BUDGET_BYTES: Final = 8_000_000
"""Room for columns that were sorted, filtered or counted; the oldest use gives way."""
_PAGE: Final = 500
_SEARCHED: Final = ("name", "email", "phone", "company")
_WORDS: Final = tuple(RowState)


class GridTable:
    """Rows of one moment. Columns are read from the store when they are first needed.

    Args:
        shelf: Reads the store.
        columns: By field.
        owners: HighLevel's users, id -> name.
    """

    def __init__(
        self, shelf: GridShelf, columns: Mapping[str, GridColumn], owners: Mapping[str, str]
    ) -> None:
        self._shelf = shelf
        self._columns = columns
        self._owners = owners
        self._compared = frozenset(
            name for name, each in columns.items() if each.is_editable and name != SYNC
        )
        self.contested = shelf.find_conflicts()
        self.waiting = shelf.find_waiting()
        self._quick = bytearray()
        self.ids = Texts(self._read_ids())
        self._held: OrderedDict[str, Held] = OrderedDict()
        self._ranks: OrderedDict[str, array[int]] = OrderedDict()
        self._searched: Texts | None = None

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def size_bytes(self) -> int:
        """What it weighs, about."""
        held = sum(each.size_bytes for each in self._held.values())
        ranked = sum(each.itemsize * len(each) for each in self._ranks.values())
        searched = self._searched.size_bytes if self._searched else 0
        return self.ids.size_bytes + len(self._quick) + held + ranked + searched

    def column(self, name: str) -> Held:
        """Values of a column, one per row: agreed ones, or what the only side shows."""
        if name not in self._held:
            self.adopt(self.read_columns([name]))
        self._held.move_to_end(name)
        return self._held[name]

    def ranks_of(self, name: str) -> array[int]:
        """A number per row that sorts as the column does."""
        if name not in self._ranks:
            self._ranks[name] = ranks(self.column(name))
            while len(self._ranks) > 3:  # noqa: PLR2004 — nobody sorts by more at once
                self._ranks.popitem(last=False)
        self._ranks.move_to_end(name)
        return self._ranks[name]

    def searched(self) -> Texts:
        """What a search looks at, folded, one text per row."""
        if self._searched is None:
            self._searched = self.read_searched()
        return self._searched

    def read_searched(self) -> Texts:
        """The same out of the store; keeps nothing."""
        return Texts(self._folded([name for name in _SEARCHED if name in self._columns]))

    def adopt_searched(self, texts: Texts) -> None:
        """Keep what was read."""
        self._searched = texts

    def read_columns(self, names: Sequence[str]) -> dict[str, Held]:
        """Columns out of the store, in one go; keeps nothing, so any thread may do it."""
        fields = [name for name in names if name != SYNC and not self._columns[name].is_riding]
        riding = [name for name in names if self._columns[name].is_riding]
        found = self._read_fields(fields) if fields else {}
        found.update((name, self._read_riding(self._columns[name])) for name in riding)
        if SYNC in names:
            found[SYNC] = self._read_sync()
        return found

    def adopt(self, columns: Mapping[str, Held]) -> None:
        """Keep columns that were read; the oldest use gives way where room is short."""
        for name, held in columns.items():
            self._held[name] = held
        while len(self._held) > len(columns) and (
            sum(each.size_bytes for each in self._held.values()) > _BUDGET_BYTES
        ):
            self._held.popitem(last=False)

    def missing(self, names: Sequence[str]) -> list[str]:
        """Those of these columns that are not in memory."""
        return [name for name in names if name not in self._held]

    def state_of(self, contact: StoredContact) -> tuple[RowState, dict[str, dict[Side, Value]]]:
        """How one contact stands, and the fields in which its sides differ."""
        found = find_differences(contact, self._compared)
        known = quick_state(
            contact.state, is_alone=contact.is_alone, is_contested=contact.id in self.contested
        )
        if known is None:
            is_waiting = bool(found) or contact.id in self.waiting
            known = RowState.WAITING if is_waiting else RowState.IN_STEP
        return known, found

    def drawn(self, column: GridColumn, value: Value) -> Value:
        """Owners by name: nobody knows people by id."""
        if column.is_owner and isinstance(value, str):
            return self._owners.get(value, value)
        return value

    def values_of(self, contact: StoredContact) -> dict[str, Value]:
        """What the grid shows of one contact, by field."""
        base, values = contact.base, {}
        for name, column in self._columns.items():
            value = base[name] if name in base else _only_seen(contact, name)
            values[name] = self.drawn(column, value)
        return values

    def pages(self, ids: Sequence[str]) -> Iterator[dict[str, StoredContact]]:
        """These contacts whole, some hundred at a time."""
        for start in range(0, len(ids), _PAGE):
            yield self._shelf.read(ids[start : start + _PAGE])

    def _read_ids(self) -> Iterator[str]:
        for link_id, state, is_alone in self._shelf.scan():
            known = quick_state(
                state, is_alone=is_alone, is_contested=link_id in self.contested
            )
            self._quick.append(255 if known is None else _WORDS.index(known))
            yield link_id

    def _read_sync(self) -> Held:
        in_step = _WORDS.index(RowState.IN_STEP)
        codes = array("B", (in_step if each == 255 else each for each in self._quick))  # noqa: PLR2004 — not known yet
        suspects = sorted(self._shelf.find_suspects() | self.waiting)
        for page in self.pages(suspects):
            for link_id, contact in page.items():
                position = self.ids.find(link_id)
                if position >= 0:
                    codes[position] = _WORDS.index(self.state_of(contact)[0])
        return Codes(codes, tuple(each.value for each in _WORDS))

    def _read_fields(self, names: Sequence[str]) -> dict[str, Held]:
        columns = [self._columns[name] for name in names]
        builders = [Builder(len(self), is_number=each.type == "number") for each in columns]
        for position, values in self._aligned(self._shelf.scan_fields(names)):
            for column, builder, value in zip(columns, builders, values, strict=True):
                if value is not None:
                    builder.put(position, self.drawn(column, value))
        for link_id, contact in self._lonely():
            position = self.ids.find(link_id)
            for column, builder in zip(columns, builders, strict=True):
                if column.field not in contact.base:
                    value = _only_seen(contact, column.field)
                    builder.put(position, self.drawn(column, value))
        return {name: each.build() for name, each in zip(names, builders, strict=True)}

    def _read_riding(self, column: GridColumn) -> Held:
        builder = Builder(len(self), is_number=column.type == "number")
        for side in column.sides[:1]:
            scanned = self._shelf.scan_seen(side, column.field)
            for position, (value,) in self._aligned(scanned):
                builder.put(position, value)
        return builder.build()

    def _folded(self, names: Sequence[str]) -> Iterator[str]:
        texts = [""] * len(self)
        for position, values in self._aligned(self._shelf.scan_fields(names)):
            texts[position] = folded(" ".join(map(shown, values)))
        for link_id, contact in self._lonely():
            known = self.values_of(contact)
            texts[self.ids.find(link_id)] = folded(" ".join(shown(known[n]) for n in names))
        return iter(texts)

    def _aligned(
        self, scanned: Iterable[tuple[str, tuple[Value, ...]]]
    ) -> Iterator[tuple[int, tuple[Value, ...]]]:
        """Position and values; both lists go by id, and either may have moved on."""
        ids = enumerate(self.ids)
        position, link_id = next(ids, (-1, ""))
        for found, values in scanned:
            while position >= 0 and link_id < found:
                position, link_id = next(ids, (-1, ""))
            if position < 0:
                return
            if link_id == found:
                yield position, values

    def _lonely(self) -> Iterator[tuple[str, StoredContact]]:
        alone = _WORDS.index(RowState.ONE_SIDE)
        ids = [self.ids[at] for at, state in enumerate(self._quick) if state == alone]
        for page in self.pages(ids):
            yield from page.items()


def _only_seen(contact: StoredContact, name: str) -> Value:
    """What was never agreed: HighLevel's value, else TimeTonic's."""
    for side in Side:
        value = contact.seen.get(side, {}).get(name)
        if value is not None:
            return value
    return None


def positions(mask: bytearray, order: Sequence[int]) -> array[int]:
    """Rows of a mask in an order."""
    return array("I", filter(mask.__getitem__, order))

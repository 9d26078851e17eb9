"""What a file would change, worked out row by row; nothing is sent, nothing is guessed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Final

from toolkit.app.bulk.importing.notes import NoteState, RowNote
from toolkit.app.bulk.importing.people import MATCH_KEYS, MatchKey
from toolkit.app.bulk.importing.rows import ReadRow, Rows
from toolkit.app.bulk.judging import TAGS, shown_value
from toolkit.app.bulk.recipe import (
    MOST_ITEMS,
    CellChange,
    CellsStep,
    CreateStep,
    Step,
    TagsStep,
)
from toolkit.errors import UseError
from toolkit.planner.fields import is_blank, is_same

if TYPE_CHECKING:
    from toolkit.app.bulk.importing.columns import ColumnGuess
    from toolkit.app.bulk.importing.people import People
    from toolkit.app.bulk.importing.sheet import Sheet
    from toolkit.app.grid.shelf import StoredContact
    from toolkit.model.ids import LinkId
    from toolkit.model.values import Value

Progress = Callable[[str, int, int], None]
MOST_NOTES: Final = 10_000
_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """How a file is taken.

    Attributes:
        match: Keys that count, the first one most.
        creates: Rows that mean nobody make a new contact.
        clears_blanks: A blank cell clears the field; else it leaves it alone.
    """

    match: tuple[MatchKey, ...] = MATCH_KEYS
    creates: bool = False
    clears_blanks: bool = False


@dataclass(slots=True)
class ImportDraft:
    """What a file would change.

    Attributes:
        counts: `rows`, `changed` and `unchanged` contacts, `cells`, `new` contacts,
            `refused`, `ambiguous`, `nobody`, `flagged`.
        notes: At most ten thousand; `counts` has them all.
    """

    sheet: Sheet
    columns: tuple[ColumnGuess, ...]
    counts: Counter[str] = field(default_factory=Counter)
    notes: list[RowNote] = field(default_factory=list)
    cells: list[CellChange] = field(default_factory=list)
    tagged: dict[tuple[str, ...], list[str]] = field(default_factory=dict)
    born: list[dict[str, Value]] = field(default_factory=list)

    def note(self, line: int, state: NoteState, reason: str, heading: str = "") -> None:
        """Say something of a row."""
        self.counts[state.value] += 1
        if len(self.notes) < MOST_NOTES:
            self.notes.append(RowNote(line, state, reason, heading))

    @property
    def items(self) -> int:
        """How many changes it comes to."""
        return self.counts["cells"] + self.counts["new"]

    def steps(self) -> list[Step]:
        """The changes as steps of a recipe.

        Raises:
            UseError: They are more than a batch holds.
        """
        if self.items > MOST_ITEMS:
            raise UseError(
                f"The file comes to {self.items:,} changes; a batch holds {MOST_ITEMS:,}",
                unchanged="Nothing was staged",
                remedy="Import it in parts",
            )
        found: list[Step] = []
        if self.born:
            found.append(CreateStep(contacts=tuple(self.born)))
        if self.cells:
            found.append(CellsStep(cells=tuple(self.cells)))
        found += [TagsStep(contacts=tuple(who), add=add) for add, who in self.tagged.items()]
        return found


def draft_import(  # noqa: PLR0913 — one argument per thing it depends on
    draft: ImportDraft,
    rows: Rows,
    people: People,
    *,
    options: ImportOptions,
    read_contacts: Callable[[set[LinkId]], Mapping[str, StoredContact]],
    progress: Progress | None = None,
) -> ImportDraft:
    """Work a file out, some hundred rows at a time.

    Args:
        draft: Empty; filled and given back.
        rows: Reads cells.
        people: Every contact, by key.
        options: How the file is taken.
        read_contacts: Contacts as they are stored now.
        progress: Told (what, done, total); the total is not known.

    Raises:
        UseError: A line of the file cannot be read.
    """
    worker = _Worker(draft, people, options)
    source = rows.read(draft.note)
    while chunk := list(islice(source, _AT_ONCE)):
        meant = [worker.find(row) for row in chunk]
        stored = read_contacts({each for each in meant if each is not None})
        for row, contact in zip(chunk, meant, strict=True):
            if contact is not None:
                worker.change(row, contact, stored.get(contact))
        draft.counts["rows"] += len(chunk)
        if progress is not None:
            progress("read rows", chunk[-1].line, 0)
    draft.notes.sort(key=lambda each: each.line)
    return draft


class _Worker:
    def __init__(self, draft: ImportDraft, people: People, options: ImportOptions) -> None:
        self._draft = draft
        self._people = people
        self._options = options
        self._met: dict[str, int] = {}

    def find(self, row: ReadRow) -> LinkId | None:
        """The contact a row means; a row that means nobody is dealt with here."""
        if row.is_refused:
            return None
        found, reason = self._people.find(row.ids, row.values, self._options.match)
        if not found:
            self._unknown(row, reason)
        elif reason:
            self._draft.note(row.line, NoteState.AMBIGUOUS, reason)
        else:
            (contact,) = found
            if self._is_first(row, contact):
                return contact
        return None

    def change(self, row: ReadRow, who: LinkId, contact: StoredContact | None) -> None:
        """Note what a row changes of a contact."""
        draft, before = self._draft, self._draft.counts["cells"]
        if contact is None:
            draft.note(row.line, NoteState.REFUSED, "the contact is gone")
            return
        for name, value in row.values.items():
            old = shown_value(contact, name)
            if name == TAGS:
                self._tag(who, old, value)
            elif not is_same(old, value):
                draft.counts["cells"] += 1
                if draft.items <= MOST_ITEMS:
                    draft.cells.append(CellChange(contact=who, field=name, old=old, new=value))
        changed = draft.counts["cells"] > before
        draft.counts["changed" if changed else "unchanged"] += 1

    def _tag(self, who: LinkId, old: Value, value: Value) -> None:
        """A list of tags adds to those that are there: a file rarely knows them all."""
        held = set(old) if isinstance(old, tuple) else set()
        wanted = set(value) if isinstance(value, tuple) else set()
        if add := tuple(sorted(wanted - held)):
            self._draft.counts["cells"] += 1
            if self._draft.items <= MOST_ITEMS:
                self._draft.tagged.setdefault(add, []).append(who)

    def _unknown(self, row: ReadRow, reason: str) -> None:
        draft = self._draft
        if reason or not self._options.creates:
            said = reason or "no contact has this e-mail, phone or id"
            draft.note(row.line, NoteState.UNKNOWN, said)
            return
        if row.problems:
            draft.note(row.line, NoteState.REFUSED, "a new contact needs all its cells right")
            return
        given = {name: value for name, value in row.values.items() if not is_blank(value)}
        keys = [f"{n}:{given[n]}".lower() for n in ("email", "phone") if n in given]
        if not keys and "name" not in given:
            draft.note(row.line, NoteState.REFUSED, "it has neither name nor e-mail nor phone")
        elif all(self._is_first(row, key) for key in keys):
            draft.counts["new"] += 1
            if draft.items <= MOST_ITEMS:
                draft.born.append(given)

    def _is_first(self, row: ReadRow, key: str) -> bool:
        first = self._met.setdefault(key, row.line)
        if first == row.line:
            return True
        reason = f"the same contact stands in line {first:,}"
        self._draft.note(row.line, NoteState.REFUSED, reason)
        return False


def columns_chosen(
    guesses: Sequence[ColumnGuess], chosen: Mapping[str, str | None]
) -> Iterator[tuple[int, str, str]]:
    """Place, heading and field of each column that is imported.

    Args:
        guesses: Of all headings.
        chosen: Heading -> field, or None to leave it out; goes before the guess.
    """
    for place, guess in enumerate(guesses):
        name = chosen.get(guess.heading, guess.field)
        if name is not None:
            yield place, guess.heading, name

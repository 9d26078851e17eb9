"""Which heading of a file is which field: by name first, then by what stands below it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from toolkit.app.grid.columns import SYNC, GridColumn
from toolkit.mapping.suggest import suggest_pairs

HIGHLEVEL_ID: Final = "$highlevel_id"
TIMETONIC_ID: Final = "$timetonic_id"
"""Headings that name the contact by its id on a side; the mark keeps them apart from fields."""
IDS: Final = frozenset({HIGHLEVEL_ID, TIMETONIC_ID})

_SAMPLED: Final = 50
_ENOUGH: Final = 0.8
_FUZZY_AT_MOST: Final = 60
_EMAIL: Final = re.compile(r"^[^@\s]+@[^@\s]+\.[^@\s]+$")
_PHONE: Final = re.compile(r"^\+?[\d\s().\-/]{7,20}$")
# As address books and exports of other systems head them, English and French.
_CALLED: Final[Mapping[str, tuple[str, ...]]] = {
    "name": ("full name", "contact name", "contact", "customer", "nom complet", "nom"),
    "email": ("mail", "e mail", "email address", "e mail address", "courriel", "adresse mail"),
    "phone": ("phone number", "mobile", "mobile phone", "tel", "telephone", "cell", "portable"),
    "company": ("company name", "organization", "organisation", "account", "societe"),
    "owner_id": ("owner", "assigned to", "contact owner", "assigned user", "responsable"),
    "tags": ("tag", "labels", "label", "etiquettes"),
    "source": ("lead source", "origin", "origine"),
    HIGHLEVEL_ID: ("highlevel id", "contact id", "ghl id", "ghl contact id", "id"),
    TIMETONIC_ID: ("timetonic id", "row id", "timetonic row id"),
}


@dataclass(frozen=True, slots=True)
class ColumnGuess:
    """What a heading probably is.

    Attributes:
        field: Neutral name, or one of `IDS`; None where nothing fits.
        score: 0 to 1.
        reason: Why, in a clause.
    """

    heading: str
    field: str | None = None
    score: float = 0.0
    reason: str = ""


def guess_columns(
    headings: Sequence[str],
    columns: Sequence[GridColumn],
    samples: Sequence[Sequence[str]] = (),
) -> tuple[ColumnGuess, ...]:
    """One guess for each heading, in their order; a field is given to one heading at most.

    Args:
        headings: Of the file.
        columns: Of the grid; those nobody types into are never proposed.
        samples: Some rows of the file, as wide as the headings.
    """
    found: dict[str, ColumnGuess] = {}
    names = _names_of(columns)
    for guesses in (
        _by_name(headings, names),
        _by_values(headings, names, samples),
        _by_likeness(headings, names, found),
    ):
        taken = {each.field for each in found.values()}
        for guess in guesses:
            if guess.heading not in found and guess.field not in taken:
                found[guess.heading] = guess
                taken.add(guess.field)
    return tuple(found.get(each, ColumnGuess(each)) for each in headings)


def _names_of(columns: Sequence[GridColumn]) -> dict[str, tuple[str, ...]]:
    """Field -> everything it is called, folded."""
    names = {
        each.field: (
            _plain(each.field),
            _plain(each.title),
            *map(_plain, _CALLED.get(each.field, ())),
        )
        for each in columns
        if each.is_editable and each.field != SYNC
    }
    return names | {each: _CALLED[each] for each in sorted(IDS)}


def _by_name(
    headings: Sequence[str], names: Mapping[str, tuple[str, ...]]
) -> Iterator[ColumnGuess]:
    called = {name: field for field, every in names.items() for name in reversed(every)}
    # A field's own name goes before a word that several systems use for it.
    called |= {every[0]: field for field, every in names.items()}
    for heading in headings:
        field = called.get(_plain(heading))
        if field is not None:
            yield ColumnGuess(heading, field, 1.0, "the same name")


def _by_values(
    headings: Sequence[str],
    names: Mapping[str, tuple[str, ...]],
    samples: Sequence[Sequence[str]],
) -> Iterator[ColumnGuess]:
    for field, pattern in (("email", _EMAIL), ("phone", _PHONE)):
        if field not in names:
            continue
        for place, heading in enumerate(headings):
            values = [row[place] for row in samples[:_SAMPLED] if row[place]]
            share = _share(values, pattern)
            # A long number that is no phone's would match as well: its heading must not deny it.
            if share >= _ENOUGH and (field == "email" or "+" in "".join(values)):
                yield ColumnGuess(heading, field, share, f"its values look like an {field}")


def _by_likeness(
    headings: Sequence[str],
    names: Mapping[str, tuple[str, ...]],
    found: Mapping[str, ColumnGuess],
) -> Iterator[ColumnGuess]:
    taken = {each.field for each in found.values()}
    # Each is compared with each: of a file of hundreds of columns the first ones will do.
    left = [each for each in headings if each not in found][:_FUZZY_AT_MOST]
    labels = {
        name: field
        for field, every in names.items()
        if field not in taken and field not in IDS
        for name in every[:2]
    }
    pairs = suggest_pairs(dict.fromkeys(labels, "text"), dict.fromkeys(left, "text"))
    for pair in pairs:
        yield ColumnGuess(
            pair.timetonic, labels[pair.highlevel], pair.score, f"it is like {pair.highlevel}"
        )


def _share(values: Iterable[str], pattern: re.Pattern[str]) -> float:
    known = list(values)
    return sum(bool(pattern.match(each)) for each in known) / len(known) if known else 0.0


def _plain(name: str) -> str:
    """`E-Mail address` and `e_mail  Address` are one."""
    bare = "".join(
        c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c)
    )
    return " ".join(re.sub(r"[^0-9a-z$]+", " ", bare.lower()).split())

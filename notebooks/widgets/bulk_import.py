"""A file of people on its way into the tray: received in pieces, matched, checked, staged."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final, TypeVar

from notebooks.widgets.bulk_work import Extra, several
from notebooks.widgets.talk import Answer, Answerer, Message
from toolkit.app.bulk.importing import ImportOptions, open_sheet
from toolkit.app.bulk.importing.columns import HIGHLEVEL_ID, TIMETONIC_ID
from toolkit.app.bulk.importing.people import MATCH_KEYS
from toolkit.errors import UseError

if TYPE_CHECKING:
    from notebooks.widgets.bulk_work import BulkWork
    from toolkit.app.bulk import BatchBook
    from toolkit.app.bulk.importing import ImportDraft, Sheet
    from toolkit.app.observe import Progress

T = TypeVar("T")
MOST_BYTES: Final = 100_000_000
_SAMPLES: Final = 3
_NOTES: Final = 300
_IDS: Final = (
    {"field": HIGHLEVEL_ID, "title": "HighLevel id"},
    {"field": TIMETONIC_ID, "title": "TimeTonic row id"},
)


class BulkImport:
    """One file at a time; it lies in a folder of its own until it is staged or replaced.

    Args:
        work: The bench.
        progress: Told (what, done, total); the total is not known.
    """

    kinds = frozenset(
        {
            "file_begin",
            "file_part",
            "file_open",
            "import_check",
            "import_stage",
            "import_forget",
        }
    )

    def __init__(self, work: BulkWork, progress: Progress) -> None:
        self._work = work
        self._progress = progress
        self._folder: TemporaryDirectory[str] | None = None
        self._path: Path | None = None
        self._sheet: Sheet | None = None
        self._draft: ImportDraft | None = None

    def answers(self) -> Mapping[str, Answerer]:
        """What the form's page asks about files."""
        return {
            "file_begin": self._begin,
            "file_part": self._part,
            "file_open": self._open,
            "import_check": self._check,
            "import_stage": self._stage,
            "import_forget": self._forget,
        }

    def close(self) -> None:
        """The file goes; twice is once."""
        self._path = self._sheet = self._draft = None
        if self._folder is not None:
            self._folder.cleanup()
        self._folder = None

    def _begin(self, message: Message) -> Answer:
        self.close()
        if int(message["size"]) > MOST_BYTES:
            raise UseError(
                f"The file is larger than {MOST_BYTES // 1_000_000} MB",
                unchanged="Nothing was read",
                remedy="Use `hightonic bulk FILE`, or import it in parts",
            )
        self._folder = TemporaryDirectory(prefix="hightonic-")
        # The name is a browser's word: its last part alone, below a folder of ours.
        name = Path(str(message["name"]).replace("\\", "/")).name or "file.csv"
        self._path = Path(self._folder.name, name[-120:])
        self._path.touch(mode=0o600)
        return Answer({"kind": "receiving"})

    def _part(self, message: Message) -> Answer:
        try:
            part = base64.b64decode(str(message["part"]), validate=True)
        except binascii.Error as error:
            raise UseError("A part of the file did not arrive whole") from error
        path = self._received()
        with path.open("ab") as file:
            if file.tell() + len(part) > MOST_BYTES:
                raise UseError("The file is larger than was said", unchanged="Nothing was read")
            file.write(part)
        return Answer({"kind": "received", "size": path.stat().st_size})

    def _open(self, message: Message) -> Answer:
        encoding, delimiter = (message.get(name) or None for name in ("encoding", "delimiter"))
        self._draft = None
        self._sheet = sheet = open_sheet(
            self._received(), encoding=encoding, delimiter=delimiter
        )
        rows = [row.cells for row in islice(sheet.read(), _SAMPLES)]
        guesses = self._ask(lambda book: book.importer.guess(sheet))
        columns = self._ask(lambda book: book.importer.columns())
        return Answer(
            {
                "kind": "sheet",
                "name": sheet.name,
                "told": list(sheet.told),
                "repeated": list(sheet.repeated),
                "headings": [
                    {
                        "heading": guess.heading,
                        "field": guess.field,
                        "reason": guess.reason,
                        "samples": [row[place] for row in rows if row[place]],
                    }
                    for place, guess in enumerate(guesses)
                ],
                "fields": [*_IDS, *({"field": e.field, "title": e.title} for e in columns)],
            }
        )

    def _check(self, message: Message) -> Answer:
        sheet = self._opened()
        chosen = {str(name): field or None for name, field in message["columns"].items()}
        wanted = message.get("match") or MATCH_KEYS
        options = ImportOptions(
            match=tuple(key for key in MATCH_KEYS if key in wanted),
            creates=message.get("creates") is True,
            clears_blanks=message.get("clears_blanks") is True,
        )
        self._draft = draft = self._ask(
            lambda book: book.importer.draft(
                sheet, columns=chosen, options=options, progress=self._progress
            )
        )
        return Answer(
            {
                "kind": "checked",
                "counts": dict(draft.counts),
                "items": draft.items,
                "notes": [
                    {
                        "line": each.line,
                        "state": each.state.value,
                        "reason": each.reason,
                        "heading": each.heading,
                    }
                    for each in draft.notes[:_NOTES]
                ],
                "notes_total": sum(draft.counts[each] for each in _TOLD),
            }
        )

    def _stage(self, _: Message) -> Answer:
        draft = self._draft
        if draft is None or not draft.items:
            raise UseError("There is nothing to stage", unchanged="Nothing was staged")
        extra = Extra(_title(draft), tuple(draft.steps()), draft.items, _notes(draft))
        self.close()
        self._work.add(extra)
        told = f"{extra.count:,} changes staged. Nothing is sent before you press Apply."
        return Answer({"kind": "staged", "count": extra.count, "sentence": told})

    def _forget(self, _: Message) -> Answer:
        self.close()
        return Answer({"kind": "forgotten"})

    def _received(self) -> Path:
        if self._path is None:
            raise UseError("The file is gone", unchanged="Nothing was read", remedy=_AGAIN)
        return self._path

    def _opened(self) -> Sheet:
        if self._sheet is None:
            raise UseError("The file is gone", unchanged="Nothing was read", remedy=_AGAIN)
        return self._sheet

    def _ask(self, question: Callable[[BatchBook], T]) -> T:
        return self._work.session.start(self._work.desk.build(question)).result()


_AGAIN: Final = "Choose it again"
_TOLD: Final = ("refused", "ambiguous", "nobody", "flagged")
_WORDS: Final = {
    "refused": "refused",
    "ambiguous": "that mean several contacts",
    "nobody": "that mean nobody",
    "flagged": "to look at",
}


def _title(draft: ImportDraft) -> str:
    counts = draft.counts
    parts = []
    if counts["cells"]:
        cells, contacts = (
            several(counts["cells"], "cell"),
            several(counts["changed"], "contact"),
        )
        parts.append(f"{cells} of {contacts}")
    if counts["new"]:
        parts.append(several(counts["new"], "new contact"))
    return f"Import of {draft.sheet.name}: {', '.join(parts)}"


def _notes(draft: ImportDraft) -> tuple[str, ...]:
    left = [f"{draft.counts[each]:,} {_WORDS[each]}" for each in _TOLD if draft.counts[each]]
    return (f"Of {draft.counts['rows']:,} rows: {', '.join(left)}",) if left else ()

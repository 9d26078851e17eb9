"""The README's table of the catalogue: `python -m toolkit.app.catalog.table README.md` renews it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from toolkit.app.catalog import Entry, list_entries
from toolkit.errors import UseError

BEGIN: Final = "<!-- catalogue: made by `python -m toolkit.app.catalog.table README.md` -->"
END: Final = "<!-- end of the catalogue -->"


def table_lines() -> list[str]:
    """One row a noun; what writes is bold."""
    groups: dict[str, list[str]] = {}
    for entry in list_entries().values():
        prefix, _, _ = entry.id.rpartition(".")
        groups.setdefault(prefix, []).append(_name(entry, prefix))
    rows = [f"| `{prefix}.` | {', '.join(names)} |" for prefix, names in groups.items()]
    return ["| Entries | Names after the dot; **bold** ones write |", "|---|---|", *rows]


def renew_table(text: str) -> str:
    """A page with its table as the catalogue is now; a second call changes nothing.

    Raises:
        UseError: The page has no place for it.
    """
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise UseError(
            "The page has no place for the catalogue",
            unchanged="Nothing was changed",
            remedy=f"Put these two lines where it belongs: {BEGIN} and {END}",
        )
    return "\n".join([before + BEGIN, *table_lines(), END]) + after


def _name(entry: Entry, prefix: str) -> str:
    name = entry.id.removeprefix(f"{prefix}.")
    return f"**{name}**" if entry.is_write and entry.role == "action" else name


def main(page: Path) -> None:
    """Renew the table in a file."""
    page.write_text(renew_table(page.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))

"""Puts the notebooks into a home: what a person changed is kept, a newer one lies beside it."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any, Final

from toolkit.errors import StateError

SHIPPED: Final = Path(__file__).parent
_RECORD: Final = "shipped.json"


def list_shipped(folder: Path = SHIPPED) -> list[Path]:
    """The notebooks that come with hightonic, in their order."""
    return sorted(folder.glob("[0-9][0-9]_*.ipynb"))


def place_notebooks(folder: Path, *, memory: Path, shipped: Path = SHIPPED) -> list[str]:
    """Copy the notebooks that are missing, renew those nobody changed; twice is once.

    Running a notebook is no change, only other cells are.

    Args:
        folder: Where people open them.
        memory: Where it is remembered what was placed.
        shipped: Where they come from.

    Returns:
        A sentence for each that was changed by hand and has a newer version beside it.

    Raises:
        StateError: The folder cannot be written.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        memory.mkdir(mode=0o700, parents=True, exist_ok=True)
        placed = _read_record(memory / _RECORD)
        told = [_place(each, folder, placed) for each in list_shipped(shipped)]
        (memory / _RECORD).write_text(json.dumps(placed), encoding="utf-8")
    except OSError as error:
        raise StateError(
            f"The notebooks cannot be placed in {folder} ({error.strerror})",
            remedy="Give yourself the right to write there",
        ) from error
    return [sentence for sentence in told if sentence]


def _place(source: Path, folder: Path, placed: dict[str, str]) -> str:
    target = folder / source.name
    new, before = _digest(source), placed.get(source.name)
    placed[source.name] = new
    if not target.exists() or _digest(target) == before:
        if new != before or not target.exists():
            shutil.copyfile(source, target)
        return ""
    if new in {before, _digest(target)}:
        return ""
    beside = folder / f"{source.stem} (new){source.suffix}"
    shutil.copyfile(source, beside)
    return f"You changed {source.name}: it was kept. The newer one is {beside.name}."


def _digest(notebook: Path) -> str:
    """Of what its cells say; empty for a file that is no notebook (any more)."""
    try:
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        said = [[each["cell_type"], _joined(each["source"])] for each in cells]
    except (ValueError, KeyError, TypeError):
        return ""
    return hashlib.blake2b(json.dumps(said).encode(), digest_size=16).hexdigest()


def _joined(source: Any) -> str:  # noqa: ANN401 — a string, or a list of lines
    return "".join(source)


def _read_record(path: Path) -> dict[str, str]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return dict(found) if isinstance(found, dict) else {}

"""`hightonic.yaml` as text: read with line marks, written whole or not at all."""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
from dataclasses import dataclass, replace
from datetime import date
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from toolkit.errors import ConfigError, StateError

if TYPE_CHECKING:
    from ruamel.yaml import YAML
    from ruamel.yaml.comments import CommentedMap
    from ruamel.yaml.error import MarkedYAMLError

Key: TypeAlias = str | int
_DAY = re.compile(r"\b\d{4}-\d\d-\d\d\b")
PRIVATE_MODE = 0o600


def read_text(path: Path) -> str:
    """The file's text.

    Raises:
        ConfigError: Not there, not readable, not a file, or not UTF-8.
    """
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError as error:
        raise ConfigError(
            "there is no such file", file=str(path), remedy="Make one with `hightonic init`"
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigError(
            "this is not a text file", file=str(path), remedy="Save it as UTF-8"
        ) from error
    except OSError as error:
        raise ConfigError(
            f"the file cannot be read ({error.strerror})",
            file=str(path),
            remedy="Mend its rights, or name another file with --config",
        ) from error


def parse(text: str, *, file: str) -> CommentedMap:
    """The document with line marks and comments.

    Raises:
        ConfigError: Empty, not YAML, cut short, a key twice, or not a map of settings.
    """
    from ruamel.yaml.comments import CommentedMap
    from ruamel.yaml.constructor import DuplicateKeyError
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    if not text.strip():
        raise ConfigError(
            "the file is empty", file=file, remedy="Make one with `hightonic init`"
        )
    try:
        document = yaml().load(text)
    except DuplicateKeyError as error:
        raise ConfigError(
            "a setting stands here twice",
            file=file,
            line=_line_of(error),
            remedy="Keep one of them",
        ) from error
    except MarkedYAMLError as error:
        raise _not_yaml(error, text, file) from error
    except RecursionError as error:
        raise ConfigError(
            "the settings are nested too deeply", file=file, remedy="Look for stray brackets"
        ) from error
    except ValueError as error:
        # A date that no calendar has; the reader does not say where it stands.
        raise ConfigError(
            "a date or number here cannot be",
            file=file,
            line=_line_of_wrong_day(text),
            remedy="Write a day that there is, or put the text in quotes",
        ) from error
    except YAMLError as error:
        raise ConfigError(
            "this is not YAML", file=file, remedy="Remove control characters"
        ) from error
    if not isinstance(document, CommentedMap):
        raise ConfigError(
            "the file holds no settings", file=file, line=1, remedy="Begin with `version: 1`"
        )
    return document


@dataclass(frozen=True, slots=True)
class Place:
    """A spot in a file, for saying what is wrong there."""

    file: str
    document: object
    path: tuple[Key, ...] = ()

    def at(self, *keys: Key) -> Place:
        """A spot further inside."""
        return replace(self, path=(*self.path, *keys))

    @property
    def line(self) -> int | None:
        """1-based line of the deepest part of the path that the document has."""
        line: int | None = None
        here: Any = self.document
        for key in self.path:
            marks = getattr(getattr(here, "lc", None), "data", None) or {}
            if key not in marks:
                break
            line = marks[key][0] + 1
            here = here[key]
        return line

    def error(self, happened: str, remedy: str = "") -> ConfigError:
        """What is wrong here, ready to raise."""
        return ConfigError(happened, file=self.file, line=self.line, remedy=remedy)


def plain(node: object) -> object:
    """The same values without marks, as builtin types."""
    if isinstance(node, dict):
        return {str(key): plain(value) for key, value in node.items()}
    if isinstance(node, list):
        return [plain(item) for item in node]
    if isinstance(node, bool) or node is None:
        return node
    # The reader's own numbers remember how they were written; builtin ones do not.
    if isinstance(node, int):
        return int(node)
    return float(node) if isinstance(node, float) else str(node)


def yaml() -> YAML:
    """The one way this project reads and writes YAML: comments and quotes stay."""
    from ruamel.yaml import YAML

    reader = YAML(typ="rt")
    reader.preserve_quotes = True
    reader.width = 4096
    return reader


def dump(document: CommentedMap) -> str:
    """The document as text, comments kept."""
    stream = StringIO()
    yaml().dump(document, stream)
    return stream.getvalue()


def write_text(path: Path, text: str) -> None:
    """Replace the file in one step; readable by its owner only.

    A reader, or a crash, sees the old file or the new one, never half of either. A
    symbolic link stays one: the file it names is replaced.

    Raises:
        StateError: The disk is full, or the folder takes no files.
    """
    target = path.resolve()
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
        scratch = Path(name)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as stream:
                stream.write(text)
                stream.flush()
                os.fsync(stream.fileno())
            scratch.chmod(PRIVATE_MODE)
            scratch.replace(target)
        except BaseException:
            with contextlib.suppress(OSError):
                scratch.unlink()
            raise
    except OSError as error:
        raise StateError(
            f"{path} cannot be written ({error.strerror})",
            unchanged="The file is as it was",
            remedy="Make room, or mend the folder's rights",
        ) from error


def _line_of(error: MarkedYAMLError) -> int | None:
    mark = error.problem_mark or error.context_mark
    return None if mark is None else int(mark.line) + 1


def _line_of_wrong_day(text: str) -> int | None:
    for number, line in enumerate(text.splitlines(), start=1):
        for found in _DAY.findall(line):
            try:
                date.fromisoformat(found)
            except ValueError:
                return number
    return None


def _not_yaml(error: MarkedYAMLError, text: str, file: str) -> ConfigError:
    line = _line_of(error)
    lines = text.splitlines()
    shown = lines[line - 1] if line and line <= len(lines) else ""
    if "\t" in shown[: len(shown) - len(shown.lstrip())]:
        return ConfigError(
            "a tab stands where YAML wants blanks",
            file=file,
            line=line,
            remedy="Indent with two blanks",
        )
    if line is None or line >= len(lines):
        return ConfigError(
            "the file ends in the middle of something",
            file=file,
            line=min(line or len(lines), len(lines)),
            remedy="It may be half-written: mend its end, or restore a copy",
        )
    return ConfigError(
        "this is not YAML",
        file=file,
        line=line,
        remedy="Look for a missing colon, quote or bracket here or just above",
    )

"""`hightonic.yaml` as editors see it: opened, changed in memory, saved only where nobody was faster.

What was saved over is kept in the home, so that there is a way back.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from toolkit.app.config import read_config
from toolkit.app.config_source import dump, parse, read_text, write_text
from toolkit.app.live import may_write
from toolkit.errors import PlanChangedError, StateError, UseError
from toolkit.model.values import digest

if TYPE_CHECKING:
    from ruamel.yaml.comments import CommentedMap

    from toolkit.app.config import ConnectionConfig
    from toolkit.app.home import Home
    from toolkit.app.wiring import Parts

BACKUPS: Final = "settings-before"
_KEPT: Final = 20
_STAMP: Final = "%Y-%m-%dT%H-%M-%S-%fZ"

Edit = Callable[["CommentedMap"], None]


@dataclass(frozen=True, slots=True)
class SettingsFile:
    """The settings of one connection as they stood when they were opened.

    Attributes:
        path: Of the file.
        connection: Whose block is edited.
        text: The whole file.
    """

    path: Path
    connection: str
    text: str

    @property
    def stamp(self) -> str:
        """Changes with the text."""
        return digest(self.text)

    def config(self, text: str | None = None) -> ConnectionConfig:
        """The connection, as this text or the opened one has it.

        Raises:
            ConfigError: It cannot be.
        """
        read = read_config(self.text if text is None else text, self.path)
        return read.get_connection(self.connection)

    def document(self) -> CommentedMap:
        """A copy of the document that may be changed."""
        return parse(self.text, file=str(self.path))

    def edited(self, edit: Edit) -> str:
        """The text after an edit, not yet checked; the same text where nothing changed."""
        document = self.document()
        untouched = dump(document)
        edit(document)
        new = dump(document)
        # Reading and writing alone may set blanks anew: that is no change to save.
        return self.text if new == untouched else new


def open_settings(path: Path, connection: str) -> SettingsFile:
    """The file as it stands now.

    Raises:
        ConfigError: It cannot be read.
    """
    return SettingsFile(path, connection, read_text(path))


def save_settings(opened: SettingsFile, new: str, *, home: Home, at: datetime) -> SettingsFile:
    """Put a new text in place of the opened one, which is kept; saving the same is nothing.

    Args:
        opened: What was edited.
        new: Its text after that.
        home: Keeps what was there before.
        at: Now.

    Raises:
        ConfigError: The new text cannot be used; nothing was written.
        PlanChangedError: Somebody saved the file meanwhile; nothing was written.
        StateError: The disk is full; the file is as it was.
    """
    opened.config(new)
    check_unchanged(opened)
    if new == opened.text:
        return opened
    keep_backup(home.path, opened.text, at=at)
    write_text(opened.path, new)
    return SettingsFile(opened.path, opened.connection, new)


def consequence_of(parts: Parts, before: ConnectionConfig, after: ConnectionConfig) -> str:
    """What saving does to a connection that writes; empty where it goes on writing, or never did.

    What a person rehearsed was the settings before: others write nothing until they were.
    """
    now, then = (may_write(replace(parts, config=each)) for each in (before, after))
    if not now.is_granted or then.is_granted:
        return ""
    steps = dict.fromkeys((then.command, "hightonic live on"))
    return f"Once this is saved, the connection only plans, until you run {' and '.join(steps)}"


def check_unchanged(opened: SettingsFile) -> None:
    """Raises `PlanChangedError` where the file is not what was opened any more."""
    if read_text(opened.path) != opened.text:
        raise PlanChangedError(
            f"{opened.path.name} was changed by somebody else meanwhile",
            unchanged="Nothing was saved, and your draft is kept",
            remedy="Load the file again, then look at your changes",
        )


def keep_backup(home: Path, text: str, *, at: datetime) -> Path:
    """Keep a text of the settings; the oldest beyond twenty go.

    Raises:
        StateError: The disk is full, or the folder takes no files.
    """
    folder = home / BACKUPS
    path = folder / f"{at.strftime(_STAMP)}.yaml"
    write_text(path, text)
    for old in list_backups(home)[_KEPT:]:
        try:
            old.unlink()
        except OSError as error:
            raise StateError(
                f"{old} cannot be removed ({error.strerror})", remedy="Mend the folder's rights"
            ) from error
    return path


def list_backups(home: Path) -> list[Path]:
    """What was saved over, newest first."""
    return sorted((home / BACKUPS).glob("*.yaml"), reverse=True)


def take_back(opened: SettingsFile, *, home: Home, at: datetime) -> SettingsFile:
    """The text before the last save again; a second call takes that back.

    Raises:
        ConfigError: The kept text cannot be used any more.
        PlanChangedError: The file was changed since it was opened.
        UseError: Nothing was saved over yet.
    """
    kept = list_backups(home.path)
    if not kept:
        raise UseError("Nothing was saved over yet", unchanged="Nothing was changed")
    return save_settings(opened, read_text(kept[0]), home=home, at=at)

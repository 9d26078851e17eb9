"""The folder that holds everything this machine knows."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from toolkit.errors import StateError


def default_home() -> Path:
    """`HIGHTONIC_HOME`, else the platform's folder for user data."""
    if chosen := os.environ.get("HIGHTONIC_HOME"):
        return Path(chosen).expanduser()
    from platformdirs import user_data_path

    return user_data_path("hightonic", appauthor=False)


@dataclass(frozen=True, slots=True)
class Home:
    """Paths inside the home folder.

    Args:
        path: The folder.
        config: A settings file elsewhere; None for the one in the folder.
    """

    path: Path
    config: Path | None = None

    @property
    def config_path(self) -> Path:
        """Settings and mappings: `hightonic.yaml`."""
        return self.config or self.path / "hightonic.yaml"

    @property
    def database_path(self) -> Path:
        """Links, journal, outbox, conflicts, vault."""
        return self.path / "hightonic.db"

    @property
    def log_path(self) -> Path:
        """Where unexpected failures leave their trace."""
        return self.path / "hightonic.log"

    def create(self) -> Home:
        """Make the folder, readable by its owner only; a second call changes nothing.

        Raises:
            StateError: The folder cannot be made or written.
        """
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise StateError(
                f"The home folder {self.path} cannot be made ({error.strerror})",
                unchanged="Nothing was changed",
                remedy="Set HIGHTONIC_HOME to a folder you may write",
            ) from error
        if not os.access(self.path, os.W_OK):
            raise StateError(
                f"The home folder {self.path} cannot be written",
                unchanged="Nothing was changed",
                remedy="Give yourself the right to write there, or set HIGHTONIC_HOME",
            )
        return self

"""Settings that are saved while a process goes on: it works by them from its next turn on."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from toolkit.app.config import load_config
from toolkit.app.runs import Runner
from toolkit.errors import PlanChangedError

if TYPE_CHECKING:
    from toolkit.app.turns import Desk


class Following:
    """Follows the settings file of one desk.

    A notebook may be open for days, and another one, or an editor, saves a mapping
    meanwhile: to sync under the old one would write by rules that nobody has any more.

    Args:
        desk: Of the connection; its parts are those of the file as it stands now.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._stamp = self._look()

    def renew(self) -> bool:
        """Put the settings in force that the file has now; whether anything changed.

        Addresses of messages are those of when the desk was opened.

        Raises:
            ConfigError: The file cannot be used; nothing was changed.
            PlanChangedError: It names other accounts than those that are open.
        """
        stamp = self._look()
        if stamp == self._stamp:
            return False
        parts = self._desk.parts
        config = load_config(parts.home.config_path).get_connection(parts.config.name)
        old = parts.config
        if (config.highlevel, config.timetonic) != (old.highlevel, old.timetonic):
            raise PlanChangedError(
                "The settings name other accounts than those that are open",
                unchanged="Nothing was written",
                remedy="Begin anew: restart the kernel",
            )
        self._stamp = stamp
        self._desk.parts = replace(parts, config=config)
        self._desk.runner = Runner(self._desk.parts)
        return True

    def _look(self) -> tuple[int, int, int] | None:
        try:
            found = self._desk.parts.home.config_path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino

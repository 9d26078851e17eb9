"""Versions of the tables, applied by the program itself: there is no `alembic.ini`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import inspect, text

from toolkit.errors import StateError
from toolkit.store.transactions import wait_for_turn, write_connection

if TYPE_CHECKING:
    from sqlalchemy import Engine

HEAD: Final = "0005"
"""The newest version; compared before Alembic is loaded, which costs a quarter second."""


def upgrade(engine: Engine) -> None:
    """Bring the tables to `HEAD` in one transaction; a second call does nothing.

    Raises:
        StateError: The tables were made by a newer version of this program.
    """
    if current_version(engine) == HEAD:
        return
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    with write_connection(engine) as connection:
        # Two workers that start at once must not both make the tables.
        wait_for_turn(connection, "migrations")
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            raise StateError(
                "The state was written by a newer version of hightonic",
                unchanged="It was left as it is",
                remedy="Update hightonic: `pip install -U hightonic`",
            ) from error


def current_version(engine: Engine) -> str | None:
    """The version the tables have now; None where there are none."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
        return found

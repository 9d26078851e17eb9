"""The command line: a thin face over the use cases in `toolkit.app`.

Nothing heavy is imported before a command runs, so `hightonic --help` answers at once.
"""

from __future__ import annotations

import sys

STOPPED = 130
"""128 + SIGINT."""


def main() -> None:
    """The `hightonic` command; ends the process with the command's exit code."""
    try:
        from toolkit.cli.shell import app

        app(prog_name="hightonic")
    except KeyboardInterrupt:
        # While the command's own modules load nobody else hears it.
        sys.exit(STOPPED)

"""Ask for secrets without ever taking them from the command line.

Arguments are visible to every process of the machine and kept in shell histories, so a
token comes from standard input, from its `HIGHTONIC_*` variable, or from a hidden prompt.
"""

from __future__ import annotations

import os
import sys

import typer

from toolkit.errors import UseError


def read_secret(what: str, *, variable: str, stdin_option: str, from_stdin: bool) -> str:
    """A token, session key or password.

    Args:
        what: What it is, for the prompt: `HighLevel private integration token`.
        variable: Environment variable that may hold it.
        stdin_option: Option that reads it from standard input, for the advice.
        from_stdin: That option was given; one line is read.

    Raises:
        UseError: Nothing was given and nobody can be asked.
    """
    if from_stdin:
        secret = sys.stdin.readline().strip()
    elif secret := os.environ.get(variable, "").strip():
        return secret
    elif sys.stdin.isatty():
        secret = str(typer.prompt(what, hide_input=True, err=True)).strip()
    if not secret:
        raise UseError(
            f"No {what} was given",
            unchanged="Nothing was changed",
            remedy=f"Set {variable}, or pipe it in with {stdin_option}",
        )
    return secret

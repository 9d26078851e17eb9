"""Calling the user's own functions."""

from __future__ import annotations

from toolkit.errors import HightonicError
from toolkit.rules.problems import RuleProblemError
from toolkit.rules.spec import Frame


def call(
    frame: Frame,
    function: str,
    contact: dict[str, object],
    happening: dict[str, object],
) -> object:
    """What the function gives.

    Raises:
        RuleProblemError: There is no such function, or it fails; the error's own text is
            told only where it is one of ours, since the user's may hold a value.
    """
    known = frame.functions.get(function)
    if known is None:
        raise RuleProblemError(f"the function `{function}` is not there any more")
    try:
        return known(contact, happening)
    except HightonicError as error:
        raise RuleProblemError(error.happened) from error
    except Exception as error:
        # Converters and scripts name file and line in `reason`, never a value.
        reason = getattr(error, "reason", "") or f"{type(error).__name__} in `{function}`"
        raise RuleProblemError(str(reason)) from error

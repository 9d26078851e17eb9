"""The audit as a file that anybody can check: a heading, then a line of JSON each, chained."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from toolkit.errors import UseError
from toolkit.model.chat_audit import AuditLine, find_break
from toolkit.model.ids import Digest

_KIND: Final = "hightonic audit"
_VERSION: Final = 1
_LINE: TypeAdapter[AuditLine] = TypeAdapter(AuditLine)
_LINES: TypeAdapter[list[AuditLine]] = TypeAdapter(list[AuditLine])


@dataclass(frozen=True, slots=True)
class AuditCheck:
    """What came of checking a chain.

    Attributes:
        lines: How many were read.
        head: Hash of the newest, which is worth writing down elsewhere; empty for none.
        broken_at: Number of the first line that was changed or follows a missing one; None
            where all fit.
        is_whole: All lines are there; of a part, each is checked by itself alone.
    """

    lines: int
    head: Digest
    broken_at: int | None
    is_whole: bool = True


def audit_file(
    lines: Iterable[AuditLine], *, team: str, people: Mapping[str, str], is_whole: bool
) -> bytes:
    """Write lines as JSON Lines, oldest first.

    Args:
        lines: Oldest first.
        team: The workspace.
        people: Salted id -> Slack user, of those who were not forgotten.
        is_whole: Nothing was left out.
    """
    rows = [_LINE.dump_python(each, mode="json") for each in lines]
    heading = {
        "kind": _KIND,
        "version": _VERSION,
        "team": team,
        "lines": len(rows),
        "is_whole": is_whole,
        "people": dict(people),
    }
    return b"".join(_row(each) for each in (heading, *rows))


def check_audit_file(content: bytes) -> AuditCheck:
    """Compute every hash anew, and whether each line follows the one before.

    Raises:
        UseError: It is no such file.
    """
    heading, lines = _read(content)
    is_whole = heading.get("is_whole") is True
    head = lines[-1].hash if lines else Digest("")
    if len(lines) != heading.get("lines"):
        missing = lines[-1].seq if lines else 0
        return AuditCheck(len(lines), head, missing, is_whole)
    return AuditCheck(len(lines), head, check_lines(lines, is_whole=is_whole), is_whole)


def check_lines(lines: Iterable[AuditLine], *, is_whole: bool) -> int | None:
    """As `find_break`; of a part each line by itself."""
    if is_whole:
        return find_break(lines)
    return next((each.seq for each in lines if each.hash != each.fingerprint), None)


def _read(content: bytes) -> tuple[dict[str, Any], list[AuditLine]]:
    try:
        heading, *rows = [json.loads(each) for each in content.splitlines() if each.strip()]
        lines = _LINES.validate_python(rows)
    except (ValueError, ValidationError) as error:
        raise _unreadable() from error
    if not isinstance(heading, dict) or heading.get("kind") != _KIND:
        raise _unreadable()
    return heading, lines


def _row(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode() + b"\n"


def _unreadable() -> UseError:
    return UseError(
        "This is no audit that hightonic exported",
        unchanged="Nothing was checked",
        remedy="Name a file of `/hightonic audit export`",
    )

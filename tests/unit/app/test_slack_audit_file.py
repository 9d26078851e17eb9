"""An exported audit shows whether a line was changed, taken out or put in."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from toolkit.app.slack_audit_file import audit_file, check_audit_file
from toolkit.errors import UseError
from toolkit.model.chat_audit import AuditLine
from toolkit.model.ids import Digest

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def chain(count: int) -> list[AuditLine]:
    lines, previous = [], Digest("")
    for number in range(count):
        line = AuditLine(
            "T1",
            AT + timedelta(minutes=number),
            "s_1",
            "slash",
            "sync status",
            "allowed",
            "role",
        )
        lines.append(replace(line.chained(previous), seq=10 + number))
        previous = lines[-1].hash
    return lines


def file_of(lines: list[AuditLine], *, is_whole: bool = True) -> bytes:
    return audit_file(lines, team="T1", people={"s_1": "U1"}, is_whole=is_whole)


def changed(content: bytes, row: int, **values: object) -> bytes:
    rows = content.splitlines()
    rows[row] = json.dumps({**json.loads(rows[row]), **values}).encode()
    return b"\n".join(rows)


def test_untouched_chain_is_good() -> None:
    lines = chain(3)

    found = check_audit_file(file_of(lines))

    assert found.broken_at is None
    assert (found.lines, found.head) == (3, lines[-1].hash)


def test_no_lines_are_no_break() -> None:
    assert check_audit_file(file_of([])).broken_at is None


@pytest.mark.parametrize(
    ("name", "value"),
    [("decision", "denied"), ("subject", "s_2"), ("command", "sync run"), ("took_ms", 9)],
)
def test_changed_line_is_named(name: str, value: object) -> None:
    content = changed(file_of(chain(3)), 2, **{name: value})

    assert check_audit_file(content).broken_at == 11


@pytest.mark.parametrize("row", [1, 2, 3])
def test_line_taken_out_is_missed(row: int) -> None:
    rows = file_of(chain(3)).splitlines()
    del rows[row]

    assert check_audit_file(b"\n".join(rows)).broken_at is not None
    assert (
        check_audit_file(changed(b"\n".join(rows), 0, lines=2)).broken_at is not None
        or row == 3
    )


def test_part_is_checked_line_by_line() -> None:
    first, _, third = chain(3)
    part = file_of([first, third], is_whole=False)

    assert check_audit_file(part).broken_at is None
    assert not check_audit_file(part).is_whole
    assert check_audit_file(changed(part, 2, rule="other")).broken_at == 12


@pytest.mark.parametrize(
    "content", [b"", b"{}\n", b"[]\n", b"not json", b'{"kind": "x"}\n{}\n']
)
def test_other_files_are_refused(content: bytes) -> None:
    with pytest.raises(UseError, match="no audit"):
        check_audit_file(content)

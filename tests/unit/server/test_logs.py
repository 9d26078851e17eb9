"""Log lines: events with fields, and nothing that a stranger should not read."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from toolkit.errors import StateError
from toolkit.server.logs import JsonFormatter, configure_logs

SECRET = "tt-secret-0815"


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    kept = root.handlers[:], root.level
    written = io.StringIO()
    configure_logs(stream=written)
    yield written
    root.handlers, root.level = kept


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_event_is_one_line_with_its_fields(stream: io.StringIO) -> None:
    logging.getLogger("toolkit.app.intake").warning(
        "webhook refused",
        extra={"source": "highlevel", "reason": "too_old", "connection": "", "tries": 3},
    )

    (line,) = lines(stream)
    assert line.pop("at").endswith("+00:00")
    assert line == {
        "level": "warning",
        "logger": "toolkit.app.intake",
        "event": "webhook refused",
        "source": "highlevel",
        "reason": "too_old",
        "tries": 3,
    }


@pytest.mark.parametrize(
    "name", ["token", "client_secret", "Authorization", "code", "email", "webhook_key"]
)
def test_field_with_a_telling_name_is_removed(stream: io.StringIO, name: str) -> None:
    logging.getLogger("toolkit.x").warning("odd", extra={name: SECRET})

    assert lines(stream)[0][name] == "(removed)"
    assert SECRET not in stream.getvalue()


def test_only_plain_values_are_written(stream: io.StringIO) -> None:
    logging.getLogger("toolkit.x").warning("odd", extra={"record": {"name": SECRET}, "at": "x"})

    assert lines(stream)[0]["record"] == "dict"
    assert lines(stream)[0]["at"] != "x"
    assert SECRET not in stream.getvalue()


def test_foreign_line_keeps_its_template_alone(stream: io.StringIO) -> None:
    logging.getLogger("sqlalchemy").warning("parameters %s", SECRET, extra={"row": SECRET})
    logging.getLogger("httpx").info("GET %s", SECRET)

    assert [line["event"] for line in lines(stream)] == ["parameters %s"]
    assert SECRET not in stream.getvalue()


@pytest.mark.parametrize("logger", ["toolkit.x", "uvicorn.error"])
def test_traceback_says_where_and_not_what(stream: io.StringIO, logger: str) -> None:
    try:
        int(SECRET)
    except ValueError:
        logging.getLogger(logger).exception("it broke")

    error = lines(stream)[0]["error"]
    assert error["type"] == "ValueError"
    assert "test_traceback_says_where" in error["where"][-1]
    assert SECRET not in stream.getvalue()


def test_error_of_ours_brings_its_sentence_and_reference(stream: io.StringIO) -> None:
    raised = StateError("The disk is full")
    logging.getLogger("toolkit.x").error("it broke", exc_info=raised)

    error = lines(stream)[0]["error"]
    assert (error["happened"], error["reference"]) == ("The disk is full", raised.reference)


def test_line_breaks_and_odd_letters_stay_inside_a_line() -> None:
    record = logging.makeLogRecord({"name": "toolkit.x", "msg": "a\nb", "note": "\ud800é"})

    line = JsonFormatter().format(record)

    assert "\n" not in line
    assert json.loads(line)["event"] == "a\nb"
    assert line.isascii()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full device")
@pytest.mark.usefixtures("stream")
def test_line_that_cannot_be_written_is_dropped(capsys: pytest.CaptureFixture[str]) -> None:
    with suppress(OSError), Path("/dev/full").open("w", buffering=1) as full:
        configure_logs(stream=full)

        logging.getLogger("toolkit.app").info("operation applied")

    assert capsys.readouterr().err == ""

import errno
import json
import os
import stat

import pytest

from tests.unit.cli.examples import EMPTY_PLAN, FULL_PLAN
from toolkit.cli.plan_file import read_plan, write_plan
from toolkit.errors import StateError, UseError


def test_plan_comes_back_as_it_was_and_is_private(tmp_path):
    path = tmp_path / "plan.json"

    write_plan(FULL_PLAN, path)

    assert read_plan(path) == FULL_PLAN
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_existing_file_becomes_private_too(tmp_path):
    path = tmp_path / "plan.json"
    path.write_text("old")
    path.chmod(0o644)

    write_plan(FULL_PLAN, path)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_full_disk_leaves_the_earlier_plan(tmp_path, monkeypatch):
    path = tmp_path / "plan.json"
    write_plan(EMPTY_PLAN, path)

    def refuse(_descriptor):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(StateError, match="No space left"):
        write_plan(FULL_PLAN, path)

    assert read_plan(path) == EMPTY_PLAN
    assert [each.name for each in tmp_path.iterdir()] == ["plan.json"]


def test_missing_folder_is_said(tmp_path):
    with pytest.raises(UseError, match="There is no folder"):
        write_plan(EMPTY_PLAN, tmp_path / "none" / "plan.json")


def altered(tmp_path):
    path = tmp_path / "plan.json"
    write_plan(FULL_PLAN, path)
    outer = json.loads(path.read_text())
    outer["plan"]["operations"][0]["values"]["name"] = "Eve"
    return json.dumps(outer).encode()


@pytest.mark.parametrize(
    ("content", "happened"),
    [
        (None, "cannot be read"),
        (b"\xff\xfe\x00", "it is not text"),
        (b'{"plan"', "not a plan file"),
        (b"[]", "not a plan file"),
        (altered, "altered after it was made"),
    ],
)
def test_what_is_no_plan_is_refused(content, happened, tmp_path):
    path = tmp_path / "given.json"
    if callable(content):
        content = content(tmp_path)
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(UseError, match=happened):
        read_plan(path)

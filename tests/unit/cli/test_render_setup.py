from dataclasses import dataclass

from tests.unit.cli.examples import shown
from toolkit.cli.render.setup import (
    checks_json,
    next_commands,
    render_checks,
    render_sandbox,
)


@dataclass(frozen=True)
class Check:
    name: str
    ok: bool | None
    detail: str
    remedy: str = ""


CHECKS = [
    Check("Settings", True, "hightonic.yaml is fine", "not needed"),
    Check("HighLevel key", False, "HighLevel refused the key", "Connect again"),
    Check("Fields", None, "not checked: no key"),
]
READY = {
    "highlevel": {"base_url": "http://127.0.0.1:1", "token": "pit-1", "location_id": "L1"},
    "timetonic": {
        "url": "http://127.0.0.1:2/live/api.php",
        "sesskey": "KEY",
        "book_owner": "owner",
        "book_code": "customers",
    },
    "control_url": "http://127.0.0.1:1/__emulator",
}


def test_failed_check_carries_its_remedy_and_a_good_one_does_not():
    text = shown(render_checks(CHECKS))

    assert "ok  Settings       hightonic.yaml is fine" in text
    assert "NO  HighLevel key  HighLevel refused the key" in text
    assert "-> Connect again" in text
    assert "not needed" not in text
    assert "-   Fields" in text


def test_checks_json_keeps_unknown_apart_from_failed():
    assert [check["ok"] for check in checks_json(CHECKS)] == [True, False, None]


def test_sandbox_shows_where_it_listens():
    text = shown(render_sandbox(READY))

    for word in ("http://127.0.0.1:1", "pit-1", "L1", "KEY", "owner / customers", "__emulator"):
        assert word in text


def test_next_commands_stand_one_a_line():
    assert next_commands(["hightonic plan"]).plain == "Next\n  hightonic plan"

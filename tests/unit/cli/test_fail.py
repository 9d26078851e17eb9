import json
import stat
from pathlib import Path

import pytest
import typer

from tests.unit.cli.examples import SECRET
from toolkit.app.home import Home
from toolkit.cli.fail import StoppedError, guarded
from toolkit.errors import (
    ConfigError,
    CredentialsError,
    DecisionNeededError,
    HightonicError,
    StateBusyError,
    UseError,
)


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path)


def end(error, home, *, as_json=False):
    with pytest.raises(typer.Exit) as ended, guarded(home, as_json=as_json):
        raise error
    return ended.value.exit_code


REFUSED = CredentialsError(
    "HighLevel refused the key",
    system="highlevel",
    operation="GET /locations/",
    http_status=401,
    trace_id="t-1",
    vendor_message=SECRET,
    remedy="Connect again with a new token",
)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UseError("Wrong"), 2),
        (ConfigError("Wrong key", file="hightonic.yaml", line=3), 2),
        (StateBusyError("Another process works here"), 1),
        (REFUSED, 1),
        (DecisionNeededError("A brake holds"), 78),
        (StoppedError(2, was_writing=True), 130),
        (StoppedError(15, was_writing=False), 143),
        (KeyboardInterrupt(), 130),
        (ExceptionGroup("many", [ValueError("x"), UseError("Wrong")]), 2),
        (ExceptionGroup("many", [ValueError("x")]), 1),
        (RuntimeError(SECRET), 1),
    ],
)
def test_failure_is_one_sentence_with_the_right_exit_code(error, code, home, capsys):
    assert end(error, home) == code

    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.count("\n") == 1
    assert SECRET not in told.err
    if isinstance(error, HightonicError):
        assert told.err == error.sentence + "\n"


@pytest.mark.parametrize(
    ("was_writing", "words"),
    [(True, "looked up by the next `hightonic sync`"), (False, "Nothing was written")],
)
def test_cut_says_what_is_true_of_writes(was_writing, words, home, capsys):
    end(StoppedError(2, was_writing=was_writing), home)

    assert words in capsys.readouterr().err


def test_json_carries_the_error_on_standard_output(home, capsys):
    assert end(REFUSED, home, as_json=True) == 1

    told = capsys.readouterr()
    assert json.loads(told.out) == {
        "error": {
            "type": "CredentialsError",
            "sentence": REFUSED.sentence,
            "reference": REFUSED.reference,
            "exit_code": 1,
        }
    }
    assert told.err == REFUSED.sentence + "\n"


def test_log_holds_reference_and_place_but_no_value(home, capsys):
    try:
        int(SECRET)
    except ValueError as inner:
        outer = RuntimeError(SECRET)
        outer.__cause__ = inner
    end(outer, home)
    end(REFUSED, home)

    log = home.log_path.read_text()
    reference = capsys.readouterr().err.splitlines()[0].split("(ref ")[1][:8]
    assert f"ref={reference} unexpected" in log
    assert "builtins.RuntimeError" in log
    assert "builtins.ValueError" in log
    assert "test_fail.py" in log
    assert f"ref={REFUSED.reference} CredentialsError system=highlevel" in log
    assert "http_status=401 trace_id='t-1'" in log
    assert SECRET not in log
    assert stat.S_IMODE(home.log_path.stat().st_mode) == 0o600


def test_no_home_is_made_for_a_log(tmp_path, capsys):
    home = Home(tmp_path / "none")

    assert end(RuntimeError("x"), home) == 1

    assert "Try it again" in capsys.readouterr().err
    assert not home.path.exists()


def test_log_that_cannot_be_written_hides_nothing(tmp_path, capsys):
    home = Home(tmp_path)
    home.log_path.mkdir()

    assert end(RuntimeError("x"), home) == 1

    assert "Something unexpected went wrong (RuntimeError)" in capsys.readouterr().err


@pytest.mark.parametrize(
    "error", [typer.Exit(3), typer.Abort(), typer.BadParameter("x"), BrokenPipeError()]
)
def test_what_typer_knows_passes(error, home):
    with pytest.raises(type(error)), guarded(home, as_json=False):
        raise error


def test_success_says_nothing(home, capsys):
    with guarded(home, as_json=True):
        pass

    assert capsys.readouterr() == ("", "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full device")
def test_full_disk_takes_one_sentence_and_no_traceback(tmp_path, capsys):
    home = Home(tmp_path)
    home.log_path.symlink_to("/dev/full")

    with pytest.raises(typer.Exit), guarded(home, as_json=False):
        raise RuntimeError(SECRET)

    said = capsys.readouterr().err
    assert len(said.splitlines()) == 1
    assert "Try it again" in said

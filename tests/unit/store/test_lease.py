import os
import subprocess
import sys

import pytest

from tests.unit.store.conftest import as_nobody
from toolkit.errors import StateBusyError, StateError
from toolkit.store import Lease, Store

HOLDER = """
import sys
from toolkit.store import Lease
lease = Lease(sys.argv[1], purpose="sync")
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path):
    """Another process that holds the home."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"held\n"
    yield process
    process.kill()
    process.communicate()


def test_a_second_process_is_told_who_holds_the_home(holder, tmp_path):
    with pytest.raises(StateBusyError) as caught:
        Lease(tmp_path)

    assert f"pid {holder.pid}, sync" in str(caught.value)
    assert caught.value.exit_code == 1


def test_a_holder_that_is_killed_leaves_the_home_free(holder, tmp_path):
    holder.kill()
    holder.wait()

    with Lease(tmp_path, purpose="apply"):
        assert (tmp_path / "lock").read_text() == f"{os.getpid()}\napply\n"


def test_reading_needs_no_lease(holder, tmp_path):
    with Store.open(tmp_path) as store:
        assert store.connections() == []


def test_a_released_home_is_free_and_releasing_twice_is_once(tmp_path):
    first = Lease(tmp_path)
    with pytest.raises(StateBusyError, match=rf"pid {os.getpid()}\)"):
        Lease(tmp_path)

    first.release()
    first.release()

    Lease(tmp_path).release()


def test_a_lock_without_a_note_still_holds(tmp_path):
    with Lease(tmp_path):
        (tmp_path / "lock").write_text("")

        with pytest.raises(StateBusyError, match="pid unknown"):
            Lease(tmp_path)


def test_a_home_that_may_not_be_written_cannot_be_leased(others_home):
    with as_nobody(others_home), pytest.raises(StateError, match="is not allowed"):
        Lease(others_home)

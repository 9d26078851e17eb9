"""Names of serving processes."""

from __future__ import annotations

import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from toolkit.app.naming import ALONE, claim_name, claim_visit
from toolkit.errors import StateBusyError

CLAIM = """
import sys, time
from contextlib import ExitStack
from pathlib import Path
from toolkit.app.naming import ALONE, claim_name, claim_visit
print(claim_name(ExitStack(), Path(sys.argv[1]), is_shared=True), flush=True)
time.sleep(60)
"""


def claim(home: Path, *, is_shared: bool = True) -> tuple[ExitStack, str]:
    stack = ExitStack()
    return stack, claim_name(stack, home, is_shared=is_shared)


def test_two_at_once_are_told_apart_and_a_restart_takes_the_free_name(tmp_path: Path) -> None:
    first, one = claim(tmp_path)
    second, two = claim(tmp_path)
    first.close()
    third, again = claim(tmp_path)

    assert one != two
    assert again == one
    second.close()
    third.close()


def test_killed_process_finds_its_name_again(tmp_path: Path) -> None:
    order = [sys.executable, "-c", CLAIM, str(tmp_path)]
    names = []
    for _ in range(2):
        with subprocess.Popen(order, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            names.append(process.stdout.readline())
            process.kill()

    assert names[0] == names[1] != ""


def test_copies_of_a_home_have_other_names(tmp_path: Path) -> None:
    (one, here), (two, there) = claim(tmp_path / "a"), claim(tmp_path / "b")

    assert here != there
    one.close()
    two.close()


def test_unshared_home_belongs_to_one_process(tmp_path: Path) -> None:
    stack, name = claim(tmp_path, is_shared=False)

    with pytest.raises(StateBusyError):
        claim(tmp_path, is_shared=False)
    assert name == "home"
    stack.close()


def visit(home: Path) -> tuple[ExitStack, str]:
    stack = ExitStack()
    return stack, claim_visit(stack, home, purpose="sync")


def test_visitor_holds_a_home_of_files_alone(tmp_path: Path) -> None:
    stack, name = visit(tmp_path)

    assert name == ALONE
    with pytest.raises(StateBusyError, match="sync"):
        visit(tmp_path)
    stack.close()


def test_visitors_work_beside_a_service_under_names_of_their_own(tmp_path: Path) -> None:
    service, _ = claim(tmp_path, is_shared=False)
    (one, here), (two, there) = visit(tmp_path), visit(tmp_path)

    assert len({here, there, ALONE}) == 3
    for each in (one, two, service):
        each.close()


def test_visitor_of_a_shared_database_is_never_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HIGHTONIC_DATABASE_URL", "postgresql://anywhere")
    stack, name = visit(tmp_path)

    assert name != ALONE
    stack.close()

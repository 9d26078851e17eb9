"""Processes that die: nothing is lost, and only what was under way runs again."""

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.unit.engine.bench import copy_of

ROOT = Path(__file__).parents[3]


@pytest.fixture
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return copy_of(request.getfixturevalue("template"), tmp_path)
    return request.getfixturevalue("postgres").new_database()


class Crew:
    """Worker processes on one database."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url, self.folder = url, folder
        self.processes: list[subprocess.Popen[str]] = []

    def start(self, me: str, *options: object) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "tests.unit.engine.worker_process"]
        process = subprocess.Popen(
            [*command, self.url, str(self.folder), me, *map(str, options)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.processes.append(process)
        return process

    def go(self) -> None:
        """Let those who are ready begin, when all are."""
        for process in self.processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        (self.folder / "go").touch()

    def notes(self, way: str) -> list[tuple[str, str]]:
        """(job, worker) for every handler that went `in` or came `out`, in order."""
        log = self.folder / "log"
        lines = log.read_text().splitlines() if log.exists() else []
        return [(key, who) for each, key, who in map(str.split, lines) if each == way]

    def wait_until(self, is_so: Callable[[], bool]) -> None:
        for _ in range(3000):
            if is_so():
                return
            time.sleep(0.02)
        pytest.fail("it never came to that")


@pytest.fixture
def crew(url: str, tmp_path: Path) -> Iterator[Crew]:
    crew = Crew(url, tmp_path)
    yield crew
    for process in crew.processes:
        process.kill()
        process.communicate()


def end_well(process: subprocess.Popen[str], *, warnings: str = "") -> None:
    _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, warnings)


@pytest.mark.slow
@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_a_killed_process_goes_on_where_it_was(crew: Crew) -> None:
    jobs = ("--jobs", 12, "--partitions", 3, "--lasts-s", 0.1)
    first = crew.start("a", *jobs)
    crew.go()
    crew.wait_until(lambda: len(crew.notes("out")) >= 4)
    first.kill()
    first.wait()
    done_before = {job for job, _ in crew.notes("out")}

    end_well(crew.start("a", *jobs))

    went_in = Counter(job for job, _ in crew.notes("in"))
    came_out = {job for job, _ in crew.notes("out")}
    again = [job for job, times in went_in.items() if times > 1]
    assert 4 <= len(done_before) < 12
    assert len(came_out) == 12
    assert len(again) <= 3, "at most what was under way, one job per partition"


@pytest.mark.slow
@pytest.mark.parametrize("url", ["sqlite", "postgres"], indirect=True)
def test_a_worker_that_dies_for_good_is_followed_by_the_other(crew: Crew) -> None:
    jobs = ("--jobs", 24, "--partitions", 6, "--lasts-s", 0.1)
    crew.start("a", *jobs)
    survivor = crew.start("b", *jobs)
    crew.go()
    crew.wait_until(lambda: len(crew.notes("out")) >= 8 and _under_way(crew, "a") > 0)
    crew.processes[0].kill()
    crew.processes[0].wait()
    under_way = _under_way(crew, "a")
    both_worked = {who for _, who in crew.notes("in")} == {"a", "b"}

    end_well(survivor, warnings="jobs taken over\n")

    went_in = Counter(job for job, _ in crew.notes("in"))
    assert both_worked
    assert len({job for job, _ in crew.notes("out")}) == 24
    assert sum(went_in.values()) <= 24 + under_way + 1, "nothing else ran twice"


def _under_way(crew: Crew, who: str) -> int:
    went_in = sum(each == who for _, each in crew.notes("in"))
    return went_in - sum(each == who for _, each in crew.notes("out"))

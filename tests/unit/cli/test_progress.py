import io

import pytest
from rich.console import Console

from toolkit.cli.progress import ProgressView, format_rate, ignore_progress, open_progress


class Clock:
    now_s = 0.0

    def __call__(self):
        return self.now_s


@pytest.fixture
def screen():
    return Console(file=io.StringIO(), force_terminal=True, width=100)


def test_short_work_shows_nothing(screen):
    view = ProgressView(screen, clock=Clock())

    view.report("read contacts", 1, 10)
    view.close()

    assert screen.file.getvalue() == ""


def test_long_work_shows_counts_and_rate(screen):
    clock = Clock()
    view = ProgressView(screen, clock=clock)
    clock.now_s = 1.5

    view.report("read contacts", 500, 1000)
    view.report("read contacts", 700, 1000)
    view.report("list tasks", 3, 0)
    view.close()
    view.close()

    text = screen.file.getvalue()
    assert "Read contacts" in text
    assert "700/1000" in text
    assert "3/?" in text
    assert "/s" in text


def last_frame(screen):
    lines = screen.file.getvalue().replace("\r", "\n").splitlines()
    return [line for line in lines if "/850" in line or "/400" in line][-2:]


@pytest.fixture
def patient_view(screen):
    clock = Clock()
    view = ProgressView(screen, clock=clock)
    clock.now_s = 2.0
    yield view
    view.close()


def test_stages_of_one_count_share_a_bar(screen, patient_view):
    for what, done in [("create contacts", 0), ("create contacts", 500), ("create tasks", 600)]:
        patient_view.report(what, done, 850)

    patient_view.close()

    (shown,) = [line for line in last_frame(screen) if "600/850" in line]
    assert "Create tasks" in shown
    assert [line for line in last_frame(screen) if "Create contacts" in line] == []


def test_work_side_by_side_keeps_its_bars(screen, patient_view):
    patient_view.report("reading contacts", 100, 400)
    patient_view.report("reading rows", 10, 850)
    patient_view.report("reading contacts", 400, 400)

    patient_view.close()

    first, second = last_frame(screen)
    assert ("400/400" in first, "10/850" in second) == (True, True)


@pytest.mark.parametrize(
    ("per_s", "shown"), [(None, "-/s"), (0.44, "0.4/s"), (9.99, "10.0/s"), (123.4, "123/s")]
)
def test_rate_is_short(per_s, shown):
    assert format_rate(per_s) == shown


def test_machines_and_pipes_get_silence(screen, monkeypatch):
    with open_progress(is_silent=True, console=screen) as progress:
        assert progress is ignore_progress
    monkeypatch.setattr("sys.stderr", io.StringIO())
    with open_progress(is_silent=False) as progress:
        assert progress is ignore_progress
        progress("read", 1, 2)


def test_terminal_gets_a_view(screen):
    with open_progress(is_silent=False, console=screen) as progress:
        assert progress.__self__.__class__ is ProgressView

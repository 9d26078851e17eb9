"""Scripts of the user: whatever they do, we get an answer, and soon."""

import json
import logging
import subprocess
import sys
import textwrap
import threading
from datetime import UTC, date, datetime
from enum import IntEnum
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.errors import ScriptError
from toolkit.mapping import scripting
from toolkit.mapping.scripting import Facts, facts_of
from toolkit.mapping.scripts import worker as worker_module
from toolkit.mapping.scripts.codec import CrossingError, decode, encode, write_line
from toolkit.mapping.scripts.worker import ScriptWorker, close_workers, worker_of

SCRIPT = '''
import os, sys, time
import beside

@hightonic.transform(limit_s=0.2)
def spin(value):
    try:
        while True: value += 1
    except BaseException:
        pass

@hightonic.condition
def is_big(contact, happening):
    """Whether many work there.

    >>> is_big({"n": 3}, None)
    True
    >>> is_big({"n": 3}, None)
    False
    >>> 1 / 0
    """
    return contact["n"] > 1

def same(*values):
    return values

def halve(value):
    return value / 0

def deep(value):
    return deep(value)

def leave():
    sys.exit(3)

def die():
    os._exit(3)

def huge():
    return "x" * 10**7

def odd():
    return object()

def keys():
    return {1: 2}

def nan():
    return float("nan")

def nested():
    inner = []
    inner.append(inner)
    return inner

def greedy():
    return len(bytearray(3 * 1024**3))

def chatty():
    print("hello")
    print("x" * 10_000, file=sys.stderr)
    os.write(1, b"not ours\\n")
    return sys.stdin.read() if sys.stdin else ""

def sub():
    return os.system("echo out; cat")

def secret():
    return [name for name in os.environ if name.startswith("HIGHTONIC_")]

def where():
    return open("table.txt").read()

def elsewhere():
    return beside.fails()

def patient():
    time.sleep(30)

def deaf():
    import signal
    signal.signal(signal.SIGALRM, signal.SIG_IGN)
    time.sleep(30)

constant = 5
'''


def a_worker(folder, text=SCRIPT, **named):
    (folder / "beside.py").write_text("value = 1\n\ndef fails():\n    return {}['Ada']\n")
    (folder / "table.txt").write_text("rows")
    (folder / "mine.py").write_text(text)
    return ScriptWorker("mine.py", folder, **named)


@pytest.fixture(scope="module")
def script(tmp_path_factory):
    worker = a_worker(tmp_path_factory.mktemp("script"), limit_s=0.5)
    yield worker
    worker.close()


class Rank(IntEnum):
    HIGH = 2


@pytest.mark.parametrize(
    ("given", "got"),
    [
        (None, None),
        (True, True),
        (Rank.HIGH, 2),
        (0.1, 0.1),
        ("Zoë 🎈\n", "Zoë 🎈\n"),
        ([1, ["a"]], [1, ["a"]]),
        (("a", ("b",)), ("a", ("b",))),
        ({"b", "a"}, frozenset({"a", "b"})),
        ({"a": {"~tuple": 1}}, {"a": {"~tuple": 1}}),
        ({"~tuple": [1]}, {"~tuple": [1]}),
        (date(2026, 11, 23), date(2026, 11, 23)),
        (datetime(2026, 11, 23, 12, tzinfo=UTC), datetime(2026, 11, 23, 12, tzinfo=UTC)),
        (facts_of({"tags": ["a"], "tasks": [{"id": "l"}]}), {"tags": ("a",), "tasks": ({"id": "l"},)}),
    ],
)  # fmt: skip
def test_a_value_crosses_and_comes_back(script, given, got):
    (came,) = script.call("same", given)

    assert came == got
    assert isinstance(came, Facts) is isinstance(given, Facts)
    assert decode(encode(given)) == got


PLAIN = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]))
    | st.dates()
    | st.datetimes(timezones=st.just(UTC))
)
ANYTHING = st.recursive(
    PLAIN | st.frozensets(st.text(st.characters(exclude_categories=["Cs"]))),
    lambda inner: (
        st.lists(inner)
        | st.lists(inner).map(tuple)
        | st.dictionaries(st.sampled_from(["a", "~tuple", "~date", "~own", "b"]), inner)
        | st.dictionaries(st.sampled_from(["a", "b"]), inner).map(facts_of)
    ),
    max_leaves=20,
)


@given(ANYTHING)
def test_every_value_that_may_cross_is_the_same_on_the_other_side(value):
    line = write_line({"value": encode(value)})
    came = decode(json.loads(line)["value"])

    assert came == value
    assert repr(encode(came)) == repr(encode(value))
    assert line.count(b"\n") == 1


def test_facts_are_read_by_name_and_never_set():
    contact = facts_of({"email": None, "tasks": [{"title": "Call"}]})

    assert contact.email is None
    assert contact.tasks[0].title == contact["tasks"][0]["title"] == "Call"
    assert (len(contact), list(contact)) == (2, ["email", "tasks"])
    for name in ("phone", "_private"):
        with pytest.raises(AttributeError, match=name):
            getattr(contact, name)
    with pytest.raises(TypeError):
        contact["email"] = "x"


@pytest.mark.parametrize(
    ("name", "happened", "line_of"),
    [
        ("halve", "ZeroDivisionError in halve at mine.py:{line}", "return value / 0"),
        ("deep", "RecursionError in deep at mine.py:{line}", "return deep(value)"),
        ("spin", "more than 0.2 s in spin at mine.py:{line}", "    while True: value += 1"),
    ],
)
def test_a_failure_names_function_and_line(script, name, happened, line_of):
    line = SCRIPT.splitlines().index(f"    {line_of}") + 1

    with pytest.raises(ScriptError) as caught:
        script.call(name, 7)

    assert str(caught.value) == happened.format(line=line)
    assert (caught.value.line, caught.value.function) == (line, name)
    assert script.call("same", 1) == (1,)


@pytest.mark.parametrize(
    ("name", "happened"),
    [
        ("leave", "SystemExit in leave at mine.py:"),
        ("die", "the script's process ended in die at mine.py"),
        ("huge", "huge of mine.py gave more than 1 MB"),
        ("odd", "odd of mine.py gave a value of type object"),
        ("keys", "keys of mine.py gave a key of type int"),
        ("nan", "nan of mine.py gave a number or a text that cannot be written down"),
        ("nested", "nested of mine.py gave lists within lists without end"),
        ("elsewhere", "KeyError in elsewhere at beside.py:4"),
        ("patient", "more than 0.5 s in patient at mine.py:"),
        ("nobody", "mine.py has no function `nobody`"),
        ("constant", "mine.py has no function `constant`"),
    ],
)
def test_a_script_that_misbehaves_costs_one_call(script, name, happened):
    with pytest.raises(ScriptError) as caught:
        script.call(name)

    assert str(caught.value).startswith(happened)
    assert "Ada" not in caught.value.sentence
    assert script.call("same", 1) == (1,)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux keeps to the bound")
def test_memory_is_bounded(script):
    with pytest.raises(ScriptError, match="MemoryError in greedy at"):
        script.call("greedy")


def test_a_script_that_blocks_its_alarm_is_killed(tmp_path, monkeypatch):
    monkeypatch.setattr(worker_module, "GRACE_S", 0.1)
    worker = a_worker(tmp_path, limit_s=0.1)

    with pytest.raises(ScriptError, match=r"more than 0.1 s in deaf at mine.py$"):
        worker.call("deaf")

    worker.close()


def test_what_cannot_be_given_is_refused(script):
    with pytest.raises(ScriptError, match="a value of type object cannot be given to same"):
        script.call("same", object())
    with pytest.raises(ScriptError, match="more than 1 MB cannot be given to same"):
        script.call("same", "x" * 10**7)
    with pytest.raises(CrossingError, match="cannot be written down"):
        write_line({"half": "\ud800"})


def test_what_a_script_prints_goes_to_the_log_and_nowhere_else(script, caplog):
    with caplog.at_level(logging.DEBUG, worker_module.__name__):
        assert script.call("chatty") == ""
        assert script.call("sub") == 0

    said = [record for record in caplog.records if record.message == "script said"]
    assert said[0].text == "hello"
    assert sum(len(each.text) for each in said) < 5_000
    assert "script said more" in caplog.messages


def test_a_script_sees_its_folder_and_not_our_secrets(script, monkeypatch):
    monkeypatch.setenv("HIGHTONIC_KEY", "secret")
    script.close()

    assert script.call("secret") == []
    assert script.call("where") == "rows"


def test_registered_functions_are_found_with_their_use(script):
    found = script.load()

    assert {name: each.use for name, each in found.items()} == {
        "spin": "transform",
        "is_big": "condition",
    }
    assert found["spin"].limit_s == 0.2
    assert found["is_big"].about == "Whether many work there."
    assert SCRIPT.splitlines()[found["is_big"].line - 1] == "@hightonic.condition"
    assert script.has("same")
    assert not script.has("constant")


def test_examples_are_tried_and_failed_lines_named(script):
    lines = SCRIPT.splitlines()
    second = [n for n, line in enumerate(lines, 1) if ">>> is_big" in line][1]
    raising = lines.index("    >>> 1 / 0") + 1

    assert script.try_examples() == [("is_big", 3, [second, raising])]


def test_a_changed_script_is_loaded_anew(tmp_path):
    worker = a_worker(tmp_path, "import beside\ndef now():\n    return beside.value\n")
    assert worker.call("now") == 1

    (tmp_path / "beside.py").write_text("value = 22\n")
    assert worker.call("now") == 22
    (tmp_path / "mine.py").write_text("def now():\n    return 333\n")
    assert worker.call("now") == 333
    (tmp_path / "mine.py").write_text("def now(:\n")
    with pytest.raises(
        ScriptError, match=r"mine.py cannot be loaded: SyntaxError at mine.py:1"
    ):
        worker.call("now")
    (tmp_path / "mine.py").unlink()
    with pytest.raises(ScriptError, match="is not there any more"):
        worker.call("now")

    worker.close()


@pytest.mark.parametrize(
    ("text", "happened"),
    [
        ("import no_such_thing\n", "No module `no_such_thing` for mine.py:1"),
        ("x = 1\nraise SystemExit\n", "mine.py cannot be loaded: SystemExit at mine.py:2"),
        ("import os; os._exit(1)\n", "mine.py cannot be loaded: the script's process ended"),
        ("@hightonic.action(limit_s=99)\ndef f(): ...\n", "ValueError at mine.py:1: "),
        ("x = 1\ny = int('seven')\n", "ValueError at mine.py:2: invalid literal for int()"),
        ("def f(:\n", "SyntaxError at mine.py:1: invalid syntax"),
        (
            "@hightonic.action\ndef f(): ...\n@hightonic.condition\ndef f(): ...\n",
            "ValueError at mine.py:3",
        ),
    ],
)
def test_a_script_that_cannot_be_loaded_says_where(tmp_path, text, happened):
    worker = a_worker(tmp_path, text)

    with pytest.raises(ScriptError) as caught:
        worker.load()

    assert happened in str(caught.value)
    worker.close()


def test_a_function_that_overruns_again_and_again_rests(tmp_path):
    time_s = [0.0]
    text = "@hightonic.condition(limit_s=0.05)\ndef spin():\n    while True: pass\n"
    worker = a_worker(tmp_path, text, monotonic=lambda: time_s[0])
    for _ in range(3):
        with pytest.raises(ScriptError, match=r"more than 0.05 s"):
            worker.call("spin")

    with pytest.raises(ScriptError, match=r"spin in mine.py rests"):
        worker.call("spin")

    time_s[0] = worker_module.REST_S
    with pytest.raises(ScriptError, match=r"more than 0.05 s"):
        worker.call("spin")
    (tmp_path / "mine.py").write_text("def spin():\n    return 1\n")
    assert worker.call("spin") == 1
    worker.close()


def test_calls_from_many_threads_do_not_mix(script):
    got = {}

    def ask(number):
        got[number] = [script.call("same", number) for _ in range(20)]

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert got == {n: [(n,)] * 20 for n in range(4)}


def test_a_module_is_called_as_a_file_is():
    worker = ScriptWorker("operator", Path())

    assert worker.call("add", 1, 2) == 3
    with pytest.raises(ScriptError, match="ZeroDivisionError in truediv at operator"):
        worker.call("truediv", 1, 0)
    worker.close()


def test_few_processes_live_at_once(tmp_path, monkeypatch):
    monkeypatch.setattr(worker_module, "_MOST_PROCESSES", 1)
    for name in ("a", "b"):
        (tmp_path / f"{name}.py").write_text(
            "def f():\n    import os\n    return os.getpid()\n"
        )
    first = worker_of("a.py", tmp_path)
    before = first.call("f")
    assert worker_of("a.py", tmp_path) is first

    worker_of("b.py", tmp_path)

    assert first.call("f") != before
    first.close()
    close_workers()
    close_workers()


def test_a_process_ends_with_the_one_that_asked(tmp_path):
    (tmp_path / "mine.py").write_text("def pid():\n    import os\n    return os.getpid()\n")
    asking = textwrap.dedent(f"""
        import os
        from pathlib import Path
        from toolkit.mapping.scripts.worker import worker_of
        print(worker_of("mine.py", Path({str(tmp_path)!r})).call("pid"), flush=True)
        os.kill(os.getpid(), 9)
    """)
    ran = subprocess.run(
        [sys.executable, "-c", asking], capture_output=True, text=True, check=False
    )
    pid = int(ran.stdout)

    for _ in range(200):
        if _is_gone(pid):
            break
        threading.Event().wait(0.01)
    else:
        pytest.fail("the script's process lives on")


def _is_gone(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def test_decorators_register_where_scripts_are_edited():
    before = dict(scripting.registry)
    try:

        @scripting.action(limit_s=5)
        def greet(contact, happening):
            return []

        assert scripting.registry["greet"].limit_s == 5
        assert greet(None, None) == []
    finally:
        scripting.registry.clear()
        scripting.registry.update(before)

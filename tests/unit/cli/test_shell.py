import subprocess
import sys

import pytest
from typer.testing import CliRunner

from toolkit.cli import main
from toolkit.cli.shell import app

COMMANDS = [
    "demo",
    "sandbox",
    "init",
    "connect highlevel",
    "connect timetonic",
    "connect sandbox",
    "doctor",
    "plan",
    "apply",
    "sync",
    "retry",
    "undo",
    "log",
    "runs",
    "conflicts",
    "resolve",
]
HEAVY = {
    "alembic",
    "cryptography",
    "httpx",
    "jinja2",
    "phonenumbers",
    "pydantic",
    "ruamel",
    "sqlalchemy",
    "starlette",
    "uvicorn",
}


@pytest.fixture
def run(tmp_path):
    runner = CliRunner(env={"HIGHTONIC_HOME": str(tmp_path / "home"), "COLUMNS": "100"})
    return lambda *words, **options: runner.invoke(app, list(words), **options)


def test_help_lists_every_command_with_what_one_gets(run):
    told = run("--help")

    assert told.exit_code == 0
    for name in COMMANDS:
        assert f" {name.split()[0]} " in told.output
    assert "hightonic demo --once" in told.output


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_shares_the_same_four_options(name, run):
    told = run(*name.split(), "--help")

    assert told.exit_code == 0
    for option in ("--connection", "--config", "--home", "--json"):
        assert option in told.output


@pytest.mark.parametrize(
    ("words", "advice"),
    [
        (["snyc"], "Did you mean 'sync'?"),
        (["connect", "highlvel"], "Did you mean 'highlevel'?"),
        (["plan", "--hme", "x"], "--home"),
        (["plan", "--notes", "some"], "not one of 'due', 'all'"),
        (["apply"], "Missing argument 'FILE'"),
        (["log", "--limit", "0"], "--limit"),
        (["connect", "highlevel"], "--location-id"),
    ],
)
def test_mistyped_command_is_met_with_the_nearest_right_one(words, advice, run):
    told = run(*words)

    assert told.exit_code == 2
    assert advice in told.output


@pytest.mark.parametrize("words", [[], ["connect"]])
def test_no_command_shows_the_help(words, run):
    assert "Usage: hightonic" in run(*words, prog_name="hightonic").output


def test_demo_hands_its_options_over(run, monkeypatch, tmp_path):
    asked = {}
    monkeypatch.setattr("toolkit.cli.demo.run_demo", lambda **options: asked.update(options))

    told = run("demo", "--once", "--json", "--keep", str(tmp_path))

    assert told.exit_code == 0
    assert asked == {"once": True, "as_json": True, "keep": tmp_path}


def test_version_is_the_packages_own(run):
    assert run("--version").output == "hightonic 0.1.0\n"


def test_secrets_are_no_options(run):
    for name in ("highlevel", "timetonic"):
        words = run("connect", name, "--help").output.split()
        assert not {"--token", "--sesskey", "--password", "--secret"} & set(words)


@pytest.mark.parametrize(
    ("words", "typers_own"),
    [(["--help"], set()), (["sync", "--help"], {"pydantic"})],
)
def test_help_imports_nothing_heavy(words, typers_own):
    script = (
        "import sys\n"
        f"sys.argv = {['hightonic', *words]}\n"
        "from toolkit.cli import main\n"
        "try:\n    main()\n"
        "except SystemExit:\n    pass\n"
        "print('\\n'.join(sys.modules), file=sys.stderr)\n"
    )

    ran = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )

    assert "Usage: hightonic" in ran.stdout
    assert {name.split(".")[0] for name in ran.stderr.split()} & (HEAVY - typers_own) == set()


def test_interrupt_while_modules_load_ends_without_a_traceback(monkeypatch):
    def interrupted(**_options):
        raise KeyboardInterrupt

    monkeypatch.setattr("toolkit.cli.shell.app", interrupted)

    with pytest.raises(SystemExit) as left:
        main()

    assert left.value.code == 130

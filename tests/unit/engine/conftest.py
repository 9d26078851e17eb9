"""Engines to try: inline, on a SQLite file, on a PostgreSQL server where one can start."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.unit.engine.bench import Bench, sqlite_url
from tests.unit.store import postgres as servers


@pytest.fixture(scope="session")
def postgres() -> Iterator[servers.Postgres]:
    """A server for this session."""
    with ExitStack() as stack:
        try:
            yield stack.enter_context(servers.serving())
        except servers.NoServerError as error:
            pytest.skip(f"no PostgreSQL can be started here: {error}")


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A used engine file: on a fresh one DBOS notices its queues a second late."""
    folder = tmp_path_factory.mktemp("template")

    async def use() -> None:
        bench = Bench(sqlite_url(folder))
        await bench.engine.start()
        await bench.engine.stop(1)

    asyncio.run(use())
    return folder

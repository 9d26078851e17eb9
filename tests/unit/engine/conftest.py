"""Engines to try: inline, on a SQLite file, on a PostgreSQL server where one can start."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.engine import postgres
from tests.unit.engine.bench import Bench, sqlite_url


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    try:
        with postgres.serve() as url:
            yield url
    except postgres.NoServerError as why:
        pytest.skip(f"no PostgreSQL: {why}")


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

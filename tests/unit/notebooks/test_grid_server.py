"""The grid on a server shows what it shows on a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.notebooks.office import build_home, fill
from tests.unit.store.conftest import clean_server, clean_url, postgres, shared_server
from toolkit.app.grid import SYNC, Filter, GridQuery, GridSource, Order, open_grid
from toolkit.store import Store

__all__ = ["clean_server", "clean_url", "postgres", "shared_server"]
QUERY = GridQuery(
    sort=(Order("company"), Order("updated_at"), Order("email")),
    filters={"tags": Filter("any_of", ("vip", None))},
    search="person",
)


def read(grid: GridSource) -> object:
    counted = [grid.facets(name) for name in (SYNC, "tags", "owner_id", "lifecycle_stage")]
    return grid.columns, grid.rows(0, 30), grid.rows(0, 100, QUERY), counted


@pytest.mark.slow
def test_server_and_file_show_the_same(
    tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = build_home(tmp_path / "home", 40)
    with open_grid(home=home) as grid:
        on_file = read(grid)
    url = request.getfixturevalue("clean_url")
    with Store.open(url) as store:
        fill(store, 40)
    monkeypatch.setenv("HIGHTONIC_DATABASE_URL", url)

    with open_grid(home=home) as grid:
        assert read(grid) == on_file

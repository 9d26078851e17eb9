"""The grid of contacts that notebooks show: read from the local store, a block at a time."""

from toolkit.app.grid.columns import SYNC, GridColumn
from toolkit.app.grid.opening import open_grid
from toolkit.app.grid.query import Filter, GridQuery, Order, read_query
from toolkit.app.grid.source import Block, FacetChip, GridRow, GridSource, Summary
from toolkit.app.grid.states import RowState

__all__ = [
    "SYNC",
    "Block",
    "FacetChip",
    "Filter",
    "GridColumn",
    "GridQuery",
    "GridRow",
    "GridSource",
    "Order",
    "RowState",
    "Summary",
    "open_grid",
    "read_query",
]

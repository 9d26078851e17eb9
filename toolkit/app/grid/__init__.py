"""The grid of contacts that notebooks show: read from the local store, a block at a time."""

from toolkit.app.grid.columns import SYNC, GridColumn
from toolkit.app.grid.opening import open_grid
from toolkit.app.grid.query import Filter, GridQuery, Order, read_query
from toolkit.app.grid.source import Block, FacetChip, GridRow, GridSource, Summary
from toolkit.app.grid.staging import Gesture, StagedCell, Staging, Typed
from toolkit.app.grid.states import RowState

__all__ = [
    "SYNC",
    "Block",
    "FacetChip",
    "Filter",
    "Gesture",
    "GridColumn",
    "GridQuery",
    "GridRow",
    "GridSource",
    "Order",
    "RowState",
    "StagedCell",
    "Staging",
    "Summary",
    "Typed",
    "open_grid",
    "read_query",
]

"""Bulk changes: staged as a batch with a recipe, planned, applied, resumed, taken back."""

from toolkit.app.bulk.batch import (
    Batch,
    BatchPlan,
    BatchReport,
    BatchState,
    ItemLine,
    ItemState,
    Kept,
    RevertReport,
)
from toolkit.app.bulk.book import BatchBook
from toolkit.app.bulk.desk import BatchDesk
from toolkit.app.bulk.hands import BatchHands, ConnectionHands
from toolkit.app.bulk.items import Birth, Cell, Tags
from toolkit.app.bulk.recipe import Recipe, items_of, read_recipe, recipe_to_json
from toolkit.app.bulk.staging import Stager

__all__ = [
    "Batch",
    "BatchBook",
    "BatchDesk",
    "BatchHands",
    "BatchPlan",
    "BatchReport",
    "BatchState",
    "Birth",
    "Cell",
    "ConnectionHands",
    "ItemLine",
    "ItemState",
    "Kept",
    "Recipe",
    "RevertReport",
    "Stager",
    "Tags",
    "items_of",
    "read_recipe",
    "recipe_to_json",
]

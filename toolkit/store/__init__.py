"""Durable memory: pairs, writes, runs, events in and out, switches, quota and the vault."""

from toolkit.store.batches import BatchEntry
from toolkit.store.conflicts import ConflictEntry, ConflictState
from toolkit.store.database import FILE_NAME, check_database, open_database
from toolkit.store.deliveries import DeliveryEntry, DeliveryState, NewDelivery, TakenDelivery
from toolkit.store.events import Feed
from toolkit.store.gcra import Allowance, Work
from toolkit.store.inbox import DueRecord, InboxCounts, InboxEvent
from toolkit.store.intake import Arrival, InboxState
from toolkit.store.journal import LOST, JournalEntry
from toolkit.store.lease import Lease, LeaseHolder, find_holder
from toolkit.store.leases import LeaseEntry
from toolkit.store.migrations import upgrade
from toolkit.store.moving import migrate_store
from toolkit.store.runs import RunEntry, RunState
from toolkit.store.store import ConnectionStore, Store
from toolkit.store.switches import RehearsalEntry, Switch
from toolkit.store.vault import Vault, choose_shelf, new_key, open_vault
from toolkit.store.workers import WorkerEntry, Workers

__all__ = [
    "FILE_NAME",
    "LOST",
    "Allowance",
    "Arrival",
    "BatchEntry",
    "ConflictEntry",
    "ConflictState",
    "ConnectionStore",
    "DeliveryEntry",
    "DeliveryState",
    "DueRecord",
    "Feed",
    "InboxCounts",
    "InboxEvent",
    "InboxState",
    "JournalEntry",
    "Lease",
    "LeaseEntry",
    "LeaseHolder",
    "NewDelivery",
    "RehearsalEntry",
    "RunEntry",
    "RunState",
    "Store",
    "Switch",
    "TakenDelivery",
    "Vault",
    "Work",
    "WorkerEntry",
    "Workers",
    "check_database",
    "choose_shelf",
    "find_holder",
    "migrate_store",
    "new_key",
    "open_database",
    "open_vault",
    "upgrade",
]

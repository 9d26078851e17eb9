"""Durable memory: links, outbox, journal, runs, conflicts, observations and the vault."""

from toolkit.store.conflicts import ConflictEntry, ConflictState
from toolkit.store.database import FILE_NAME, check_database, open_database
from toolkit.store.journal import LOST, JournalEntry
from toolkit.store.lease import Lease
from toolkit.store.migrations import upgrade
from toolkit.store.runs import RunEntry, RunState
from toolkit.store.store import ConnectionStore, Store
from toolkit.store.vault import Vault, new_key, open_vault

__all__ = [
    "FILE_NAME",
    "LOST",
    "ConflictEntry",
    "ConflictState",
    "ConnectionStore",
    "JournalEntry",
    "Lease",
    "RunEntry",
    "RunState",
    "Store",
    "Vault",
    "check_database",
    "new_key",
    "open_database",
    "open_vault",
    "upgrade",
]

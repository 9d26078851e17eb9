"""TimeTonic: books, smart tables and rows, over its one-address form API."""

from toolkit.clients.timetonic.answers import BatchWritten, Row, RowKey, RowPage, RowWritten
from toolkit.clients.timetonic.auth import (
    Doorway,
    FixedSesskey,
    ReloadedSesskey,
    SesskeyProvider,
    SignedIn,
)
from toolkit.clients.timetonic.client import TimeTonic
from toolkit.clients.timetonic.filters import (
    ByIds,
    ByRowIds,
    ByView,
    Condition,
    RowFilter,
    Where,
)
from toolkit.clients.timetonic.profile import CapabilityProfile
from toolkit.clients.timetonic.protocol import DeadlockError, Effect
from toolkit.clients.timetonic.quota import MonthlyCounter, MonthlyUse
from toolkit.clients.timetonic.row_writes import RowsDeleted
from toolkit.clients.timetonic.schema import Field, FieldId, FieldKind, RowId, Table, TableId
from toolkit.clients.timetonic.values import LinkedRow, StoredFile, Unreadable, Value

__all__ = [
    "BatchWritten",
    "ByIds",
    "ByRowIds",
    "ByView",
    "CapabilityProfile",
    "Condition",
    "DeadlockError",
    "Doorway",
    "Effect",
    "Field",
    "FieldId",
    "FieldKind",
    "FixedSesskey",
    "LinkedRow",
    "MonthlyCounter",
    "MonthlyUse",
    "ReloadedSesskey",
    "Row",
    "RowFilter",
    "RowId",
    "RowKey",
    "RowPage",
    "RowWritten",
    "RowsDeleted",
    "SesskeyProvider",
    "SignedIn",
    "StoredFile",
    "Table",
    "TableId",
    "TimeTonic",
    "Unreadable",
    "Value",
    "Where",
]

"""Everything HighLevel can do for us, as data: one `Operation` per endpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from toolkit.clients.highlevel.operations import calendars, contacts, hanging, surroundings
from toolkit.clients.highlevel.protocol import Operation

if TYPE_CHECKING:
    from collections.abc import Mapping

OPERATIONS: Mapping[str, Operation[Any]] = {
    value.name: value
    for module in (contacts, hanging, calendars, surroundings)
    for value in vars(module).values()
    if isinstance(value, Operation)
}
"""By name, such as `contacts.get`."""

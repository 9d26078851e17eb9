"""Names of memos that several use cases read."""

from __future__ import annotations

from typing import Final

FIRST_SYNC: Final = "first_sync.done"
"""The run that ended the first sync; none while it has not come to its end."""

"""The switches of the emulated HighLevel: what differs between accounts, or is not known for sure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class HighLevelOptions:
    """How this location behaves. Every default is what live observers report, or the likelier guess.

    Args:
        burst: Calls a window, per token and location; 100 is published, 25 was seen on a trial.
        window_ms: Length of the window.
        daily: Calls a day; 200,000 is published, 10,000 was seen on a trial.
        allow_duplicate_contact: The location's setting of that name.
        unique_identifiers: `email` and `phone` in the order they are matched.
        index_lag_s: Seconds until the search index sees a write, deletions included.
        bumps_date_updated: Whether writing a note or a task touches the contact (not known).
        rejects_unknown_custom_field: Whether an unknown custom field gives 400 or is ignored.
        gates_renamed_paths: Whether the hyphenated OAuth paths exist under `v3` only.
        task_search_status: HTTP status of the location-wide task search; live 201, published 200.
        timezone: The location's; appointments of a contact are told in it, without saying so.
        country: ISO-3166 alpha-2; the reading of phone numbers that carry no country code.
    """

    burst: int = 100
    window_ms: int = 10_000
    daily: int = 200_000
    allow_duplicate_contact: bool = False
    unique_identifiers: tuple[Literal["email", "phone"], ...] = ("email", "phone")
    index_lag_s: float = 0.0
    bumps_date_updated: bool = False
    rejects_unknown_custom_field: bool = False
    gates_renamed_paths: bool = True
    task_search_status: int = 201
    timezone: str = "Europe/Paris"
    country: str = "US"


UNLIMITED_BURST = 1_000_000
UNLIMITED_DAILY = 100_000_000

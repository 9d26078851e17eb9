"""What goes wrong on the way to a receiver, as data that a test or a URL can set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from toolkit.errors import UseError


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryFaults:
    """The same seed and the same events give the same faults.

    Args:
        duplicate_share: 0.0 to 1.0: events sent twice, with one `webhookId`.
        drop_share: 0.0 to 1.0: events never sent.
        reorder_window: Events are shuffled in groups of this size; below 2 the order stays.
        delay_s: Seconds before the first try.
        delay_jitter_s: Up to so many seconds more, drawn for each delivery.
        bare_task_share: 0.0 to 1.0: `TaskCreate` without `contactId` and `body`, as was seen
            live (issue 332 of the vendor's docs).
        unsigned_share: 0.0 to 1.0: deliveries whose Ed25519 header reads `N/A`.
        seed: Of all draws.
    """

    duplicate_share: float = 0.0
    drop_share: float = 0.0
    reorder_window: int = 0
    delay_s: float = 0.0
    delay_jitter_s: float = 0.0
    bare_task_share: float = 0.0
    unsigned_share: float = 0.0
    seed: int = 1

    def __post_init__(self) -> None:
        for one in fields(self):
            value = getattr(self, one.name)
            is_number = isinstance(value, int | float) and not isinstance(value, bool)
            is_whole = one.name not in {"seed", "reorder_window"} or isinstance(value, int)
            most = 1.0 if one.name.endswith("_share") else float("inf")
            if not (is_number and is_whole and 0 <= value <= most):
                raise UseError(
                    f"{one.name} cannot be {value!r}",
                    remedy="Shares go from 0.0 to 1.0, the rest from 0 upwards",
                )

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> DeliveryFaults:
        """Read the faults from a JSON object; what is left out does not go wrong.

        Raises:
            UseError: An unknown name, or a value out of range.
        """
        known = sorted(one.name for one in fields(cls))
        if unknown := sorted(set(given) - set(known)):
            raise UseError(f"A delivery has no fault {unknown[0]!r}", remedy=f"Use {known}")
        return cls(**given)

    def to_json(self) -> dict[str, Any]:
        """The same as a JSON object."""
        return asdict(self)

"""Canonical values: what both sides' values are compared as.

A value is JSON as it stands: text, number, bool, a sorted tuple of texts, or None for
"known to be blank". A field that was not observed is *absent* from the mapping; the
difference between absent and None decides about people's data and is never blurred.
Dates are `YYYY-MM-DD`; instants `YYYY-MM-DDTHH:MM:SSZ` (UTC, whole seconds).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import blake2b
from typing import TypeAlias

from toolkit.model.ids import CorrelationKey, Digest, Kind, RecordId, Side

Value: TypeAlias = bool | int | float | str | tuple[str, ...] | None
Values: TypeAlias = Mapping[str, Value]

_encode = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
).encode


def canonical_json(value: object) -> str:
    """One text per meaning: sorted keys, no blanks, no NaN."""
    return _encode(value)


def digest(value: object) -> Digest:
    """BLAKE2b-16 over canonical JSON, 32 hex digits; equal values, equal digest."""
    return Digest(blake2b(_encode(value).encode(), digest_size=16).hexdigest())


def correlation_key(
    scope: str, *, kind: Kind, origin: Side, origin_id: RecordId, generation: int = 0
) -> CorrelationKey:
    """The key that names a pair for ever, computed from where the pair began.

    The same origin gives the same key on every machine, so a lost state file is
    rebuilt from the keys the remote records carry.

    Args:
        scope: Names location and book; two connections never share keys.
        kind: Kind of the pair.
        origin: Side on which the record first stood.
        origin_id: Its id there.
        generation: Counts re-creations of a deleted twin.
    """
    return CorrelationKey(digest([scope, kind, origin, origin_id, generation]))

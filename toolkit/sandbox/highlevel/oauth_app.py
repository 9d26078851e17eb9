"""What HighLevel remembers of an installed marketplace app."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from toolkit.sandbox.highlevel.auth import GrantKind


@dataclass(slots=True)
class RefreshToken:
    """One refresh token; `pair` is what its only use gave, at `used_at`."""

    kind: GrantKind
    scopes: frozenset[str]
    ends_at: datetime
    used_at: datetime | None = None
    pair: dict[str, Any] | None = None


@dataclass(slots=True)
class OAuthApp:
    """The marketplace app that the emulated location has installed."""

    client_id: str
    client_secret: str
    app_id: str
    codes: dict[str, tuple[GrantKind, frozenset[str]]] = field(default_factory=dict)
    refresh_tokens: dict[str, RefreshToken] = field(default_factory=dict)

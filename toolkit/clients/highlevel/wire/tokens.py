"""OAuth answers: snake case before `v3`, camel case from it; both are read."""

from __future__ import annotations

from datetime import datetime, timedelta

from pydantic import AliasChoices, Field

from toolkit.clients.highlevel.wire.base import WireModel, wire_name


class TokenAnswer(WireModel):
    """What `/oauth/token` and the location-token endpoint answer; never printed."""

    access_token: str = Field(
        validation_alias=AliasChoices("access_token", "accessToken"), repr=False
    )
    refresh_token: str | None = Field(
        default=None,
        validation_alias=AliasChoices("refresh_token", "refreshToken"),
        repr=False,
    )
    expires_in_s: int = Field(validation_alias=AliasChoices("expires_in", "expiresIn"))
    scope: str | None = None
    user_type: str | None = wire_name("userType", "user_type")
    company_id: str | None = wire_name("companyId", "company_id")
    location_id: str | None = wire_name("locationId", "location_id")
    user_id: str | None = wire_name("userId", "user_id")

    def expires_at(self, received_at: datetime) -> datetime:
        """When the access token ends."""
        return received_at + timedelta(seconds=self.expires_in_s)

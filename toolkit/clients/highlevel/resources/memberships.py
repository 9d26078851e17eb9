"""Followers, campaigns and workflows: what a contact takes part in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.clients.highlevel.operations import hanging as op
from toolkit.errors import UseError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from toolkit.clients.highlevel.session import Session


class Followers:
    """`highlevel.followers`: users who follow a contact."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def add(self, contact_id: str, user_ids: Sequence[str]) -> tuple[str, ...]:
        """Add followers; all of them now."""
        body = {"followers": list(user_ids)}
        return await self._session.run(
            op.ADD_FOLLOWERS.call({"contact_id": contact_id}, body=body)
        )

    async def remove(self, contact_id: str, user_ids: Sequence[str]) -> tuple[str, ...]:
        """Take followers away; those left."""
        body = {"followers": list(user_ids)}
        return await self._session.run(
            op.REMOVE_FOLLOWERS.call({"contact_id": contact_id}, body=body)
        )


class Campaigns:
    """`highlevel.campaigns`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def add(self, contact_id: str, campaign_id: str) -> None:
        """Put a contact into a campaign."""
        ids = {"contact_id": contact_id, "campaign_id": campaign_id}
        await self._session.run(op.ADD_TO_CAMPAIGN.call(ids, body={}))

    async def remove(self, contact_id: str, campaign_id: str) -> None:
        """Take a contact out of a campaign."""
        ids = {"contact_id": contact_id, "campaign_id": campaign_id}
        await self._session.run(op.REMOVE_FROM_CAMPAIGN.call(ids))

    async def remove_all(self, contact_id: str) -> None:
        """Take a contact out of every campaign."""
        call = op.REMOVE_FROM_ALL_CAMPAIGNS.call({"contact_id": contact_id})
        await self._session.run(call)


class Workflows:
    """`highlevel.workflows`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def add(
        self, contact_id: str, workflow_id: str, *, start_at: datetime | None = None
    ) -> None:
        """Put a contact into a workflow, now or from `start_at` (aware)."""
        ids = {"contact_id": contact_id, "workflow_id": workflow_id}
        await self._session.run(op.ADD_TO_WORKFLOW.call(ids, body=_start(start_at)))

    async def remove(
        self, contact_id: str, workflow_id: str, *, start_at: datetime | None = None
    ) -> None:
        """Take a contact out of a workflow."""
        ids = {"contact_id": contact_id, "workflow_id": workflow_id}
        await self._session.run(op.REMOVE_FROM_WORKFLOW.call(ids, body=_start(start_at)))


def _start(start_at: datetime | None) -> dict[str, str]:
    if start_at is None:
        return {}
    if start_at.utcoffset() is None:
        raise UseError("A time without a zone cannot be sent", unchanged="Nothing was sent")
    # The vendor's example carries an offset here and no milliseconds.
    return {"eventStartTime": start_at.isoformat(timespec="seconds")}

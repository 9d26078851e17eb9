"""Tags: on a contact, and the location's dictionary of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.clients.highlevel.operations import hanging, surroundings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from toolkit.clients.highlevel.session import Session
    from toolkit.clients.highlevel.wire.surroundings import Tag


class Tags:
    """`highlevel.tags`; the vendor lower-cases and trims every tag."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def add(self, contact_id: str, tags: Sequence[str]) -> tuple[str, ...]:
        """Add to a contact; its whole set now. Tags it has already change nothing."""
        call = hanging.ADD_TAGS.call({"contact_id": contact_id}, body={"tags": list(tags)})
        return await self._session.run(call)

    async def remove(self, contact_id: str, tags: Sequence[str]) -> tuple[str, ...]:
        """Take away from a contact; its whole set now."""
        call = hanging.REMOVE_TAGS.call({"contact_id": contact_id}, body={"tags": list(tags)})
        return await self._session.run(call)

    async def list_tags(self) -> tuple[Tag, ...]:
        """The dictionary; it grows by itself whenever a new tag is written."""
        return await self._session.run(surroundings.LIST_TAGS.call())

    async def get(self, tag_id: str) -> Tag:
        """One entry."""
        return await self._session.run(surroundings.GET_TAG.call({"tag_id": tag_id}))

    async def create(self, name: str) -> Tag:
        """A new entry."""
        return await self._session.run(surroundings.CREATE_TAG.call(body={"name": name}))

    async def rename(self, tag_id: str, name: str) -> Tag:
        """Rename an entry."""
        call = surroundings.RENAME_TAG.call({"tag_id": tag_id}, body={"name": name})
        return await self._session.run(call)

    async def delete(self, tag_id: str) -> None:
        """Drop an entry."""
        await self._session.run(surroundings.DELETE_TAG.call({"tag_id": tag_id}))

"""Notes on a contact. There is no location-wide route: one call per contact."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.clients.highlevel.operations import hanging as op

if TYPE_CHECKING:
    from toolkit.clients.highlevel.session import Session
    from toolkit.clients.highlevel.wire.activity import Note, NoteWrite


class Notes:
    """`highlevel.notes`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def list_for_contact(self, contact_id: str) -> tuple[Note, ...]:
        """All notes of a contact in one answer, newest first.

        Raises:
            NotFoundError: There is no such contact.
        """
        return await self._session.run(op.LIST_NOTES.call({"contact_id": contact_id}))

    async def get(self, contact_id: str, note_id: str) -> Note:
        """One note.

        Raises:
            NotFoundError: There is no such note.
        """
        return await self._session.run(op.GET_NOTE.call(_ids(contact_id, note_id)))

    async def create(self, contact_id: str, write: NoteWrite) -> Note:
        """A new note; calling it twice makes two.

        Raises:
            UseError: `body` is missing.
            UnknownOutcomeError: Look it up before making another.
        """
        body = write.requiring("body").declared()
        call = op.CREATE_NOTE.call({"contact_id": contact_id}, body=body)
        return await self._session.run(call)

    async def update(self, contact_id: str, note_id: str, write: NoteWrite) -> Note:
        """Change the given keys."""
        call = op.UPDATE_NOTE.call(_ids(contact_id, note_id), body=write.declared())
        return await self._session.run(call)

    async def delete(self, contact_id: str, note_id: str) -> None:
        """Delete for good; deleting again raises NotFoundError."""
        await self._session.run(op.DELETE_NOTE.call(_ids(contact_id, note_id)))


def _ids(contact_id: str, note_id: str) -> dict[str, str]:
    return {"contact_id": contact_id, "note_id": note_id}

"""Custom-field definitions, remembered once read."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Literal

from toolkit.clients.highlevel.custom_fields import FieldCatalog
from toolkit.clients.highlevel.operations import surroundings as op

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from toolkit.clients.highlevel.session import Session
    from toolkit.clients.highlevel.wire.contacts import CustomFieldValue
    from toolkit.clients.highlevel.wire.surroundings import (
        CustomFieldDefinition,
        CustomFieldWrite,
        UploadedFiles,
    )

Model = Literal["contact", "opportunity", "all"]


class CustomFields:
    """`highlevel.custom_fields`."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._catalog: FieldCatalog | None = None
        self._reading = asyncio.Lock()

    async def list_fields(self, model: Model = "contact") -> tuple[CustomFieldDefinition, ...]:
        """The definitions, in one answer."""
        return await self._session.run(op.LIST_FIELDS.call(params={"model": model}))

    async def catalog(self, *, is_fresh: bool = False) -> FieldCatalog:
        """The contact fields, read once and kept; `is_fresh` reads them again."""
        async with self._reading:
            if self._catalog is None or is_fresh:
                self._catalog = FieldCatalog(await self.list_fields("contact"))
            return self._catalog

    def remember(self, definitions: Iterable[CustomFieldDefinition]) -> None:
        """Take contact fields read earlier as known, so that none are asked for."""
        self._catalog = FieldCatalog(definitions)

    async def encode(self, values: Mapping[str, Any]) -> tuple[CustomFieldValue, ...]:
        """Values by key, id or unique name, ready for `ContactWrite.custom_fields`.

        Raises:
            UseError: An unknown field, or a value its data type does not take.
        """
        return (await self.catalog()).encode(values)

    async def decode(self, values: Iterable[CustomFieldValue]) -> dict[str, Any]:
        """Values by short key (`plan`), typed by data type; unknown fields stay under their id."""
        return (await self.catalog()).decode(values)

    async def get(self, field_id: str) -> CustomFieldDefinition:
        """One definition, by id or by full key."""
        return await self._session.run(op.GET_FIELD.call({"field_id": field_id}))

    async def create(self, write: CustomFieldWrite) -> CustomFieldDefinition:
        """A new field; calling it twice makes two.

        Raises:
            UseError: `name` or `data_type` is missing.
        """
        body = write.requiring("name", "data_type").declared()
        created = await self._session.run(op.CREATE_FIELD.call(body=body))
        self._catalog = None
        return created

    async def update(self, field_id: str, write: CustomFieldWrite) -> CustomFieldDefinition:
        """Change a definition; `name` is needed even if it stays, the data type cannot change."""
        body = write.requiring("name").declared()
        updated = await self._session.run(
            op.UPDATE_FIELD.call({"field_id": field_id}, body=body)
        )
        self._catalog = None
        return updated

    async def delete(self, field_id: str) -> None:
        """Delete a field and its values on every contact."""
        await self._session.run(op.DELETE_FIELD.call({"field_id": field_id}))
        self._catalog = None

    async def upload(
        self,
        record_id: str,
        files: Mapping[str, tuple[str, bytes, str]],
        *,
        max_files: int | None = None,
    ) -> UploadedFiles:
        """Upload files for a file field.

        Args:
            record_id: Contact, opportunity or custom-field id.
            files: Part name -> (file name, content, media type). The part name is not in the
                vendor's specification; `<custom field id>_<uuid>` is the likely one.
            max_files: The field's own limit.
        """
        form = {"id": record_id}
        if max_files is not None:
            form["maxFiles"] = str(max_files)
        return await self._session.run(op.UPLOAD_FILES.call(form=form, files=files))

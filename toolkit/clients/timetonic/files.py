"""Files in cells."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote, urlsplit

from toolkit.clients.timetonic.caller import Caller
from toolkit.clients.timetonic.protocol import Effect
from toolkit.clients.timetonic.wire import UploadedFileWire, read_as

FileSize = Literal["full", "norm", "_tb"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileUploaded:
    """Receipt of a file.

    Attributes:
        url: Where the original is served; whether that needs a session is not known.
        size_bytes: As the server counted; None where it did not say.
    """

    uuid: str
    name: str
    url: str
    size_bytes: int | None
    row_id: int
    field_id: int


class Files:
    """`client.files`: uploads into file fields.

    Args:
        caller: Makes the calls.
        new_uuid: Names uploads; replaced in tests.
    """

    def __init__(
        self, caller: Caller, *, new_uuid: Callable[[], uuid.UUID] = uuid.uuid4
    ) -> None:
        self._caller = caller
        self._new_uuid = new_uuid

    async def upload(
        self,
        row_id: int,
        field_id: int,
        *,
        name: str,
        content: bytes,
        media_type: str = "application/octet-stream",
    ) -> FileUploaded:
        """Add a file to a cell; a second call adds it again.

        Args:
            row_id: An existing row; tmp ids are not taken here.
            field_id: A field of type files.
            name: File name with its ending.
            content: The whole file, held in memory.
            media_type: Such as `image/jpeg`.

        Raises:
            UnknownOutcomeError: No sure answer came; the file may be there.
        """
        payload = await self._caller.call(
            "fileUpload",
            {"rowId": row_id, "fieldId": field_id, "uuid": str(self._new_uuid())},
            effect=Effect.CREATE,
            files={"qqfile": (name, content, media_type)},
        )
        wire = read_as(UploadedFileWire, payload, operation="fileUpload")
        return FileUploaded(
            uuid=wire.uuid,
            name=wire.name or name,
            url=wire.url or self.address(wire.uuid, name),
            size_bytes=wire.size_bytes,
            row_id=row_id if wire.row_id is None else wire.row_id,
            field_id=field_id if wire.field_id is None else wire.field_id,
        )

    def address(self, file_uuid: str, name: str, *, size: FileSize = "full") -> str:
        """Where a file is served: original, gallery size or thumbnail (real sample, 2019)."""
        parts = urlsplit(self._caller.core.base_url)
        place = f"/live/dbi/in/{size}/{quote(file_uuid)}/{quote(name, safe='')}"
        return f"{parts.scheme}://{parts.netloc}{place}"

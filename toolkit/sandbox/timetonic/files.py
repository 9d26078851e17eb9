"""Uploads into `files` cells and their download (section 10, REAL sample uploadFile.json)."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from typing import cast
from urllib.parse import quote, unquote

from toolkit.sandbox.timetonic.call import Access, Call, Handler, Upload
from toolkit.sandbox.timetonic.envelope import RefusalError
from toolkit.sandbox.timetonic.stamps import paris_text
from toolkit.sandbox.timetonic.state import TimeTonicState
from toolkit.sandbox.timetonic.table import Media

FILE_PATH = re.compile(r"/(?:live|dev)/dbi/in/(full|norm|_tb)/([^/]+)/([^/]+)")
_IMAGE_EXTENSIONS = frozenset({"jpg", "jpeg", "png", "gif", "webp", "heic"})


class FileFunctions:
    """fileUpload, and the address of what was uploaded."""

    def __init__(self, state: TimeTonicState, access: Access) -> None:
        self._state = state
        self._access = access

    @property
    def handlers(self) -> Mapping[str, Handler]:
        """Function name to function."""
        return {"fileUpload": self.upload}

    def upload(self, call: Call) -> dict[str, object]:
        """Store the part `qqfile` and append it to a `files` cell of an existing row."""
        upload = call.upload
        if upload is None:
            raise RefusalError("missing_argument", "qqfile")
        table, row_id = self._access.row(call)
        self._access.check_table(call, table, is_write=True)
        field_id = call.arguments.whole("fieldId")
        column = table.fields.get(field_id)
        if column is None or column.type != "files":
            raise RefusalError("unknown_field", field_id)
        media = self._store(upload, call.arguments.text("uuid").strip())
        held = cast("tuple[Media, ...]", table.columns[field_id].get(row_id) or ())
        self._state.change(table, row_id, {field_id: (*held, media)}, user=call.author)
        book = self._state.book_of[table.id]
        return {
            "b_c": book.code,
            "b_o": book.owner,
            # Ids are texts in this answer alone, as in the real one.
            "field_id": str(field_id),
            "row_id": str(row_id),
            "success": True,
            "utilisateur_code": call.author,
            **self._media_answer(call, media),
        }

    def find(self, path: str) -> tuple[Media, bytes] | None:
        """The file at a path; None when there is none."""
        found = FILE_PATH.fullmatch(path)
        return self._state.files.get((found[2], unquote(found[3]))) if found else None

    def _store(self, upload: Upload, sent_uuid: str) -> Media:
        extension = upload.name.rpartition(".")[2].lower()
        random_uuid = str(uuid.UUID(int=self._state.random.getrandbits(128), version=4))
        media = Media(
            id=self._state.next_id(),
            uuid=sent_uuid or random_uuid,
            name=upload.name,
            extension=extension,
            size_bytes=len(upload.content),
            media_type="media" if extension in _IMAGE_EXTENSIONS else "doc",
        )
        self._state.files[media.uuid, media.name] = (media, upload.content)
        return media

    def _media_answer(self, call: Call, media: Media) -> dict[str, object]:
        tail = f"{media.uuid}/{quote(media.name)}"
        root = f"{call.base_url}/live/dbi/in"
        return {
            "sstamp": self._state.stamps.tick(),
            "id": str(media.id),
            "media_id": str(media.id),
            "uuid": media.uuid,
            "type": media.media_type,
            "ext": media.extension,
            "originName": media.name,
            "name": media.name,
            "internName": f"{media.uuid}.{media.extension}",
            "filesize": str(media.size_bytes),
            "lastModified": paris_text(self._state.stamps.now()),
            "mdc": self._state.stamps.epoch_s(),
            "url": f"{root}/full/{tail}",
            "gallery": f"{root}/norm/{tail}",
            "preview": f"{root}/_tb/{tail}",
        }

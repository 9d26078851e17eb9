"""Multipart forms, as the official client sends them when it has files; plain fields are read."""

from __future__ import annotations

from email.parser import BytesParser
from email.policy import HTTP


def read_multipart(body: bytes, content_type: str) -> dict[str, str]:
    """The plain fields of a body; files are left out."""
    head = f"Content-Type: {content_type}\r\n\r\n".encode("latin-1", "replace")
    message = BytesParser(policy=HTTP).parsebytes(head + body)
    fields: dict[str, str] = {}
    for part in message.iter_parts() if message.is_multipart() else ():
        content = part.get_payload(decode=True)
        if part.get_filename() is None and isinstance(content, bytes):
            name = str(part.get_param("name", "", header="content-disposition"))
            fields[name] = content.decode("utf-8", "replace")
    return fields

"""Multipart bodies, through the parser of the standard library's mail package."""

from __future__ import annotations

from dataclasses import dataclass
from email.parser import BytesParser
from email.policy import HTTP

from toolkit.sandbox.common import Request
from toolkit.sandbox.highlevel import problems


@dataclass(frozen=True, slots=True)
class Part:
    """One part; `file_name` is None for a plain field."""

    name: str
    file_name: str | None
    content_type: str
    content: bytes


def read_multipart(request: Request) -> list[Part]:
    """The parts of a body.

    Raises:
        RefusalError: 400, not a multipart body.
    """
    content_type = request.headers.get("content-type", "")
    head = f"Content-Type: {content_type}\r\n\r\n".encode("latin-1", "replace")
    message = BytesParser(policy=HTTP).parsebytes(head + request.body)
    if not message.is_multipart():
        raise problems.bad_request("Multipart: Boundary not found")
    parts = []
    for part in message.iter_parts():
        content = part.get_payload(decode=True)
        parts.append(
            Part(
                str(part.get_param("name", "", header="content-disposition")),
                part.get_filename(),
                part.get_content_type(),
                content if isinstance(content, bytes) else b"",
            )
        )
    return parts

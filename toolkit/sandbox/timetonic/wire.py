"""One HTTP request as PHP would hand it to `api.php`: parameters, and perhaps a file."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl

from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from toolkit.sandbox.common import Request
from toolkit.sandbox.timetonic.call import Upload
from toolkit.sandbox.timetonic.php import Arguments, merge_trees, parse_pairs

API_PATH: Final = re.compile(r"/(live|dev)/api\.php/?")
_REQ_IN_FORM = re.compile(r"(?:^|&)req=([A-Za-z0-9]+)")
_REQ_IN_PARTS = re.compile(rb'name="req"\r\n(?:[^\r\n]+\r\n)*\r\n\s*([A-Za-z0-9]+)')
_URLENCODED = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Parameters:
    """What a request carries, whichever way."""

    arguments: Arguments
    upload: Upload | None = None


def content_type(request: Request) -> str:
    """Of the body, without parameters, lower case; empty when not said."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def peek_req(request: Request) -> str:
    """The function asked for, found without reading the whole body; empty when there is none."""
    if content_type(request) == "multipart/form-data":
        found = _REQ_IN_PARTS.search(request.body)
        if found:
            return found[1].decode("ascii")
    elif content_type(request) == _URLENCODED:
        in_body = _REQ_IN_FORM.search(request.body.decode("latin-1"))
        if in_body:
            return in_body[1]
    in_query = _REQ_IN_FORM.search(request.query)
    return in_query[1] if in_query else ""


async def read_parameters(request: Request, *, max_vars: int) -> Parameters:
    """Query and body as `$_REQUEST` holds them; a body that is no form counts as empty."""
    upload: Upload | None = None
    pairs: list[tuple[str, str]] = []
    kind = content_type(request)
    if kind == _URLENCODED:
        pairs = parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True)
    elif kind == "multipart/form-data":
        pairs, upload = await _read_parts(request)
    query = parse_pairs(request.parameters, max_vars=max_vars)
    body = parse_pairs(pairs, max_vars=max_vars)
    return Parameters(Arguments(merge_trees(query, body)), upload)


async def _read_parts(request: Request) -> tuple[list[tuple[str, str]], Upload | None]:
    async def stream() -> AsyncIterator[bytes]:
        yield request.body

    parser = MultiPartParser(Headers(dict(request.headers)), stream())  # type: ignore[arg-type]
    try:
        form = await parser.parse()
    except MultiPartException:
        return [], None
    pairs: list[tuple[str, str]] = []
    upload: Upload | None = None
    for name, part in form.multi_items():
        if not isinstance(part, UploadFile):
            pairs.append((name, part))
        elif name == "qqfile":
            content = await part.read()
            upload = Upload(part.filename or "file", content, part.content_type or "")
    await form.close()
    return pairs, upload

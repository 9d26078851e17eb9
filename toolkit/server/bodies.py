"""Reading a body that may be too large, too slow, or cut off."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.requests import ClientDisconnect

from toolkit.app.intake import Verdict

if TYPE_CHECKING:
    from starlette.requests import Request


@dataclass(frozen=True, slots=True)
class BodyLimits:
    """How much of a stranger's body is read.

    Attributes:
        largest_bytes: A larger body is refused before it is read to its end.
        timeout_s: Longest wait for the whole of it.
    """

    largest_bytes: int = 1_000_000
    timeout_s: float = 10.0


async def read_body(request: Request, limits: BodyLimits) -> bytes | Verdict:
    """The whole body, or why there is none.

    The announced length is believed only to refuse: a body without one, or with a false
    one, is counted while it comes in.
    """
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > limits.largest_bytes:
        return Verdict.TOO_LARGE
    try:
        async with asyncio.timeout(limits.timeout_s):
            return await _counted(request, limits.largest_bytes)
    except TimeoutError:
        return Verdict.TOO_SLOW
    except ClientDisconnect:
        return Verdict.CUT_OFF


async def _counted(request: Request, largest_bytes: int) -> bytes | Verdict:
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > largest_bytes:
            return Verdict.TOO_LARGE
        chunks.append(chunk)
    return b"".join(chunks)

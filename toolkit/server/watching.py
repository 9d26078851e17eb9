"""What a supervisor, a load balancer and Prometheus ask."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final

from prometheus_client import generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from starlette.responses import JSONResponse, Response

from toolkit.app.measures import Readiness

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry
    from starlette.requests import Request

_log = logging.getLogger(__name__)

PATIENCE_S: Final = 5.0


class WatchDoor:
    """Answers whether the process lives, whether it can work, and its numbers.

    Args:
        readiness: Looks at the parts.
        registry: Collects the numbers when asked.
        patience_s: A part that takes longer to look at is not well.
    """

    def __init__(
        self,
        readiness: Callable[[], Awaitable[Readiness]],
        registry: CollectorRegistry,
        *,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._readiness = readiness
        self._registry = registry
        self._patience_s = patience_s
        self._was_ready = True

    async def health(self, _request: Request) -> Response:
        """`GET /healthz`: 200 as long as the event loop turns."""
        return JSONResponse({"status": "ok"})

    async def ready(self, _request: Request) -> Response:
        """`GET /readyz`: 200 when every part of ours is well, else 503; tells which is not."""
        found = await self._looked()
        if found.is_ready != self._was_ready:
            # Asked every few seconds for ever: only the turns are worth a line.
            self._was_ready = found.is_ready
            failing = sorted(name for name, trouble in found.checks.items() if trouble)
            _log.warning("readiness changed", extra={"failing": ",".join(failing)})
        looked = {**found.checks, **found.outside}
        checks = {name: trouble or "ok" for name, trouble in looked.items()}
        return JSONResponse(
            {"status": found.status, "checks": checks},
            status_code=200 if found.is_ready else 503,
        )

    async def metrics(self, _request: Request) -> Response:
        """`GET /metrics`: text for Prometheus; 503 where the numbers cannot be read."""
        try:
            text = await asyncio.to_thread(generate_latest, self._registry)
        except Exception as error:  # noqa: BLE001 — whatever it was, the service goes on
            _log.error("metrics failed", extra={"error": type(error).__name__})
            return Response(status_code=503)
        return Response(text, headers={"content-type": CONTENT_TYPE_PLAIN_0_0_4})

    async def _looked(self) -> Readiness:
        try:
            async with asyncio.timeout(self._patience_s):
                return await self._readiness()
        except TimeoutError:
            return Readiness({"service": "does not answer in time"})
        except Exception as error:  # noqa: BLE001 — not being able to look is not being well
            _log.error("readiness failed", extra={"error": type(error).__name__})
            return Readiness({"service": "cannot be looked at"})

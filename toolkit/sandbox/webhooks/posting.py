"""Sends what is due: on the sandbox's server thread, or when a test pumps."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import Final

import httpx

from toolkit.errors import UseError
from toolkit.sandbox.webhooks.delivery import Attempt, Delivery, DeliveryQueue

_TIMEOUT_S: Final = 10.0
_COURIERS: Final = 8
# The emulator's clock may be moved without a word, so the sender looks at it now and then.
_GLANCE_S: Final = 0.05
_IDLE_GLANCE_S: Final = 5.0
_THIS_MACHINE: Final = "127.0.0.1"
_LAST_PORT: Final = 65_535
_REMEDY: Final = "Use http://127.0.0.1:PORT/PATH"


def check_url(url: str, *, has_transport: bool) -> str:
    """The address, if an emulator may send there.

    Raises:
        UseError: Not http(s), or beyond this machine while real sockets are used.
    """
    try:
        parts = httpx.URL(url)
    except httpx.InvalidURL as unreadable:
        raise UseError("The target is no address", remedy=_REMEDY) from unreadable
    is_port = parts.port is None or 0 < parts.port <= _LAST_PORT
    if parts.scheme not in {"http", "https"} or not parts.host or not is_port:
        raise UseError("The target is no address", remedy=_REMEDY)
    if parts.host != _THIS_MACHINE and not has_transport:
        raise UseError("The emulators send to 127.0.0.1 only", remedy=_REMEDY)
    return url


def open_client(transport: httpx.AsyncBaseTransport | None = None) -> httpx.AsyncClient:
    """A client that ignores the machine's proxies and follows no redirect."""
    # Trusts no certificate: there is none on this machine, and loading the usual ones takes long.
    nobody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return httpx.AsyncClient(
        transport=transport, verify=nobody, timeout=_TIMEOUT_S, trust_env=False
    )


async def pump(queue: DeliveryQueue, client: httpx.AsyncClient) -> list[Attempt]:
    """Send everything that is due now, one after another; returns the tries."""
    try:
        due = queue.take_due(is_last_call=True)
        return [await post(queue, one, client=client) for one in due]
    finally:
        queue.recall()


async def post(
    queue: DeliveryQueue, delivery: Delivery, *, client: httpx.AsyncClient
) -> Attempt:
    """Send one delivery and settle it, whatever comes back."""
    status: int | None = None
    headers = list(delivery.headers)
    with suppress(httpx.HTTPError):
        answer = await client.post(delivery.url, content=delivery.body, headers=headers)
        status = answer.status_code
    return queue.settle(delivery, status)


async def post_forever(queues: Sequence[DeliveryQueue]) -> None:
    """Send what becomes due in any of the queues, eight at once, until cancelled."""
    arrival = asyncio.Event()
    handed: asyncio.Queue[tuple[DeliveryQueue, Delivery]] = asyncio.Queue(maxsize=1)
    for queue in queues:
        queue.on_put = partial(_wake, asyncio.get_running_loop(), arrival)
    try:
        async with asyncio.TaskGroup() as couriers:
            for _ in range(_COURIERS):
                couriers.create_task(_carry(handed))
            while True:
                arrival.clear()
                for queue in queues:
                    for delivery in queue.take_due():
                        await handed.put((queue, delivery))
                is_idle = all(queue.is_idle for queue in queues)
                with suppress(TimeoutError):
                    await asyncio.wait_for(
                        arrival.wait(), _IDLE_GLANCE_S if is_idle else _GLANCE_S
                    )
    finally:
        for queue in queues:
            queue.on_put = None
            queue.recall()


async def _carry(handed: asyncio.Queue[tuple[DeliveryQueue, Delivery]]) -> None:
    # A client each: one connection is found at once, a shared pool looks through all of them.
    async with open_client() as client:
        while True:
            queue, delivery = await handed.get()
            await post(queue, delivery, client=client)


def _wake(loop: asyncio.AbstractEventLoop, arrival: asyncio.Event) -> None:
    # An event that arrives while the server ends stays in the queue.
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(arrival.set)

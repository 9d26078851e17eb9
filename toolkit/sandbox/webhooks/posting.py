"""Sends what is due: on the sandbox's server thread, or when a test pumps."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import Final
from urllib.parse import urlsplit

import httpx

from toolkit.errors import UseError
from toolkit.sandbox.webhooks.delivery import Attempt, Delivery, DeliveryQueue

_TIMEOUT_S: Final = 10.0
_AT_ONCE: Final = 16
# The emulator's clock may be moved without a word, so the sender looks at it now and then.
_GLANCE_S: Final = 0.05
_IDLE_GLANCE_S: Final = 5.0
_THIS_MACHINE: Final = "127.0.0.1"


def check_url(url: str, *, has_transport: bool) -> str:
    """The address, if an emulator may send there.

    Raises:
        UseError: Not http(s), or beyond this machine while real sockets are used.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise UseError("The target is no address", remedy="Use http://127.0.0.1:PORT/PATH")
    if parts.hostname != _THIS_MACHINE and not has_transport:
        raise UseError(
            "The emulators send to 127.0.0.1 only", remedy="Use http://127.0.0.1:PORT/PATH"
        )
    return url


def open_client(transport: httpx.AsyncBaseTransport | None = None) -> httpx.AsyncClient:
    """A client that ignores the machine's proxies and follows no redirect."""
    return httpx.AsyncClient(transport=transport, timeout=_TIMEOUT_S, trust_env=False)


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
    """Send what becomes due in any of the queues, sixteen at once, until cancelled."""
    arrival = asyncio.Event()
    for queue in queues:
        queue.on_put = partial(_wake, asyncio.get_running_loop(), arrival)
    try:
        async with open_client() as client, asyncio.TaskGroup() as under_way:
            places = asyncio.Semaphore(_AT_ONCE)
            while True:
                arrival.clear()
                for queue in queues:
                    await _post_due(queue, client, under_way=under_way, places=places)
                is_idle = all(queue.is_idle for queue in queues)
                with suppress(TimeoutError):
                    await asyncio.wait_for(
                        arrival.wait(), _IDLE_GLANCE_S if is_idle else _GLANCE_S
                    )
    finally:
        for queue in queues:
            queue.on_put = None
            queue.recall()


async def _post_due(
    queue: DeliveryQueue,
    client: httpx.AsyncClient,
    *,
    under_way: asyncio.TaskGroup,
    places: asyncio.Semaphore,
) -> None:
    while True:
        await places.acquire()
        due = queue.take_due(1)
        if not due:
            places.release()
            return
        sending = under_way.create_task(post(queue, due[0], client=client))
        sending.add_done_callback(lambda _: places.release())


def _wake(loop: asyncio.AbstractEventLoop, arrival: asyncio.Event) -> None:
    # An event that arrives while the server ends stays in the queue.
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(arrival.set)

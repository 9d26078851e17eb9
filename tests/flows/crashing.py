"""A sync in a process of its own that is killed at a chosen boundary, and what it leaves behind.

The emulators live in the process that judges; the victim reaches them through pipes, so what it
wrote before it died stays written. A boundary is a moment before or after a call that changes
something at a vendor, and before, inside (not committed) or after a store transaction.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import pickle
import signal
import sys
import traceback
from collections.abc import Callable, Coroutine, Iterator
from multiprocessing import Pipe
from multiprocessing.connection import Connection as Wire
from typing import Any, NoReturn

import httpx

from tests.flows.world import World
from toolkit.app.connection import Connection, open_connection
from toolkit.app.wiring import Transports
from toolkit.store.transactions import Transactions

Boundary = Callable[[str], None]
Work = Callable[[Connection], Coroutine[Any, Any, object]]
_WRITING = {"POST", "PUT", "DELETE"}


class PipedTransport(httpx.AsyncBaseTransport):
    """Hands requests to another process and waits for the answer; one at a time."""

    def __init__(self, system: str, wire: Wire, boundary: Boundary) -> None:
        self._system, self._wire, self._boundary = system, wire, boundary

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send, pass a boundary on either side of a call, and rebuild the answer."""
        body = await request.aread()
        is_write = _is_write(request, body)
        if is_write:
            self._boundary(f"before {self._system} {request.method} {request.url.path}")
        headers = list(request.headers.raw)
        self._wire.send((self._system, request.method, str(request.url), headers, body))
        status, raw_headers, content = self._wire.recv()
        if is_write:
            self._boundary(f"after {self._system} {request.method} {request.url.path}")
        return httpx.Response(status, headers=raw_headers, content=content, request=request)


def _is_write(request: httpx.Request, body: bytes) -> bool:
    if b"req=" in body:
        return b"req=createOrUpdate" in body or b"req=delete" in body
    return request.method in _WRITING and not request.url.path.endswith("/search")


class Victim:
    """Counts boundaries and dies at one of them.

    Args:
        dies_at: Its number, from 1; 0 lives.
        wire: To the judge; told every boundary passed.
    """

    def __init__(self, dies_at: int, wire: Wire) -> None:
        self._dies_at, self._wire = dies_at, wire
        self._passed: list[str] = []

    def boundary(self, name: str) -> None:
        """One more boundary; may be the last."""
        self._passed.append(name)
        if len(self._passed) == self._dies_at:
            self._wire.send(("died", name))
            os.kill(os.getpid(), signal.SIGKILL)

    @contextlib.contextmanager
    def watched_transactions(self) -> Iterator[None]:
        """Every write transaction of the store becomes three boundaries."""
        original = Transactions.writing

        @contextlib.contextmanager
        def writing(mine: Transactions) -> Iterator[Any]:
            self.boundary("before a transaction")
            with original(mine) as connection:
                yield connection
                self.boundary("before a commit")
            self.boundary("after a commit")

        Transactions.writing = writing  # type: ignore[method-assign]
        try:
            yield
        finally:
            Transactions.writing = original  # type: ignore[method-assign]

    async def run(self, world: World, work: Work) -> None:
        """The work that may not live to see its end."""
        transports = Transports(
            highlevel=PipedTransport("highlevel", self._wire, self.boundary),
            timetonic=PipedTransport("timetonic", self._wire, self.boundary),
        )
        async with open_connection(
            world.name, home=world.home, transports=transports, clock=world.clock
        ) as connection:
            with self.watched_transactions():
                await work(connection)
        self._wire.send(("lived", self._passed))


async def _sync(connection: Connection) -> None:
    await connection.sync()


async def sync_and_die(world: World, dies_at: int, work: Work = _sync) -> tuple[str, Any]:
    """Sync in a child that is killed at a boundary; the emulators answer from here.

    Args:
        world: Where.
        dies_at: Number of the boundary, from 1; 0 lives.
        work: What the child does instead of a sync.

    Returns:
        `("died", boundary)`, or `("lived", all boundaries passed, in order)`.
    """
    mine, theirs = Pipe()
    pid = os.fork()
    if pid == 0:
        mine.close()
        _end_child(lambda: Victim(dies_at, theirs).run(world, work))
    theirs.close()
    try:
        return await _serve(world, mine)
    finally:
        mine.close()
        os.waitpid(pid, 0)


async def _serve(world: World, wire: Wire) -> tuple[str, Any]:
    transports = world.sandbox.transports()
    while True:
        message = wire.recv()
        if len(message) == 2:
            return message[0], message[1]
        system, method, url, headers, body = message
        request = httpx.Request(method, url, headers=headers, content=body)
        response = await transports[system].handle_async_request(request)
        content = await response.aread()
        wire.send((response.status_code, list(response.headers.raw), content))


def judged(act: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    """What `act` answers in a child of its own: this process and its worlds stay as they are.

    Raises:
        AssertionError: It failed there; the text says how.
    """
    reader, writer = Pipe(duplex=False)
    pid = os.fork()
    if pid == 0:
        reader.close()

        async def told() -> None:
            try:
                answer = (True, await act())
            except BaseException:  # noqa: BLE001 — told to the parent, whatever it is
                answer = (False, traceback.format_exc())
            writer.send(answer)

        _end_child(told)
    writer.close()
    try:
        is_fine, answer = reader.recv()
    except EOFError:
        is_fine, answer = False, "the judging process died"
    finally:
        reader.close()
        os.waitpid(pid, 0)
    assert is_fine, answer
    return answer


def _end_child(act: Callable[[], Coroutine[Any, Any, None]]) -> NoReturn:
    """Run in a forked child and leave without the parent's clean-up."""
    code = 1
    try:
        # Coverage measures the parent: what a killed process counted is lost anyway.
        sys.settrace(None)
        # The parent's loop is not ours, though the thread still says that it runs.
        asyncio._set_running_loop(None)
        asyncio.new_event_loop().run_until_complete(act())
        code = 0
    except (EOFError, BrokenPipeError, pickle.PickleError):
        traceback.print_exc(file=sys.__stderr__)
    finally:
        os._exit(code)

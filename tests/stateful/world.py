"""Two emulated systems, one home, and a process between them that may die at any boundary."""

import asyncio
import random
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache, partial
from itertools import count
from pathlib import Path

import httpx
from sqlalchemy import event

from tests.stateful.hands import HighLevelHands, TimeTonicHands
from toolkit.app.config import ConnectionConfig, load_config
from toolkit.app.connection import Connection
from toolkit.app.home import Home
from toolkit.app.wiring import Meter, Parts
from toolkit.clients.highlevel import CustomFieldWrite, HighLevel
from toolkit.clients.pacing import ManualClock
from toolkit.clients.retrying import RetryPolicy
from toolkit.clients.timetonic import CapabilityProfile, TimeTonic
from toolkit.model.ids import Side
from toolkit.sandbox.common import EmulatorClock
from toolkit.sandbox.faults import Fault, FaultKind
from toolkit.sandbox.serve import Sandbox, SandboxOptions
from toolkit.store import Store, open_database
from toolkit.store.database import FILE_NAME
from toolkit.store.transactions import Transactions

CALL_S = 0.02
_READING_POSTS = ("/search", "/duplicate")
_SETTINGS = """
version: 1
connections:
  main:
    highlevel: {{location_id: {location_id}, base_url: "{base_url}"}}
    timetonic: {{user: {user}, book_owner: {book_owner}, book_code: {book_code}, url: "{url}"}}
    metrics: {{enabled: false}}
    sync:
      deletes: {{from_highlevel: {deletes}, from_timetonic: {deletes}}}
      brakes: {{create_floor: 999, update_floor: 999, delete_floor: 999, delete_cap: 999,
                blank_floor: 999}}
    mapping:
      appointment: {{enabled: false}}
"""


class KilledError(BaseException):
    """The process died here. Nothing in the product may catch it."""


@dataclass
class Fate:
    """Where the process dies, and what a person does while it runs.

    Attributes:
        place: `read`, `write` (before the vendor is told), `written` (before its answer is
            heard), `commit` (before a transaction stands) or `committed`.
        left: Passes of that place until it happens.
        meanwhile: Calls until a person acts, and the act.
    """

    place: str = ""
    left: int = 0
    is_dead: bool = False
    meanwhile: tuple[int, Callable[[], None]] | None = None

    def arm(self, place: str, nth: int) -> None:
        self.place, self.left = place, nth

    def disarm(self) -> None:
        self.place, self.left, self.meanwhile = "", 0, None

    def passing(self, place: str) -> None:
        if self.is_dead:
            raise KilledError
        if place == self.place:
            self.left -= 1
            if self.left <= 0:
                self.is_dead = True
                raise KilledError

    def call_ended(self) -> None:
        if self.meanwhile is None:
            return
        left, act = self.meanwhile
        self.meanwhile = (left - 1, act) if left > 1 else None
        if left <= 1:
            act()


class MortalTransactions(Transactions):
    """Transactions of a process that may die before or after any of them."""

    def __init__(self, engine, fate: Fate) -> None:
        super().__init__(engine)
        self._fate = fate

    @contextmanager
    def writing(self) -> Iterator:
        with super().writing() as connection:
            yield connection
            self._fate.passing("commit")
        self._fate.passing("committed")


class MortalTransport(httpx.AsyncBaseTransport):
    """A way to the vendor that takes time, and on which the process may die."""

    def __init__(self, inner: httpx.AsyncBaseTransport, fate: Fate, clock: ManualClock) -> None:
        self._inner = inner
        self._fate = fate
        self._clock = clock

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        is_write = _is_write(request)
        self._fate.passing("write" if is_write else "read")
        self._clock.advance(CALL_S)
        try:
            return await self._inner.handle_async_request(request)
        finally:
            self._clock.advance(CALL_S)
            self._fate.call_ended()
            if is_write:
                self._fate.passing("written")


def _is_write(request: httpx.Request) -> bool:
    if request.url.path.endswith("api.php"):
        return b"TableRow" in request.content and b"req=get" not in request.content
    return request.method != "GET" and not request.url.path.endswith(_READING_POSTS)


@cache
def _settings(deletes: str) -> ConnectionConfig:
    ready = _bare_sandbox(ManualClock()).ready_line()
    text = _SETTINGS.format(**ready["highlevel"], **ready["timetonic"], deletes=deletes)
    folder = Path(tempfile.mkdtemp())
    try:
        (folder / "hightonic.yaml").write_text(text)
        return load_config(folder / "hightonic.yaml").get_connection("main")
    finally:
        shutil.rmtree(folder)


@cache
def _empty_state() -> bytes:
    """A fresh state file; making its tables takes longer than a sync."""
    folder = Path(tempfile.mkdtemp())
    try:
        open_database(folder / FILE_NAME).dispose()
        return (folder / FILE_NAME).read_bytes()
    finally:
        shutil.rmtree(folder)


def _bare_sandbox(clock: ManualClock) -> Sandbox:
    options = SandboxOptions(contacts=0, tasks=0, notes=0, leads=0, shared=0, rate_limit=False)
    return Sandbox(options, clock=EmulatorClock(wall=clock.now, steady=clock.monotonic))


def _turn_pages(highlevel: HighLevel) -> None:
    """HighLevel's largest page is 500; a few records would never fill one."""
    contacts, tasks = highlevel.contacts, highlevel.tasks
    contacts.iter_pages = partial(contacts.iter_pages, page_size=2)
    tasks.iter_location_tasks = partial(tasks.iter_location_tasks, page_size=2)


@dataclass
class _Process:
    """What is gone when the process dies."""

    runner: asyncio.Runner
    connection: Connection
    fate: Fate
    clients: tuple = field(default_factory=tuple)


class World:
    """Both systems, the people in them, and hightonic between."""

    def __init__(self, *, deletes: str = "unlink", is_paged: bool = False) -> None:
        """`is_paged`: lists come two and three records a page, writes two a batch."""
        self.deletes = deletes
        self._is_paged = is_paged
        self.clock = ManualClock()
        self.sandbox = _bare_sandbox(self.clock)
        self.hands = {
            Side.HIGHLEVEL: HighLevelHands(self.sandbox.highlevel.state),
            Side.TIMETONIC: TimeTonicHands(self.sandbox.timetonic.state),
        }
        self._folder = Path(tempfile.mkdtemp())
        (self._folder / FILE_NAME).write_bytes(_empty_state())
        self._engine = open_database(self._folder / FILE_NAME)
        # Here processes die and power cuts do not happen: the disk need not be waited for.
        event.listen(
            self._engine,
            "connect",
            lambda raw, _: raw.execute("PRAGMA synchronous = OFF").close(),
        )
        self._engine.dispose()
        self._tokens = count()
        self._stale_s = 0.0
        self._faults: tuple[Fault, ...] = ()
        self._process: _Process | None = None
        self._create_key_field()

    def close(self) -> None:
        self.stop()
        self._engine.dispose()
        shutil.rmtree(self._folder)

    # -- the process ------------------------------------------------------------------------

    @property
    def process(self) -> _Process:
        if self._process is None:
            self._process = self._start()
        return self._process

    @property
    def fate(self) -> Fate:
        return self.process.fate

    @property
    def store(self):
        """Memory as it stands on the disk, read past the process."""
        return self._store(Transactions(self._engine))

    def stop(self) -> None:
        """End the process, however it stands."""
        if self._process is not None:
            self._process.fate.is_dead = True
            self._process.runner.close()
            self._process = None

    def run(self, act):
        """`act(connection)` in the process; None where it died of it."""
        process = self.process
        try:
            return process.runner.run(act(process.connection))
        except KilledError:
            self.stop()
            return None
        finally:
            process.fate.disarm()

    def _start(self) -> _Process:
        fate = Fate()
        config = _settings(self.deletes)
        meter = Meter()
        wires = self.sandbox.transports()
        ready = self.sandbox.ready_line()
        retry = RetryPolicy(random=random.Random(1))
        highlevel = HighLevel(
            ready["highlevel"]["token"],
            location_id=config.highlevel.location_id,
            base_url=config.highlevel.base_url,
            transport=MortalTransport(wires["highlevel"], fate, self.clock),
            clock=self.clock,
            retry=retry,
            on_call=meter.count,
        )
        timetonic = TimeTonic(
            ready["timetonic"]["sesskey"],
            user=config.timetonic.user,
            url=config.timetonic.url,
            book_owner=config.timetonic.book_owner,
            book_code=config.timetonic.book_code,
            transport=MortalTransport(wires["timetonic"], fate, self.clock),
            clock=self.clock,
            retry=retry,
            on_call=meter.count,
            profile=CapabilityProfile(page_size=3, write_batch_size=2)
            if self._is_paged
            else CapabilityProfile(),
        )
        if self._is_paged:
            _turn_pages(highlevel)
        parts = Parts(
            config=config,
            home=Home(self._folder),
            store=self._store(MortalTransactions(self._engine, fate)),
            highlevel=highlevel,
            timetonic=timetonic,
            meter=meter,
            now=self.clock.now,
        )
        return _Process(asyncio.Runner(), Connection(parts), fate, (highlevel, timetonic))

    def _store(self, transactions: Transactions):
        store = Store(
            self._engine,
            clock=self.clock.now,
            token=lambda size: f"{next(self._tokens):0{2 * size}x}",
        )
        store.transactions = transactions
        return store.connection("main")

    def _create_key_field(self) -> None:
        process = self.process
        field_write = CustomFieldWrite(name="Hightonic key", data_type="TEXT", model="contact")
        process.runner.run(process.clients[0].custom_fields.create(field_write))
        self.sandbox.recorder.clear()

    # -- what goes wrong --------------------------------------------------------------------

    def break_next(self, kind: FaultKind, side: Side, *, nth: int, writes_only: bool) -> None:
        """One call will go wrong; several such orders stand side by side."""
        self._faults += (Fault(kind, system=side, nth=nth, writes_only=writes_only),)
        self._set_faults()

    def age_index(self, seconds: float) -> None:
        """HighLevel's search shows the contacts as they stood so long ago."""
        self._stale_s = seconds
        self._set_faults()

    @property
    def is_behind(self) -> bool:
        """Whether the index lags."""
        return self._stale_s > 0

    def heal(self) -> None:
        """Nothing goes wrong any more, and the index has caught up."""
        self._faults, self._stale_s = (), 0.0
        self._set_faults()
        if self._process is not None:
            self._process.fate.disarm()

    def _set_faults(self) -> None:
        stale = Fault(
            FaultKind.STALE_SEARCH, match="search-contacts", times=0, seconds=self._stale_s
        )
        self.sandbox.faults.set([*([stale] if self._stale_s else []), *self._faults])

    # -- what is true -----------------------------------------------------------------------

    def shown(self, side: Side, kind):
        """Every record of the kind as a person sees it."""
        return self.hands[side].shown(kind)

    def writes(self) -> int:
        """Calls so far that could change something at a vendor."""
        return self.sandbox.recorder.count(is_write=True)


@contextmanager
def a_world(**options) -> Iterator[World]:
    """A world for the length of a block."""
    world = World(**options)
    try:
        yield world
    finally:
        with suppress(KilledError):
            world.close()

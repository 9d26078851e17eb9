"""The sandbox: both emulated vendors from one world, in this process or over TCP."""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from toolkit.errors import UseError
from toolkit.sandbox.common import EmulatorClock, InProcessTransport, Receive, Scope, Send
from toolkit.sandbox.control import PREFIX, build_control
from toolkit.sandbox.faults import FaultPlan
from toolkit.sandbox.highlevel import HighLevelOptions, build_highlevel
from toolkit.sandbox.recording import Recorder
from toolkit.sandbox.seed import make_world
from toolkit.sandbox.serving import BackgroundServer, open_socket
from toolkit.sandbox.timetonic import build_timetonic
from toolkit.sandbox.webhooks import HighLevelWebhooks, TimeTonicAutomations
from toolkit.sandbox.webhooks.posting import post_forever

if TYPE_CHECKING:
    from toolkit.sandbox.slack import SlackOptions, SlackSandbox

# Names that resolve nowhere: reached in-process they show that no socket was used.
_HIGHLEVEL_IN_PROCESS: Final = "http://highlevel.invalid"
_TIMETONIC_IN_PROCESS: Final = "http://timetonic.invalid"


@dataclass(frozen=True, slots=True)
class SandboxOptions:
    """What the sandbox holds and how it behaves.

    Args:
        contacts: People in HighLevel.
        tasks: Tasks in HighLevel.
        notes: Notes in HighLevel.
        leads: Rows in TimeTonic's table of contacts.
        shared: Leads that are contacts too.
        seed: The same number gives the same world.
        port: HighLevel's port, TimeTonic takes the next; 0 takes free ones.
        rate_limit: False lifts HighLevel's limits out of reach; their headers stay.
        highlevel: Switches of the emulated HighLevel.
        timetonic_variant: Switches of the emulated TimeTonic.
        slack: The emulated Slack, on a third port; None for none.
    """

    contacts: int = 1000
    tasks: int = 600
    notes: int = 300
    leads: int = 200
    shared: int = 50
    seed: int = 1
    port: int = 0
    rate_limit: bool = True
    highlevel: HighLevelOptions = field(default_factory=HighLevelOptions)
    timetonic_variant: Mapping[str, Any] | None = None
    slack: SlackOptions | None = None


class Sandbox:
    """Both vendors with one clock, one fault plan and one recorder.

    Usable at once through `transports`; `start` serves it over TCP as well.

    Attributes:
        webhooks: What HighLevel sends by itself; idle until it is given a target.
        automations: What TimeTonic calls by itself; idle until it is given actions.
        slack: The emulated workspace, served from `start` on; None where none was asked for.
    """

    def __init__(
        self, options: SandboxOptions | None = None, *, clock: EmulatorClock | None = None
    ) -> None:
        self.options = options or SandboxOptions()
        self.clock = clock or EmulatorClock()
        self.faults = FaultPlan()
        self.recorder = Recorder()
        chosen = self.options
        self.world = make_world(
            now=self.clock.now(),
            seed=chosen.seed,
            contacts=chosen.contacts,
            tasks=chosen.tasks,
            notes=chosen.notes,
            leads=chosen.leads,
            shared=chosen.shared,
        )
        self.highlevel = build_highlevel(
            self.world,
            clock=self.clock,
            faults=self.faults,
            recorder=self.recorder,
            rate_limit=chosen.rate_limit,
            options=chosen.highlevel,
        )
        self.timetonic = build_timetonic(
            self.world,
            clock=self.clock,
            faults=self.faults,
            recorder=self.recorder,
            variant=chosen.timetonic_variant,
        )
        self.webhooks = HighLevelWebhooks(
            self.highlevel.state, clock=self.clock, seed=chosen.seed
        )
        self.automations = TimeTonicAutomations(
            self.timetonic.state, clock=self.clock, seed=chosen.seed
        )
        self._control = build_control(
            clock=self.clock,
            faults=self.faults,
            recorder=self.recorder,
            counts={
                "highlevel": self.highlevel.state.counts,
                "timetonic": self.timetonic.state.counts,
            },
            senders={"webhooks": self.webhooks, "automations": self.automations},
        )
        self.slack = None if chosen.slack is None else self._make_slack(chosen.slack)
        self._server: BackgroundServer | None = None
        self._ports: tuple[int, int] | None = None

    @classmethod
    @asynccontextmanager
    async def running(
        cls, options: SandboxOptions | None = None, *, clock: EmulatorClock | None = None
    ) -> AsyncIterator[Sandbox]:
        """A sandbox served over TCP for the length of a block."""
        sandbox = cls(options, clock=clock)
        sandbox.start()
        try:
            yield sandbox
        finally:
            sandbox.stop()

    def start(self) -> None:
        """Serve both vendors and the control door; a second call changes nothing.

        Raises:
            UseError: The port is taken.
        """
        if self._server is not None:
            return
        if self.slack is not None:
            self.slack.start()
        first = open_socket(self.options.port)
        second = _open_next(self.options.port)
        self._ports = (first.getsockname()[1], second.getsockname()[1])
        self._server = BackgroundServer(
            self._dispatch, [first, second], companion=self._send_forever
        )
        self._server.start()

    def stop(self) -> None:
        """Stop serving; a second call changes nothing."""
        if self.slack is not None:
            self.slack.stop()
        if self._server is not None:
            self._server.stop()
        self._server = self._ports = None

    def run_forever(self, on_ready: Callable[[dict[str, Any]], None]) -> None:
        """Serve until SIGTERM or SIGINT, then stop cleanly. For the main thread.

        Args:
            on_ready: Given `ready_line()` once requests are taken.
        """
        asked_to_stop = threading.Event()
        former = {
            number: signal.signal(number, lambda *_: asked_to_stop.set())
            for number in (signal.SIGTERM, signal.SIGINT)
        }
        try:
            self.start()
            on_ready(self.ready_line())
            asked_to_stop.wait()
        finally:
            self.stop()
            for number, handler in former.items():
                signal.signal(number, handler)

    def transports(self) -> dict[str, InProcessTransport]:
        """System to a transport for `httpx.AsyncClient` that reaches it without a socket."""
        return {
            "highlevel": InProcessTransport(self.highlevel.app),
            "timetonic": InProcessTransport(self.timetonic.app),
        }

    def ready_line(self) -> dict[str, Any]:
        """Addresses and credentials, as `hightonic sandbox --json` prints them."""
        highlevel_url, timetonic_url = _HIGHLEVEL_IN_PROCESS, _TIMETONIC_IN_PROCESS
        if self._ports is not None:
            highlevel_url, timetonic_url = (f"http://127.0.0.1:{port}" for port in self._ports)
        mine, theirs = self.highlevel.credentials, self.timetonic.credentials
        names = ("user", "sesskey", "book_owner", "book_code", "tables")
        return {
            "highlevel": {
                "base_url": highlevel_url,
                "token": mine.token,
                "location_id": mine.location_id,
                "client_id": mine.client_id,
                "client_secret": mine.client_secret,
                "refresh_token": mine.refresh_token,
                "webhook_key": self.webhooks.signer.public_key_pem,
            },
            "timetonic": {
                "url": f"{timetonic_url}{theirs['path']}",
                **{name: theirs[name] for name in names},
            },
            "control_url": highlevel_url + PREFIX,
            **({} if self.slack is None else {"slack": self.slack.ready_line()}),
        }

    def _make_slack(self, options: SlackOptions) -> SlackSandbox:
        # Its Block Kit tables and page cost time that most sandboxes have no use for.
        from toolkit.sandbox.slack import SlackSandbox

        port = self.options.port
        return SlackSandbox(
            options,
            port=port + 2 if port else 0,
            clock=self.clock,
            faults=self.faults,
            recorder=self.recorder,
        )

    async def _send_forever(self) -> None:
        await post_forever([self.webhooks.queue, self.automations.queue])

    async def _dispatch(self, scope: Scope, receive: Receive, send: Send) -> None:
        """HighLevel is at the root of its own port, as both official clients need it."""
        if scope["path"].startswith(f"{PREFIX}/"):
            await self._control(scope, receive, send)
        elif self._ports is not None and scope["server"][1] == self._ports[1]:
            await self.timetonic.app(scope, receive, send)
        else:
            await self.highlevel.app(scope, receive, send)


def _open_next(port: int) -> socket.socket:
    """The port after this one, or a free one where that is taken."""
    try:
        return open_socket(port + 1 if port else 0)
    except UseError:
        return open_socket(0)

"""The TimeTonic client."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Self

import httpx

from toolkit.clients.http import CallRecord, HttpCore
from toolkit.clients.pacing import CallCounter, Clock, Pacer
from toolkit.clients.retrying import RetryPolicy
from toolkit.clients.timetonic.auth import FixedSesskey, SesskeyProvider
from toolkit.clients.timetonic.books import Books, Users
from toolkit.clients.timetonic.caller import Book, Caller
from toolkit.clients.timetonic.files import Files
from toolkit.clients.timetonic.profile import CapabilityProfile
from toolkit.clients.timetonic.protocol import DEFAULT_URL, DEFAULT_VERSION, Effect, Payload
from toolkit.clients.timetonic.quota import MonthlyCounter
from toolkit.clients.timetonic.row_writes import Rows
from toolkit.clients.timetonic.tables import Tables
from toolkit.clients.timetonic.talk import Comments, Messages
from toolkit.errors import UseError

# The vendor's wrapper waits 120 s, later 360 s; large tables are slow to come.
_READ_TIMEOUT_S = 120.0


class Sessions:
    """`client.sessions`: the sessions of this user."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    async def drop_others(self) -> None:
        """End every other session of this user: web, mobile and API; keeps this one."""
        await self._caller.call(
            "dropAllSessions", {"b_o": None, "b_c": None}, effect=Effect.IDEMPOTENT
        )


class TimeTonic:
    """TimeTonic's API for one user, and usually one book.

    Example:
        async with TimeTonic("...", user="api", book_owner="acme", book_code="crm") as client:
            async for page in client.rows.iter_pages("Contacts"):
                print(len(page.rows), "of", page.total_row_count)
            for row in await client.rows.find_rows("Contacts", "Email", "ada@example.org"):
                await client.rows.update(row.id, {"Plan": "gold"}, table="Contacts")

    Leaving the block closes the connections. What you do with it, by the vendor's nouns;
    `help(client.rows)` tells each one's methods:

    * `rows`: list, get, find, create, update, delete; many in one call.
    * `tables`: smart tables with their fields, which may be named as people see them.
    * `books`, `user`: what the key opens, and whose it is.
    * `comments`, `messages`, `files`: what people say and attach.
    * `sessions`: end the others of this user.
    * `monthly`: calls made this month, against the plan's allowance.

    Every method raises from the tree in `toolkit.errors`; the leaf says what to do next.
    Reads and updates are repeated after lost answers, creates only when they provably did
    not happen. Writes go one after the other, reads a few at a time.

    Args:
        sesskey: An API key, or a provider of one that may change.
        user: User code the key belongs to.
        url: Address of `api.php`.
        book_owner: User code of the book's owner.
        book_code: Code of the book.
        version: API version to name; empty leaves it out.
        profile: What this account was seen to do; the defaults are guesses on the safe side.
        transport: Replaces the network, such as `httpx.ASGITransport(app)`.
        pacer: Spaces calls; the service publishes no rate, so by default none.
        clock: Time for waits and months.
        retry: How often and how patiently to repeat.
        on_call: Called after each try.
        monthly: Counts calls against the plan's monthly allowance.
    """

    def __init__(  # noqa: PLR0913 — the seams that tests and front ends need
        self,
        sesskey: str | SesskeyProvider,
        *,
        user: str,
        url: str = DEFAULT_URL,
        book_owner: str | None = None,
        book_code: str | None = None,
        version: str = DEFAULT_VERSION,
        profile: CapabilityProfile | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        pacer: Pacer | None = None,
        clock: Clock | None = None,
        retry: RetryPolicy | None = None,
        on_call: Callable[[CallRecord], None] | None = None,
        monthly: MonthlyCounter | None = None,
    ) -> None:
        if not user or not sesskey:
            raise UseError("the TimeTonic client needs a user and a session key")
        self._core = HttpCore(
            url,
            transport=transport,
            pacer=pacer,
            clock=clock,
            on_call=on_call,
            read_timeout_s=_READ_TIMEOUT_S,
        )
        self.monthly = monthly or MonthlyCounter(clock=self._core.clock)
        self._caller = Caller(
            core=self._core,
            keys=FixedSesskey(sesskey) if isinstance(sesskey, str) else sesskey,
            user=user,
            version=version,
            book=Book(owner=book_owner, code=book_code),
            profile=profile or CapabilityProfile(),
            retry=retry or RetryPolicy(),
            monthly=self.monthly,
        )
        self.user = Users(self._caller)
        self.books = Books(self._caller)
        self.tables = Tables(self._caller)
        self.rows = Rows(self._caller, self.tables)
        self.comments = Comments(self._caller)
        self.messages = Messages(self._caller)
        self.files = Files(self._caller)
        self.sessions = Sessions(self._caller)

    @property
    def profile(self) -> CapabilityProfile:
        """How this client encodes values and sizes its calls."""
        return self._caller.profile

    @property
    def counter(self) -> CallCounter:
        """Tries so far, by function."""
        return self._core.counter

    async def call(
        self,
        function: str,
        arguments: Mapping[str, object] | None = None,
        *,
        effect: Effect = Effect.READ,
    ) -> Payload:
        """Any function by the vendor's name, for probes; answers as they come.

        Args:
            function: Such as `getTableValues`.
            arguments: Maps and lists travel as JSON text, None is left out.
            effect: What repeating would do; say `Effect.CREATE` unless sure.

        Raises:
            VendorError: As every call.
        """
        return await self._caller.call(function, arguments, effect=effect)

    async def __aenter__(self) -> Self:
        """Nothing is opened before the first call."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the connections."""
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections; a second call does nothing."""
        await self._core.aclose()

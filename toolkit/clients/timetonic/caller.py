"""One signed call: key, budget, turn, retries; every resource goes through here."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from toolkit.clients.http import HttpCore
from toolkit.clients.retrying import RetryPolicy
from toolkit.clients.timetonic.auth import SesskeyProvider
from toolkit.clients.timetonic.profile import CapabilityProfile
from toolkit.clients.timetonic.protocol import (
    Effect,
    Files,
    Payload,
    Session,
    build_request,
    decipher,
)
from toolkit.clients.timetonic.quota import MonthlyCounter
from toolkit.errors import CredentialsError, NotFoundError, UnknownOutcomeError, UseError

_READS_AT_ONCE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """Which book calls are about; owner and code together name it."""

    owner: str | None
    code: str | None

    def as_form(self) -> dict[str, object]:
        """The book parameters, as far as known."""
        return {"b_o": self.owner, "b_c": self.code}


@dataclass(slots=True, kw_only=True)
class Caller:
    """Signs, counts, sends, deciphers and repeats calls.

    Writes go one at a time, because the service deadlocks on parallel ones (vendor's own
    wrapper, read 2026-11); a few reads may run side by side.
    """

    core: HttpCore
    keys: SesskeyProvider
    user: str
    version: str
    book: Book
    profile: CapabilityProfile
    retry: RetryPolicy
    monthly: MonthlyCounter
    _writing: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)
    _reading: asyncio.Semaphore = field(
        default_factory=lambda: asyncio.Semaphore(_READS_AT_ONCE), init=False
    )

    async def call(
        self,
        function: str,
        arguments: Mapping[str, object] | None = None,
        *,
        effect: Effect = Effect.READ,
        files: Files | None = None,
    ) -> Payload:
        """Make one call and repeat it where its `effect` allows.

        Arguments given here win over the client's own book parameters; None leaves one out.

        Raises:
            UnknownOutcomeError: A create got no sure answer; nothing was repeated.
            VendorError: Any other leaf, after the tries are used up.
        """
        named = {**self.book.as_form(), **(arguments or {})}
        is_lost = False

        async def attempt() -> Payload:
            nonlocal is_lost
            try:
                return await self._signed(function, named, effect=effect, files=files)
            except UnknownOutcomeError:
                is_lost = True
                raise
            except NotFoundError:
                # The try whose answer got lost did remove it.
                if is_lost and effect is Effect.REMOVE:
                    return {}
                raise

        async with self._reading if effect is Effect.READ else self._writing:
            return await self.retry.run(
                attempt, is_read=effect is not Effect.CREATE, clock=self.core.clock
            )

    async def _signed(
        self,
        function: str,
        arguments: Mapping[str, object],
        *,
        effect: Effect,
        files: Files | None,
    ) -> Payload:
        sesskey = await self.keys.current()
        try:
            return await self._once(
                function, arguments, effect=effect, files=files, key=sesskey
            )
        except CredentialsError:
            fresh = await self.keys.renew(sesskey)
            if fresh is None:
                raise
        return await self._once(function, arguments, effect=effect, files=files, key=fresh)

    async def _once(
        self,
        function: str,
        arguments: Mapping[str, object],
        *,
        effect: Effect,
        files: Files | None,
        key: str,
    ) -> Payload:
        session = Session(user=self.user, sesskey=key, version=self.version).as_form()
        request = build_request(
            function, arguments, effect=effect, session=session, files=files
        )
        self.monthly.count()
        answer = await self.core.send(request)
        return decipher(answer, effect=effect, profile=self.profile)

    def named_book(self) -> Book:
        """The book, for calls that cannot do without.

        Raises:
            UseError: The client was made without one.
        """
        if not self.book.owner or not self.book.code:
            raise UseError(
                "this call is about a book and the TimeTonic client names none",
                unchanged="Nothing was sent",
                remedy="Give book_owner and book_code",
            )
        return self.book

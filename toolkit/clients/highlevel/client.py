"""The client for one HighLevel location."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from toolkit.clients.highlevel.protocol import DEFAULT_VERSION
from toolkit.clients.highlevel.resources.calendars import Appointments, Calendars
from toolkit.clients.highlevel.resources.contacts import Contacts
from toolkit.clients.highlevel.resources.custom_fields import CustomFields
from toolkit.clients.highlevel.resources.memberships import Campaigns, Followers, Workflows
from toolkit.clients.highlevel.resources.notes import Notes
from toolkit.clients.highlevel.resources.surroundings import (
    Businesses,
    Locations,
    Opportunities,
    Users,
)
from toolkit.clients.highlevel.resources.tags import Tags
from toolkit.clients.highlevel.resources.tasks import RecurringTasks, Tasks
from toolkit.clients.highlevel.session import Session
from toolkit.clients.highlevel.tokens import PrivateToken
from toolkit.clients.http import HttpCore
from toolkit.clients.pacing import SystemClock, WindowPacer
from toolkit.clients.retrying import RetryPolicy

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from toolkit.clients.highlevel.tokens import TokenProvider
    from toolkit.clients.http import CallRecord
    from toolkit.clients.pacing import CallCounter, Clock, Pacer

DEFAULT_BASE_URL = "https://services.leadconnectorhq.com"


class HighLevel:
    """Contacts, tasks, notes and their surroundings in one HighLevel location.

    Example:
        async with HighLevel("pit-...", location_id="ve9EPM428h8vShlRW1KT") as highlevel:
            recent = Search().where(field("source").eq("website")).sized(20)
            async for contact in highlevel.contacts.list_contacts(recent):
                await highlevel.tags.add(contact.id, ["welcome"])

    Leaving the block closes the connections. What you do with it, by the vendor's nouns;
    `help(highlevel.contacts)` tells each one's methods:

    * `contacts`: get, create, update, upsert, delete, search, list, find duplicates, bulk.
    * `tasks`, `recurring_tasks`, `notes`: what hangs on a contact; tasks also by location.
    * `tags`, `followers`, `campaigns`, `workflows`: what a contact takes part in.
    * `appointments`, `calendars`: when somebody is met.
    * `custom_fields`: definitions, and values in the shape each data type asks for.
    * `locations`, `users`, `businesses`, `opportunities`: around the contacts.

    Every method raises from the tree in `toolkit.errors`; the leaf says what to do next.
    Reads are repeated after network trouble, writes only when provably not executed.

    Args:
        token: A private integration token, or a provider (rotation, OAuth).
        location_id: The sub-account; sent wherever the vendor asks for it.
        base_url: Where the API is; an emulator's address in tests and rehearsals.
        version: `Version` header: `2021-07-28`, `2023-02-21`, or `v3` with its spellings.
            Calendars go by `2021-04-15` unless it is `v3`.
        transport: Replaces the network.
        pacer: When calls may start; by default 98 of the vendor's 100 in 10 s, following its
            headers. Share one between clients of the same app and location.
        clock: Time; replaced in tests.
        retry: When to try again.
        on_call: Told about every try.
        counter: Counts every try.
    """

    def __init__(  # noqa: PLR0913 — the seams that tests and front ends need
        self,
        token: str | TokenProvider,
        *,
        location_id: str,
        base_url: str = DEFAULT_BASE_URL,
        version: str = DEFAULT_VERSION,
        transport: httpx.AsyncBaseTransport | None = None,
        pacer: Pacer | None = None,
        clock: Clock | None = None,
        retry: RetryPolicy | None = None,
        on_call: Callable[[CallRecord], None] | None = None,
        counter: CallCounter | None = None,
    ) -> None:
        clock = clock or SystemClock()
        self._core = HttpCore(
            base_url,
            transport=transport,
            pacer=pacer or WindowPacer(clock=clock),
            clock=clock,
            counter=counter,
            on_call=on_call,
        )
        session = Session(
            self._core,
            tokens=PrivateToken(token) if isinstance(token, str) else token,
            location_id=location_id,
            version=version,
            retry=retry or RetryPolicy(),
        )
        self.location_id = location_id
        self.custom_fields = CustomFields(session)
        self.contacts = Contacts(session, self.custom_fields)
        self.tasks = Tasks(session)
        self.recurring_tasks = RecurringTasks(session)
        self.notes = Notes(session)
        self.tags = Tags(session)
        self.followers = Followers(session)
        self.campaigns = Campaigns(session)
        self.workflows = Workflows(session)
        self.appointments = Appointments(session)
        self.calendars = Calendars(session)
        self.locations = Locations(session)
        self.users = Users(session)
        self.businesses = Businesses(session)
        self.opportunities = Opportunities(session)

    @property
    def calls(self) -> CallCounter:
        """Every try made so far, failed ones included."""
        return self._core.counter

    async def __aenter__(self) -> Self:
        """Nothing is opened before the first call."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the connections."""
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections; a second call does nothing."""
        await self._core.aclose()

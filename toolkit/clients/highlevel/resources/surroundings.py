"""The location itself, its users, its businesses and its opportunities."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from toolkit.clients.highlevel.operations import surroundings as op
from toolkit.errors import UseError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from toolkit.clients.highlevel.session import Session
    from toolkit.clients.highlevel.wire.surroundings import (
        Business,
        BusinessWrite,
        Location,
        Opportunity,
        OpportunityPage,
        Pipeline,
        User,
        UserPage,
    )


class Locations:
    """`highlevel.locations`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def get(self, location_id: str | None = None) -> Location:
        """This client's location, or another one.

        Raises:
            ForbiddenError: The token has no access to it.
        """
        ids = {} if location_id is None else {"location_id": location_id}
        return await self._session.run(op.GET_LOCATION.call(ids))

    async def list_timezones(self) -> tuple[str, ...]:
        """The time zones the location may use."""
        return await self._session.run(op.LIST_TIMEZONES.call())

    async def search(
        self,
        company_id: str,
        *,
        email: str | None = None,
        limit: int | None = None,
        skip: int | None = None,
    ) -> tuple[Location, ...]:
        """An agency's locations; needs an agency token."""
        params = {"companyId": company_id, "email": email, "limit": limit, "skip": skip}
        return await self._session.run(op.SEARCH_LOCATIONS.call(params=params))


class Users:
    """`highlevel.users`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def list_users(self) -> tuple[User, ...]:
        """The location's users, through the older endpoint that still answers."""
        params = {"locationId": self._session.location_id}
        return await self._session.run(op.LIST_USERS.call(params=params))

    async def search(
        self,
        company_id: str,
        *,
        query: str | None = None,
        limit: int = 25,
        skip: int = 0,
    ) -> UserPage:
        """Users of an agency that work in this location.

        Raises:
            ForbiddenError: `company_id` is not this token's (read it from the location).
        """
        params = {
            "companyId": company_id,
            "locationId": self._session.location_id,
            "query": query,
            "limit": str(limit),
            "skip": str(skip),
        }
        return await self._session.run(op.SEARCH_USERS.call(params=params))

    async def get(self, user_id: str) -> User:
        """One user."""
        return await self._session.run(op.GET_USER.call({"user_id": user_id}))


class Businesses:
    """`highlevel.businesses`; contacts are linked by `contacts.bulk_business`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def list_businesses(self, *, page_size: int = 100) -> AsyncIterator[Business]:
        """Every business of the location."""
        skip = 0
        while True:
            params = {
                "locationId": self._session.location_id,
                "limit": str(page_size),
                "skip": str(skip),
            }
            rows = await self._session.run(op.LIST_BUSINESSES.call(params=params))
            for business in rows:
                yield business
            if len(rows) < page_size:
                return
            skip += len(rows)

    async def get(self, business_id: str) -> Business:
        """One business."""
        return await self._session.run(op.GET_BUSINESS.call({"business_id": business_id}))

    async def create(self, write: BusinessWrite) -> Business:
        """A new business; calling it twice makes two.

        Raises:
            UseError: `name` is missing.
        """
        body = write.requiring("name").declared()
        body["locationId"] = self._session.location_id
        return await self._session.run(op.CREATE_BUSINESS.call(body=body))

    async def update(self, business_id: str, write: BusinessWrite) -> Business:
        """Change the given keys."""
        call = op.UPDATE_BUSINESS.call({"business_id": business_id}, body=write.declared())
        return await self._session.run(call)

    async def delete(self, business_id: str) -> None:
        """Delete a business; its contacts stay."""
        await self._session.run(op.DELETE_BUSINESS.call({"business_id": business_id}))


class Opportunities:
    """`highlevel.opportunities`, to read."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def list_page(
        self,
        *,
        query: str | None = None,
        contact_id: str | None = None,
        status: str | None = "all",
        limit: int = 100,
        page: int | None = None,
    ) -> OpportunityPage:
        """One page through the query-string search; `limit` 1 to 100."""
        wide = self._session.is_v3
        params = {
            "locationId" if wide else "location_id": self._session.location_id,
            "contactId" if wide else "contact_id": contact_id,
            "q": query,
            "status": status,
            "limit": limit,
            "page": page,
        }
        return await self._session.run(op.LIST_OPPORTUNITIES.call(params=params))

    async def search(
        self,
        *,
        query: str = "",
        limit: int = 500,
        with_details: Sequence[str] = (),
        search_after: Sequence[Any] = (),
    ) -> OpportunityPage:
        """One page through the search that takes a body.

        Args:
            query: Free text.
            limit: Opportunities per page, 1 to 500.
            with_details: Of `notes`, `tasks`, `calendarEvents`, `unReadConversations`: what
                to bring inline; whether those lists are complete is unverified.
            search_after: Cursor of the last opportunity seen.

        Raises:
            UseError: An unknown detail.
        """
        details = ("notes", "tasks", "calendarEvents", "unReadConversations")
        if unknown := sorted(set(with_details) - set(details)):
            raise UseError(
                f"Opportunities have no detail {unknown[0]}", unchanged="Nothing was sent"
            )
        # The specification asks for every one of these keys, `page` beside the cursor too.
        body = {
            "locationId": self._session.location_id,
            "query": query,
            "limit": limit,
            "page": 1,
            "searchAfter": list(search_after),
            "additionalDetails": {name: name in with_details for name in details},
        }
        return await self._session.run(op.SEARCH_OPPORTUNITIES.call(body=body))

    async def list_opportunities(
        self, *, page_size: int = 500, with_details: Sequence[str] = ()
    ) -> AsyncIterator[Opportunity]:
        """Every opportunity of the location, by cursor."""
        cursor: Sequence[Any] = ()
        seen = 0
        while True:
            page = await self.search(
                limit=page_size, with_details=with_details, search_after=cursor
            )
            for opportunity in page.opportunities:
                yield opportunity
            seen += len(page.opportunities)
            is_last = len(page.opportunities) < page_size or seen == page.count
            if is_last or not page.opportunities[-1].search_after:
                return
            cursor = page.opportunities[-1].search_after

    async def list_pipelines(self) -> tuple[Pipeline, ...]:
        """The location's pipelines with their stages."""
        params = {"locationId": self._session.location_id}
        return await self._session.run(op.LIST_PIPELINES.call(params=params))

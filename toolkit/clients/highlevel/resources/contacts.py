"""Contacts: the vendor's own noun, with its search and its bulk calls."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from toolkit.clients.highlevel.operations import contacts as op
from toolkit.clients.highlevel.search import Search
from toolkit.clients.highlevel.writing import contact_body
from toolkit.errors import MalformedAnswerError, NotFoundError, UseError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from toolkit.clients.highlevel.custom_fields import FieldCatalog
    from toolkit.clients.highlevel.resources.custom_fields import CustomFields
    from toolkit.clients.highlevel.session import Session
    from toolkit.clients.highlevel.wire.contacts import (
        BulkTagRow,
        Contact,
        ContactWrite,
        SearchPage,
        Upserted,
    )

# The vendor documents 50 for businesses and nothing for tags (issue 315 of its docs).
_BULK_BUSINESS_CHUNK = 50
_BULK_TAGS_CHUNK = 100
_LEGACY_PAGE = 100


class Contacts:
    """`highlevel.contacts`."""

    def __init__(self, session: Session, custom_fields: CustomFields) -> None:
        self._session = session
        self._custom_fields = custom_fields

    async def get(self, contact_id: str) -> Contact:
        """One contact, with `last_activity_at`.

        Raises:
            NotFoundError: There is none (the vendor answers 400 for that).
        """
        return await self._session.run(op.GET.call({"contact_id": contact_id}))

    async def create(self, write: ContactWrite) -> Contact:
        """A new contact; calling it twice makes two, or is refused as a duplicate.

        Raises:
            DuplicateContactError: Its `contact_id` holds the e-mail or phone already.
            UnknownOutcomeError: Look it up (`find_duplicate`, or by correlation) before more.
            RejectedError: Values refused; a 422 was once seen although the contact had been
                created (issue 64 of the vendor's docs), so look it up too.
        """
        body = await self._body(write, "create")
        body["locationId"] = self._session.location_id
        return await self._session.run(op.CREATE.call(body=body))

    async def update(
        self, contact_id: str, write: ContactWrite, *, replace_tags: bool = False
    ) -> Contact:
        """Change the given keys; a second call with the same values changes nothing more.

        Args:
            contact_id: Which.
            write: Keys to change; `company_name` and `gender` cannot be (use `upsert`).
            replace_tags: Allow `write.tags` to overwrite the whole set; for adding or taking
                away single tags there is `highlevel.tags`.

        Raises:
            NotFoundError: There is no such contact.
            UseError: A key that update does not take; nothing was sent.
        """
        body = await self._body(write, "update", replace_tags=replace_tags)
        return await self._session.run(op.UPDATE.call({"contact_id": contact_id}, body=body))

    async def upsert(
        self,
        write: ContactWrite,
        *,
        replace_tags: bool = False,
        create_new_if_duplicate_allowed: bool | None = None,
    ) -> Upserted:
        """Create, or change whichever contact the location's duplicate rule finds.

        With e-mail and phone of two different contacts the first identifier of the rule wins
        and the other value is silently ignored; a match through an additional e-mail makes
        that one primary and the old primary is lost (vendor docs and issues 37, 337).

        Raises:
            UseError: Neither e-mail nor phone to match on, or tags without `replace_tags`.
        """
        if not write.email and not write.phone:
            raise UseError(
                "An upsert needs an e-mail or a phone to match on", unchanged="Nothing was sent"
            )
        body = await self._body(write, "upsert", replace_tags=replace_tags)
        body["locationId"] = self._session.location_id
        if create_new_if_duplicate_allowed is not None:
            body["createNewIfDuplicateAllowed"] = create_new_if_duplicate_allowed
        return await self._session.run(op.UPSERT.call(body=body))

    async def delete(self, contact_id: str) -> None:
        """Delete for good; deleting again raises.

        Raises:
            NotFoundError: It is gone already.
        """
        await self._session.run(op.DELETE.call({"contact_id": contact_id}))

    async def search(self, search: Search | None = None) -> SearchPage:
        """One page. The index lags by seconds and deleted contacts linger in it.

        Raises:
            RejectedError: A filter the vendor does not know.
        """
        body = (search or Search()).to_body(self._session.location_id)
        return await self._session.run(op.SEARCH.call(body=body))

    async def iter_pages(
        self, search: Search | None = None, *, page_size: int = 500
    ) -> AsyncIterator[SearchPage]:
        """Every page of `search`, by cursor; no extra call for an empty last page.

        A contact that changes while listing may come twice; callers de-duplicate by id.

        Args:
            search: Filters and sort; its own page, size and cursor are ignored.
            page_size: Contacts per call, 1 to 500.
        """
        step = (search or Search()).sized(page_size)
        seen, total = 0, 0
        while True:
            page = await self.search(step)
            yield page
            seen += len(page.contacts)
            # A deletion while listing lowers `total`; only the largest is safe to stop at.
            total = max(total, page.total or 0)
            if len(page.contacts) < page_size or (page.total is not None and seen >= total):
                return
            step = step.after(self._cursor(page))

    async def list_contacts(
        self, search: Search | None = None, *, page_size: int = 500
    ) -> AsyncIterator[Contact]:
        """Every contact of `search`; see `iter_pages`."""
        async for page in self.iter_pages(search, page_size=page_size):
            for contact in page.contacts:
                yield contact

    async def find_duplicate(
        self, *, email: str | None = None, phone: str | None = None
    ) -> Contact | None:
        """The contact that the location's duplicate rule finds, or None.

        Raises:
            UseError: Neither e-mail nor phone given.
        """
        if not email and not phone:
            raise UseError(
                "Give an e-mail or a phone to look for", unchanged="Nothing was sent"
            )
        params = {"locationId": self._session.location_id, "email": email, "number": phone}
        try:
            return await self._session.run(op.FIND_DUPLICATE.call(params=params))
        except NotFoundError:
            return None

    async def list_by_business(
        self, business_id: str, *, query: str | None = None, page_size: int = 100
    ) -> AsyncIterator[Contact]:
        """The contacts linked to a business; `page_size` 1 to 100."""
        skip = 0
        while True:
            params = {
                "locationId": self._session.location_id,
                "limit": str(page_size),
                "skip": str(skip),
                "query": query,
            }
            call = op.LIST_BY_BUSINESS.call({"business_id": business_id}, params=params)
            page = await self._session.run(call)
            for contact in page.contacts:
                yield contact
            skip += len(page.contacts)
            if len(page.contacts) < page_size or skip == page.total:
                return

    async def list_legacy(
        self, *, query: str | None = None, page_size: int = _LEGACY_PAGE
    ) -> AsyncIterator[Contact]:
        """Every contact through the deprecated list, newest first; `page_size` 1 to 100."""
        cursor: dict[str, Any] = {}
        while True:
            params = {
                "locationId": self._session.location_id,
                "limit": page_size,
                "query": query,
                **cursor,
            }
            page = await self._session.run(op.LIST_LEGACY.call(params=params))
            for contact in page.contacts:
                yield contact
            if len(page.contacts) < page_size or not page.meta.start_after_id:
                return
            # The vendor's ready-made `nextPageUrl` may name another host and lose the location.
            cursor = {
                "startAfter": page.meta.start_after,
                "startAfterId": page.meta.start_after_id,
            }

    async def bulk_tags(
        self,
        kind: Literal["add", "remove"],
        contact_ids: Sequence[str],
        tags: Sequence[str],
        *,
        remove_all: bool | None = None,
    ) -> tuple[BulkTagRow, ...]:
        """Add or remove `tags` on many contacts, 100 a call; look at `is_done` of each row.

        Args:
            kind: `add` or `remove`.
            contact_ids: Any number.
            tags: The same tags for all of them.
            remove_all: Remove every tag (`remove` only).

        Raises:
            VendorError: A call failed; the calls before it stand.
        """
        rows: list[BulkTagRow] = []
        for start in range(0, len(contact_ids), _BULK_TAGS_CHUNK):
            body: dict[str, Any] = {
                "contacts": list(contact_ids[start : start + _BULK_TAGS_CHUNK]),
                "tags": list(tags),
                "locationId": self._session.location_id,
            }
            if remove_all is not None:
                body["removeAllTags"] = remove_all
            rows += await self._session.run(op.BULK_TAGS.call({"type": kind}, body=body))
        return tuple(rows)

    async def bulk_business(
        self, contact_ids: Sequence[str], business_id: str | None
    ) -> tuple[str, ...]:
        """Link contacts to a business, 50 a call, or detach them (None); the ids changed."""
        changed: list[str] = []
        for start in range(0, len(contact_ids), _BULK_BUSINESS_CHUNK):
            body = {
                "locationId": self._session.location_id,
                "ids": list(contact_ids[start : start + _BULK_BUSINESS_CHUNK]),
                "businessId": business_id,
            }
            changed += await self._session.run(op.BULK_BUSINESS.call(body=body))
        return tuple(changed)

    async def _body(
        self,
        write: ContactWrite,
        act: Literal["create", "update", "upsert"],
        *,
        replace_tags: bool = False,
    ) -> dict[str, Any]:
        catalog: FieldCatalog | None = None
        if isinstance(write.custom_fields, Mapping) and write.custom_fields:
            catalog = await self._custom_fields.catalog()
        return contact_body(
            write,
            act=act,
            replace_tags=replace_tags,
            is_v3=self._session.is_v3,
            catalog=catalog,
        )

    def _cursor(self, page: SearchPage) -> tuple[Any, ...]:
        cursor = page.contacts[-1].search_after
        if not cursor:
            raise MalformedAnswerError(
                "A full page of contacts came without a cursor to go on from",
                system="highlevel",
                operation="POST /contacts/search",
                unchanged="Nothing was changed",
            )
        return cursor

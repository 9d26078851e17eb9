"""The contacts themselves: operations 1 to 11 of the Contacts API."""

from __future__ import annotations

from toolkit.clients.highlevel.protocol import Operation, acknowledged, read_words, rows_of
from toolkit.clients.highlevel.wire.contacts import (
    BulkTagRow,
    Contact,
    LegacyPage,
    SearchPage,
    Upserted,
)

_ONE = "/contacts/{contact_id}"
CREATE = Operation(
    name="contacts.create",
    method="POST",
    path="/contacts/",
    reads=Contact.model_validate,
    within=("contact",),
)
GET = Operation(
    name="contacts.get",
    method="GET",
    path=_ONE,
    reads=Contact.model_validate,
    within=("contact",),
    is_read=True,
)
UPDATE = Operation(
    name="contacts.update",
    method="PUT",
    path=_ONE,
    reads=Contact.model_validate,
    within=("contact",),
)
DELETE = Operation(name="contacts.delete", method="DELETE", path=_ONE, reads=acknowledged)
UPSERT = Operation(
    name="contacts.upsert",
    method="POST",
    path="/contacts/upsert",
    reads=Upserted.model_validate,
)
SEARCH = Operation(
    name="contacts.search",
    method="POST",
    path="/contacts/search",
    reads=SearchPage.model_validate,
    is_read=True,
)
FIND_DUPLICATE = Operation(
    name="contacts.find_duplicate",
    method="GET",
    path="/contacts/search/duplicate",
    reads=lambda found: Contact.model_validate(found) if found else None,
    within=("contact",),
    is_nullable=True,
    is_read=True,
)
LIST_LEGACY = Operation(
    name="contacts.list_legacy",
    method="GET",
    path="/contacts/",
    reads=LegacyPage.model_validate,
    is_read=True,
)
LIST_BY_BUSINESS = Operation(
    name="contacts.list_by_business",
    method="GET",
    path="/contacts/business/{business_id}",
    reads=SearchPage.model_validate,
    is_read=True,
)
BULK_BUSINESS = Operation(
    name="contacts.bulk_business",
    method="POST",
    path="/contacts/bulk/business",
    reads=read_words,
    within=("ids",),
)
BULK_TAGS = Operation(
    name="contacts.bulk_tags",
    method="POST",
    path="/contacts/bulk/tags/update/{type}",
    reads=rows_of(BulkTagRow),
    within=("responses",),
)

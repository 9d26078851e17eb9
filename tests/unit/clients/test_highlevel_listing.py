import json
from typing import Any

import httpx
import pytest

from tests.unit.clients.highlevel_table import LOCATION, Vendor, client_of, collected, ids
from toolkit.clients.highlevel import Search, field
from toolkit.errors import MalformedAnswerError, UseError


class Location:
    """A location with numbered contacts, tasks and the like, paged as the vendor does."""

    def __init__(self, count: int, *, gives_total: bool = True, gives_cursor: bool = True):
        self.rows = [f"x{number:05}" for number in range(count)]
        self.gives_total = gives_total
        self.gives_cursor = gives_cursor
        self.requests: list[httpx.Request] = []
        self.deleted_after_page = 0

    def row(self, name: str) -> dict[str, Any]:
        cursor = {"searchAfter": [int(name[1:]), name]} if self.gives_cursor else {}
        return {"id": name, "_id": name, "name": name} | cursor

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        body = json.loads(request.content) if request.content else dict(request.url.params)
        limit = int(body.get("pageLimit", body.get("limit", 20)))
        rows = self.rows[self.start(body) :][:limit]
        answer = {self.key(request): [self.row(name) for name in rows]}
        if self.gives_total:
            answer |= {"total": len(self.rows), "count": len(self.rows)}
        if rows and "startAfterId" not in answer:
            answer["meta"] = {
                "startAfter": 7,
                "startAfterId": rows[-1],
                "nextPageUrl": "http://evil.test/?startAfterId=0",
            }
        if self.deleted_after_page:
            self.rows = self.rows[self.deleted_after_page :]
        return httpx.Response(200, json=answer)

    def start(self, body: dict[str, Any]) -> int:
        after = body.get("searchAfter") or [None]
        last = body.get("startAfterId") or after[-1]
        if last:
            return sum(name <= last for name in self.rows)
        return int(body.get("skip") or body.get("offset") or 0)

    def key(self, request: httpx.Request) -> str:
        path = request.url.path
        keys = ("tasks", "opportunities", "businesses", "notes")
        return next((key for key in keys if key in path), "contacts")


@pytest.mark.parametrize(
    ("count", "gives_total", "calls"),
    [
        (0, True, 1),
        (1, True, 1),
        (9, True, 1),
        (10, True, 1),
        (11, True, 2),
        (20, True, 2),
        (100, True, 10),
        (20, False, 3),
        (25, False, 3),
    ],
)
async def test_every_contact_comes_once_without_an_empty_last_page(count, gives_total, calls):
    location = Location(count, gives_total=gives_total)

    async with client_of(location) as highlevel:
        found = await collected(highlevel.contacts.list_contacts(page_size=10))

    assert ids(found) == location.rows
    assert len(location.requests) == calls


async def test_a_contact_deleted_while_listing_hides_no_other():
    location = Location(21)
    location.deleted_after_page = 1
    everyone = list(location.rows)

    async with client_of(location) as highlevel:
        found = await collected(highlevel.contacts.list_contacts(page_size=10))

    assert ids(found) == everyone


async def test_every_page_repeats_filters_and_sort_and_carries_only_the_cursor():
    location = Location(11)
    search = Search().where(field("city").eq("Paris")).sorted_by("dateUpdated").at_page(3)

    async with client_of(location) as highlevel:
        await collected(highlevel.contacts.iter_pages(search, page_size=10))

    first, second = (json.loads(request.content) for request in location.requests)
    assert "page" not in first
    assert second == first | {"searchAfter": [9, "x00009"]}
    assert {request.url.host for request in location.requests} == {
        "services.leadconnectorhq.com"
    }


async def test_a_full_page_without_a_cursor_is_malformed():
    async with client_of(Location(11, gives_cursor=False)) as highlevel:
        with pytest.raises(MalformedAnswerError, match="cursor"):
            await collected(highlevel.contacts.list_contacts(page_size=10))


@pytest.mark.parametrize("page_size", [0, 501])
async def test_a_page_size_the_vendor_refuses_is_refused_here(page_size):
    async with client_of(Vendor({})) as highlevel:
        with pytest.raises(UseError):
            await collected(highlevel.contacts.list_contacts(page_size=page_size))
        with pytest.raises(UseError):
            await highlevel.tasks.search(limit=page_size)


@pytest.mark.parametrize("gives_cursor", [True, False])
@pytest.mark.parametrize(("count", "calls"), [(0, 1), (9, 1), (10, 2), (25, 3)])
async def test_tasks_of_a_location_go_by_cursor_or_else_by_skip(count, calls, gives_cursor):
    location = Location(count, gives_cursor=gives_cursor)

    async with client_of(location) as highlevel:
        pages = await collected(highlevel.tasks.iter_location_tasks(page_size=10))

    assert [task.id for page in pages for task in page.tasks] == location.rows
    assert len(location.requests) == calls
    last = json.loads(location.requests[-1].content)
    assert ("searchAfter" in last) is (gives_cursor and calls > 1)


async def test_the_legacy_list_rebuilds_its_next_page_and_keeps_the_location():
    location = Location(25)

    async with client_of(location) as highlevel:
        found = await collected(highlevel.contacts.list_legacy(page_size=10))

    assert ids(found) == location.rows
    assert {request.url.host for request in location.requests} == {
        "services.leadconnectorhq.com"
    }
    assert {request.url.params["locationId"] for request in location.requests} == {LOCATION}


async def test_legacy_names_come_in_their_original_case():
    row = {"id": "c1", "firstName": "ada", "firstNameRaw": "Ada", "lastName": "king"}

    async with client_of(Vendor({"contacts": [row]})) as highlevel:
        (contact,) = await collected(highlevel.contacts.list_legacy())

    assert (contact.first_name, contact.last_name) == ("Ada", "king")


@pytest.mark.parametrize(("count", "calls"), [(0, 1), (9, 1), (20, 2), (25, 3)])
async def test_contacts_of_a_business_go_by_skip(count, calls):
    location = Location(count)

    async with client_of(location) as highlevel:
        found = await collected(highlevel.contacts.list_by_business("b1", page_size=10))

    assert ids(found) == location.rows
    assert len(location.requests) == max(1, calls)


async def test_businesses_and_appointment_notes_go_by_skip():
    location = Location(25)

    async with client_of(location) as highlevel:
        businesses = await collected(highlevel.businesses.list_businesses(page_size=10))
        notes = await collected(highlevel.appointments.list_notes("e1", page_size=10))

    assert ids(businesses) == ids(notes) == location.rows


@pytest.mark.parametrize(("gives_total", "calls"), [(True, 2), (False, 3)])
async def test_opportunities_go_by_cursor(gives_total, calls):
    location = Location(20, gives_total=gives_total)

    async with client_of(location) as highlevel:
        found = await collected(highlevel.opportunities.list_opportunities(page_size=10))

    assert ids(found) == location.rows
    assert len(location.requests) == calls


async def test_an_unknown_detail_of_opportunities_is_refused():
    async with client_of(Vendor({})) as highlevel:
        with pytest.raises(UseError, match="invoices"):
            await highlevel.opportunities.search(with_details=["invoices"])


@pytest.mark.parametrize(("count", "sizes"), [(0, []), (99, [99]), (250, [100, 100, 50])])
async def test_bulk_tags_go_in_hundreds(count, sizes):
    vendor = Vendor({"responses": [{"contactId": "c", "type": "error", "message": "deleted"}]})

    async with client_of(vendor) as highlevel:
        rows = await highlevel.contacts.bulk_tags("add", [f"c{n}" for n in range(count)], ["t"])

    assert [len(body["contacts"]) for body in vendor.bodies] == sizes
    assert all("removeAllTags" not in body for body in vendor.bodies)
    assert not any(row.is_done for row in rows)


@pytest.mark.parametrize(("count", "sizes"), [(50, [50]), (120, [50, 50, 20])])
async def test_bulk_businesses_go_in_fifties(count, sizes):
    vendor = Vendor({"success": True, "ids": ["a"]})

    async with client_of(vendor) as highlevel:
        changed = await highlevel.contacts.bulk_business([f"c{n}" for n in range(count)], "b1")

    assert [len(body["ids"]) for body in vendor.bodies] == sizes
    assert changed == ("a",) * len(sizes)

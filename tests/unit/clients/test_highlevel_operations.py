import json

import pytest

from tests.unit.clients.highlevel_table import (
    CONTACTS,
    HANGING,
    LOCATION,
    ROWS,
    TOKEN,
    Row,
    Vendor,
    client_of,
    ids,
)
from toolkit.clients.highlevel import ContactWrite
from toolkit.clients.highlevel.operations import OPERATIONS
from toolkit.clients.highlevel.protocol import acknowledged, read_words
from toolkit.errors import MalformedAnswerError, RejectedError

by_name = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)


def sent_body(request) -> object:
    if request.headers.get("content-type", "").startswith("multipart/"):
        return "multipart"
    return json.loads(request.content) if request.content else None


def test_the_table_names_every_operation_once():
    assert sorted(row.name for row in ROWS) == sorted(OPERATIONS)


def test_the_contacts_api_has_all_its_32_operations():
    located = {"tasks.search"} | {row.name for row in HANGING if "recurring" in row.name}

    assert len(CONTACTS) + len([row for row in HANGING if row.name not in located]) == 32


@by_name
async def test_each_operation_sends_and_reads_what_the_vendor_documents(row: Row):
    vendor = Vendor(row.answers, status=row.status)

    async with client_of(vendor) as highlevel:
        given = await row.act(highlevel)

    (request,) = vendor.requests
    assert (request.method, request.url.path) == row.sends
    assert dict(request.url.params) == row.query
    assert sent_body(request) == row.body
    assert request.headers["authorization"] == f"Bearer {TOKEN}"
    assert request.headers["version"] == row.version
    if isinstance(row.gives, tuple) or row.gives is None:
        assert row.gives is None or given == row.gives
    else:
        assert ids(given) == row.gives


@by_name
async def test_v3_changes_the_header_and_its_own_spellings_only(row: Row):
    vendor = Vendor(row.answers, status=row.status)

    async with client_of(vendor, version="v3") as highlevel:
        await row.act(highlevel)

    (request,) = vendor.requests
    assert request.headers["version"] == "v3"
    assert request.url.path == (row.v3_path or row.sends[1])
    assert dict(request.url.params) == (row.query if row.v3_query is None else row.v3_query)
    assert sent_body(request) == (row.v3_body or row.body)


@pytest.mark.parametrize(
    "row",
    [row for row in ROWS if OPERATIONS[row.name].reads not in (acknowledged, read_words)],
    ids=lambda row: row.name,
)
async def test_no_operation_reads_sense_into_a_list_of_numbers(row: Row):
    vendor = Vendor([1, 2], status=row.status)

    async with client_of(vendor) as highlevel:
        with pytest.raises(MalformedAnswerError):
            await row.act(highlevel)


@pytest.mark.parametrize("flag", ["succeded", "succeeded", "success"])
async def test_a_success_that_says_it_failed_is_a_rejection(flag):
    vendor = Vendor({flag: False, "traceId": "trace"})

    async with client_of(vendor) as highlevel:
        with pytest.raises(RejectedError) as caught:
            await highlevel.contacts.delete("c1")

    assert caught.value.trace_id == "trace"


@pytest.mark.parametrize(
    "answer",
    [{}, {"contact": None}, {"contact": {"email": "x@y.z"}}, {"contact": 7}, {"contact": []}],
)
async def test_an_answer_without_the_promised_record_is_malformed_and_quotes_nothing(answer):
    async with client_of(Vendor(answer)) as highlevel:
        with pytest.raises(MalformedAnswerError) as caught:
            await highlevel.contacts.get("c1")

    assert "x@y.z" not in caught.value.sentence
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("answer", [{}, {"contact": None}, {"contact": {}}])
async def test_finding_no_duplicate_is_none(answer):
    async with client_of(Vendor(answer)) as highlevel:
        assert await highlevel.contacts.find_duplicate(email="a@b.c") is None


async def test_ids_are_escaped_in_paths():
    vendor = Vendor({"contact": {"id": "x"}})

    async with client_of(vendor) as highlevel:
        await highlevel.contacts.get("../locations/a?b")

    assert vendor.requests[0].url.raw_path == b"/contacts/..%2Flocations%2Fa%3Fb"


async def test_another_location_can_be_read():
    vendor = Vendor({"location": {"id": "other"}})

    async with client_of(vendor) as highlevel:
        await highlevel.locations.get("other")
        assert highlevel.location_id == LOCATION

    assert vendor.requests[0].url.path == "/locations/other"


async def test_time_zones_may_come_as_a_bare_list():
    async with client_of(Vendor(["Europe/Paris"])) as highlevel:
        assert await highlevel.locations.list_timezones() == ("Europe/Paris",)


async def test_time_zones_as_text_are_malformed():
    async with client_of(Vendor({"timeZones": "Europe/Paris"})) as highlevel:
        with pytest.raises(MalformedAnswerError):
            await highlevel.locations.list_timezones()


async def test_the_secret_is_not_in_a_representation():
    async with client_of(Vendor({})) as highlevel:
        assert TOKEN not in repr(highlevel)
        assert TOKEN not in repr(vars(highlevel))


async def test_a_404_for_a_duplicate_is_none_too():
    async with client_of(Vendor({"message": "Contact not found"}, status=404)) as highlevel:
        assert await highlevel.contacts.find_duplicate(phone="+33612345678") is None


async def test_a_list_that_is_no_list_is_malformed():
    async with client_of(Vendor({"tasks": {"id": "t1"}})) as highlevel:
        with pytest.raises(MalformedAnswerError):
            await highlevel.tasks.list_for_contact("c1")


async def test_an_upsert_tells_whether_it_created():
    vendor = Vendor({"new": False, "contact": {"id": "c1"}})

    async with client_of(vendor) as highlevel:
        upserted = await highlevel.contacts.upsert(ContactWrite(email="a@b.c"))
        assert highlevel.calls.total == 1

    assert (upserted.is_new, upserted.contact.id) == (False, "c1")
    assert vendor.bodies == [{"email": "a@b.c", "locationId": LOCATION}]

import json
from typing import Any

import httpx
import pytest

from tests.unit.clients.highlevel_table import TOKEN, Vendor, client_of
from toolkit.clients.highlevel import ContactWrite
from toolkit.clients.highlevel.refusals import error_of, read_complaint
from toolkit.clients.http import Answer
from toolkit.clients.retrying import is_worth_repeating
from toolkit.errors import (
    CredentialsError,
    DuplicateContactError,
    ForbiddenError,
    MalformedAnswerError,
    NotFoundError,
    QuotaExhaustedError,
    RateLimitedError,
    RejectedError,
    UnknownOutcomeError,
    VendorError,
)

HTML = b"<html><body>Bad gateway</body></html>"
DUPLICATE = {
    "statusCode": 400,
    "message": "This location does not allow duplicated contacts.",
    "meta": {"contactId": "c9", "contactName": "ada", "matchingField": "email"},
    "traceId": "trace-1",
}


def answer_of(status: int, body: Any, headers: dict[str, str] | None = None) -> Answer:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Answer(
        status=status,
        headers=headers or {},
        body=raw,
        operation="POST /contacts/",
        system="highlevel",
    )


def says(message: Any, **more: Any) -> dict[str, Any]:
    return {"message": message} | more


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (200, {}, None),
        (201, {}, None),
        (301, b"", RejectedError),
        (400, says("phone is invalid", statusCode=400, error="Bad Request"), RejectedError),
        (400, says("Contact not found for id:abc"), NotFoundError),
        (400, {"error": "Contact with id abc not found", "status": 400}, NotFoundError),
        (400, says("contact is deleted"), NotFoundError),
        (400, DUPLICATE, DuplicateContactError),
        (400, says("This location does not allow duplicated contacts."), RejectedError),
        (400, says("x", meta={"contactId": None}), RejectedError),
        (400, says("x", meta="odd"), RejectedError),
        (400, says("Pass at least one of number, email query parameter"), RejectedError),
        (400, says("Invalid field additionalEmails"), RejectedError),
        (400, says("Not authorized to update permanent dnd setting for SMS"), RejectedError),
        (400, says(["name required"], statusCode=422), RejectedError),
        (400, HTML, RejectedError),
        (401, says("Invalid JWT", statusCode=401), CredentialsError),
        (401, says("Invalid Private Integration token"), CredentialsError),
        (401, b"", CredentialsError),
        (401, says("The token is not authorized for this scope."), ForbiddenError),
        (401, says("version header was not found."), RejectedError),
        (401, says("version header is invalid"), RejectedError),
        (401, says("E01 - unauthorized request"), ForbiddenError),
        (401, says("This AuthClass is not yet supported"), ForbiddenError),
        (401, says("Command timed out"), UnknownOutcomeError),
        (403, says("The token does not have access to this location."), ForbiddenError),
        (403, says("Forbidden resource", error="Forbidden"), ForbiddenError),
        (404, says("Task not found"), NotFoundError),
        (404, says("Cannot GET /x", error="Not Found", statusCode=404), RejectedError),
        (404, b"", RejectedError),
        (404, HTML, RejectedError),
        (408, b"", UnknownOutcomeError),
        (409, says("conflict"), RejectedError),
        (413, HTML, RejectedError),
        (422, says(["property additionalEmails should not exist"]), RejectedError),
        (422, says("Invalid Operator (gte) passed for field date_added"), RejectedError),
        (429, {"statusCode": 429, "message": "Too Many Requests"}, RateLimitedError),
        (500, says("oops"), UnknownOutcomeError),
        (502, HTML, UnknownOutcomeError),
        (503, b"", UnknownOutcomeError),
        (504, [1], UnknownOutcomeError),
        (400, {"error": {"code": "X", "message": "location not found"}}, NotFoundError),
    ],
)
@pytest.mark.parametrize("is_read", [True, False])
def test_each_refusal_becomes_the_error_that_says_what_to_do(status, body, kind, is_read):
    error = error_of(answer_of(status, body), is_read=is_read)

    assert (None if error is None else type(error)) is kind
    if error is not None:
        assert (error.http_status, error.system) == (status, "highlevel")
        assert error.operation == "POST /contacts/"


def test_a_duplicate_names_the_contact_it_met():
    error = error_of(answer_of(400, DUPLICATE), is_read=False)

    assert isinstance(error, DuplicateContactError)
    assert (error.contact_id, error.matching_field) == ("c9", "email")
    assert error.trace_id == "trace-1"
    assert "ada" not in error.sentence


@pytest.mark.parametrize(
    ("headers", "kind", "wait_s"),
    [
        ({}, RateLimitedError, 10.0),
        ({"x-ratelimit-interval-milliseconds": "5000"}, RateLimitedError, 5.0),
        ({"x-ratelimit-daily-remaining": "12"}, RateLimitedError, 10.0),
        ({"x-ratelimit-daily-remaining": "0"}, QuotaExhaustedError, None),
    ],
)
def test_a_full_window_and_a_used_up_day_are_two_errors(headers, kind, wait_s):
    error = error_of(answer_of(429, says("Too Many Requests"), headers), is_read=False)

    assert type(error) is kind
    assert getattr(error, "retry_after_s", None) == wait_s


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (says("one"), "one"),
        (says(["one", "two"]), "one; two"),
        ({"error": "one"}, "one"),
        ({"error": {"message": "one", "code": 7}}, "one"),
        (says(None), ""),
        (says({"odd": 1}), ""),
        ({}, ""),
        ([], ""),
    ],
)
def test_a_complaint_is_read_in_every_shape(body, message):
    assert read_complaint(json.dumps(body).encode()).message == message


def test_the_vendors_words_stay_out_of_the_sentence():
    error = error_of(answer_of(422, says(["phone +33612345678 is bad"])), is_read=False)

    assert error is not None
    assert "336" not in error.sentence
    assert error.vendor_message == "phone +33612345678 is bad"


@pytest.mark.parametrize(
    ("status", "body", "tries_read", "tries_write"),
    [
        (429, says("Too Many Requests"), 5, 5),
        (500, says("oops"), 1, 1),
        (502, HTML, 5, 1),
        (503, b"", 5, 1),
        (504, b"", 5, 1),
        (401, says("Command timed out"), 5, 1),
        (400, says("bad"), 1, 1),
        (403, says("no"), 1, 1),
        (422, says(["no"]), 1, 1),
    ],
)
async def test_reads_are_repeated_writes_only_when_refused_unread(
    status, body, tries_read, tries_write
):
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    acts = [
        (lambda h: h.contacts.get("c1"), tries_read),
        (lambda h: h.contacts.update("c1", ContactWrite(city="Paris")), tries_write),
    ]

    for act, tries in acts:
        vendor = Vendor(*[httpx.Response(status, content=raw) for _ in range(9)])
        async with client_of(vendor) as highlevel:
            with pytest.raises(VendorError):
                await act(highlevel)
        assert len(vendor.requests) == tries


async def test_a_search_is_a_read_although_it_posts():
    vendor = Vendor(
        httpx.ReadTimeout("late"), httpx.Response(503), {"contacts": [], "total": 0}
    )

    async with client_of(vendor) as highlevel:
        page = await highlevel.contacts.search()

    assert (page.total, len(vendor.requests)) == (0, 3)


async def test_a_write_without_an_answer_is_unknown_and_made_once():
    vendor = Vendor(httpx.ReadTimeout("late"))

    async with client_of(vendor) as highlevel:
        with pytest.raises(UnknownOutcomeError) as caught:
            await highlevel.contacts.create(ContactWrite(email="a@b.c"))

    assert len(vendor.requests) == 1
    assert not is_worth_repeating(caught.value, is_read=False)


async def test_a_write_that_never_left_is_made_again():
    vendor = Vendor(httpx.ConnectError("no route"), {"contact": {"id": "c1"}})

    async with client_of(vendor) as highlevel:
        contact = await highlevel.contacts.create(ContactWrite(email="a@b.c"))

    assert (contact.id, len(vendor.requests)) == ("c1", 2)


async def test_a_page_of_html_with_status_200_is_malformed():
    vendor = Vendor(httpx.Response(200, content=HTML))

    async with client_of(vendor) as highlevel:
        with pytest.raises(MalformedAnswerError):
            await highlevel.contacts.get("c1")

    assert len(vendor.requests) == 1


async def test_a_deletion_without_a_body_is_a_success():
    async with client_of(Vendor(httpx.Response(200, content=b""))) as highlevel:
        await highlevel.contacts.delete("c1")


async def test_no_error_holds_the_token():
    for status in (400, 401, 403, 404, 422, 429, 500):
        async with client_of(Vendor(says("no"), status=status)) as highlevel:
            with pytest.raises(VendorError) as caught:
                await highlevel.contacts.delete("c1")
            assert TOKEN not in repr(vars(caught.value))

import asyncio
import logging

import httpx
import pytest
import respx

from toolkit.clients.http import Answer, CallRecord, HttpCore, Request
from toolkit.clients.pacing import CallCounter, ManualClock, WindowPacer
from toolkit.errors import (
    MalformedAnswerError,
    NotReachedError,
    QuotaExhaustedError,
    UnknownOutcomeError,
    UseError,
)

BASE = "https://vendor.test"
SECRET = "pit-secret-token"


def request_of(method: str = "GET", path: str = "/things/1", **kwargs) -> Request:
    options = {"operation": f"{method} /things/{{id}}", "system": "highlevel", "is_read": True}
    return Request(method=method, path=path, **(options | kwargs))


@respx.mock
async def test_any_status_is_an_answer_with_lower_case_headers():
    respx.get(f"{BASE}/things/1").respond(503, headers={"X-Trace": "t"}, text="busy")

    async with HttpCore(BASE) as core:
        answer = await core.send(request_of())

    assert (answer.status, answer.headers["x-trace"], answer.body) == (503, "t", b"busy")


@pytest.mark.parametrize(
    ("base_url", "path", "url"),
    [
        (BASE, "/contacts/", f"{BASE}/contacts/"),
        (f"{BASE}/", "/contacts/", f"{BASE}/contacts/"),
        (f"{BASE}/live/api.php", "", f"{BASE}/live/api.php"),
        (BASE, "/contacts/a%2Fb", f"{BASE}/contacts/a%2Fb"),
    ],
)
async def test_the_path_is_put_after_the_base_url_as_it_is(base_url, path, url):
    with respx.mock:
        route = respx.get(url__eq=url).respond(json={})

        async with HttpCore(base_url) as core:
            await core.send(request_of(path=path))

        assert str(route.calls.last.request.url) == url


@respx.mock
async def test_delete_may_carry_a_json_body_and_own_headers():
    route = respx.delete(f"{BASE}/things/1").respond(json={})

    async with HttpCore(BASE, headers={"version": "1"}) as core:
        await core.send(request_of("DELETE", json={"tags": ["é"]}, headers={"x-own": "2"}))

    sent = route.calls.last.request
    assert sent.content == '{"tags":["é"]}'.encode()
    assert (sent.headers["version"], sent.headers["x-own"]) == ("1", "2")


@respx.mock
async def test_forms_and_files_travel_as_multipart():
    route = respx.post(f"{BASE}/things/1").respond(json={})

    async with HttpCore(BASE) as core:
        await core.send(
            request_of("POST", form={"id": "1"}, files={"part": ("a.txt", b"hi", "text/plain")})
        )

    sent = route.calls.last.request
    assert sent.headers["content-type"].startswith("multipart/form-data")
    assert b'name="id"' in sent.content
    assert b'filename="a.txt"' in sent.content


@pytest.mark.parametrize("is_read", [True, False])
@pytest.mark.parametrize(
    ("raised", "kind"),
    [
        (httpx.ConnectError, NotReachedError),
        (httpx.ConnectTimeout, NotReachedError),
        (httpx.PoolTimeout, NotReachedError),
        (httpx.ProxyError, NotReachedError),
        (httpx.ReadTimeout, UnknownOutcomeError),
        (httpx.ReadError, UnknownOutcomeError),
        (httpx.WriteError, UnknownOutcomeError),
        (httpx.WriteTimeout, UnknownOutcomeError),
        (httpx.RemoteProtocolError, UnknownOutcomeError),
        (httpx.DecodingError, UnknownOutcomeError),
    ],
)
async def test_never_sent_and_never_answered_are_two_errors(raised, kind, is_read):
    with respx.mock:
        respx.get(f"{BASE}/things/1").mock(side_effect=raised("no luck"))

        async with HttpCore(BASE, headers={"authorization": SECRET}) as core:
            with pytest.raises(kind) as caught:
                await core.send(request_of(is_read=is_read))

    assert type(caught.value) is kind
    assert caught.value.operation == "GET /things/{id}"
    assert caught.value.http_status is None
    assert SECRET not in caught.value.sentence


@pytest.mark.parametrize(
    ("base_url", "headers"),
    [("vendor.test", {}), ("ftp://vendor.test", {}), ("https://vendor.test:x", {})],
)
async def test_an_address_that_cannot_be_sent_is_a_use_error(base_url, headers):
    async with HttpCore(base_url) as core:
        with pytest.raises(UseError, match="not well formed"):
            await core.send(request_of(headers=headers))


@respx.mock
async def test_an_illegal_header_is_a_use_error_that_does_not_quote_it():
    respx.get(f"{BASE}/things/1").mock(side_effect=httpx.LocalProtocolError(SECRET))

    async with HttpCore(BASE) as core:
        with pytest.raises(UseError) as caught:
            await core.send(request_of())

    assert SECRET not in caught.value.sentence
    assert caught.value.__cause__ is None


def test_a_body_that_is_not_json_is_malformed():
    answer = Answer(
        status=200, headers={}, body=b"<html>", operation="GET /a", system="timetonic"
    )

    with pytest.raises(MalformedAnswerError) as caught:
        answer.json()

    assert (caught.value.http_status, caught.value.operation) == (200, "GET /a")


def test_a_json_body_is_read():
    assert Answer(status=200, headers={}, body='{"a":"é"}'.encode()).json() == {"a": "é"}


@respx.mock
async def test_every_try_is_counted_timed_and_told():
    records: list[CallRecord] = []
    counter = CallCounter()
    clock = ManualClock()

    def slow(request: httpx.Request) -> httpx.Response:
        clock.advance(1.5)
        return httpx.Response(200, json={})

    respx.get(f"{BASE}/things/1").mock(side_effect=[slow, httpx.ReadTimeout("late")])
    respx.get(f"{BASE}/things/1").mock(side_effect=slow)
    async with HttpCore(BASE, clock=clock, counter=counter, on_call=records.append) as core:
        await core.send(request_of())
        respx.get(f"{BASE}/things/1").mock(side_effect=httpx.ReadTimeout("late"))
        with pytest.raises(UnknownOutcomeError):
            await core.send(request_of())

    assert counter.total == 2
    assert [(record.status, record.duration_s) for record in records] == [
        (200, 1.5),
        (None, 0.0),
    ]


@respx.mock
async def test_logs_name_the_operation_and_nothing_personal(caplog):
    respx.post(f"{BASE}/things/ada").respond(json={"email": "ada@example.com"})

    with caplog.at_level(logging.DEBUG, logger="toolkit"):
        async with HttpCore(BASE, headers={"authorization": SECRET}) as core:
            await core.send(
                request_of("POST", "/things/ada", json={"email": "ada@example.com"})
            )

    (record,) = [record for record in caplog.records if record.name.startswith("toolkit")]
    assert record.operation == "POST /things/{id}"
    assert "ada" not in str(vars(record))
    assert SECRET not in str(vars(record))


@respx.mock
async def test_an_answer_teaches_the_pacer_and_a_refusal_pauses_it():
    clock = ManualClock()
    pacer = WindowPacer(clock=clock)
    respx.get(f"{BASE}/things/1").respond(
        429, headers={"X-RateLimit-Max": "25", "X-RateLimit-Remaining": "25"}
    )

    async with HttpCore(BASE, pacer=pacer, clock=clock) as core:
        await core.send(request_of())
        assert pacer.capacity == 24
        await core.send(request_of())

    assert clock.monotonic() == 10.0


@respx.mock
async def test_a_used_up_day_sends_nothing():
    route = respx.get(f"{BASE}/things/1").respond(
        headers={"x-ratelimit-daily-remaining": "0", "x-ratelimit-daily-reset": "1000"}
    )

    async with HttpCore(BASE, pacer=WindowPacer(clock=ManualClock())) as core:
        await core.send(request_of())
        with pytest.raises(QuotaExhaustedError):
            await core.send(request_of())

    assert route.call_count == 1


async def test_a_redirect_is_answered_not_followed():
    with respx.mock:
        respx.get(f"{BASE}/things/1").respond(302, headers={"location": "https://evil.test/"})

        async with HttpCore(BASE) as core:
            answer = await core.send(request_of())

    assert answer.status == 302


async def test_a_transport_replaces_the_network():
    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 201, "headers": []})
        await send({"type": "http.response.body", "body": b"{}"})

    async with HttpCore("http://emulator", transport=httpx.ASGITransport(app)) as core:
        answers = await asyncio.gather(*(core.send(request_of()) for _ in range(5)))

    assert {answer.status for answer in answers} == {201}

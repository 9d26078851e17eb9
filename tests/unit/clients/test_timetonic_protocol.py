import json

import pytest

from toolkit.clients.http import Answer
from toolkit.clients.timetonic.filters import ByIds, ByRowIds, ByView, Condition, Where
from toolkit.clients.timetonic.profile import CapabilityProfile
from toolkit.clients.timetonic.protocol import (
    DeadlockError,
    Effect,
    Session,
    build_request,
    decipher,
)
from toolkit.errors import (
    CredentialsError,
    ForbiddenError,
    MalformedAnswerError,
    NotFoundError,
    QuotaExhaustedError,
    RateLimitedError,
    RejectedError,
    UnknownOutcomeError,
)

SECRET = "ABCD-SECRET-KEY"
SESSION = Session(user="api_acme", sesskey=SECRET)


def request_for(effect=Effect.READ, session=SESSION, **arguments):
    return build_request("getTableValues", arguments, effect=effect, session=session.as_form())


def read(body, *, status=200, effect=Effect.READ, headers=None, **profile):
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = Answer(
        status=status,
        headers=headers or {},
        body=content,
        operation="getTableValues",
        system="timetonic",
    )
    return decipher(answer, effect=effect, profile=CapabilityProfile(**profile))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "true"),
        (False, "false"),
        (5, "5"),
        ("é", "é"),
        ("", ""),
        ([1, 2], "[1,2]"),
        ((1, 2), "[1,2]"),
        ({"7": "é", "8": None}, '{"7":"é","8":null}'),
        ({}, "{}"),
        ([], "[]"),
    ],
)
def test_arguments_travel_as_text_and_structures_as_json_text(value, text):
    assert request_for(argument=value).form["argument"] == text


def test_none_is_left_out():
    assert "argument" not in request_for(argument=None).form


def test_every_call_is_a_signed_form_and_the_address_stays_bare():
    request = request_for(catId=1)

    assert (request.method, request.path, request.params) == ("POST", "", None)
    assert request.form == {
        "req": "getTableValues",
        "version": "6.49q/6.49",
        "o_u": "api_acme",
        "u_c": "api_acme",
        "sesskey": SECRET,
        "catId": "1",
    }


def test_version_can_be_left_out():
    session = Session(user="u", sesskey=SECRET, version="")

    assert "version" not in request_for(session=session).form


def test_key_stays_out_of_repr():
    assert SECRET not in repr(SESSION)


@pytest.mark.parametrize(
    ("effect", "is_read"), [(each, each is Effect.READ) for each in Effect]
)
def test_only_reads_are_marked_as_reads(effect, is_read):
    assert request_for(effect).is_read is is_read


@pytest.mark.parametrize(
    ("row_filter", "argument"),
    [
        (ByIds((1, 2)), [1, 2]),
        (ByRowIds((1, 2)), {"row_ids": [1, 2]}),
        (ByView(264448), {"applyViewFilters": 264448}),
        (
            Where((Condition(1367490, "First item"),)),
            {
                "applyViewFilters": {
                    "filterGroup": {
                        "operator": "and",
                        "filters": [
                            {
                                "id": "tmp0",
                                "field_id": 1367490,
                                "filter_type": "text",
                                "json": {"predicate": "is", "operand": "First item"},
                            }
                        ],
                    }
                }
            },
        ),
    ],
)
def test_filter_takes_its_known_form(row_filter, argument):
    assert row_filter.as_argument() == argument


def test_good_answer_is_its_payload():
    assert read({"status": "ok", "rows": []}) == {"status": "ok", "rows": []}


@pytest.mark.parametrize("key", ["errorMsg", "error", "errorMessage"])
@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("apiProcess12: invalid sesskey", CredentialsError),
        ("Session expired", CredentialsError),
        ("apiProcess91: invalid appkey", CredentialsError),
        ("invalid login/pwd", CredentialsError),
        ("SQLSTATE 1213 Deadlock found; try restarting", DeadlockError),
        ("monthly API call limit reached", QuotaExhaustedError),
        ("row not found", NotFoundError),
        ("table does not exist", NotFoundError),
        ("field not found in this table", RejectedError),
        ("no right on this book", ForbiddenError),
        ("value is not in the strict list", RejectedError),
        ("", RejectedError),
    ],
)
def test_refusal_is_told_by_its_text_in_any_of_three_keys(key, text, error):
    with pytest.raises(error) as caught:
        read({"status": "nok", key: text, "errorCode": 42, "transactionId": "t1"})

    assert type(caught.value) is error
    assert (caught.value.vendor_message, caught.value.trace_id) == (text, "t1")
    assert "(code 42)" in caught.value.sentence


def test_vendor_text_stays_out_of_the_sentence():
    with pytest.raises(RejectedError) as caught:
        read({"status": "nok", "errorMsg": "value 'jane@x.org' refused"})

    assert "jane" not in caught.value.sentence


def test_patterns_are_configurable():
    with pytest.raises(CredentialsError):
        read({"status": "nok", "error": "Clé périmée"}, auth_error_patterns=("CLÉ",))


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, CredentialsError),
        (403, ForbiddenError),
        (404, RejectedError),
        (418, RejectedError),
        (429, RateLimitedError),
        (500, UnknownOutcomeError),
        (502, UnknownOutcomeError),
    ],
)
@pytest.mark.parametrize(
    "body", [b"<html>no</html>", b"", {"status": "nok", "error": "?"}, {"status": "ok"}, b"[]"]
)
def test_http_status_is_looked_at_first(status, error, body):
    with pytest.raises(error) as caught:
        read(body, status=status, effect=Effect.CREATE)

    assert type(caught.value) is error
    assert caught.value.http_status == status


def test_text_of_a_refusal_is_believed_below_500_only():
    body = {"status": "nok", "error": "row not found"}

    with pytest.raises(NotFoundError):
        read(body, status=400)
    with pytest.raises(UnknownOutcomeError):
        read(body, status=500)


def test_deadlock_is_believed_with_any_status():
    with pytest.raises(DeadlockError):
        read({"status": "nok", "error": "Deadlock"}, status=500)


@pytest.mark.parametrize(("header", "seconds"), [("7", 7.0), ("soon", 0.0), (None, 0.0)])
def test_retry_after_is_read(header, seconds):
    with pytest.raises(RateLimitedError) as caught:
        read(b"", status=429, headers={} if header is None else {"retry-after": header})

    assert caught.value.retry_after_s == seconds


@pytest.mark.parametrize("body", [b"<html>welcome</html>", b"", b"[1]", b'"ok"', b"{"])
def test_page_with_200_is_malformed(body):
    with pytest.raises(MalformedAnswerError):
        read(body)


def test_missing_status_is_a_refusal():
    with pytest.raises(RejectedError):
        read({"rows": []})

"""Who is let in, how often, and how the door says no."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.unit.sandbox.highlevel_door import NOW, Door
from toolkit.sandbox.highlevel import HighLevelOptions
from toolkit.sandbox.highlevel.auth import SCOPES, Grant

RATE_HEADERS = {
    "x-ratelimit-max",
    "x-ratelimit-remaining",
    "x-ratelimit-interval-milliseconds",
    "x-ratelimit-limit-daily",
    "x-ratelimit-daily-remaining",
    "x-ratelimit-daily-reset",
}


@pytest.fixture(scope="module")
def door() -> Door:
    return Door()


@pytest.mark.parametrize("version", ["v3", "2023-02-21", "2021-07-28", "2021-04-15"])
def test_published_versions_are_let_in(door: Door, version: str) -> None:
    assert door.ask("GET", f"/contacts/{door.contact_ids[0]}", version=version).is_success


@pytest.mark.parametrize(
    ("version", "message"),
    [
        (None, "version header was not found."),
        ("2020-01-01", "version header is invalid"),
        ("V3", "version header is invalid"),
    ],
)
def test_missing_or_unknown_version_is_401(
    door: Door, version: str | None, message: str
) -> None:
    answer = door.ask("GET", f"/contacts/{door.contact_ids[0]}", version=version)

    assert answer.status_code == 401
    assert answer.json()["message"] == message


@pytest.mark.parametrize(
    ("token", "message"),
    [
        (None, "Invalid JWT"),
        ("eyJ.not.known", "Invalid JWT"),
        ("pit-not-known", "Invalid Private Integration token"),
    ],
)
def test_unknown_token_is_401_in_words_of_its_kind(
    door: Door, token: str | None, message: str
) -> None:
    answer = door.ask("GET", f"/contacts/{door.contact_ids[0]}", token=token)

    assert answer.status_code == 401
    assert answer.json()["message"] == message


def test_another_scheme_than_bearer_is_refused(door: Door) -> None:
    answer = door.ask(
        "GET", "/users/x", token=None, headers={"Authorization": f"Basic {door.token}"}
    )

    assert answer.status_code == 401


def test_scope_is_refused_before_the_location_is_looked_at(door: Door) -> None:
    token = door.emulator.issue_token(scopes=frozenset({"contacts.readonly"}))
    body = {"locationId": "elsewhere", "firstName": "A"}

    without_scope = door.ask("POST", "/contacts/", body, token=token)
    without_location = door.ask("POST", "/contacts/", body)

    assert without_scope.status_code == 401
    assert without_scope.json()["message"] == "The token is not authorized for this scope."
    assert without_location.status_code == 403
    assert without_location.json() == {
        "statusCode": 403,
        "message": "The token does not have access to this location.",
        "error": "Forbidden",
        "traceId": without_location.json()["traceId"],
    }


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/contacts/", {"firstName": "A"}),
        ("POST", "/contacts/search", {"pageLimit": 1}),
        ("POST", "/contacts/search", {"pageLimit": 1, "locationId": 7}),
        ("GET", "/contacts/", None),
        ("GET", "/contacts/search/duplicate?email=a@b.c", None),
        ("GET", "/opportunities/search", None),
        ("GET", "/locations/elsewhere/tags", None),
    ],
)
def test_missing_or_wrong_location_is_403(
    door: Door, method: str, path: str, body: object
) -> None:
    assert door.ask(method, path, body).status_code == 403


def test_a_grant_of_another_location_is_403(door: Door) -> None:
    door.state.keyring.add("pit-other", Grant("pit", SCOPES, "another location", key="other"))

    answer = door.ask("GET", f"/locations/{door.location}", token="pit-other")

    assert answer.status_code == 403


def test_agency_endpoints_want_an_agency(door: Door) -> None:
    agency = door.emulator.issue_token(kind="company")

    refused = door.ask("GET", "/locations/search")
    listed = door.ask(
        "GET", f"/locations/search?companyId={door.state.company_id}", token=agency
    )
    by_email = door.ask("GET", "/locations/search?email=nobody@example.com", token=agency)
    elsewhere = door.ask("GET", "/locations/search?companyId=other", token=agency)

    assert (refused.status_code, refused.json()["message"]) == (403, "Forbidden resource")
    assert [one["id"] for one in listed.json()["locations"]] == [door.location]
    assert by_email.json() == {"locations": []}
    assert elsewhere.status_code == 403


def test_expired_token_is_refused_and_two_tokens_live_side_by_side() -> None:
    door = Door()
    door.state.keyring.add(
        "short", Grant("location", SCOPES, door.location, NOW + timedelta(seconds=5), key="x")
    )
    second = door.emulator.issue_token()
    path = f"/contacts/{door.contact_ids[0]}"
    before = [door.ask("GET", path, token=one).status_code for one in ("short", second, "")]
    door.clock.advance(6)
    door.state.keyring.revoke(second)

    after = [door.ask("GET", path, token=one).status_code for one in ("short", second, "")]

    assert before == [200, 200, 200]
    assert after == [401, 401, 200]


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/nope"), ("POST", "/contacts/x/y/z"), ("PATCH", "/contacts/x")],
)
def test_unknown_route_is_404_in_nest_words(door: Door, method: str, path: str) -> None:
    answer = door.ask(method, path)

    assert answer.status_code == 404
    assert answer.json()["message"] == f"Cannot {method} {path}"


def test_bare_collection_path_is_taken_too(door: Door) -> None:
    answer = door.ask("GET", f"/contacts?locationId={door.location}&limit=1")

    assert answer.status_code == 200


@pytest.mark.parametrize("content", [b"{", b"[1", b"\xff\xfe", b'{"a": NaN}', b"[" * 100_000])
def test_unreadable_json_is_400(door: Door, content: bytes) -> None:
    assert door.ask("POST", "/contacts/", content=content).status_code == 400


def test_a_list_as_body_is_422() -> None:
    door = Door(options=HighLevelOptions())
    path = f"/contacts/{door.contact_ids[0]}"

    assert door.ask("PUT", path, []).json()["message"] == ["body must be an object"]
    assert door.ask("POST", "/contacts/", [1]).status_code == 403


def test_lone_surrogates_come_back_as_a_javascript_server_writes_them(door: Door) -> None:
    path = f"/contacts/{door.contact_ids[0]}"
    content = b'{"city": "a\\ud800b", "tags": ["\\uD83D\\uDE00"], "timezone": null}'

    contact = door.ask("PUT", path, content=content).json()["contact"]

    assert (contact["city"], contact["tags"]) == ("a\ufffdb", ["😀"])


@pytest.mark.parametrize("path", ["/contacts/none", "/nope", "/contacts/search/duplicate"])
def test_rate_headers_and_trace_are_on_every_error(door: Door, path: str) -> None:
    answer = door.ask("GET", path)

    assert set(answer.headers) >= RATE_HEADERS
    assert len(answer.json()["traceId"]) == 36


def test_burst_slides_and_429_has_no_error_key() -> None:
    door = Door(rate_limit=True, options=HighLevelOptions(burst=3))
    path = f"/contacts/{door.contact_ids[0]}"

    spent = [door.ask("GET", path) for _ in range(4)]
    door.clock.advance(10)
    later = door.ask("GET", path)

    assert [one.status_code for one in spent] == [200, 200, 200, 429]
    assert [one.headers["x-ratelimit-remaining"] for one in spent] == ["2", "1", "0", "0"]
    assert spent[3].json() == {"statusCode": 429, "message": "Too Many Requests"}
    assert "retry-after" not in spent[3].headers
    assert later.status_code == 200


def test_each_token_has_its_own_window() -> None:
    door = Door(rate_limit=True, options=HighLevelOptions(burst=1))
    agency = door.emulator.issue_token(kind="company")
    path = f"/contacts/{door.contact_ids[0]}"

    statuses = [door.ask("GET", path, token=token).status_code for token in ("", agency, "")]

    assert statuses == [200, 200, 429]


def test_daily_limit_holds_until_midnight() -> None:
    door = Door(rate_limit=True, options=HighLevelOptions(burst=100, daily=2))
    path = f"/contacts/{door.contact_ids[0]}"
    spent = [door.ask("GET", path) for _ in range(3)]
    reset_ms = int(spent[2].headers["x-ratelimit-daily-reset"])
    door.clock.advance(reset_ms / 1000)

    next_day = door.ask("GET", path)

    assert [one.status_code for one in spent] == [200, 200, 429]
    assert spent[2].headers["x-ratelimit-daily-remaining"] == "0"
    assert reset_ms == 15 * 3_600_000
    assert next_day.headers["x-ratelimit-daily-remaining"] == "1"


def test_without_rate_limit_the_headers_stay() -> None:
    answer = Door(rate_limit=False).ask("GET", "/nope")

    assert answer.headers["x-ratelimit-max"] == "1000000"
    assert answer.headers["x-ratelimit-limit-daily"] == "100000000"

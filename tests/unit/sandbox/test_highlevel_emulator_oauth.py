"""OAuth: consent, rotating refresh tokens with a short grace, casing by version."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.unit.sandbox.highlevel_door import V2, Door


@pytest.fixture
def door() -> Door:
    return Door(contacts=2)


def _token(door: Door, *, version: str | None = V2, **form: str) -> Any:
    known = {
        "client_id": door.emulator.credentials.client_id,
        "client_secret": door.emulator.credentials.client_secret,
    }
    return door.ask("POST", "/oauth/token", version=version, token=None, data={**known, **form})


def _refresh(door: Door, token: str, **more: Any) -> Any:
    return _token(door, grant_type="refresh_token", refresh_token=token, **more)


def _consent(door: Door, **query: str) -> dict[str, list[str]]:
    query = {
        "client_id": door.emulator.credentials.client_id,
        "redirect_uri": "http://127.0.0.1:1/back",
        **query,
    }
    answer = door.ask("GET", "/v2/oauth/chooselocation", params=query, version=None, token=None)
    assert answer.status_code == 302, answer.text
    return parse_qs(urlsplit(answer.headers["location"]).query)


def test_code_is_exchanged_once_for_a_pair_that_works(door: Door) -> None:
    back = _consent(door, state="s1", scope="contacts.readonly nonsense")
    form = {"grant_type": "authorization_code", "code": back["code"][0]}

    pair = _token(door, **form).json()
    again = _token(door, **form)

    assert back["state"] == ["s1"]
    assert pair["scope"] == "contacts.readonly"
    assert pair["expires_in"] == 86_399
    assert (pair["userType"], pair["locationId"]) == ("Location", door.location)
    assert door.ask(
        "GET", f"/contacts/{door.contact_ids[0]}", token=pair["access_token"]
    ).is_success
    assert again.status_code == 400


def test_redirect_keeps_its_own_query(door: Door) -> None:
    assert _consent(door, redirect_uri="http://127.0.0.1:1/back?a=1")["a"] == ["1"]


@pytest.mark.parametrize("change", [{"client_id": "x"}, {"redirect_uri": ""}])
def test_consent_wants_the_app_and_a_way_back(door: Door, change: dict[str, str]) -> None:
    query = {
        "client_id": door.emulator.credentials.client_id,
        "redirect_uri": "http://x",
        **change,
    }

    answer = door.ask("GET", "/oauth/chooselocation", params=query, version=None, token=None)

    assert answer.status_code == 400


def test_access_token_dies_after_a_day_and_refresh_rotates(door: Door) -> None:
    first = _refresh(door, door.emulator.credentials.refresh_token).json()
    door.clock.advance(86_400)
    path = f"/contacts/{door.contact_ids[0]}"
    expired = door.ask("GET", path, token=first["access_token"])

    second = _refresh(door, first["refresh_token"]).json()

    assert (expired.status_code, expired.json()["message"]) == (401, "Invalid JWT")
    assert second["refresh_token"] != first["refresh_token"]
    assert door.ask("GET", path, token=second["access_token"]).is_success


@pytest.mark.parametrize(("later_s", "status"), [(30, 200), (31, 400)])
def test_spent_refresh_token_gives_the_same_pair_for_30_seconds(
    door: Door, later_s: float, status: int
) -> None:
    token = door.emulator.credentials.refresh_token
    first = _refresh(door, token).json()
    door.clock.advance(later_s)

    again = _refresh(door, token)

    assert again.status_code == status
    if status == 200:
        assert again.json() == first


def test_refresh_token_dies_after_a_year(door: Door) -> None:
    door.clock.advance(366 * 86_400)

    assert _refresh(door, door.emulator.credentials.refresh_token).status_code == 400


@pytest.mark.parametrize(
    ("version", "key"), [(None, "access_token"), (V2, "access_token"), ("v3", "accessToken")]
)
def test_casing_of_the_answer_follows_the_version(
    door: Door, version: str | None, key: str
) -> None:
    answer = _refresh(door, door.emulator.credentials.refresh_token, version=version)

    assert key in answer.json()


def test_camel_case_json_is_taken(door: Door) -> None:
    body = {
        "clientId": door.emulator.credentials.client_id,
        "clientSecret": door.emulator.credentials.client_secret,
        "grantType": "refresh_token",
        "refreshToken": door.emulator.credentials.refresh_token,
    }

    assert door.ask("POST", "/oauth/token", body, version="v3", token=None).is_success


@pytest.mark.parametrize("content", [b"{", b"[]"])
def test_unreadable_json_is_400(door: Door, content: bytes) -> None:
    headers = {"Content-Type": "application/json"}

    answer = door.ask("POST", "/oauth/token", content=content, headers=headers, token=None)

    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"client_secret": "wrong", "grant_type": "refresh_token"}, 401),
        ({"grant_type": "password"}, 422),
        ({}, 422),
        ({"grant_type": "refresh_token", "refresh_token": "spent"}, 400),
    ],
)
@pytest.mark.parametrize("version", [V2, "v3"])
def test_refusals_are_told_in_the_style_of_the_version(
    door: Door, form: dict[str, str], status: int, version: str
) -> None:
    answer = _token(door, version=version, **form)

    assert answer.status_code == status
    told = answer.json()
    assert (
        told["error"]["code"] == str(status)
        if version == "v3"
        else told["statusCode"] == status
    )


@pytest.mark.parametrize(
    ("path", "version", "status"),
    [
        ("/oauth/locationToken", V2, 200),
        ("/oauth/locationToken", "v3", 200),
        ("/oauth/location-token", "v3", 200),
        ("/oauth/location-token", V2, 404),
    ],
)
def test_agency_gets_a_locations_token_and_new_paths_want_v3(
    door: Door, path: str, version: str, status: int
) -> None:
    agency = _token(door, grant_type="client_credentials").json()
    form = {"companyId": door.state.company_id, "locationId": door.location}

    answer = door.ask("POST", path, data=form, version=version, token=agency["access_token"])

    assert agency["userType"] == "Company"
    assert agency["approvedLocations"] == [door.location]
    assert answer.status_code == status
    if status == 200:
        pair = answer.json()
        token = pair["accessToken" if version == "v3" else "access_token"]
        assert door.ask("GET", f"/contacts/{door.contact_ids[0]}", token=token).is_success


@pytest.mark.parametrize("change", [{"companyId": "x"}, {"locationId": "x"}])
def test_location_token_checks_its_form(door: Door, change: dict[str, str]) -> None:
    agency = door.emulator.issue_token(kind="company")
    form = {"companyId": door.state.company_id, "locationId": door.location, **change}

    answer = door.ask("POST", "/oauth/locationToken", data=form, token=agency)

    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("path", "version", "key"),
    [
        ("/oauth/installedLocations", V2, "locations"),
        ("/oauth/installed-locations", "v3", "items"),
    ],
)
def test_installed_locations_are_listed(door: Door, path: str, version: str, key: str) -> None:
    agency = door.emulator.issue_token(kind="company")
    query = {"companyId": door.state.company_id, "appId": door.state.oauth.app_id}

    answer = door.ask("GET", path, params=query, version=version, token=agency).json()
    refused = door.ask("GET", path, params={"appId": "x"}, version=version, token=agency)

    assert [one["_id"] for one in answer[key]] == [door.location]
    assert refused.status_code == 400


def test_reconnect_is_gone(door: Door) -> None:
    answer = door.ask("POST", "/oauth/reconnect", token=None)

    assert answer.json()["message"] == "API endpoint has been removed"

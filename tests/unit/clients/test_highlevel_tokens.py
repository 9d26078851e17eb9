import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx
import pytest

from tests.unit.clients.highlevel_table import Vendor, client_of
from toolkit.clients.highlevel import PrivateToken
from toolkit.clients.highlevel.oauth import OAuth, TokenSet
from toolkit.clients.highlevel.oauth_tokens import LocationToken, OAuthToken
from toolkit.clients.pacing import ManualClock
from toolkit.errors import CredentialsError, ForbiddenError, UnknownOutcomeError

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
DAY = timedelta(hours=24)


class TokenOffice:
    """The vendor's OAuth side: refresh tokens are single use, with 30 s of grace.

    Also answers `GET /contacts/...` for whoever shows a living access token.
    """

    def __init__(self, clock: ManualClock, *, is_v3: bool = False) -> None:
        self.clock = clock
        self.is_v3 = is_v3
        self.pairs = 0
        self.living: set[str] = set()
        self.spent: dict[str, tuple[dict[str, Any], datetime]] = {}
        self.forms: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.faults: list[Exception] = []
        self.seen_tokens: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.paths.append(request.url.path)
        if request.url.path.startswith("/contacts/"):
            return self.contact(request)
        form = dict(parse_qsl(request.content.decode()))
        self.forms.append(form)
        answer = self.grant(form, request)
        if self.faults:
            raise self.faults.pop(0)
        return answer

    def contact(self, request: httpx.Request) -> httpx.Response:
        token = request.headers["authorization"].removeprefix("Bearer ")
        self.seen_tokens.append(token)
        if token not in self.living:
            return httpx.Response(401, json={"message": "Invalid JWT"})
        return httpx.Response(200, json={"contact": {"id": "c1"}})

    def grant(self, form: dict[str, str], request: httpx.Request) -> httpx.Response:
        if "ocation" in request.url.path.removeprefix("/oauth/"):
            shown = request.headers["authorization"].removeprefix("Bearer ")
            if shown not in self.living:
                return httpx.Response(401, json={"message": "Invalid JWT"})
            return httpx.Response(200, json=self.pair(locationId=form["locationId"]))
        old = form.get("refresh_token") or form.get("refreshToken")
        if old in self.spent:
            pair, at = self.spent[old]
            if self.clock.now() - at <= timedelta(seconds=30):
                return httpx.Response(200, json=pair)
            return httpx.Response(400, json={"message": "Invalid refresh token"})
        pair = self.pair(locationId="L", userType="Location")
        if old:
            self.spent[old] = (pair, self.clock.now())
        return httpx.Response(200, json=pair)

    def pair(self, **more: Any) -> dict[str, Any]:
        self.pairs += 1
        access, refresh = f"access-{self.pairs}", f"refresh-{self.pairs}"
        self.living.add(access)
        names = (
            ("accessToken", "refreshToken", "expiresIn")
            if self.is_v3
            else ("access_token", "refresh_token", "expires_in")
        )
        return dict(zip(names, (access, refresh, 86399), strict=True)) | more


class Vault:
    """A token store that remembers every save and can refuse one."""

    def __init__(self, tokens: TokenSet | None) -> None:
        self.tokens = tokens
        self.saved: list[TokenSet] = []
        self.refusals = 0
        self.others: list[TokenSet] = []

    async def load(self) -> TokenSet | None:
        await asyncio.sleep(0)
        return self.tokens

    async def save(self, tokens: TokenSet) -> None:
        if self.refusals:
            self.refusals -= 1
            raise OSError("no space left")
        self.saved.append(tokens)
        self.tokens = tokens


def oauth_of(office: TokenOffice, *, version: str = "2021-07-28", **options: Any) -> OAuth:
    return OAuth(
        client_id="app-1",
        client_secret="hush",
        redirect_uri=options.pop("redirect_uri", "https://ours.test/back"),
        version=version,
        transport=httpx.MockTransport(office),
        clock=office.clock,
        **options,
    )


def tokens_of(access: str = "old", refresh: str | None = "r-old", **more: Any) -> TokenSet:
    return TokenSet(
        **{"access_token": access, "refresh_token": refresh, "expires_at": NOON + DAY} | more
    )


@pytest.mark.parametrize("candidates", [("",), ("  ",), (lambda: "",), ()])
async def test_no_token_is_said_before_anything_is_sent(candidates):
    vendor = Vendor({})

    async with client_of(vendor, token=PrivateToken(*candidates)) as highlevel:
        with pytest.raises(CredentialsError, match="No HighLevel token"):
            await highlevel.contacts.get("c1")

    assert vendor.requests == []


class Door:
    """Lets some tokens in."""

    def __init__(self, *good: str) -> None:
        self.good = set(good)
        self.shown: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        token = request.headers["authorization"].removeprefix("Bearer ")
        self.shown.append(token)
        if token in self.good:
            return httpx.Response(200, json={"contact": {"id": "c1"}})
        return httpx.Response(401, json={"message": "Invalid Private Integration token"})


@pytest.mark.parametrize(
    ("good", "shown"),
    [("new", ["old", "new", "new"]), ("old", ["old", "old"])],
)
async def test_during_a_rotation_whichever_token_works_is_kept(good, shown):
    door = Door(good)

    async with client_of(door, token=PrivateToken("old", "new")) as highlevel:
        await highlevel.contacts.get("c1")
        await highlevel.contacts.get("c1")

    assert door.shown == shown


async def test_with_both_tokens_turned_down_each_was_tried_once():
    door = Door()

    async with client_of(door, token=PrivateToken("old", "new")) as highlevel:
        with pytest.raises(CredentialsError):
            await highlevel.contacts.get("c1")
        with pytest.raises(CredentialsError):
            await highlevel.contacts.delete("c1")

    assert door.shown == ["old", "new", "new", "old"]


async def test_one_token_turned_down_is_tried_once():
    door = Door()

    async with client_of(door, token="pit-1") as highlevel:
        with pytest.raises(CredentialsError):
            await highlevel.contacts.get("c1")

    assert door.shown == ["pit-1"]


async def test_a_token_changed_in_the_vault_is_used_at_once():
    held = {"token": "first"}
    door = Door("first", "second")

    async with client_of(door, token=PrivateToken(lambda: held["token"])) as highlevel:
        await highlevel.contacts.get("c1")
        held["token"] = " second\n"
        await highlevel.contacts.get("c1")

    assert door.shown == ["first", "second"]


async def test_a_missing_scope_does_not_try_the_other_token():
    vendor = Vendor({"message": "The token is not authorized for this scope."}, status=401)

    async with client_of(vendor, token=PrivateToken("a", "b")) as highlevel:
        with pytest.raises(ForbiddenError):
            await highlevel.contacts.get("c1")

    assert len(vendor.requests) == 1


def test_no_representation_shows_a_token():
    shown = repr([PrivateToken("secret-1"), tokens_of("secret-2", "secret-3")])

    assert "secret" not in shown


@pytest.mark.parametrize(
    ("options", "host", "state"),
    [
        ({}, "marketplace.gohighlevel.com", None),
        ({"state": "s&1"}, "marketplace.gohighlevel.com", "s&1"),
        ({"host": "https://white.label.test"}, "white.label.test", None),
    ],
)
async def test_the_authorize_address_carries_app_scopes_and_return(options, host, state):
    oauth = oauth_of(TokenOffice(ManualClock()))

    url = urlsplit(oauth.authorize_url(["contacts.readonly", "contacts.write"], **options))

    query = parse_qs(url.query)
    assert url.path == "/v2/oauth/chooselocation"
    assert url.netloc == host
    assert query["scope"] == ["contacts.readonly contacts.write"]
    assert "scope=contacts.readonly%20contacts.write" in url.query
    assert query["redirect_uri"] == ["https://ours.test/back"]
    assert query.get("state") == (state and [state])
    assert "hush" not in url.query
    await oauth.aclose()


@pytest.mark.parametrize(
    ("version", "form"),
    [
        (
            "2021-07-28",
            {
                "client_id": "app-1",
                "client_secret": "hush",
                "grant_type": "authorization_code",
                "code": "the-code",
                "user_type": "Company",
                "redirect_uri": "https://ours.test/back",
            },
        ),
        (
            "v3",
            {
                "clientId": "app-1",
                "clientSecret": "hush",
                "grantType": "authorization_code",
                "code": "the-code",
                "userType": "Company",
                "redirectUri": "https://ours.test/back",
            },
        ),
    ],
)
async def test_a_code_becomes_tokens_in_either_spelling(version, form):
    office = TokenOffice(ManualClock(NOON), is_v3=version == "v3")

    async with oauth_of(office, version=version) as oauth:
        tokens = await oauth.exchange_code("the-code", user_type="Company")

    assert office.forms == [form]
    assert (tokens.access_token, tokens.refresh_token) == ("access-1", "refresh-1")
    assert tokens.expires_at == NOON + timedelta(seconds=86399)
    assert TokenSet.from_json(tokens.to_json()) == tokens


async def test_a_code_is_not_sent_twice_when_its_answer_is_lost():
    office = TokenOffice(ManualClock(NOON))
    office.faults = [httpx.ReadTimeout("late")]

    async with oauth_of(office, redirect_uri="") as oauth:
        with pytest.raises(UnknownOutcomeError):
            await oauth.exchange_code("the-code")

    assert [form.get("redirect_uri") for form in office.forms] == [None]


async def test_a_refresh_whose_answer_is_lost_is_repeated_within_the_grace():
    office = TokenOffice(ManualClock(NOON))
    office.faults = [httpx.ReadTimeout("late")]

    async with oauth_of(office) as oauth:
        tokens = await oauth.refresh("r-old")

    assert tokens.access_token == "access-1"
    assert len(office.forms) == 2


async def test_a_spent_refresh_token_asks_for_a_new_authorisation():
    office = TokenOffice(ManualClock(NOON))

    async with oauth_of(office) as oauth:
        await oauth.refresh("r-old")
        office.clock.advance(31)
        with pytest.raises(CredentialsError) as caught:
            await oauth.refresh("r-old")

    assert "Authorise again" in caught.value.sentence
    assert caught.value.http_status == 400


async def test_a_token_with_five_minutes_left_is_renewed_before_it_is_used():
    office = TokenOffice(ManualClock(NOON))
    vault = Vault(tokens_of(expires_at=NOON + timedelta(minutes=5)))

    async with oauth_of(office) as oauth:
        token = await OAuthToken(oauth, vault).token()

    assert token == "access-1"
    assert [saved.access_token for saved in vault.saved] == ["access-1"]


async def test_a_fresh_token_is_read_once_and_used_until_it_grows_old():
    office = TokenOffice(ManualClock(NOON))
    vault = Vault(tokens_of())

    async with oauth_of(office) as oauth:
        provider = OAuthToken(oauth, vault)
        assert [await provider.token(), await provider.token()] == ["old", "old"]
        office.clock.advance(DAY.total_seconds())
        assert await provider.token() == "access-1"

    assert len(office.forms) == 1


async def test_many_callers_refresh_once():
    office = TokenOffice(ManualClock(NOON))
    vault = Vault(tokens_of(expires_at=NOON))

    async with oauth_of(office) as oauth:
        provider = OAuthToken(oauth, vault)
        early = await asyncio.gather(*(provider.token() for _ in range(20)))
        late = await asyncio.gather(*(provider.renewed("access-1") for _ in range(20)))

    assert set(early) == {"access-1"}
    assert set(late) == {"access-2"}
    assert len(office.forms) == 2


async def test_a_token_turned_down_is_refreshed_once_and_the_call_made_again():
    office = TokenOffice(ManualClock(NOON))
    vault = Vault(tokens_of("revoked"))

    async with (
        oauth_of(office) as oauth,
        client_of(office, token=OAuthToken(oauth, vault)) as highlevel,
    ):
        contacts = await asyncio.gather(*(highlevel.contacts.get("c1") for _ in range(5)))

    assert len(contacts) == 5
    assert office.seen_tokens.count("revoked") == 5
    assert office.seen_tokens.count("access-1") == 5
    assert len(office.forms) == 1


async def test_a_pair_that_cannot_be_stored_is_not_used_and_comes_again_within_the_grace():
    office = TokenOffice(ManualClock(NOON))
    vault = Vault(tokens_of(expires_at=NOON))
    vault.refusals = 1

    async with oauth_of(office) as oauth:
        provider = OAuthToken(oauth, vault)
        with pytest.raises(OSError, match="space"):
            await provider.token()
        assert await provider.token() == "access-1"

    assert [saved.refresh_token for saved in vault.saved] == ["refresh-1"]


async def test_a_pair_stored_by_another_process_is_used_instead_of_refreshing():
    office = TokenOffice(ManualClock(NOON))
    vault = Vault(tokens_of("first"))

    async with oauth_of(office) as oauth:
        provider = OAuthToken(oauth, vault)
        await provider.token()
        vault.tokens = tokens_of("second", "r-second")
        assert await provider.renewed("first") == "second"

    assert office.forms == []


async def test_a_refresh_lost_to_another_process_uses_what_that_one_stored():
    office = TokenOffice(ManualClock(NOON))
    vault = Vault(tokens_of(expires_at=NOON))
    winner = tokens_of("winner", "r-winner")

    def beaten(request: httpx.Request) -> httpx.Response:
        vault.tokens = winner
        return httpx.Response(400, json={"message": "Invalid refresh token"})

    office.grant = lambda form, request: beaten(request)
    async with oauth_of(office) as oauth:
        token = await OAuthToken(oauth, vault).token()

    assert token == "winner"


@pytest.mark.parametrize(
    ("stored", "words"),
    [
        (None, "never authorised"),
        (tokens_of(refresh=None, expires_at=NOON), "cannot be renewed"),
    ],
)
async def test_without_anything_to_renew_a_person_must_authorise(stored, words):
    async with oauth_of(TokenOffice(ManualClock(NOON))) as oauth:
        with pytest.raises(CredentialsError, match=words):
            await OAuthToken(oauth, Vault(stored)).token()


async def test_a_spent_refresh_token_stays_an_error_when_nobody_stored_a_new_one():
    office = TokenOffice(ManualClock(NOON))
    office.spent["r-old"] = ({}, NOON - DAY)
    vault = Vault(tokens_of(expires_at=NOON, user_type="Company"))

    async with oauth_of(office) as oauth:
        with pytest.raises(CredentialsError):
            await OAuthToken(oauth, vault).token()

    assert office.forms[0]["user_type"] == "Company"
    assert vault.saved == []


@pytest.mark.parametrize(
    ("version", "path"),
    [("2021-07-28", "/oauth/locationToken"), ("v3", "/oauth/location-token")],
)
async def test_an_agency_token_is_exchanged_once_per_life(version, path):
    office = TokenOffice(ManualClock(NOON), is_v3=version == "v3")
    office.living.add("agency")

    async with oauth_of(office, version=version) as oauth:
        provider = LocationToken(
            oauth, agency=PrivateToken("agency"), company_id="co", location_id="L"
        )
        first = await asyncio.gather(*(provider.token() for _ in range(5)))
        second = await provider.renewed("access-1")
        kept = await provider.renewed("access-1")
        office.clock.advance(DAY.total_seconds())
        third = await provider.token()

    assert set(first) == {"access-1"}
    assert (second, kept, third) == ("access-2", "access-2", "access-3")
    assert office.paths == [path] * 3
    assert office.forms[0] == {"companyId": "co", "locationId": "L"}


async def test_an_agency_token_turned_down_is_renewed_for_the_exchange():
    office = TokenOffice(ManualClock(NOON))
    office.living.add("new")

    async with oauth_of(office) as oauth:
        agency = PrivateToken("old", "new")
        provider = LocationToken(oauth, agency=agency, company_id="co", location_id="L")
        assert await provider.token() == "access-1"
        office.living.clear()
        with pytest.raises(CredentialsError):
            await LocationToken(
                oauth, agency=PrivateToken("x"), company_id="co", location_id="L"
            ).token()


@pytest.mark.parametrize(
    ("version", "answer", "size"),
    [
        ("2021-07-28", {"locations": [{"_id": "l1", "isInstalled": True}]}, "limit"),
        ("v3", {"items": [{"_id": "l1"}], "pagination": {}}, "pageSize"),
    ],
)
async def test_installed_locations_are_listed_in_either_spelling(version, answer, size):
    vendor = Vendor(answer)
    oauth = OAuth(
        client_id="i", client_secret="s", version=version, transport=httpx.MockTransport(vendor)
    )

    async with oauth:
        (location,) = await oauth.list_installed_locations("t", company_id="c", app_id="a")

    assert location.id == "l1"
    assert vendor.requests[0].url.params[size] == "100"

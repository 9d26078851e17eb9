"""How people say who they are, and how the app comes into workspaces and leaves them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from slack_sdk.oauth.installation_store import Bot
from slack_sdk.oauth.installation_store import Installation as BoltInstallation
from starlette.applications import Starlette
from starlette.routing import Mount

from bot.install import (
    Linked,
    Linking,
    LinkPage,
    NotLinked,
    SomebodyElse,
    StateStore,
    VaultInstallations,
    build_install_doors,
    leave_workspace,
)
from bot.install.link_page import build_link_door
from bot.install.linking import LINK_PATH
from bot.settings import Settings
from toolkit.app.slack_calls import SlackCaller
from toolkit.app.slack_keys import AppKeys, SlackKeys
from toolkit.app.slack_people import LinkingRule, put_linking_rule
from toolkit.mapping.context import Owner
from toolkit.model.chat_people import Person, Role, Standing
from toolkit.sandbox.slack import SlackApp, SlackOptions, SlackSandbox
from toolkit.store import Store, open_vault

START = datetime(2026, 11, 23, 9, tzinfo=UTC)
BASE = "http://127.0.0.1:8080"
ADA = Owner("u1", "Ada <b>Lovelace</b>", "ada@example.com")
SAM = Owner("u2", "Sam", "SAM@example.com")
TWINS = (Owner("u3", "Tim", "two@example.com"), Owner("u4", "Tom", "two@example.com"))
OWNERS = (ADA, SAM, *TWINS)
ANNA = Person("T1", "U1")


@dataclass
class World:
    store: Store
    keys: SlackKeys
    linking: Linking
    at: datetime = START

    def now(self):
        return self.at

    async def sleep(self, seconds):
        await asyncio.sleep(0)

    def rule(self, rule):
        put_linking_rule(self.store.slack.people, "T1", rule)

    def person(self, user="U1"):
        return self.store.slack.people.find_person("T1", user)

    def page(self, person=ANNA):
        self.store.slack.people.put_person(person)
        answer = self.linking.begin(person, email="")
        assert isinstance(answer, LinkPage)
        return answer.url


@pytest.fixture
def world(tmp_path):
    made = World.__new__(World)
    made.at = START
    made.store = Store.open(tmp_path, clock=made.now)
    made.keys = SlackKeys(made.store, open_vault(made.store, tmp_path), clock=made)
    made.linking = Linking(
        made.keys, made.store.slack, owners=lambda: OWNERS, clock=made.now, base_url=f"{BASE}/"
    )
    yield made
    made.store.close()


@pytest.mark.parametrize(
    ("rule", "email", "ending"),
    [
        (LinkingRule.EMAIL, "Ada@Example.com ", Linked),
        (LinkingRule.EMAIL, "sam@example.com", Linked),
        (LinkingRule.EMAIL, "nobody@example.com", NotLinked),
        (LinkingRule.EMAIL, "two@example.com", NotLinked),
        (LinkingRule.EMAIL, "", NotLinked),
        (LinkingRule.URL, "ada@example.com", LinkPage),
        (LinkingRule.URL, "", LinkPage),
        (LinkingRule.BOTH, "ada@example.com", Linked),
        (LinkingRule.BOTH, "nobody@example.com", LinkPage),
    ],
)
def test_people_are_linked_as_the_workspace_chose(world, rule, email, ending):
    world.rule(rule)

    answer = world.linking.begin(ANNA, email=email)

    assert isinstance(answer, ending)
    assert (world.person() is not None) is (ending is Linked)


def test_by_e_mail_is_what_holds_where_nobody_chose(world):
    assert isinstance(world.linking.begin(ANNA, email="nobody@example.com"), NotLinked)


def test_without_an_address_of_ours_there_is_no_page(world):
    world.rule(LinkingRule.BOTH)
    here = Linking(world.keys, world.store.slack, owners=lambda: OWNERS, clock=world.now)

    assert isinstance(here.begin(ANNA, email=""), NotLinked)


@pytest.mark.parametrize("standing", [each for each in Standing if each is not Standing.MEMBER])
def test_who_is_no_member_is_not_linked(world, standing):
    world.rule(LinkingRule.URL)
    url = world.page()
    ticket = url.rpartition("/")[2]
    person = replace(ANNA, standing=standing)

    assert isinstance(world.linking.begin(person, email="ada@example.com"), SomebodyElse)
    # Somebody who became a guest meanwhile has a page that is good no more.
    world.store.slack.people.put_person(person)
    assert world.linking.look(ticket) is None
    assert world.linking.finish(ticket, "u1") is None


def test_a_role_stays_with_who_it_was_given_to(world):
    world.store.slack.people.put_person(replace(ANNA, role=Role.EDITOR))
    first = world.linking.begin(world.person(), email="ada@example.com")
    same = world.linking.begin(world.person(), email="ada@example.com")
    other = world.linking.begin(world.person(), email="sam@example.com")

    assert [each.person.role for each in (first, same, other)] == [
        Role.EDITOR,
        Role.EDITOR,
        Role.NOBODY,
    ]
    lines = world.store.slack.audit.list_lines("T1")
    assert [(each.command, each.outcome) for each in lines] == [
        ("me link", "u2"),
        ("me link", "u1"),
        ("me link", "u1"),
    ]
    assert world.linking.unlink(world.person()).owner_id == ""
    assert not world.person().is_linked


def browser(world):
    app = Starlette(routes=[Mount(LINK_PATH, app=build_link_door(world.linking))])
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE)


async def test_a_page_shows_whom_one_may_be_and_links_once(world):
    world.rule(LinkingRule.URL)
    url = world.page()
    async with browser(world) as client:
        for _ in range(3):  # programs look at links before people do
            shown = await client.get(url)
        done = await client.post(url, data={"owner": "u2"})
        again = await client.post(url, data={"owner": "u1"})

    assert shown.status_code == 200
    assert "Ada &lt;b&gt;Lovelace&lt;/b&gt; (ada@example.com)" in shown.text
    assert "<script" not in shown.text
    assert "default-src 'none'" in shown.headers["content-security-policy"]
    assert shown.headers["cache-control"] == "no-store"
    assert shown.headers["referrer-policy"] == "no-referrer"
    assert (done.status_code, "You are linked to Sam" in done.text) == (200, True)
    assert (again.status_code, "not good any more" in again.text) == (410, True)
    assert world.person().owner_id == "u2"


@pytest.mark.parametrize("minutes", [10, 60])
async def test_a_page_is_good_for_ten_minutes(world, minutes):
    world.rule(LinkingRule.URL)
    url = world.page()
    world.at += timedelta(minutes=minutes)
    async with browser(world) as client:
        answers = [await client.get(url), await client.post(url, data={"owner": "u1"})]

    assert [each.status_code for each in answers] == [410, 410]
    assert not world.person().is_linked


@pytest.mark.parametrize("body", [b"", b"owner=u9", b"owner=" + b"u" * 9_000, b"\xff=\xfe"])
async def test_a_wrong_choice_links_nobody_and_costs_nothing(world, body):
    world.rule(LinkingRule.URL)
    url = world.page()
    async with browser(world) as client:
        wrong = await client.post(url, content=body)
        right = await client.post(url, data={"owner": "u1"})

    assert (wrong.status_code, right.status_code) == (410, 200)


async def test_a_page_speaks_its_person_s_language(world):
    world.rule(LinkingRule.URL)
    url = world.page(replace(ANNA, language="fr"))
    async with browser(world) as client:
        assert "C&#x27;est moi" in (await client.get(url)).text
        forged = f"{BASE}{LINK_PATH}/forged"
        gone = await client.get(forged, headers={"accept-language": "fr-FR,fr"})

    assert (gone.status_code, "n&#x27;est plus valable" in gone.text) == (410, True)


async def test_of_two_who_use_a_page_at_once_one_is_linked(world):
    world.rule(LinkingRule.URL)
    ticket = world.page().rpartition("/")[2]

    ended = await asyncio.gather(
        *(asyncio.to_thread(world.linking.finish, ticket, each) for each in ("u1", "u2") * 3)
    )

    assert len([each for each in ended if each is not None]) == 1


def bolt_installation(**more):
    return BoltInstallation(
        app_id="A1",
        team_id="T1",
        team_name="Sales",
        bot_token="xoxb-very-secret",
        bot_id="B1",
        bot_user_id="UBOT",
        bot_scopes="chat:write,commands",
        user_id="U7",
        **more,
    )


async def test_bolt_finds_what_it_saved_and_nothing_once_a_workspace_left(world, tmp_path):
    store = VaultInstallations(world.keys, world.store.slack)
    await store.async_save(bolt_installation())
    await store.async_save_bot(bolt_installation().to_bot())
    world.store.slack.people.put_person(ANNA)

    bot = await store.async_find_bot(enterprise_id=None, team_id="T1")
    whole = await store.async_find_installation(enterprise_id=None, team_id="T1")

    assert isinstance(bot, Bot)
    assert (bot.bot_token, bot.bot_scopes) == ("xoxb-very-secret", ["chat:write", "commands"])
    assert whole is not None
    assert (whole.user_id, whole.team_name) == ("U7", "Sales")
    for other in ("T2", "", None):
        assert await store.async_find_bot(enterprise_id=None, team_id=other) is None
    assert (
        await store.async_find_installation(enterprise_id=None, team_id="T1", user_id="U8")
        is None
    )
    for path in tmp_path.iterdir():
        assert b"very-secret" not in path.read_bytes(), path

    await store.async_delete_installation(enterprise_id=None, team_id="T1", user_id="U7")
    assert world.keys.teams() == ["T1"]
    await store.async_delete_all(enterprise_id=None, team_id="T1")
    leave_workspace(world.keys, world.store.slack, "T1")
    assert await store.async_find_bot(enterprise_id=None, team_id="T1") is None
    assert world.person() is None
    assert store.logger.name == StateStore(world.keys).logger.name


async def test_a_token_slack_renews_no_more_is_as_good_as_none(world):
    store = VaultInstallations(world.keys, world.store.slack)
    async with SlackSandbox.running() as sandbox:
        world.keys.put_app(AppKeys(base_url=sandbox.workspace.credentials.base_url))
        soon = int(START.timestamp()) + 60
        await store.async_save(
            bolt_installation(bot_refresh_token="xoxe-1-spent", bot_token_expires_at=soon)
        )

        assert await store.async_find_bot(enterprise_id=None, team_id="T1")
        world.at += timedelta(seconds=60)
        assert await store.async_find_bot(enterprise_id=None, team_id="T1") is None


async def test_states_are_good_once_and_for_ten_minutes(world):
    states = StateStore(world.keys)
    one, late = await states.async_issue(), await states.async_issue()

    assert await states.async_consume(one)
    assert not await states.async_consume(one)
    assert not await states.async_consume("")
    world.at += timedelta(minutes=10)
    assert not await states.async_consume(late)


@pytest.fixture
async def installing(world):
    options = SlackOptions(app=SlackApp(rotates_tokens=True), rate_limit=False)
    async with SlackSandbox.running(options) as sandbox:
        held = sandbox.workspace.credentials
        world.keys.put_app(
            AppKeys(
                client_id=held.client_id,
                client_secret=held.client_secret,
                signing_secret=held.signing_secret,
                base_url=held.base_url,
                public_url=BASE,
            )
        )
        doors = build_install_doors(world.keys, world.store.slack)
        app = Starlette(routes=[Mount("/slack", app=doors)])
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
            yield sandbox.workspace, client


async def consented(page):
    """Slack's own page leads the browser back."""
    async with httpx.AsyncClient() as slack:
        back = await slack.get(page)
    assert back.status_code == 307, back.text
    return back.headers["location"]


def cookie_of(answer):
    """The browser's: it is for https only, and the test's client keeps none of those."""
    return {"cookie": answer.headers["set-cookie"].partition(";")[0]}


async def test_people_install_the_app_in_several_workspaces(world, installing):
    workspace, client = installing
    second = workspace.add_workspace()
    for team in (workspace.state.team.id, second.state.team.id):
        shown = await client.get("/slack/install", params={"team": team})
        page = shown.headers["location"]
        scopes = parse_qs(urlsplit(page).query)["scope"][0].split(",")
        assert {"commands", "chat:write", "users:read.email"} <= set(scopes)
        returned = await consented(page)
        elsewhere = await client.get(returned)
        done = await client.get(returned, headers=cookie_of(shown))
        again = await client.get(returned, headers=cookie_of(shown))
        assert (elsewhere.status_code, done.status_code) == (400, 200), done.text
        assert again.status_code == 401
        assert done.headers["cache-control"] == "no-store"

    assert world.keys.teams() == [workspace.state.team.id, second.state.team.id]
    for one in (workspace, second):
        held = world.keys.find(one.state.team.id)
        assert held is not None
        assert held.refresh_token in one.state.refresh_tokens
        async with SlackCaller(base_url=workspace.credentials.base_url) as caller:
            token = await world.keys.token(one.state.team.id)
            who = await caller.call("auth.test", token=token)
        assert (who.body["team_id"], held.installer) == (
            one.state.team.id,
            one.state.team.write_id("U", 1),
        )
        settings = Settings(world.store.slack.people, one.state.team.id)
        assert settings.installer == held.installer


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"error": "access_denied"}, 200),
        ({"code": "c"}, 400),
        ({"code": "c", "state": "forged"}, 400),
        ({}, 400),
    ],
)
async def test_a_return_that_is_not_ours_installs_nothing(world, installing, query, status):
    _workspace, client = installing

    answer = await client.get("/slack/oauth_redirect", params=query)

    assert answer.status_code == status
    assert world.keys.teams() == []


async def test_a_code_slack_does_not_know_installs_nothing(world, installing):
    _workspace, client = installing
    begun = await client.get("/slack/install")
    state = cookie_of(begun)["cookie"].partition("=")[2]

    query = {"code": "nonsense", "state": state}
    answer = await client.get("/slack/oauth_redirect", params=query, headers=cookie_of(begun))

    assert answer.status_code == 401
    assert world.keys.teams() == []


async def test_looking_at_the_addresses_takes_nothing(installing):
    _workspace, client = installing

    for path in ("/slack/install", "/slack/oauth_redirect"):
        assert (await client.head(path)).status_code == 405
        assert (await client.post(path)).status_code == 405

"""The whole way round: people type and click in the emulated Slack, the service answers."""

import asyncio
import hashlib
import hmac
from dataclasses import replace

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.dispatcher import Pace
from bot.entry import NoService, slack_service
from bot.listening import Members, is_signed, line_of, standing_of
from bot.listening.whose import team_of
from bot.service import SlackService
from bot.settings import Settings
from tests.flows.slack_office import reach_by_doors
from tests.slack_tokens import put_tokens
from tests.unit.bot.nasty import NOW
from tests.unit.bot.test_alerts import an_event, put
from tests.unit.bot.test_commands import ADA, TASKS
from toolkit.app.home import Home
from toolkit.app.host import Host
from toolkit.app.slack_keys import AppKeys, Installation
from toolkit.clients.pacing import SystemClock
from toolkit.engine.inline import InlineEngine
from toolkit.errors import StateBusyError, UseError
from toolkit.model.chat_alerts import Route
from toolkit.model.chat_messages import Outgoing
from toolkit.model.chat_people import Person, Role, Standing
from toolkit.sandbox.slack import SlackOptions, SlackSandbox
from toolkit.store import Store, open_vault

HEAD = """\
version: 1
connections:
  main:
    highlevel: {location_id: loc}
    timetonic: {user: u, book_owner: o, book_code: b}
"""


@pytest.fixture
def home(tmp_path, monkeypatch):
    (tmp_path / "hightonic.yaml").write_text(HEAD)
    monkeypatch.setenv("HIGHTONIC_KEY", "3" * 42 + "w=")
    with Store.open(tmp_path) as store:
        store.connection("main").put_links([ADA, *TASKS])
    return Home(tmp_path)


class Office:
    """A workspace with the bot in it."""

    def __init__(self, sandbox, service, store):
        self.workspace, self.service, self.store = sandbox.workspace, service, store
        state = sandbox.workspace.state
        self.team = state.team.id
        self.users = {each.name: each.id for each in state.people.values()}
        self.ops = state.find_channel("ops").id

    def links(self, name, role, **options):
        person = Person(self.team, self.users[name], Role[role.upper()], "own_1")
        self.store.slack.people.put_person(replace(person, **options))

    async def hears(self, name, text, channel="#ops"):
        before = len(self.workspace.messages(name, channel))
        await self.workspace.types(name, channel, f"/hightonic {text}")
        await self.workspace.until(
            lambda: len(self.workspace.messages(name, channel)) > before, timeout_s=15
        )
        return self.workspace.reads(name, channel)[-1]


@pytest.fixture
async def office(home):
    async with SlackSandbox.running(SlackOptions(rate_limit=False)) as sandbox:
        put_tokens(home.path, sandbox.workspace)
        service = SlackService(home, pace=Pace(channel_s=0))
        await service.start()
        await sandbox.workspace.sockets.wait_connected()
        with Store.open(home.path) as store:
            yield Office(sandbox, service, store)
        await service.stop(5)


async def test_a_person_asks_clicks_and_is_told(office):
    office.links("anna", "operator")

    card = await office.hears("anna", "contact find lovelace")
    assert "Ada Lovelace" in card
    assert "4 open tasks" in card
    assert office.workspace.messages("bruno", "#ops") == []

    state = Settings(office.store.slack.people, office.team)
    state.put_route(Route("all", office.team, office.ops))
    put(office.store, an_event(at=NOW, happened="The key was refused"))
    await office.workspace.until(lambda: office.workspace.reads("bruno", "#ops"), timeout_s=15)
    assert "Cause: The key was refused" in office.workspace.reads("bruno", "#ops")[0]

    await office.workspace.clicks("anna", "Acknowledge")
    await office.workspace.until(
        lambda: any(
            "looks after it" in each for each in office.workspace.reads("bruno", "#ops")
        ),
        timeout_s=15,
    )
    assert len(office.workspace.reads("bruno", "#ops")) == 1

    await office.workspace.clicks("bruno", "alert.resolve")
    await office.workspace.until(
        lambda: len(office.workspace.reads("bruno", "#ops")) == 2, timeout_s=15
    )
    assert "Reliez-vous" in office.workspace.reads("bruno", "#ops")[-1]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("gina", "Guests cannot"),
        ("ezra", "People of other companies"),
        ("anna", "Link yourself first"),
    ],
)
async def test_strangers_are_refused_by_what_slack_says_of_them(office, name, shown):
    channel = "#shared" if name == "ezra" else "#ops"
    person = office.users[name]
    if name != "anna":
        office.links(name, "admin")
    office.workspace.state.find_channel(channel.removeprefix("#")).members.add(person)

    assert shown in await office.hears(name, "contact find ada", channel)


async def test_a_delivery_that_comes_again_is_dealt_with_once(office):
    office.links("anna", "viewer")
    await office.hears("anna", "sync status")
    told = office.workspace.teller.told[-1]

    await office.workspace.repeat(told)
    await office.hears("anna", "me")

    answers = office.workspace.reads("anna", "#ops")
    assert len(answers) == 2


async def test_mentions_are_answered_to_who_asks_and_messages_in_their_thread(office):
    office.links("anna", "viewer")

    await office.workspace.types("anna", "#ops", "@hightonic contact find lovelace")
    await office.workspace.until(
        lambda: office.workspace.calls("chat.postEphemeral"), timeout_s=15
    )
    await office.workspace.types("anna", "bot", "task list mine")
    await office.workspace.until(
        lambda: office.workspace.calls("chat.postMessage"), timeout_s=15
    )

    (posted,) = office.workspace.calls("chat.postMessage")
    assert posted["text"] == "3 tasks"
    assert posted["thread_ts"]


@pytest.mark.parametrize(
    ("role", "options", "shown", "hidden"),
    [
        ("admin", {}, "My tasks", "Welcome"),
        ("viewer", {}, "Call 1", "Welcome"),
        ("nobody", {}, "My tasks", "Call 1"),
        ("admin", {"owner_id": ""}, "Welcome", "My tasks"),
    ],
)
async def test_the_home_tab_shows_what_a_role_may_see(office, role, options, shown, hidden):
    office.links("anna", role, **options)

    await office.workspace.opens_home("anna")
    await office.workspace.until(lambda: office.workspace.reads_home("anna"), timeout_s=15)

    seen = office.workspace.reads_home("anna")
    assert shown in seen
    assert hidden not in seen


async def test_a_click_on_the_home_tab_is_answered_by_a_message(office):
    office.links("anna", "viewer")
    await office.workspace.opens_home("anna")
    await office.workspace.until(lambda: office.workspace.reads_home("anna"), timeout_s=15)

    await office.workspace.clicks("anna", "Help")
    await office.workspace.until(lambda: office.workspace.reads("anna", "bot"), timeout_s=15)

    assert "What I can do" in office.workspace.reads("anna", "bot")[-1]


async def test_without_an_app_token_nothing_starts(home):
    with pytest.raises(UseError, match="app token"):
        await SlackService(home).start()


@pytest.fixture
async def hosted(home):
    """What `hightonic serve` hands to its services."""
    clock = SystemClock()
    with Store.open(home.path) as store:
        vault = open_vault(store, home.path)
        yield lambda role: Host({}, clock, role, InlineEngine(clock), store, vault)


@pytest.mark.parametrize("role", ["all", "web", "worker"])
async def test_who_has_no_slack_can_serve_all_the_same(home, hosted, role):
    service = slack_service(home, None, hosted(role))

    await service.start()
    await service.stop(1)

    assert isinstance(service, NoService)


async def test_workspaces_may_come_later_to_an_app_that_is_there(home, hosted):
    host = hosted("all")
    host.slack.keys.put_app(AppKeys(client_id="1.2", client_secret="c", app_token="xapp-1"))

    assert isinstance(slack_service(home, None, host), SlackService)


@pytest.mark.parametrize(("secret", "kind"), [("", NoService), ("s", SlackService)])
async def test_a_web_process_listens_only_where_slack_calls_it(home, hosted, secret, kind):
    host = hosted("web")
    token = "" if secret else "xapp-1"
    host.slack.keys.put_app(AppKeys(app_token=token, signing_secret=secret))
    host.slack.keys.put(Installation(team="T1", bot_token="xoxb-1"))

    assert isinstance(slack_service(home, None, host), kind)


async def test_a_web_process_answers_and_leaves_messages_to_those_that_work(home, hosted):
    async with SlackSandbox.running(SlackOptions(rate_limit=False)) as sandbox:
        put_tokens(home.path, sandbox.workspace, is_socket=False)
        host = hosted("web")
        service = slack_service(home, None, host)
        await service.start()
        reach_by_doors(sandbox.workspace, host)
        with Store.open(home.path) as store:
            office = Office(sandbox, service, store)
            office.links("anna", "viewer")
            left = Outgoing("s", office.team, office.ops, {"text": "for a worker"})
            store.slack.outbox.put([left])

            answer = await office.hears("anna", "sync status")
            await service.stop(1)
            waiting = store.slack.outbox.counts()

    assert "connection" in answer
    assert office.workspace.reads("bruno", "#ops") == []
    assert waiting == {"waiting": 1}


async def test_slack_that_does_not_let_us_in_keeps_nothing_else_from_starting(home, caplog):
    async with SlackSandbox.running(SlackOptions()) as sandbox:
        held = sandbox.workspace.credentials
        put_tokens(home.path, sandbox.workspace)
        sandbox.workspace.refuse("apps.connections.open", "internal_error", times=2)
        service = SlackService(home, sleep=lambda _s: asyncio.sleep(0.01))

        await service.start()
        await sandbox.workspace.sockets.wait_connected()
        await service.stop(1)

    told = [each for each in caplog.records if each.message == "slack not connected"]
    assert len(told) == 2
    assert held.app_token not in caplog.text


async def test_service_that_never_got_in_stops_all_the_same(home, caplog):
    async with SlackSandbox.running(SlackOptions()) as sandbox:
        put_tokens(home.path, sandbox.workspace)
        sandbox.workspace.refuse("apps.connections.open", "invalid_auth")
        service = SlackService(home)

        await service.start()
        await service.stop(1)

    assert "slack not connected" in caplog.text


async def test_a_busy_disk_does_not_end_the_telling(home, monkeypatch):
    service = SlackService(home)
    naps = []

    class Busy:
        def read(self):
            raise StateBusyError("busy")

    async def nap(seconds):
        naps.append(seconds)
        if len(naps) == 2:
            raise KeyError

    service._sleep = nap
    with pytest.raises(KeyError):
        await service._tell(Busy())
    assert naps == [1.0, 1.0]


@pytest.mark.parametrize(
    ("member", "standing"),
    [
        ({"team_id": "T1"}, Standing.MEMBER),
        ({}, Standing.MEMBER),
        ({"team_id": "T2"}, Standing.EXTERNAL),
        ({"is_stranger": True}, Standing.EXTERNAL),
        ({"is_restricted": True}, Standing.GUEST),
        ({"is_ultra_restricted": True, "team_id": "T2"}, Standing.EXTERNAL),
        ({"is_bot": True}, Standing.BOT),
        ({"id": "USLACKBOT"}, Standing.BOT),
        ({"deleted": True, "is_bot": True}, Standing.GONE),
    ],
)
def test_the_least_trusted_thing_that_is_true_counts(member, standing):
    assert standing_of(member, "T1") is standing


class Directory:
    """Slack's, as far as it answers."""

    def __init__(self, member=None):
        self.member = member

    async def has(self, _team):
        return True

    async def client(self, _team):
        if self.member is None:
            return AsyncWebClient("x", "http://127.0.0.1:9/api/", retry_handlers=[])
        return self

    async def users_info(self, **_asked):
        return {"user": self.member}


async def test_who_was_never_looked_up_is_a_stranger_while_slack_is_silent(shelf, clock):
    members = Members(Directory(), shelf.people, clock=clock)
    shelf.people.put_person(Person("T1", "U1", Role.ADMIN, "own_1"))

    found = await members.refresh("T1", "U1")

    assert found.standing is Standing.UNKNOWN
    assert shelf.people.find_person("T1", "U1").standing is Standing.UNKNOWN


@pytest.mark.parametrize(
    ("told", "hours", "counts"),
    [
        ({"team_id": "T1"}, 2, Standing.MEMBER),
        ({"team_id": "T1"}, 23, Standing.MEMBER),
        ({"team_id": "T1"}, 25, Standing.UNKNOWN),
        ({"is_restricted": True}, 2, Standing.GUEST),
    ],
)
async def test_what_slack_said_lately_counts_while_it_is_silent(
    shelf, clock, told, hours, counts
):
    directory = Directory(told)
    shelf.people.put_person(Person("T1", "U1", Role.ADMIN, "own_1"))
    await Members(directory, shelf.people, clock=clock).refresh("T1", "U1")
    directory.member = None
    clock.on(hours=hours)

    # Another process: what the first one knew is stored.
    found = await Members(directory, shelf.people, clock=clock).refresh("T1", "U1")

    assert found.standing is counts
    assert shelf.people.find_person("T1", "U1") == found


async def test_who_is_known_again_is_as_slack_says(shelf, clock):
    directory = Directory()
    members = Members(directory, shelf.people, clock=clock)
    await members.refresh("T1", "U1")
    directory.member = {"team_id": "T1"}

    assert (await members.refresh("T1", "U1")).standing is Standing.MEMBER


@pytest.mark.parametrize(
    ("action", "line"),
    [
        ({"action_id": "alert.ack", "type": "button", "value": "a_1"}, 'alert ack "a_1"'),
        ({"action_id": "task.done.t_1", "type": "button", "value": "t_1"}, 'task done "t_1"'),
        ({"action_id": "help.open", "type": "button"}, "help"),
        ({"action_id": "alert.ack", "type": "button"}, None),
        ({"action_id": "nonsense", "type": "button", "value": "x"}, None),
        (
            {
                "action_id": "contact.show",
                "type": "static_select",
                "selected_option": {"value": "c1"},
            },
            'contact show "c1"',
        ),
        (
            {
                "action_id": "alert.more",
                "type": "overflow",
                "selected_option": {"value": "why:a_1"},
            },
            'why "a_1"',
        ),
        (
            {
                "action_id": "alert.more",
                "type": "overflow",
                "selected_option": {"value": "rm:a_1"},
            },
            None,
        ),
        (
            {"action_id": "alert.ack", "type": "button", "value": 'x" --here "'},
            'alert ack "x\\" --here \\""',
        ),
    ],
)
def test_a_click_is_the_line_it_stands_for(action, line):
    assert line_of(action) == line


def signed(secret=b"s", body=b"{}", stamp="1000"):
    return (
        "v0="
        + hmac.new(secret, b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    )


@pytest.mark.parametrize(
    ("options", "is_good"),
    [
        ({}, True),
        ({"now_s": 1299.0}, True),
        ({"now_s": 1301.0}, False),
        ({"now_s": 699.0}, False),
        ({"body": b"{ }"}, False),
        ({"secret": "t"}, False),
        ({"secret": ""}, False),
        ({"stamp": "nan"}, False),
        ({"stamp": "\u0661\u0662"}, False),
        ({"stamp": "9" * 40}, False),
        ({"stamp": ""}, False),
        ({"signature": ""}, False),
        ({"signature": "v0=\udcff\u00e9"}, False),
        ({"body": b"x" * 2_000_001}, False),
    ],
)
def test_only_slack_s_own_requests_are_believed(options, is_good):
    given = {
        "secret": "s",
        "body": b"{}",
        "stamp": "1000",
        "signature": signed(),
        "now_s": 1000.0,
        **options,
    }
    secret, body = given.pop("secret"), given.pop("body")

    assert is_signed(secret, body, **given) is is_good


@pytest.mark.parametrize(
    ("body", "team"),
    [
        ({"team_id": "T1"}, "T1"),
        ({"team": {"id": "T1"}, "user": {"team_id": "T2"}}, "T1"),
        ({"team": "T1"}, "T1"),
        ({"team": None, "team_id": "T1"}, "T1"),
        ({"team_id": "T2", "authorizations": [{"team_id": "T1"}]}, "T1"),
        ({"team_id": "T1", "authorizations": []}, "T1"),
        ({"team": {"id": "T2"}, "view": {"app_installed_team_id": "T1"}}, "T1"),
        ({"team": {"id": "T1"}, "view": {"id": "V1"}}, "T1"),
        ({}, ""),
    ],
)
def test_the_workspace_that_has_the_app_is_meant(body, team):
    assert team_of(body) == team

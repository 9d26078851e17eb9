"""The assistant's door: a real session over standard input and output, and its approvals."""

import asyncio
import json
import os
import sys
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from mcp import StdioServerParameters
from mcp.client.client import Client
from mcp.client.stdio import stdio_client
from mcp.shared.exceptions import MCPError

from tests.flows.cli_shell import Shell
from tests.flows.world import World
from toolkit.app.assistant.approvals import GOOD_FOR, Approvals
from toolkit.app.assistant.desk import Desk
from toolkit.app.assistant.tools import build_server
from toolkit.app.catalog import list_entries
from toolkit.app.wiring import Transports, open_parts
from toolkit.errors import PlanChangedError
from toolkit.sandbox.serve import Sandbox, SandboxOptions

ADD = "highlevel.tags.add"


def desk_of(world: World) -> Desk:
    @asynccontextmanager
    async def opening(is_exclusive: bool):
        async with open_parts(
            world.name,
            home=world.home,
            transports=Transports(**world.sandbox.transports()),
            clock=world.clock,
        ) as parts:
            yield parts

    return Desk(opening, Approvals(world.clock.now))


@asynccontextmanager
async def session(world: World):
    async with Client(build_server(desk_of(world))) as client:
        yield client


def started(*words: str, home: Path) -> StdioServerParameters:
    return StdioServerParameters(
        command=sys.executable,
        args=["-c", "from toolkit.cli import main; main()", *words],
        env={**os.environ, "HIGHTONIC_HOME": str(home)},
    )


async def ask(client, tool, **given):
    """What a tool answers; the sentence where it refuses."""
    answer = await client.call_tool(tool, given)
    return answer.content[0].text if answer.is_error else answer.structured_content


def a_contact(world: World) -> str:
    return next(iter(world.sandbox.highlevel.state.contacts))


async def test_a_session_over_pipes_reads_plans_and_applies(tmp_path):
    beginning = started("mcp", "--sandbox", home=tmp_path / "home")
    async with Client(stdio_client(beginning)) as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        found = await ask(client, "highlevel_contacts_search", page_size=1)
        contact_id = found["value"]["contacts"][0]["id"]
        given = {"contact_id": contact_id, "tags": ["met an assistant"]}
        planned = await ask(client, "plan", entry=ADD, input=given)
        done = await ask(client, "apply", entry=ADD, input=given, approval=planned["approval"])
        runs = json.loads((await client.read_resource("hightonic://runs")).contents[0].text)

    assert tools["highlevel_contacts_search"].annotations.read_only_hint is True
    assert planned["request"] == "POST /contacts/{contact_id}/tags"
    assert "met an assistant" in done["value"]
    assert [run["verb"] for run in runs] == [f"call {ADD}"]
    assert not (tmp_path / "home").exists()


async def test_a_session_on_a_connection_lets_others_work_between_its_calls(tmp_path):
    async with Sandbox.running(
        SandboxOptions(contacts=2, tasks=0, notes=0, leads=0, shared=0, rate_limit=False)
    ) as sandbox:
        shell = Shell(tmp_path / "home", sandbox.ready_line())
        await asyncio.to_thread(shell.connect)
        async with Client(stdio_client(started("mcp", home=shell.home))) as client:
            planned = await ask(client, "plan", entry="hightonic.sync", input={})
            meanwhile = await asyncio.to_thread(shell.type, "call", "hightonic.retry", "--json")
            done = await ask(
                client,
                "apply",
                entry="hightonic.sync",
                input={},
                approval=planned["approval"],
            )
            listed = await ask(client, "hightonic_runs")

    assert planned["would"]["writes"] == {"create contact in TimeTonic": 2}
    assert meanwhile.code == 0, meanwhile.err
    assert done["value"]["tallies"]["contact"]["timetonic"]["created"] == 0
    assert [run["verb"] for run in listed["value"]] == ["apply", "retry"]


async def test_reads_are_tools_and_writes_are_none(world):
    async with session(world) as client:
        names = {tool.name for tool in (await client.list_tools()).tools}

    entries = list_entries().values()
    reads = {e.id.replace(".", "_") for e in entries if e.role == "action" and not e.is_write}
    assert names == reads | {"catalogue", "plan", "apply"}


async def test_a_write_is_never_a_tool_of_its_own(world):
    async with session(world) as client:
        told = await ask(client, "highlevel_contacts_delete", contact_id=a_contact(world))

    assert told.startswith("There is no such tool. Nothing was sent.")
    assert world.writes() == 0


async def test_planning_sends_nothing(world):
    world.sandbox.recorder.clear()
    async with session(world) as client:
        planned = await ask(client, "plan", entry=ADD, input={"contact_id": "x", "tags": ["y"]})

    assert planned["is_allowed"] is True
    assert world.sandbox.recorder.count() == 0


@pytest.mark.parametrize(
    ("change", "minutes", "uses", "told"),
    [
        ({}, 0, 1, ""),
        ({}, 0, 2, "is not good any more"),
        ({}, 10, 1, "is not good any more"),
        ({"tags": ["other"]}, 0, 1, "is for another input"),
        ({"approval": "made up"}, 0, 1, "is not good any more"),
    ],
)
async def test_an_approval_is_good_once_for_its_input_and_ten_minutes(
    world, change, minutes, uses, told
):
    given = {"contact_id": a_contact(world), "tags": ["one"]}
    async with session(world) as client:
        planned = await ask(client, "plan", entry=ADD, input=given)
        world.clock.advance(60 * minutes)
        changed = {name: change[name] for name in change if name != "approval"}
        asked = {
            "entry": ADD,
            "input": given | changed,
            "approval": change.get("approval", planned["approval"]),
        }
        for _ in range(uses):
            last = await ask(client, "apply", **asked)

    assert told in str(last)
    assert world.writes() == (0 if told and uses == 1 else 1)


async def test_a_sync_does_what_was_shown_and_not_what_came_later(world):
    contacts = list(world.sandbox.highlevel.state.contacts.values())
    rename(world, contacts[0], "Shown")
    async with session(world) as client:
        planned = await ask(client, "plan", entry="hightonic.sync", input={"full": True})
        rename(world, contacts[1], "Later")
        done = await ask(
            client,
            "apply",
            entry="hightonic.sync",
            input={"full": True},
            approval=planned["approval"],
        )

    assert sum(planned["would"]["writes"].values()) == 1
    assert done["value"]["verb"] == "apply"
    assert done["value"]["tallies"]["contact"]["timetonic"]["updated"] == 1


def rename(world, contact, name):
    contact.values["firstName"] = name
    world.sandbox.highlevel.state.touch(contact)
    world.sandbox.highlevel.state.index.settle()


async def test_a_connection_that_is_paused_plans_and_gives_no_approval(world):
    given = {"contact_id": a_contact(world), "tags": ["one"]}
    async with session(world) as client:
        paused = await ask(client, "plan", entry="hightonic.pause")
        await ask(client, "apply", entry="hightonic.pause", approval=paused["approval"])
        planned = await ask(client, "plan", entry=ADD, input=given)
        refused = await ask(client, "apply", entry=ADD, input=given, approval="")
        resumed = await ask(client, "plan", entry="hightonic.resume")

    assert (planned["approval"], planned["is_allowed"]) == ("", False)
    assert "hightonic resume" in planned["obstacle"]
    assert "not good any more" in refused
    assert resumed["is_allowed"] is True


async def test_the_catalogue_is_a_tool_and_a_resource(world):
    async with session(world) as client:
        found = await ask(client, "catalogue", words="followers")
        many = await ask(client, "catalogue")
        one = await ask(client, "catalogue", entry="highlevel.contacts.create")
        none = await ask(client, "catalogue", entry="highlevel.contact.create")
        listed = [str(each.uri) for each in (await client.list_resources()).resources]
        whole = await client.read_resource("hightonic://catalogue")

    assert [each["kind"] for each in found["entries"]] == ["write", "write"]
    assert many["left_out"] == len(list_entries()) - len(many["entries"])
    assert "first_name" in one["input_schema"]["properties"]
    assert "Did you mean highlevel.contacts.create?" in none
    assert len(json.loads(whole.contents[0].text)) == len(list_entries())
    assert sorted(listed) == [
        "hightonic://catalogue",
        "hightonic://conflicts",
        "hightonic://log",
        "hightonic://runs",
    ]


async def test_what_goes_wrong_is_one_sentence(world):
    async with session(world) as client:
        missing = await ask(client, "highlevel_contacts_get", contact_id="nobody")
        misfit = await ask(client, "plan", entry=ADD, input={})
        odd = await ask(client, "plan", entry=ADD, input="text")
        with pytest.raises(MCPError, match="no such resource"):
            await client.read_resource("hightonic://nothing")

    assert "(ref " in missing
    assert misfit.startswith(f"{ADD} needs contact_id")
    assert odd.startswith("The input is not an object")


async def test_an_unexpected_failure_names_its_class_and_no_value(world):
    @asynccontextmanager
    async def broken(_is_exclusive):
        raise ValueError("Ada Lovelace")
        yield

    async with Client(build_server(Desk(broken, Approvals(world.clock.now)))) as client:
        told = await ask(client, "highlevel_locations_get")
        with pytest.raises(MCPError):
            await client.read_resource("hightonic://runs")

    assert told == "Something unexpected went wrong (ValueError)."


def test_old_approvals_are_forgotten(world):
    approvals = Approvals(world.clock.now)
    first = approvals.give("a" * 32)
    world.clock.advance(GOOD_FOR / timedelta(seconds=1))
    approvals.give("b" * 32)

    assert len(approvals._open) == 1
    with pytest.raises(PlanChangedError):
        approvals.use(first, "a" * 32)

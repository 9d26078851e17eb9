"""What leaves as a file: by approval, to one person, checkable by anybody."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest

from tests.flows.slack_office import SlackOffice, open_slack_office
from tests.flows.world import World
from toolkit.app.slack_audit_file import check_audit_file
from toolkit.model.chat_people import Role
from toolkit.sandbox.slack_app import sandbox_slack

both = pytest.mark.parametrize("office", ["socket", "http"], indirect=True)


@pytest.fixture
async def office(request: pytest.FixtureRequest, world: World) -> AsyncIterator[SlackOffice]:
    mode = getattr(request, "param", "socket")
    options = sandbox_slack(rate_limit=False)
    async with open_slack_office(world, mode=mode, options=options) as opened:
        opened.link("anna", Role.ADMIN)
        opened.link("adam", Role.APPROVER)
        yield opened
        assert opened.check()


def files(office: SlackOffice) -> list[bytes]:
    return [each["content"] for each in office.workspace.state.files.values()]


async def approve(office: SlackOffice, line: str) -> str:
    """Anna asks, Adam agrees; what he hears."""
    seen = len(office.workspace.messages("adam", "#ops"))
    await office.ask("anna", line)
    await office.hears("adam", "#ops", after=seen)
    assert files(office) == []
    return await office.click("adam", "Approve")


@both
async def test_audit_leaves_once_somebody_else_agreed_and_its_chain_holds(
    office: SlackOffice,
) -> None:
    await office.ask("anna", "sync status")
    await office.ask("bruno", "contact find ada")

    said = await approve(office, "audit export")

    assert "is in our conversation" in said
    (content,) = files(office)
    found = check_audit_file(content)
    assert found.broken_at is None
    assert found.is_whole
    assert found.lines >= 2
    rows = [json.loads(each) for each in content.splitlines()]
    assert office.user("anna") in rows[0]["people"].values()
    assert "contact find text=" in {each["command"] for each in rows[1:]}
    here = office.workspace.reads("anna", "bot")
    assert any("hightonic slack audit FILE" in each for each in here)
    assert not any(
        "hightonic slack audit FILE" in e for e in office.workspace.reads("adam", "bot")
    )


async def test_what_was_approved_is_what_leaves(office: SlackOffice) -> None:
    seen = len(office.workspace.messages("adam", "#ops"))
    await office.ask("anna", "audit export")
    await office.hears("adam", "#ops", after=seen)
    last = office.store.slack.audit.newest(office.team)
    await office.ask("anna", "task list all")

    await office.click("adam", "Approve")

    (content,) = files(office)
    assert last is not None
    assert max(json.loads(each).get("seq", 0) for each in content.splitlines()) <= last.seq
    assert b"task list" not in content


async def test_one_person_s_lines_are_told_to_be_a_part(office: SlackOffice) -> None:
    await office.ask("anna", "sync status")
    await office.ask("bruno", "sync status")

    await approve(office, "audit export @bruno")

    (content,) = files(office)
    heading, *rows = [json.loads(each) for each in content.splitlines()]
    assert set(heading["people"].values()) == {office.user("bruno")}
    assert heading["is_whole"] is False
    assert {each["subject"] for each in rows} == set(heading["people"])
    assert check_audit_file(content).broken_at is None


async def test_without_the_scope_it_is_told_in_a_thread(office: SlackOffice) -> None:
    await office.ask("anna", "sync status")
    office.workspace.refuse("files.getUploadURLExternal", "missing_scope")

    await approve(office, "audit export")

    space = office.workspace
    await space.until(lambda: len(space.reads("anna", "bot")) > 0, timeout_s=10)
    (root,) = space.messages("anna", "bot")
    await space.until(lambda: len(space.messages("anna", "bot", thread_ts=root.ts)) > 1)
    told = "\n".join(space.reads("anna", "bot", thread_ts=root.ts)[1:])
    assert '"kind": "hightonic audit"' in told
    assert "sync status" in told


async def test_slack_that_takes_no_file_is_said_and_nothing_is_half_sent(
    office: SlackOffice,
) -> None:
    office.workspace.refuse("files.completeUploadExternal", "fatal_error")

    said = await approve_failing(office)

    assert "did not take the file" in said
    assert office.workspace.reads("anna", "bot") == []


async def approve_failing(office: SlackOffice) -> str:
    seen = len(office.workspace.messages("adam", "#ops"))
    await office.ask("anna", "audit export")
    await office.hears("adam", "#ops", after=seen)
    return await office.click("adam", "Approve")


@pytest.mark.parametrize(
    ("role", "line"),
    [(Role.APPROVER, "audit export"), (Role.VIEWER, "audit @anna"), (Role.VIEWER, "audit all")],
)
async def test_others_deeds_are_for_administrators(
    office: SlackOffice, role: Role, line: str
) -> None:
    office.link("bruno", role)

    said = await office.ask("bruno", line)

    assert "administrator" in said
    assert files(office) == []


async def test_administrator_reads_what_somebody_did(office: SlackOffice) -> None:
    await office.ask("bruno", "sync status")

    said = await office.ask("anna", "audit @bruno")

    assert "sync status" in said
    assert "audit show" not in said


async def test_request_without_a_channel_goes_to_those_who_may_decide(
    office: SlackOffice,
) -> None:
    space, (email, *_) = office.workspace, office.world.emails()
    await office.ask("anna", f"contact delete {email}", "bot")
    await space.until(lambda: any("Approval" in e for e in space.reads("adam", "bot")))
    assert not any("Approval" in each for each in space.reads("bruno", "bot"))

    await space.clicks("adam", "Approve")
    await office.at_rest()

    assert email not in office.world.emails()
    await space.until(lambda: "[Approve]" not in space.reads("adam", "bot")[0])


@both
@pytest.mark.parametrize(
    ("line", "holds"),
    [
        ("contact find {email}", "contacts"),
        ("contact show {email}", "contact"),
        ("task list all", "tasks"),
        ("note list {email}", "notes"),
        ("sync status", "connections"),
        ("sync conflicts", "conflicts"),
        ("alert list", "alerts"),
        ("route list", "routes"),
        ("mute list", "mutes"),
        ("audit me", "lines"),
    ],
)
async def test_what_is_shown_comes_as_a_file_for_programs(
    office: SlackOffice, line: str, holds: str
) -> None:
    email = office.world.emails()[0]

    said = await office.ask("anna", f"{line.format(email=email)} --json --here")

    assert "as a file" in said
    (content,) = files(office)
    value = json.loads(content)
    assert holds in value
    assert (email in content.decode()) == ("{email}" in line and holds != "notes")
    assert all("as a file" not in each for each in office.workspace.reads("bruno", "#ops"))


async def test_nothing_is_done_where_there_is_nothing_to_give(office: SlackOffice) -> None:
    email = office.world.emails()[0]

    said = await office.ask("anna", f"contact tag {email} +x --json")

    assert "nothing to give" in said
    assert office.world.writes() == 0
    assert files(office) == []


async def test_file_is_for_who_may_see_what_is_in_it(office: SlackOffice) -> None:
    said = await office.ask("bruno", "contact find ada --json")

    assert "who you are" in said or "qui vous" in said
    assert files(office) == []


async def test_what_is_too_long_for_words_says_which_scope_it_needs(
    office: SlackOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.dispatcher.files._MOST_PARTS", 0)
    office.workspace.refuse("files.getUploadURLExternal", "missing_scope")

    said = await office.ask("anna", "sync status --json")

    assert "files:write" in said
    assert office.workspace.reads("anna", "bot") == []

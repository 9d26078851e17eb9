"""What cannot be taken on is said to who asked: nothing is acknowledged and then lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.commands import Asked, CommandDesk, Reply, lines
from bot.listening import listeners, under_way
from tests.flows.slack_office import MODES, Mode, SlackOffice, open_slack_office
from tests.flows.world import HIGH, World
from tests.sampling import IS_EXHAUSTIVE
from toolkit.engine.port import Job, Submission
from toolkit.errors import StateBusyError
from toolkit.model.chat_people import Role
from toolkit.model.ids import Kind
from toolkit.sandbox.faults import Fault, FaultKind
from toolkit.store.slack_people import SlackPeople

both = pytest.mark.parametrize("office", MODES, indirect=True)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Both ways in where the acknowledgement differs; elsewhere the second when asked."""
    marked = [mark.args[0] for mark in metafunc.definition.iter_markers("parametrize")]
    if "office" in metafunc.fixturenames and "office" not in marked:
        metafunc.parametrize("office", MODES if IS_EXHAUSTIVE else MODES[:1], indirect=True)


@pytest.fixture
async def office(world: World, request: pytest.FixtureRequest) -> AsyncIterator[SlackOffice]:
    mode: Mode = request.param
    async with open_slack_office(world, mode=mode) as opened:
        opened.link("olivia", Role.ADMIN)
        yield opened
        opened.check()


async def refuse_jobs(office: SlackOffice) -> None:
    """The engine takes no job any more, as one whose database is locked."""
    await office.engine.stop(0)


def refuse_deliveries(monkeypatch: pytest.MonkeyPatch) -> None:
    """No delivery can be noted as taken on."""

    def busy(_people: SlackPeople, _key: str) -> bool:
        raise StateBusyError("The database is locked")

    monkeypatch.setattr(SlackPeople, "take_on", busy)


@both
async def test_a_line_that_cannot_be_stored_is_refused_in_words(office: SlackOffice) -> None:
    email = office.world.emails()[0]
    await refuse_jobs(office)

    said = await office.ask("olivia", f"contact tag {email} +lost")

    assert "Nothing was changed" in said
    assert office.world.writes() == 0


@pytest.mark.parametrize("is_stored", [True, False], ids=["stored", "refused"])
async def test_a_line_that_takes_long_to_store_is_acknowledged_and_its_end_told(
    office: SlackOffice, monkeypatch: pytest.MonkeyPatch, *, is_stored: bool
) -> None:
    email, submit = office.world.emails()[0], office.engine.submit
    monkeypatch.setattr(listeners, "_STORED_WITHIN_S", 0.05)

    async def slowly(job: Job) -> Submission:
        await asyncio.sleep(0.3)
        if not is_stored:
            raise StateBusyError("The database is locked")
        return await submit(job)

    monkeypatch.setattr(office.engine, "submit", slowly)

    for tag in ("slow", "slower"):
        said = await office.ask("olivia", f"contact tag {email} +{tag}")
        await office.at_rest()

        assert ("[Undo]" in said) is is_stored
        assert ("Nothing was changed" in said) is not is_stored


@both
async def test_a_click_that_cannot_be_stored_is_refused_in_words(office: SlackOffice) -> None:
    email = office.world.emails()[0]
    await office.ask("olivia", f"contact tag {email} +kept")
    await refuse_jobs(office)

    said = await office.click("olivia", "Undo")

    assert "Nothing was changed" in said


@pytest.mark.parametrize("place", ["#ops", "bot"])
async def test_a_message_that_cannot_be_stored_is_refused_in_words(
    office: SlackOffice, place: str
) -> None:
    email = office.world.emails()[0]
    await refuse_jobs(office)
    mention = "@hightonic " if place == "#ops" else ""

    asked = await office.workspace.types("olivia", place, f"{mention}contact tag {email} +lost")
    thread = asked.ts if place == "#ops" else ""
    await office.workspace.until(
        lambda: len(office.workspace.reads("olivia", place, thread_ts=thread)) > 1,
        timeout_s=15,
    )

    said = office.workspace.reads("olivia", place, thread_ts=thread)[-1]
    assert "Nothing was changed" in said


@both
async def test_a_refusal_that_slack_does_not_take_is_no_acknowledgement(
    office: SlackOffice,
) -> None:
    email = office.world.emails()[0]
    await office.ask("olivia", f"contact tag {email} +kept")
    await refuse_jobs(office)
    office.workspace.refuse("chat.postEphemeral", "internal_error", times=9)
    office.workspace.refuse("chat.postMessage", "internal_error", times=9)
    office.workspace.faults.set(
        [Fault(FaultKind.BROKEN_BEFORE, match="^response_url", times=0)]
    )

    reply = await office.workspace.clicks("olivia", "Undo")

    assert reply is not None
    assert not reply.is_accepted


async def test_a_question_that_cannot_be_noted_is_answered_with_the_reason(
    office: SlackOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse_deliveries(monkeypatch)

    said = await office.ask("olivia", "sync status")

    assert "Nothing was changed" in said


@pytest.mark.parametrize("line", ["sync status", "contact add"])
async def test_too_much_at_once_is_said(
    office: SlackOffice, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    monkeypatch.setattr(under_way, "_MOST", 0)

    said = await office.ask("olivia", line)

    assert "Too much is asked at once" in said
    assert "Nothing was done" in said


async def test_too_many_clicks_at_once_is_said(
    office: SlackOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    await office.ask("olivia", "contcat find ada")
    monkeypatch.setattr(under_way, "_MOST", 0)

    said = await office.click("olivia", "Help")

    assert "Too much is asked at once" in said


async def test_too_many_forms_at_once_is_said(
    office: SlackOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    await office.ask("olivia", f"contact show {office.world.emails()[0]}")
    monkeypatch.setattr(under_way, "_MOST", 0)

    said = await office.click("olivia", "Edit")

    assert "Too much is asked at once" in said


@pytest.mark.parametrize("line", ["sync status", "contact add"])
async def test_what_breaks_inside_us_is_said_without_a_value(
    office: SlackOffice, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    def broken(_desk: CommandDesk, asked: Asked) -> Reply:
        raise KeyError(f"ada@example.com {asked.user}")

    monkeypatch.setattr(CommandDesk, "answer", broken)

    said = await office.ask("olivia", line)

    assert "failed inside hightonic" in said
    assert "ada" not in said


@both
async def test_a_form_that_cannot_be_stored_stays_open_with_what_was_typed(
    office: SlackOffice,
) -> None:
    space = office.workspace
    await office.type("olivia", "contact add")
    await space.until(lambda: space.state.top_view(office.user("olivia")), timeout_s=15)
    await refuse_jobs(office)

    await space.submits("olivia", {"Name": "Zoe", "E-mail": "zoe@example.org"})

    view = space.modal("olivia")
    assert "Nothing was changed" in next(iter(view.errors.values()))
    assert "zoe@example.org" in space.reads_modal("olivia")
    assert office.world.writes() == 0


async def test_a_form_that_says_nothing_we_understand_is_complained_about_in_it(
    office: SlackOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    space = office.workspace
    await office.type("olivia", "contact add")
    await space.until(lambda: space.state.top_view(office.user("olivia")), timeout_s=15)
    monkeypatch.setattr(lines, "_LONGEST_FORM", 10)

    await space.submits("olivia", {"Name": "Zoe", "E-mail": "zoe@example.org"})
    await office.at_rest()

    assert "longer than" in next(iter(space.modal("olivia").errors.values()))
    assert office.world.writes() == 0


async def test_a_form_that_is_sent_again_after_it_was_mended_counts(
    office: SlackOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    space = office.workspace
    await office.type("olivia", "contact add")
    await space.until(lambda: space.state.top_view(office.user("olivia")), timeout_s=15)
    with monkeypatch.context() as patch:
        patch.setattr(lines, "_LONGEST_FORM", 10)
        await space.submits("olivia", {"Name": "Zoe", "E-mail": "zoe@example.org"})

    await space.submits("olivia", {"Name": "Zoe Mended"})
    await office.at_rest()

    assert office.world.by_identity(HIGH, Kind.CONTACT)["zoe@example.org"]["name"]


async def test_a_form_longer_than_a_line_can_be_is_carried_out(office: SlackOffice) -> None:
    space, email = office.workspace, office.world.emails()[0]
    await office.type("olivia", f"note add {email}")
    await space.until(lambda: space.state.top_view(office.user("olivia")), timeout_s=15)
    contact = office.world.high.contacts[office.world.contact_id(email)].name

    await space.submits("olivia", {"Contact": contact, "Note": '"' * 2_500})
    await office.at_rest()

    assert any(key[1] == '"' * 2_500 for key, _ in office.world.facts(HIGH, Kind.NOTE))


@pytest.mark.parametrize("error", ["expired_trigger_id", "ratelimited", "internal_error"])
async def test_a_form_that_slack_does_not_open_is_said(office: SlackOffice, error: str) -> None:
    office.workspace.refuse("views.open", error)

    said = await office.ask("olivia", "contact add")

    assert "The form could not be opened" in said
    assert "Nothing was changed" in said


async def test_an_answer_to_a_mention_that_slack_refuses_comes_as_a_message(
    office: SlackOffice,
) -> None:
    office.workspace.refuse("chat.postEphemeral", "user_not_in_channel")

    await office.workspace.types("olivia", "#ops", "@hightonic sync status")
    await office.workspace.until(lambda: office.workspace.reads("olivia", "bot"), timeout_s=15)

    assert "main" in office.workspace.reads("olivia", "bot")[-1]

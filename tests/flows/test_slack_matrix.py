"""Every command of the table, by whoever may ask, whatever fails: one answer, and nothing unsaid.

Commands x people x troubles of vendors and of Slack, in both modes: a part of that by default,
all of it, cell by cell, with `HIGHTONIC_EXHAUSTIVE=1` (see `tests.sampling`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Final

import pytest

from bot.listening import Members
from bot.parse import COMMANDS, Command
from tests.flows.slack_office import MODES, Mode, SlackOffice, open_slack_office
from tests.flows.world import World
from tests.sampling import IS_EXHAUSTIVE, OFFSET, some
from tests.unit.bot.test_alerts import an_event, put
from toolkit.model.chat_alerts import Route
from toolkit.model.chat_people import Role
from toolkit.sandbox.faults import Fault, FaultKind
from toolkit.sandbox.slack import responding


@dataclass(frozen=True)
class Who:
    """Somebody at a place, and the sentence that turns them away; none for who is let in."""

    name: str
    channel: str = "#ops"
    role: Role = Role.ADMIN
    is_linked: bool = True
    refusal: str = ""
    is_stranger: bool = False

    def __str__(self) -> str:
        return f"{self.name}-{self.role.word}-{self.channel[1:]}"

    def is_refused(self, command: Command) -> bool:
        """By the specification, not by the policy: who may not do this here."""
        if self.is_stranger:
            return True
        # An administrator in a limited channel could not lift the limit otherwise.
        is_freed = self.role is Role.ADMIN and self.is_linked and command.object == "admin"
        return bool(self.refusal) and command.role is not Role.NOBODY and not is_freed


ANNA = Who("anna")
PEOPLE: Final = (
    ANNA,
    Who("bruno", is_linked=False, refusal="I do not know who you are"),
    Who("gina", refusal="Guests cannot", is_stranger=True),
    Who("ezra", "#shared", refusal="People of other companies", is_stranger=True),
    Who("adam", role=Role.NOBODY, refusal="Only somebody with the role"),
    Who("olivia", "#sales-private", refusal="In this channel nobody may"),
)
"""Linked, unlinked, guest, external; denied by role; denied by channel."""


@dataclass(frozen=True)
class Trouble:
    """What goes wrong between us and Slack while one cell is answered.

    Attributes:
        faults: Of any call, as they go over the wire.
        refused: Methods that Slack refuses once, each with its word for it.
        is_bare: What a form can ask for is left out.
        reason: Under which the answer is kept where it can reach nobody.
        one_in: Cells that are tried where not all are.
    """

    faults: tuple[Fault, ...] = ()
    refused: tuple[tuple[str, str], ...] = ()
    is_bare: bool = False
    reason: str = ""
    one_in: int = 59


NONE: Final = Trouble()


def line_of(command: Command, office: SlackOffice, alert: str, *, is_bare: bool) -> str:
    """The command's own example about records that are there."""
    if is_bare and command.form:
        # Whose contact is edited, no form asks.
        whose = office.world.emails()[0] if command.verb == "edit" else ""
        return f"{command.name} {whose}".strip()
    email, other = office.world.emails()[:2]
    line = command.example
    for stands, instead in (
        ("ada@example.com", email),
        ("a.lovelace@example.com", other),
        ("@sam", "@adam"),
        ("#sales", "#shared"),
        ("t_41f", next(iter(office.world.high.tasks))),
        ("a_71", alert),
    ):
        line = line.replace(stands, instead)
    return line


def cells(*, one_in: int) -> list[tuple[Who, Command]]:
    """Who asks for what: strangers as a sample."""
    return some([(who, each) for who in PEOPLE for each in COMMANDS], one_in=one_in)


class Table:
    """One office through which cells go; what fails is collected."""

    def __init__(self, office: SlackOffice) -> None:
        self.office = office
        office.limit("sales-private", Role.NOBODY)
        office.settings.put_route(Route("all", office.team, office.channel("ops")))
        put(office.store, an_event(happened="The key was refused"))
        self.wrong: list[str] = []

    async def begin(self) -> None:
        """An alert stands, and Slack has said once who everybody is."""
        await self.office.hears("anna")
        (self.alert,) = [
            each.id for each in self.office.store.slack.alerts.list_incidents(self.office.team)
        ]
        for who in PEOPLE:
            await self._members.refresh(self.office.team, self.office.user(who.name))

    @property
    def _members(self) -> Members:
        return self.office.listeners._parts.members

    async def run(self, who: Who, command: Command, trouble: Trouble = NONE) -> None:
        """One cell: acknowledged, answered as expected, at most one write a side."""
        office, space = self.office, self.office.workspace
        office.link(who.name, who.role, owner_id="own_1" if who.is_linked else "")
        writes, before = office.world.writes(), len(self._said(who))
        lost = {each.slot for each in office.store.slack.outbox.list_lost()}
        self._arm(trouble)
        line = line_of(command, office, self.alert, is_bare=trouble.is_bare)
        await office.type(who.name, line, who.channel)
        await office.at_rest()
        # An answer that Slack did not take where it was asked comes by the outbox.
        with suppress(TimeoutError):
            await self._until(lambda: len(self._said(who)) > before or bool(self._lost(lost)))
        said, kept = self._said(who)[before:], self._lost(lost)
        # Who is of another company can be answered where they asked alone.
        excuses = {trouble.reason, "not installed" if who.channel == "#shared" else ""}
        if len(said) != 1 and (said or not excuses & kept - {""}):
            self._wrong(who, command, f"{len(said)} answers {said}, kept {kept}")
        for text in said:
            self._judge(who, command, text, trouble)
        if who.is_refused(command) and office.world.writes() != writes:
            self._wrong(who, command, "written although refused")
        if self._form(who):
            await space.closes(who.name, everything=True)

    def _lost(self, before: set[str]) -> set[str]:
        """Why messages will not arrive that were given up since."""
        lost = self.office.store.slack.outbox.list_lost()
        return {each.error for each in lost if each.slot not in before}

    def _arm(self, trouble: Trouble) -> None:
        space = self.office.workspace
        # Within the hour nobody would be looked up again.
        self._members._looked_at.clear()
        space.faults.set(trouble.faults)
        space.emulator.refusals.clear()
        for method, error in trouble.refused:
            space.refuse(method, error)

    async def _until(self, condition: Callable[[], bool]) -> None:
        """Waits of the outbox are of the world's clock, which stands still by itself."""
        for _ in range(50):
            with suppress(TimeoutError):
                await self.office.workspace.until(condition, timeout_s=0.1)
                return
            self.office.world.clock.advance(1)

    def _form(self, who: Who) -> list[str]:
        """What the modal says that this person looks at, below its title; none, or one."""
        space = self.office.workspace
        if space.state.top_view(self.office.user(who.name)) is None:
            return []
        return [space.reads_modal(who.name).partition("\n")[2]]

    def _said(self, who: Who) -> list[str]:
        """What only this person reads; alerts stand there for everybody."""
        office = self.office
        shown = zip(
            office.workspace.messages(who.name, who.channel),
            office.workspace.reads(who.name, who.channel),
            strict=True,
        )
        here = [text for message, text in shown if message.seen_by]
        return [*here, *office.workspace.reads(who.name, "bot"), *self._form(who)]

    def _judge(self, who: Who, command: Command, text: str, trouble: Trouble) -> None:
        is_refused = who.refusal != "" and text.startswith(who.refusal)
        if is_refused != who.is_refused(command):
            self._wrong(who, command, text)
        is_form = trouble.is_bare and command.form and not is_refused
        if is_form and "could not be opened" not in text:
            self._wrong(who, command, text)
        if re.search(r"Traceback|Error\b|xox[bp]-|\{[a-z_]+\}", text):
            self._wrong(who, command, text)
        if "failed inside hightonic" in text:
            self._wrong(who, command, text)

    def _wrong(self, who: Who, command: Command, text: str) -> None:
        self.wrong.append(f"{who} · {command.name}: {text[:300]}")

    def judge(self) -> None:
        """Nothing was wrong, no payload broke a limit, no secret and no ping went out."""
        assert not self.wrong, "\n".join([f"{len(self.wrong)} cells", *self.wrong[:20]])
        self.office.check()


def modes_for(number: int) -> tuple[Mode, ...]:
    """Both when everything is asked for, else one, in turn."""
    return MODES if IS_EXHAUSTIVE else (MODES[(number + OFFSET) % 2],)


@pytest.mark.parametrize("mode", MODES)
async def test_every_command_answers_everybody(world: World, mode: Mode) -> None:
    one_in = 2 if mode == "socket" else 5
    async with open_slack_office(world, mode=mode) as office:
        table = Table(office)
        await table.begin()
        for who, command in cells(one_in=one_in):
            await table.run(who, command)
        table.judge()


VENDOR_FAULTS: Final = (
    FaultKind.UNAUTHORISED,
    FaultKind.TOO_MANY,
    FaultKind.BROKEN_BEFORE,
    FaultKind.TIMEOUT_BEFORE,
)


@pytest.mark.parametrize(
    ("kind", "mode"),
    [(each, mode) for at, each in enumerate(VENDOR_FAULTS) for mode in modes_for(at)],
)
async def test_a_vendor_that_fails_is_said_in_words(
    world: World, kind: FaultKind, mode: Mode
) -> None:
    async with open_slack_office(world, mode=mode) as office:
        table = Table(office)
        await table.begin()
        world.fail(Fault(kind, times=0))
        for who, command in cells(one_in=11):
            await table.run(who, command)
        table.judge()


ANSWER: Final = "^response_url"
UNTAKEN: Final = (Fault(FaultKind.BROKEN_BEFORE, match=ANSWER),)
"""What would be said at once goes by the outbox."""
TROUBLES: Final = {
    "answer-429": Trouble((Fault(FaultKind.TOO_MANY, match=ANSWER),)),
    "answer-500": Trouble(UNTAKEN),
    "answer-503": Trouble((Fault(FaultKind.UNAVAILABLE_BEFORE, match=ANSWER),)),
    # The client library waits a second before it tries a cut line again.
    "answer-cut": Trouble((Fault(FaultKind.CUT_BEFORE, match=ANSWER),), one_in=180),
    "person-429": Trouble((Fault(FaultKind.TOO_MANY, match="^users.info", times=0),)),
    "person-500": Trouble((Fault(FaultKind.BROKEN_BEFORE, match="^users.info", times=0),)),
    "message-429": Trouble(UNTAKEN, (("chat.postMessage", "ratelimited"),)),
    "message-500": Trouble(UNTAKEN, (("chat.postMessage", "internal_error"),)),
    "channel-not-found": Trouble(
        UNTAKEN, (("chat.postMessage", "channel_not_found"),), reason="channel_not_found"
    ),
    "trigger-expired": Trouble(
        refused=(("views.open", "expired_trigger_id"),), is_bare=True, one_in=17
    ),
}


@pytest.mark.parametrize(
    ("name", "mode"),
    [(each, mode) for at, each in enumerate(TROUBLES) for mode in modes_for(at)],
)
async def test_an_answer_arrives_although_slack_fails(
    world: World, name: str, mode: Mode
) -> None:
    trouble = TROUBLES[name]
    async with open_slack_office(world, mode=mode) as office:
        table = Table(office)
        await table.begin()
        for who, command in cells(one_in=trouble.one_in):
            await table.run(who, command, trouble)
        table.judge()


@pytest.mark.parametrize("mode", MODES)
async def test_a_form_that_slack_opens_no_more_is_said(world: World, mode: Mode) -> None:
    async with open_slack_office(world, mode=mode) as office:
        table = Table(office)
        await table.begin()
        for command in COMMANDS:
            if command.form:
                await table.run(ANNA, command, TROUBLES["trigger-expired"])
        table.judge()


@contextmanager
def expired_urls() -> Iterator[None]:
    """The time to answer at a response URL is over at once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(responding, "_LIFE_S", -1.0)
        yield


@pytest.mark.parametrize("mode", MODES)
async def test_an_answer_arrives_although_its_address_has_expired(
    world: World, mode: Mode
) -> None:
    async with open_slack_office(world, mode=mode) as office:
        table = Table(office)
        await table.begin()
        with expired_urls():
            await table.run(ANNA, next(each for each in COMMANDS if each.name == "me show"))
        table.judge()


def test_the_whole_table_is_gone_through() -> None:
    assert {each.name for _, each in cells(one_in=1)} == {each.name for each in COMMANDS}
    assert replace(ANNA, name="x").refusal == ""

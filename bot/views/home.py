"""The home tab: what waits for this person, and how sync is doing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from bot.views.blocks import (
    MOST_IN_VIEW,
    Block,
    actions,
    button,
    context,
    divider,
    fitted,
    header,
    rich,
    section,
    spark,
)
from bot.views.syncing import state_line, verdict
from bot.views.tasks import task_sections
from bot.words import Markup

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.words import Voice
    from toolkit.model.cards import ConflictCard, SyncCard, TaskLine
    from toolkit.model.chat_alerts import Route
    from toolkit.model.chat_approvals import Approval
    from toolkit.model.chat_people import Person

_MOST: Final = 5


@dataclass(frozen=True, slots=True)
class HomeBoard:
    """What the tab shows.

    Attributes:
        tasks: Of this person: overdue first, then today's.
        muted: Channels all of whose alerts are silent for now.
    """

    person: Person
    states: tuple[SyncCard, ...] = ()
    tasks: tuple[TaskLine, ...] = ()
    conflicts: tuple[ConflictCard, ...] = ()
    approvals: tuple[Approval, ...] = ()
    routes: tuple[Route, ...] = ()
    muted: frozenset[str] = frozenset()


def tab(voice: Voice, board: HomeBoard) -> dict[str, Any]:
    """The whole tab, at most 100 blocks; who is not linked sees how to become so."""
    if not board.person.is_linked:
        return _view(voice, [*_stranger(voice)])
    blocks: list[Block] = [section(Markup(f"*{verdict(voice, board.states)}*"))]
    blocks += [*_tasks(voice, board), *_conflicts(voice, board), *_approvals(voice, board)]
    blocks += [*_sync(voice, board), *_routes(voice, board), *_foot(voice, board)]
    return _view(voice, blocks)


def _view(voice: Voice, blocks: list[Block]) -> dict[str, Any]:
    return {
        "type": "home",
        "callback_id": "home",
        "blocks": fitted(voice, blocks, MOST_IN_VIEW),
    }


def _stranger(voice: Voice) -> Iterator[Block]:
    yield header(voice.tell("home.welcome"))
    yield section(voice.say("home.why_link"))
    yield actions(button(voice.tell("button.link"), "me.link", style="primary"))


def _tasks(voice: Voice, board: HomeBoard) -> Iterator[Block]:
    yield header(voice.tell("home.tasks"))
    if not board.tasks:
        yield section(voice.say("task.none"))
        return
    yield from task_sections(voice, board.tasks[:_MOST])
    if len(board.tasks) > _MOST:
        left = len(board.tasks) - _MOST
        yield actions(button(voice.tell("home.all_tasks", count=left), "task.mine"))


def _conflicts(voice: Voice, board: HomeBoard) -> Iterator[Block]:
    if not board.conflicts:
        return
    yield header(voice.tell("home.conflicts", count=len(board.conflicts)))
    for card in board.conflicts[:_MOST]:
        said = voice.say("conflict.headline", count=len(card.lines), name=card.name)
        action = f"conflict.open.{card.id}"[:255]
        yield section(
            said, accessory=button(voice.tell("button.choose"), action, value=card.id)
        )


def _approvals(voice: Voice, board: HomeBoard) -> Iterator[Block]:
    if not board.approvals:
        return
    yield header(voice.tell("home.approvals", count=len(board.approvals)))
    for asked in board.approvals[:_MOST]:
        who = Markup(f"<@{asked.requester}>")
        said = voice.say("approval.headline", user=who, what=asked.what)
        action = f"approval.show.{asked.id}"[:255]
        yield section(
            said, accessory=button(voice.tell("button.details"), action, value=asked.id)
        )


def _sync(voice: Voice, board: HomeBoard) -> Iterator[Block]:
    yield header(voice.tell("sync.title"))
    for state in board.states[:_MOST]:
        yield section(state_line(voice, state))
        if any(state.hourly):
            # No chart may stand on this tab (it is a block of messages), so bars of text.
            yield rich(spark(state.hourly), is_code=True)
            yield context(voice.say("home.chart", count=sum(state.hourly)))
    if not board.states:
        yield section(voice.say("sync.none"))


def _routes(voice: Voice, board: HomeBoard) -> Iterator[Block]:
    yield header(voice.tell("home.routes"))
    if not board.routes:
        yield section(voice.say("home.no_routes"))
    for route in board.routes[: _MOST * 2]:
        is_muted = route.channel in board.muted
        verb = "unmute" if is_muted else "mute"
        action = f"route.{verb}.{route.name}"[:255]
        toggle = button(voice.tell(f"button.{verb}"), action, value=route.channel)
        channel = Markup(f"<#{route.channel}>")
        said = voice.say("home.route", name=route.name, channel=channel)
        yield section(said, accessory=toggle)


def _foot(voice: Voice, board: HomeBoard) -> Iterator[Block]:
    person = board.person
    yield divider()
    role = voice.tell(f"role.{person.role.word}")
    yield context(
        voice.say("home.me", role=role, language=person.language, zone=person.zone),
        voice.say("home.privacy"),
    )
    yield actions(
        button(voice.tell("button.help"), "help.open"),
        button(voice.tell("button.unlink"), "me.unlink"),
    )

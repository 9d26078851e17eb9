"""What waits for a person: conflicts and approvals, decided inside the message."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.views.blocks import (
    Block,
    Message,
    actions,
    button,
    confirm,
    context,
    header,
    lines,
    message,
    option,
    overflow,
    section,
    table,
)
from bot.views.shown import BLANK, field_name, shown
from bot.words import Markup
from toolkit.model.chat_approvals import Approval, ApprovalState
from toolkit.model.ids import Side

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.words import Voice
    from toolkit.model.cards import ConflictCard, DiffLine

_MOST_ROWS: Final = 20


def conflict(voice: Voice, card: ConflictCard) -> Message:
    """Both values of each field, and the buttons that choose."""
    name = card.name or voice.tell("contact.nameless")
    said = voice.say("conflict.headline", count=len(card.lines), name=name)
    similar = [option(voice.tell("button.similar", count=card.similar), f"similar:{card.id}")]
    more = [option(voice.tell("button.show_card"), f"card:{card.id}")]
    menu = overflow("conflict.more", [*(similar if card.similar else []), *more])
    blocks: list[Block] = [
        header(voice.tell("conflict.title", count=len(card.lines))),
        section(_since(voice, card, said), accessory=menu),
        table([_conflict_heading(voice), *_conflict_rows(voice, card)]),
        _choices(voice, card),
    ]
    if len(card.lines) > _MOST_ROWS:
        left = len(card.lines) - _MOST_ROWS
        blocks.append(context(voice.say("conflict.more_fields", count=left)))
    if card.run:
        blocks.append(context(voice.say("run.id", id=card.run)))
    return message(voice, said, blocks)


def _since(voice: Voice, card: ConflictCard, said: Markup) -> Markup:
    since = voice.say("conflict.since", at=voice.moment(card.since)) if card.since else ""
    return lines(said, voice.say("conflict.unchanged"), since)


def _conflict_heading(voice: Voice) -> tuple[str, ...]:
    return (
        voice.tell("table.field"),
        *(side.label for side in Side),
        voice.tell("table.before"),
    )


def _conflict_rows(voice: Voice, card: ConflictCard) -> list[tuple[str, ...]]:
    return [
        (
            field_name(voice, line.field),
            shown(voice, line.highlevel),
            shown(voice, line.timetonic),
            shown(voice, line.base),
        )
        for line in card.lines[:_MOST_ROWS]
    ]


def _choices(voice: Voice, card: ConflictCard) -> Block:
    keeps = [
        button(
            voice.tell("button.keep", system=side.label), f"conflict.keep.{side}", value=card.id
        )
        for side in Side
    ]
    each = button(voice.tell("button.choose"), "conflict.open", value=card.id, style="primary")
    return actions(
        *keeps, each, button(voice.tell("button.skip"), "conflict.skip", value=card.id)
    )


def handled(voice: Voice, before: Message, *, user: str, what: str) -> Message:
    """The same message once somebody has decided: who, instead of the buttons."""
    kept = [each for each in before.blocks if each["type"] != "actions"]
    kept = [
        {name: value for name, value in each.items() if name != "accessory"} for each in kept
    ]
    said = voice.say("handled", user=Markup(f"<@{user}>"), what=what)
    return message(voice, said, [*kept, context(said)])


def approval(voice: Voice, asked: Approval, diff: Sequence[DiffLine], *, total: int) -> Message:
    """What somebody wants to do, field by field, and the buttons of those who may allow it.

    Args:
        voice: The reader's.
        asked: The request, in its present state.
        diff: The first writes of its plan.
        total: How many there are.
    """
    said = voice.say("approval.headline", user=Markup(f"<@{asked.requester}>"), what=asked.what)
    risks = ", ".join(voice.tell(f"risk.{risk.value}") for risk in asked.risks)
    about = [
        said,
        voice.say("approval.risks", risks=risks),
        voice.say("approval.reason", reason=asked.reason) if asked.reason else "",
        voice.say("approval.unchanged"),
    ]
    blocks: list[Block] = [header(voice.tell("approval.title")), section(lines(*about))]
    if diff:
        rows = [_diff_row(voice, line) for line in diff[:_MOST_ROWS]]
        blocks.append(table([_diff_heading(voice), *rows]))
    left = total - min(len(diff), _MOST_ROWS)
    if left > 0:
        blocks.append(context(voice.say("approval.more", count=left)))
    if asked.state is ApprovalState.OPEN:
        blocks.append(_vote(voice, asked))
    blocks.append(context(_approval_state(voice, asked)))
    return message(voice, said, blocks)


def _diff_row(voice: Voice, line: DiffLine) -> tuple[str, ...]:
    return (
        line.record or BLANK,
        line.side.label,
        field_name(voice, line.field) if line.field else voice.tell(f"write.{line.verb}"),
        shown(voice, line.before),
        shown(voice, line.after),
    )


def _diff_heading(voice: Voice) -> tuple[str, ...]:
    names = ("table.record", "table.system", "table.field", "table.before", "table.after")
    return tuple(voice.tell(name) for name in names)


def _vote(voice: Voice, asked: Approval) -> Block:
    sure = confirm(
        voice,
        voice.tell("approval.sure"),
        voice.tell("approval.sure_text"),
        verb=voice.tell("button.approve"),
    )
    return actions(
        button(
            voice.tell("button.approve"),
            "approval.yes",
            value=asked.id,
            style="primary",
            asks=sure,
        ),
        button(voice.tell("button.refuse"), "approval.no", value=asked.id, style="danger"),
        button(voice.tell("button.details"), "approval.show", value=asked.id),
    )


def _approval_state(voice: Voice, asked: Approval) -> Markup:
    if asked.state is not ApprovalState.OPEN:
        who = ", ".join(f"<@{vote.user}>" for vote in asked.votes)
        return voice.say(f"approval.{asked.state.value}", id=asked.id, who=Markup(who or BLANK))
    missing = max(0, asked.needed - sum(vote.is_yes for vote in asked.votes))
    expires = voice.moment(asked.expires_at)
    return voice.say("approval.open", count=missing, at=expires, id=asked.id)

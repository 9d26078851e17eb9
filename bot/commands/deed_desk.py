"""Carries out lines that write: decided again, approved where risky, noted, answered."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from bot.commands.administering import approve, let_through
from bot.commands.arguments import text
from bot.commands.as_json import as_json, wants_json
from bot.commands.deeds import PREPARATIONS, carry, reasons_of, show_plan
from bot.commands.exporting import NAME as EXPORT
from bot.commands.exporting import export_audit
from bot.commands.ground import Deed, Deliver, Ground, Prepared, nowhere
from bot.commands.promises import see_through, told_before
from bot.commands.proposing import COUNTED, FIXED, PROPOSALS, Proposal, of_plan
from bot.commands.rehearsing import check_dry
from bot.commands.requests import keep_diff, request_messages, shown_request
from bot.commands.sync_deeds import SYNC_DEEDS
from bot.parse import Parsed
from bot.parse.write import written
from bot.policy import Denied, NeedsApproval, Ruling, Verdict, ask, rule, with_records
from bot.policy.approving import Asking
from bot.views import answers, deciding
from bot.views.blocks import MOST_IN_MESSAGE, Message, message, section
from toolkit.errors import HightonicError
from toolkit.model.chat_approvals import Approval, ApprovalState
from toolkit.model.values import digest

if TYPE_CHECKING:
    from bot.commands.desk import CommandDesk, Read
    from bot.commands.lines import Asked
    from bot.commands.scene import Scene
    from toolkit.app.front_desk import FrontDesk
    from toolkit.model.ids import ConnectionName

_log = logging.getLogger(__name__)

_VOTES: Final = frozenset({"approve yes", "admin override"})
_PLAIN: Final[dict[str, Deed]] = {**SYNC_DEEDS, EXPORT: export_audit}
DEEDS: Final = frozenset({*PREPARATIONS, *_PLAIN, *_VOTES})
"""Commands that are carried out by a job."""
_ONCE: Final = "once"
_TAKEN: Final = "taken by "


class DeedDesk:
    """Does what was typed, on the service's loop.

    Args:
        desk: Reads lines and decides.
        fronts: Connections by name.
        deliver: Hands files over; without, there are none.
    """

    def __init__(
        self,
        desk: CommandDesk,
        fronts: Mapping[ConnectionName, FrontDesk],
        *,
        deliver: Deliver = nowhere,
    ) -> None:
        self._desk = desk
        self._fronts = fronts
        self._deliver = deliver

    async def carry(self, asked: Asked, once: str) -> Message:
        """The answer to one line; with the same `once`, its writes are made once.

        Whoever asked may have lost the right since: it is decided again, here and now. What
        an earlier job did that died before it said so is told, whatever is decided.
        """
        read = await asyncio.to_thread(self._desk.read, asked)
        if isinstance(read, Message):
            return read
        ground = Ground(read.scene, self._fronts, once, deliver=self._deliver)
        try:
            shown, outcome = await self._do(ground, read), "done"
        except HightonicError as error:
            shown, outcome = answers.failed(read.scene.voice, error), type(error).__name__
        except Exception as error:  # noqa: BLE001 — a person is answered, whatever broke
            known = HightonicError("It failed inside hightonic", remedy="Tell an administrator")
            extra = {"error": type(error).__name__, "reference": known.reference}
            _log.error("deed failed", extra=extra)
            shown, outcome = answers.failed(read.scene.voice, known), type(error).__name__
        await asyncio.to_thread(self._desk.note_outcome, asked, read, outcome)
        return shown

    async def _do(self, ground: Ground, read: Read) -> Message:
        parsed, verdict = read.parsed, read.verdict
        told = await told_before(ground)
        if told is not None:
            return told
        if isinstance(verdict, Denied):
            return answers.denied(
                ground.scene.voice, verdict.rule, role=verdict.role, reference=read.reference
            )
        check_dry(parsed)
        if wants_json(parsed) or parsed.command.name in _VOTES:
            own = as_json if wants_json(parsed) else self._vote
            return await own(ground, parsed)
        if "dry-run" in parsed.flags and parsed.command.name in PREPARATIONS:
            prepared = await PREPARATIONS[parsed.command.name](ground, parsed)
            plan = await prepared.front.preview_effects(
                prepared.effects, verb=prepared.verb, once=ground.once
            )
            return await show_plan(ground, plan)
        verdict = await self._by_size(ground, parsed, verdict)
        if isinstance(verdict, NeedsApproval):
            return await self._ask_first(ground, parsed, verdict)
        return await self._carry_out(ground, parsed)

    async def _by_size(self, ground: Ground, parsed: Parsed, verdict: Verdict) -> Verdict:
        """What is allowed for a few records may need approval for many."""
        count = COUNTED.get(parsed.command.name)
        if count is None or isinstance(verdict, Denied):
            return verdict
        return with_records(verdict, await count(ground, parsed))

    async def _carry_out(self, ground: Ground, parsed: Parsed) -> Message:
        name = parsed.command.name
        if name in PREPARATIONS:
            return await carry(ground, await PREPARATIONS[name](ground, parsed))
        deed: Deed = _PLAIN[name]
        return await deed(ground, parsed)

    async def _ask_first(
        self, ground: Ground, parsed: Parsed, verdict: NeedsApproval
    ) -> Message:
        scene = ground.scene
        if parsed.command.name in FIXED:
            parsed = await asyncio.to_thread(FIXED[parsed.command.name], scene, parsed)
        proposal = await self._planned(ground, parsed, once=ground.once)
        if proposal.left:
            said = scene.voice.say("deed.left_alone", reason="; ".join(proposal.left))
            return message(scene.voice, said, [section(said)])
        asked = ask(
            Asking(
                requester=scene.person,
                connection=proposal.connection,
                plan_hash=proposal.hash,
                command=written(parsed),
                what=parsed.command.name,
                risks=verdict.risks,
                channel=scene.channel,
                count=proposal.count,
            ),
            # A job that is taken up again asks for the same once more.
            id_=f"p_{digest([ground.once])[:8]}",
            now=scene.now,
        )
        await asyncio.to_thread(self._post_request, ground, asked, proposal)
        said = scene.voice.say("deed.asked", id=asked.id)
        return message(scene.voice, said, [section(said)])

    def _post_request(self, ground: Ground, asked: Approval, proposal: Proposal) -> None:
        scene = ground.scene
        people = scene.shelf.people
        keep_diff(people, asked, proposal.diff)
        # The same name at asking and at doing: what is approved is what is carried out.
        people.put_setting(asked.team, asked.id, _ONCE, value=ground.once)
        known = None if people.put_approval(asked) else people.find_approval(asked.id)
        if known is None or (known.state is ApprovalState.OPEN and not known.votes):
            shown = shown_request(scene.voice, people, asked)
            scene.shelf.outbox.put(request_messages(scene, asked, shown))

    async def _vote(self, ground: Ground, parsed: Parsed) -> Message:
        """Count the vote; enough of them carry the request out, if it is the same still."""
        voted = approve if parsed.command.name == "approve yes" else let_through
        shown = await asyncio.to_thread(voted, ground.scene, parsed)
        people = ground.scene.shelf.people
        asked = await asyncio.to_thread(people.find_approval, text(parsed, "approval"))
        if asked is None:
            return shown
        if asked.state is ApprovalState.DONE and await self._is_ours(ground, asked):
            # This very job died between taking the request on and finishing it.
            return await self._finish(ground, asked)
        if asked.state is not ApprovalState.APPROVED:
            return shown
        return await self._approved(ground, asked)

    async def _approved(self, ground: Ground, asked: Approval) -> Message:
        # Read as its requester wrote it: their zone, their fields, their link.
        read = await asyncio.to_thread(self._desk.reread, asked)
        if isinstance(read, Message):
            return read
        people = ground.scene.shelf.people
        once = str(await asyncio.to_thread(people.get_setting, asked.team, asked.id, _ONCE))
        plan = await self._planned(replace(ground, scene=read.scene), read.parsed, once=once)
        ruling, is_taken = await asyncio.to_thread(self._ruled, ground, asked, plan.hash)
        if not is_taken:
            return self._said(ground, "approval.vote.over")
        if not ruling.is_go:
            return self._said(ground, "deed.void", id_=asked.id)
        return await self._finish(ground, ruling.approval)

    def _ruled(self, ground: Ground, asked: Approval, plan_hash: str) -> tuple[Ruling, bool]:
        """What becomes of a request, and whether it was this job that settled it."""
        people = ground.scene.shelf.people
        voters = {vote.user for vote in asked.votes}
        found = {user: people.find_person(asked.team, user) for user in voters}
        ruling = rule(
            asked,
            plan_hash=plan_hash,
            people={user: person for user, person in found.items() if person is not None},
            now=ground.scene.now,
        )
        # Before it counts as done: a job that dies now is known when it comes back.
        people.put_setting(asked.team, asked.id, f"{_TAKEN}{ground.once}", value=True)
        return ruling, people.put_approval(ruling.approval, instead_of=asked)

    async def _is_ours(self, ground: Ground, asked: Approval) -> bool:
        """Whether this delivery is the one that took the request on."""
        people, name = ground.scene.shelf.people, f"{_TAKEN}{ground.once}"
        return bool(await asyncio.to_thread(people.get_setting, asked.team, asked.id, name))

    async def _finish(self, ground: Ground, asked: Approval) -> Message:
        """Carry out what was taken on; a second time, what is written is written still."""
        read = await asyncio.to_thread(self._desk.reread, asked)
        if isinstance(read, Message):
            return read
        people = ground.scene.shelf.people
        once = str(await asyncio.to_thread(people.get_setting, asked.team, asked.id, _ONCE))
        theirs = replace(ground, scene=read.scene, once=once, is_approved=True)
        try:
            shown = await told_before(theirs) or await self._approved_deed(theirs, read.parsed)
        except HightonicError as error:
            # It is spent, and everybody sees why; who still wants it asks again.
            failed = answers.failed(ground.scene.voice, error)
            await asyncio.to_thread(self._close_request, ground.scene, asked, failed)
            raise
        await asyncio.to_thread(self._close_request, ground.scene, asked, shown)
        return shown

    async def _approved_deed(self, ground: Ground, parsed: Parsed) -> Message:
        name = parsed.command.name
        if name in PREPARATIONS or name in PROPOSALS:
            return await self._carry_out(ground, parsed)
        front = ground.front(text(parsed, "connection"))
        plan = await front.preview()
        approval = plan.approval or None
        return await see_through(
            ground,
            front,
            lambda: front.sync(full=True, approve=approval, once=ground.once),
            way="card",
        )

    def _close_request(self, scene: Scene, asked: Approval, shown: Message) -> None:
        """The request's own message says how it ended."""
        closed = deciding.approval(scene.voice, asked, (), total=0)
        whole = replace(closed, blocks=(*closed.blocks, *shown.blocks)[:MOST_IN_MESSAGE])
        scene.shelf.outbox.put(request_messages(scene, asked, whole))

    async def _planned(self, ground: Ground, parsed: Parsed, *, once: str) -> Proposal:
        """What a risky line comes to now; its hash is what is approved."""
        name = parsed.command.name
        if name in PROPOSALS:
            return await PROPOSALS[name](ground, parsed)
        preparation = PREPARATIONS.get(name)
        if preparation is None:
            front = ground.front(text(parsed, "connection"))
            return of_plan(front.name, await front.preview())
        prepared: Prepared = await preparation(ground, parsed)
        plan = await prepared.front.preview_effects(
            prepared.effects, verb=prepared.verb, once=once
        )
        left = () if plan.writes or plan.held else reasons_of(plan)
        return replace(of_plan(prepared.front.name, plan), left=left)

    def _said(self, ground: Ground, key: str, *, id_: str = "") -> Message:
        said = ground.scene.voice.say(key, id=id_, state="", role="")
        return message(ground.scene.voice, said, [section(said)])

"""One connection as a front end inside the service meets it: read at once, write in turn.

Reading is from the store. Writing takes the connection's turn, so that it never meets a
scheduled sync half-way, and is a run like any other: planned, braked, journalled, undone.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, TypeVar

from toolkit.app.archive import archive_wish, restore_wish
from toolkit.app.connection import Connection
from toolkit.app.decisions import Decision
from toolkit.app.duplicates import DuplicateGroup
from toolkit.app.effects_run import Wish
from toolkit.app.front_reading import FrontReading
from toolkit.app.merging import plan_merges
from toolkit.app.observe_dirty import Dirty
from toolkit.app.once import ActRun, OnceBook
from toolkit.app.segments import SegmentDesk
from toolkit.errors import UseError
from toolkit.model.automation import DeleteRecord, NewRecord
from toolkit.model.ids import ConnectionName, Kind, LinkId, Side

if TYPE_CHECKING:
    from toolkit.app.config import ConnectionConfig
    from toolkit.app.following import Following
    from toolkit.app.grid import GridSource
    from toolkit.app.mapping_desk import MappingDesk
    from toolkit.app.observe import Progress
    from toolkit.app.rule_builder import RuleBuilder
    from toolkit.app.turns import Desk, TakesTurns
    from toolkit.model.automation import Effect
    from toolkit.model.outcomes import RunReport
    from toolkit.model.plan import Plan
    from toolkit.model.values import Value, Values

T = TypeVar("T")


class FrontDesk:
    """What people can ask of one connection, and have done.

    Args:
        desk: The connection in the service.
        turns: Gives the right to write.
        following: Learns of settings that are saved meanwhile; None keeps those it began with.
    """

    def __init__(
        self, desk: Desk, turns: TakesTurns, *, following: Following | None = None
    ) -> None:
        self._desk = desk
        self._turns = turns
        self._following = following
        self._connection = Connection(desk.parts, runner=desk.runner)
        self._reading = FrontReading(desk.parts)

    @property
    def name(self) -> ConnectionName:
        """The connection."""
        return self._desk.name

    @property
    def config(self) -> ConnectionConfig:
        """Its settings."""
        return self._desk.parts.config

    @property
    def mapping(self) -> MappingDesk:
        """Its mapping as an editor works on it: drafts, tried, planned, saved."""
        from toolkit.app.mapping_desk import MappingDesk

        return MappingDesk(self._desk.parts)

    @property
    def rule_builder(self) -> RuleBuilder:
        """Its rules as a builder works on them: drafts, previewed, saved."""
        from toolkit.app.rule_builder import RuleBuilder

        return RuleBuilder(self._desk.parts)

    def segments(self, grid: GridSource) -> SegmentDesk:
        """Keeps what a grid of this connection shows under names."""
        parts = self._desk.parts
        return SegmentDesk(parts.home, grid, now=parts.now)

    async def read(self, question: Callable[[FrontReading], T]) -> T:
        """Ask the memory something, on a thread: `await desk.read(lambda it: it.card(id))`."""
        return await asyncio.to_thread(question, self._reading)

    async def ask(self, question: Callable[[Connection], T]) -> T:
        """The same of the connection's own readers: runs, log, figures, merge plans."""
        return await asyncio.to_thread(question, self._connection)

    async def edit(  # noqa: PLR0913 — one option per question
        self,
        effects: Sequence[Effect],
        *,
        verb: str = "edit",
        reason: str = "",
        once: str = "",
        approve: str | None = None,
        progress: Progress | None = None,
    ) -> RunReport:
        """Carry effects out on both sides; with the same `once`, at most once.

        Args:
            effects: As in `Connection.apply_effects`, and so are the others.
            verb: One word that names the run.
            reason: Why, in words.
            once: Names the act.
            approve: Hash of the plan that may pass a brake.
            progress: Told (what, done, total).

        Raises:
            DecisionNeededError: The connection does not write.
            PlanChangedError: `approve` names another plan.
            UseError: There is nothing to do.
        """
        wish = Wish(tuple(effects), verb, reason, once)
        return await self._carry(wish, approve, progress)

    async def read_values(self, kind: Kind, typed: Mapping[str, str]) -> dict[str, Value]:
        """What a person typed for fields, as the mapping reads it; empty texts clear.

        Raises:
            UseError: A value does not fit its field; names the field, not the value.
        """
        reading = await self._connection.reading()
        return {name: reading.read(kind, name, value or None) for name, value in typed.items()}

    async def add_contact(
        self, values: Values, *, once: str, approve: str | None = None
    ) -> RunReport:
        """Make a contact on both sides; with the same `once`, at most one.

        Somebody who is there already is not made again: the new row is paired with that
        contact by the match keys, as a row that somebody types in is.

        Args:
            values: Neutral field -> value, as the mapping has them.
            once: Names the act.
            approve: As in `edit`.

        Raises:
            UseError: There is nothing to make.
        """
        return await self.edit(
            [NewRecord(Kind.CONTACT, None, values)], verb="add", once=once, approve=approve
        )

    async def delete(
        self, kind: Kind, link_id: LinkId, *, once: str, approve: str | None = None
    ) -> RunReport:
        """Delete a pair's records on both sides; `undo` makes new ones.

        A contact with tasks or notes that stand nowhere else is left alone, and told.
        """
        effects = [DeleteRecord(link_id, kind)]
        return await self.edit(effects, verb="delete", once=once, approve=approve)

    async def merge_effects(self, keep: LinkId, other: LinkId) -> tuple[Effect, ...]:
        """What makes two contacts one, as far as the vendors let us: see `merging`.

        The kept one's blanks are filled and it gets all tags; the other is marked. Nothing
        is moved or deleted.
        """
        parts = self._desk.parts
        policy = parts.config.policy.kinds[Kind.CONTACT]
        group = DuplicateGroup((keep, other), score=100, likenesses=())
        links = await asyncio.to_thread(parts.store.links)
        (plan,) = plan_merges([group], links, policy)
        return plan.effects

    async def archive(
        self, contacts: Sequence[LinkId], *, reason: str, approve: str | None = None
    ) -> RunReport:
        """Tag contacts as archived and list them; nobody is deleted."""
        return await self._carry(archive_wish(contacts, reason=reason), approve)

    async def restore(self, contacts: Sequence[LinkId]) -> RunReport:
        """Take contacts back from the archive."""
        mapping = self._desk.parts.config.mapping.kinds[Kind.CONTACT]
        return await self._carry(restore_wish(contacts, tag=mapping.archive_tag), None)

    async def preview_effects(
        self, effects: Sequence[Effect], *, verb: str = "edit", reason: str = "", once: str = ""
    ) -> Plan:
        """What effects come to; writes nothing."""
        async with self._turn("preview"):
            return await self._connection.preview_wish(Wish(tuple(effects), verb, reason, once))

    async def look(self, contact: LinkId) -> None:
        """Read a contact anew on both sides; the next sync settles what it finds.

        One call a side, and nothing is written to either.

        Raises:
            UseError: There is no such contact.
        """
        store = self._desk.parts.store
        link = await asyncio.to_thread(store.get_link, contact)
        if link is None or link.kind is not Kind.CONTACT:
            raise UseError("There is no such contact", unchanged="Nothing was read")
        ids = {side: link.id_on(side) for side in Side}
        dirty = [Dirty(side, Kind.CONTACT, each) for side, each in ids.items() if each]
        async with self._turn("look"):
            await self._desk.runner.look(dirty)

    async def preview(self, *, full: bool = False, progress: Progress | None = None) -> Plan:
        """What a sync would do now; as `Connection.preview`."""
        async with self._turn("preview"):
            return await self._connection.preview(full=full, progress=progress)

    async def sync(
        self,
        *,
        full: bool = False,
        approve: str | None = None,
        progress: Progress | None = None,
        on_plan: Callable[[Plan], None] = lambda _plan: None,
        once: str = "",
    ) -> RunReport:
        """Make both sides agree; as `Connection.sync`. `once` as in `acts`."""
        async with self._turn("sync", once):
            return await self._connection.sync(
                full=full, approve=approve, progress=progress, on_plan=on_plan
            )

    async def resolve(
        self, decisions: Sequence[Decision], *, is_approved: bool = False, once: str = ""
    ) -> RunReport:
        """Settle conflicts and write the choices; as `Connection.resolve_many`."""
        async with self._turn("resolve", once):
            return await self._connection.resolve_many(decisions, is_approved=is_approved)

    async def undo(
        self, run_id: str, *, progress: Progress | None = None, once: str = ""
    ) -> RunReport:
        """Take a run back; as `Connection.undo`."""
        async with self._turn("undo", once):
            return await self._connection.undo(run_id, progress=progress)

    def request_stop(self) -> None:
        """End the running work early: writes under way finish, nothing new starts."""
        self._connection.request_stop()

    async def retry(self, *, progress: Progress | None = None, once: str = "") -> RunReport:
        """Try refused and failed records again, then sync."""
        async with self._turn("retry", once):
            return await self._connection.retry(progress=progress)

    async def acts(self, once: str) -> list[ActRun]:
        """Runs that were begun for the act of this name, oldest first.

        Who comes back after a crash learns here what was done already: of an act that was
        not cut off, the last run is whole.
        """
        book = OnceBook(self._desk.parts.store)
        return await asyncio.to_thread(book.acts, once)

    async def pause(self) -> None:
        """Write nothing until `resume`."""
        store = self._desk.parts.store
        await asyncio.to_thread(lambda: store.set_paused(is_paused=True))

    async def resume(self) -> None:
        """Go on as before the pause."""
        store = self._desk.parts.store
        await asyncio.to_thread(lambda: store.set_paused(is_paused=False))

    async def _carry(
        self, wish: Wish, approve: str | None, progress: Progress | None = None
    ) -> RunReport:
        async with self._turn(wish.verb, wish.once):
            return await self._connection.carry_wish(wish, approve=approve, progress=progress)

    @asynccontextmanager
    async def _turn(self, purpose: str, once: str = "") -> AsyncIterator[None]:
        async with self._turns.take(self._desk, purpose=purpose):
            if self._following is not None and await asyncio.to_thread(self._following.renew):
                self._connection = Connection(self._desk.parts, runner=self._desk.runner)
                self._reading = FrontReading(self._desk.parts)
            with self._desk.runner.named(once):
                yield

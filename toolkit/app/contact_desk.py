"""What people do with many contacts at once, and what they read of them.

The part of `Connection` that front ends build bulk edits, archives, duplicates and
dashboards on. Reading is from the store alone: no service is called.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from toolkit.app.archive import (
    ArchivedContact,
    archive_wish,
    choose_contacts,
    list_archived,
    list_stale,
    restore_wish,
)
from toolkit.app.day_figures import Dashboard
from toolkit.app.duplicates import AT_LEAST, find_duplicates
from toolkit.app.effects_run import Wish
from toolkit.app.merging import MergePlan, plan_merges
from toolkit.app.metrics_day import MetricsBook
from toolkit.app.overview import Overview, read_overview
from toolkit.app.rule_facts import read_facts
from toolkit.errors import UseError
from toolkit.model.ids import Kind, LinkId

if TYPE_CHECKING:
    from toolkit.app.observe import Progress
    from toolkit.app.runs import Runner
    from toolkit.app.wiring import Parts
    from toolkit.model.automation import Effect
    from toolkit.model.outcomes import RunReport
    from toolkit.model.plan import Plan


@dataclass(frozen=True, slots=True)
class MergePlans:
    """Contacts that may be one person, each group with its plan.

    Attributes:
        plans: The surest group first.
        searched: Contacts that were compared.
        crowds: Values shared by too many to be compared by; see `find_duplicates`.
    """

    plans: tuple[MergePlan, ...]
    searched: int
    crowds: int

    def get(self, group: str) -> MergePlan:
        """The plan of a group, by its id or the beginning of it.

        Raises:
            UseError: No group is called so, or several are.
        """
        found = [each for each in self.plans if group and each.group.id.startswith(group)]
        if len(found) == 1:
            return found[0]
        many = f"{len(found)} groups begin with" if found else "There is no group"
        raise UseError(
            f"{many} {group}",
            unchanged="Nothing was changed",
            remedy="See `hightonic duplicates`; a group that changed has another id",
        )


class ContactDesk:
    """Bulk work and figures of one connection."""

    _parts: Parts
    _runner: Runner

    async def preview_effects(
        self, effects: Sequence[Effect], *, reason: str = "", verb: str = "edit", once: str = ""
    ) -> Plan:
        """What these effects come to now; writes nothing, reads no record.

        Args:
            effects: Values of `toolkit.model.automation`; all but `Send`.
            reason: Why, in words.
            verb: One word that names the run.
            once: See `apply_effects`.

        Raises:
            UseError: There is nothing to do, or a message is among them.
        """
        return await self.preview_wish(Wish(tuple(effects), verb, reason, once))

    async def apply_effects(  # noqa: PLR0913 — one option per question
        self,
        effects: Sequence[Effect],
        *,
        reason: str = "",
        verb: str = "edit",
        once: str = "",
        approve: str | None = None,
        progress: Progress | None = None,
    ) -> RunReport:
        """Carry these effects out on both sides, under the brakes of a sync.

        A record edited since it was seen last is left alone and listed. Where a brake
        trips nothing is written; `report.approval` releases exactly this, once.

        Args:
            effects: As in `preview_effects`.
            reason: As in `preview_effects`.
            verb: As in `preview_effects`.
            once: Names the act: with the same name no task or note is made again. Empty: a
                second call makes them again, unless the first was cut short.
            approve: Hash of the plan that may pass a brake.
            progress: As in `preview`.

        Raises:
            PlanChangedError: `approve` names another plan than the one found now.
            UseError: As in `preview_effects`.
        """
        wish = Wish(tuple(effects), verb, reason, once)
        return await self.carry_wish(wish, approve=approve, progress=progress)

    async def preview_wish(self, wish: Wish) -> Plan:
        """The same for a wish such as `wish_archived` gives."""
        return await self._runner.preview_wish(wish)

    async def carry_wish(
        self, wish: Wish, *, approve: str | None = None, progress: Progress | None = None
    ) -> RunReport:
        """The same for a wish such as `wish_archived` gives."""
        return await self._runner.carry_wish(wish, approve=approve, progress=progress)

    def find_contacts(self, typed: Sequence[str]) -> list[LinkId]:
        """Contacts by e-mail, by an id of either side, or by their pair's id.

        Raises:
            UseError: One is nobody's, or fits several contacts.
        """
        return choose_contacts(self._parts.store.links(Kind.CONTACT), typed)

    def contact_names(self) -> dict[LinkId, str]:
        """What people call each contact in step: name, else e-mail; personal."""
        links = self._parts.store.links(Kind.CONTACT)
        named = {each.id: each.base.get("name") or each.base.get("email") for each in links}
        return {link_id: str(name) for link_id, name in named.items() if name}

    async def stale_contacts(self, days: int) -> list[LinkId]:
        """Contacts without activity for so many days that are not archived."""
        parts = self._parts
        return list_stale(
            read_facts(parts.store, None),
            days=days,
            now=parts.now(),
            calendar=parts.config.automation.calendar,
            tag=self._archive_tag,
        )

    def archived(self) -> list[ArchivedContact]:
        """Contacts that are archived, those archived last first."""
        return list_archived(self._parts.store.links(), tag=self._archive_tag)

    def wish_archived(self, contacts: Sequence[LinkId], *, reason: str) -> Wish:
        """What archives these contacts, for `preview_wish` and `carry_wish`."""
        return archive_wish(contacts, reason=reason)

    def wish_restored(self, contacts: Sequence[LinkId]) -> Wish:
        """What takes these contacts back, for `preview_wish` and `carry_wish`."""
        return restore_wish(contacts, tag=self._archive_tag)

    def merge_plans(self, *, at_least: int = AT_LEAST) -> MergePlans:
        """Contacts that may be one person, each group with a plan; writes nothing.

        Args:
            at_least: Lowest score of a pair, 1 to 99.
        """
        links = self._parts.store.links()
        found = find_duplicates(links, at_least=at_least)
        policy = self._parts.config.policy.kinds[Kind.CONTACT]
        plans = tuple(plan_merges(found.groups, links, policy))
        return MergePlans(plans, found.searched, found.crowds)

    def figures(self, days: int = 90) -> Dashboard:
        """The newest so many days of the connection's figures, oldest first."""
        parts = self._parts
        return MetricsBook(parts.config, parts.store, now=parts.now).read(days)

    def overview(self, days: int = 90) -> Overview:
        """All that a dashboard shows: `figures`, how it stands now, what each side holds."""
        return read_overview(self._parts, days=days)

    @property
    def _archive_tag(self) -> str:
        return self._parts.config.mapping.kinds[Kind.CONTACT].archive_tag

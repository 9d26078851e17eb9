"""The figures of one day and connection, as values: what dashboards, digests and rows show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import date, datetime
from itertools import groupby
from typing import Any, TypeAlias

from toolkit.model.ids import Side

Counts: TypeAlias = Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Census:
    """What both sides held in common when it was counted.

    Attributes:
        overdue_tasks: Open ones whose due moment has passed.
        by_stage: Lifecycle stage -> contacts; blank ones count as the empty text.
        by_source: Source -> contacts, in the same way.
        by_owner: The owner's name -> contacts, in the same way.
    """

    contacts: int = 0
    tasks: int = 0
    notes: int = 0
    appointments: int = 0
    open_tasks: int = 0
    overdue_tasks: int = 0
    by_stage: Counts = field(default_factory=dict)
    by_source: Counts = field(default_factory=dict)
    by_owner: Counts = field(default_factory=dict)

    @property
    def completed_tasks(self) -> int:
        """Tasks that are done."""
        return self.tasks - self.open_tasks


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncHealth:
    """How the sync stood when the day was last looked at.

    Attributes:
        last_run_at: When the last run began, ISO; empty where none did.
        equal_at: When both sides were last known to be equal, ISO; empty where never.
        failures: Reasons why writes of the last run failed.
        conflicts: Fields that wait for a person.
        duration_s: Seconds that the last run took.
        webhook_gap: Side -> changes of the last comparison that no webhook told of.
    """

    last_run_at: str = ""
    equal_at: str = ""
    failures: int = 0
    conflicts: int = 0
    duration_s: float = 0.0
    webhook_gap: Counts = field(default_factory=dict)

    def lag_s(self, now: datetime) -> float | None:
        """Seconds since both sides were last known to be equal; None where they never were."""
        if not self.equal_at:
            return None
        return max(0.0, (now - datetime.fromisoformat(self.equal_at)).total_seconds())


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiUse:
    """Calls against what the vendors allow.

    Attributes:
        today: Side -> calls that runs sent on this day.
        month: Side -> calls that runs sent this month so far.
        left: `highlevel day` or `timetonic month` -> calls left, where somebody told.
    """

    today: Counts = field(default_factory=dict)
    month: Counts = field(default_factory=dict)
    left: Counts = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class DayFigures:
    """One connection's day, in the location's time zone; the newest look at it counts.

    Attributes:
        new_contacts: Contacts whose pair came to be on that day (see `toolkit.app.funnel`).
        won_contacts: Contacts that came to a won stage on that day.
        journal_seq: The journal line up to which new and won contacts are counted.
    """

    day: date
    at: datetime
    census: Census = field(default_factory=Census)
    new_contacts: int = 0
    won_contacts: int = 0
    health: SyncHealth = field(default_factory=SyncHealth)
    api: ApiUse = field(default_factory=ApiUse)
    journal_seq: int = 0

    @property
    def week(self) -> str:
        """ISO week such as `2026-W48`."""
        return iso_week(self.day)

    def with_steps(self, *, new: int, won: int, seq: int) -> DayFigures:
        """The same day with more contacts counted."""
        return replace(
            self,
            new_contacts=self.new_contacts + new,
            won_contacts=self.won_contacts + won,
            journal_seq=max(self.journal_seq, seq),
        )


@dataclass(frozen=True, slots=True)
class Week:
    """A week's leads.

    Attributes:
        week: ISO week such as `2026-W48`.
        days: How many of its days were looked at.
    """

    week: str
    new: int
    won: int
    days: int

    @property
    def conversion(self) -> float | None:
        """Won contacts over new ones of the same week; None where none was new.

        It is a ratio of two streams, not of one cohort: a contact won this week may have
        come long ago, so the ratio may exceed 1.
        """
        return self.won / self.new if self.new else None


@dataclass(frozen=True, slots=True)
class Dashboard:
    """The history of a connection's figures, oldest first.

    Attributes:
        days: One a day on which the connection ran.
        weeks: The same by ISO week.
    """

    days: tuple[DayFigures, ...] = ()
    weeks: tuple[Week, ...] = ()

    @property
    def latest(self) -> DayFigures | None:
        """The newest day; None before the first run."""
        return self.days[-1] if self.days else None


def iso_week(day: date) -> str:
    """`2026-W48`; the year is the week's own."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}"


def sum_weeks(days: Iterable[DayFigures]) -> Iterator[Week]:
    """Days in order, by week."""
    for week, found in groupby(days, key=lambda each: each.week):
        members = list(found)
        yield Week(
            week,
            new=sum(each.new_contacts for each in members),
            won=sum(each.won_contacts for each in members),
            days=len(members),
        )


def top_counts(counts: Counts, limit: int, *, rest: str = "other") -> dict[str, int]:
    """The largest counts by name, the others as one; for places that hold few names.

    Args:
        counts: Name -> how many.
        limit: Names at most, besides the rest.
        rest: What the others are called; a name that is spelled so counts there.
    """
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    shown = dict(ranked[:limit])
    left = sum(count for _, count in ranked[limit:])
    if left:
        shown[rest] = shown.get(rest, 0) + left
    return shown


def figures_to_json(figures: DayFigures) -> dict[str, Any]:
    """Plain JSON: how a day is kept, and what `--json` shows."""
    plain = asdict(figures)
    plain |= {"day": figures.day.isoformat(), "at": figures.at.isoformat()}
    return plain


def figures_from_json(plain: Mapping[str, Any]) -> DayFigures:
    """A day as it was kept; what another version kept besides is left out."""
    parts = {"census": Census, "health": SyncHealth, "api": ApiUse}
    known = _known(DayFigures, plain)
    known |= {"day": date.fromisoformat(plain["day"])}
    known |= {"at": datetime.fromisoformat(plain["at"])}
    for name, shape in parts.items():
        known[name] = shape(**_known(shape, plain.get(name, {})))
    return DayFigures(**known)


def calls_left(side: Side, window: str) -> str:
    """The name under which `ApiUse.left` has a window."""
    return f"{side.value} {window}"


def _known(shape: type, plain: Mapping[str, Any]) -> dict[str, Any]:
    names = {each.name for each in fields(shape)}
    return {name: value for name, value in plain.items() if name in names}

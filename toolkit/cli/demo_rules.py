"""The act of the demo in which rules do the work that people forget."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from toolkit.app.config_rules_writing import put_section
from toolkit.app.config_source import dump, parse, read_text, write_text

if TYPE_CHECKING:
    from toolkit.app.connection import Connection
    from toolkit.app.home import Home
    from toolkit.cli.demo_people import Colleagues
    from toolkit.model.outcomes import RunReport

RECIPES: Final[Mapping[str, object]] = {
    "new_lead": {"stage": "lead", "tags": ["web lead"], "owner": None},
    "welcome_tasks": True,
    "tag_by": {"fields": ["source"], "active_days": None},
    "keep_dates": True,
}
"""What the demo switches on, a line each."""

ARCHIVED_FOR: Final = "Moved away; said so on the phone"


@dataclass(slots=True)
class RulesAct:
    """What came of it, as a person sees it in TimeTonic.

    Attributes:
        leads: Per new lead: what its row shows now, by column.
        tasks: Titles of the tasks that rules made, on both sides.
        archived: Rows of the Archive table.
        metrics: Today's row of the Metrics table.
    """

    recipes: list[str] = field(default_factory=lambda: list(RECIPES))
    leads: list[dict[str, Any]] = field(default_factory=list)
    tasks: list[str] = field(default_factory=list)
    archived: list[dict[str, Any]] = field(default_factory=list)
    metrics: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """For the report; people and figures are made up."""
        return {
            "recipes": self.recipes,
            "leads": self.leads,
            "tasks": self.tasks,
            "archived": self.archived,
            "metrics": self.metrics,
        }


def switch_on(home: Home, connection: str) -> None:
    """Write the recipes into the settings, as a person does with an editor."""
    path = home.config_path
    document = parse(read_text(path), file=str(path))
    put_section(document, connection, section="recipes", value=dict(RECIPES))
    write_text(path, dump(document))


async def archive_one(connection: Connection, emails: Sequence[str]) -> RunReport:
    """Archive contacts by e-mail, as `hightonic archive` does."""
    found = connection.find_contacts(emails)
    wish = connection.wish_archived(found, reason=ARCHIVED_FOR)
    return await connection.carry_wish(wish)


async def look_around(colleagues: Colleagues, emails: Sequence[str]) -> RulesAct:
    """What a colleague sees in TimeTonic afterwards."""
    act = RulesAct()
    act.leads = await colleagues.read_leads(emails)
    act.tasks = sorted(await colleagues.read_tasks(emails))
    act.archived = await colleagues.read_rows("Archive", ("Name", "Reason"))
    shown = await colleagues.read_rows(
        "Metrics", ("Total contacts", "New contacts", "Total tasks", "Open tasks", "Notes")
    )
    act.metrics = shown[0] if shown else {}
    return act

"""A grid's view under a name: what a segment can say, what it cannot, and the file it goes to."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.unit.notebooks.office import build_home
from toolkit.app.config import load_config
from toolkit.app.grid import SYNC, Filter, GridQuery, GridSource, Order, open_grid
from toolkit.app.home import Home
from toolkit.app.rule_facts import read_facts
from toolkit.app.segments import SegmentDesk, draft_segment
from toolkit.app.settings_file import list_backups
from toolkit.errors import UseError
from toolkit.model.automation import Happening, Trigger
from toolkit.rules.conditions import InSegment, holds
from toolkit.rules.scope import Scope
from toolkit.store import Store

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
SETTINGS = """\
version: 1
connections:
  main:
    highlevel: {location_id: loc1}  # ours
    timetonic: {user: u, book_owner: u, book_code: crm}
    segments:
      # whom we like
      vip: {tag: vip}
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = build_home(tmp_path_factory.mktemp("segments") / "home", 40)
    (home / "hightonic.yaml").write_text(SETTINGS, encoding="utf-8")
    return home


@pytest.fixture
def home(built: Path, tmp_path: Path) -> Home:
    return Home(Path(shutil.copytree(built, tmp_path / "home")))


@pytest.fixture
def grid(home: Home) -> Iterator[GridSource]:
    with open_grid(home=home.path) as source:
        yield source


@pytest.fixture
def desk(home: Home, grid: GridSource) -> SegmentDesk:
    return SegmentDesk(home, grid, now=lambda: NOW)


def view(*searched: str, **filters: Filter) -> GridQuery:
    return GridQuery((Order("name"),), filters, " ".join(searched))


@pytest.mark.parametrize(
    ("query", "source"),
    [
        (view(tags=Filter("any_of", ("vip",))), {"field": "tags", "in": ["vip"]}),
        (
            view(source=Filter("any_of", (None, "website"))),
            {
                "any": [
                    {"field": "source", "in": ["website"]},
                    {"field": "source", "is_blank": True},
                ]
            },
        ),
        (view(plan=Filter("any_of", (None,))), {"field": "plan", "is_blank": True}),
        (view(plan=Filter("blank")), {"field": "plan", "is_blank": True}),
        (view(plan=Filter("filled")), {"field": "plan", "is_blank": False}),
        (view(company=Filter("holds", ("ltd",))), {"field": "company", "contains": "ltd"}),
        (view(total_tasks=Filter("equals", ("3",))), {"field": "total_tasks", "is": 3}),
        (
            view(total_tasks=Filter("between", (1, "2.5"))),
            {
                "all": [
                    {"field": "total_tasks", "is_blank": False},
                    {"not": {"field": "total_tasks", "below": 1}},
                    {"not": {"field": "total_tasks", "above": 2.5}},
                ]
            },
        ),
        (
            view(last_contacted=Filter("between", (None, "2026-01-31"))),
            {
                "all": [
                    {"field": "last_contacted", "is_blank": False},
                    {"not": {"field": "last_contacted", "after": "2026-01-31"}},
                ]
            },
        ),
        (
            view("ada"),
            {
                "any": [
                    {"field": name, "contains": "ada"}
                    for name in ("name", "email", "phone", "company")
                ]
            },
        ),
    ],
)
def test_view_is_said_in_the_words_of_rules_and_read_back(
    desk: SegmentDesk, grid: GridSource, home: Home, query: GridQuery, source: object
) -> None:
    draft = draft_segment(query, {each.field: each for each in grid.columns})
    said = desk.save("shown", query)

    assert draft.source == source
    assert "Saved as segment `shown`" in said
    assert "shown" in load_config(home.config_path).get_connection("main").automation.segments


@pytest.mark.parametrize(
    "query",
    [
        view(**{SYNC: Filter("any_of", ("conflict",))}),
        view(owner_id=Filter("holds", ("cla",))),
        view(total_tasks=Filter("holds", ("1",))),
        view(tags=Filter("holds", ("vi",))),
        view(),
    ],
)
def test_what_no_segment_can_say_is_told_and_nothing_saved(
    desk: SegmentDesk, home: Home, query: GridQuery
) -> None:
    with pytest.raises(UseError) as told:
        desk.save("shown", query)

    assert "Nothing was saved" in told.value.sentence
    assert home.config_path.read_text("utf-8") == SETTINGS


def test_part_that_cannot_be_said_is_left_out_and_told(desk: SegmentDesk) -> None:
    mixed = view(
        **{SYNC: Filter("any_of", ("conflict",))}, owner_id=Filter("any_of", ("Yusuf Demir",))
    )

    said = desk.save("his", mixed)

    assert "Left out: Sync" in said


def test_owner_is_kept_by_id(desk: SegmentDesk, home: Home) -> None:
    desk.save("his", view(owner_id=Filter("any_of", ("Yusuf Demir",))))

    assert "user2" in home.config_path.read_text("utf-8")


def test_comments_stay_a_name_is_not_taken_twice_and_there_is_a_way_back(
    desk: SegmentDesk, home: Home
) -> None:
    query = view(tags=Filter("any_of", ("partner",)))
    with pytest.raises(UseError, match="already"):
        desk.save("vip", query)
    with pytest.raises(UseError, match="small letters"):
        desk.save("V I P", query)

    desk.save("vip", query, replaces=True)

    text = home.config_path.read_text("utf-8")
    assert "# ours" in text
    assert "# whom we like" in text
    assert desk.names() == ["vip"]
    assert list_backups(home.path)[0].read_text("utf-8") == SETTINGS


def test_first_segment_of_a_connection_begins_the_section(
    desk: SegmentDesk, home: Home
) -> None:
    home.config_path.write_text(SETTINGS.partition("    segments")[0], encoding="utf-8")

    desk.save("vips", view(tags=Filter("any_of", ("vip",))))

    assert desk.names() == ["vips"]


@pytest.mark.parametrize(
    "query",
    [
        view(tags=Filter("any_of", ("vip", "partner"))),
        view(tags=Filter("any_of", (None, "late payer"))),
        view(source=Filter("any_of", (None, "website"))),
        view(source=Filter("filled"), lifecycle_stage=Filter("any_of", ("lead",))),
        view(company=Filter("holds", ("COMPANY 1",))),
        view(company=Filter("blank")),
        view(email=Filter("equals", ("PERSON7@example.com",))),
        view(last_contacted=Filter("between", ("2026-03-01", "2026-06-30"))),
        view(last_contacted=Filter("between", (None, "2026-03-15"))),
        view(owner_id=Filter("any_of", ("Yusuf Demir", None))),
        view("person1 example"),
        view("ada", source=Filter("any_of", ("website", "referral"))),
    ],
)
def test_segment_is_whom_the_grid_showed(
    desk: SegmentDesk, grid: GridSource, home: Home, query: GridQuery
) -> None:
    desk.save("shown", query)
    automation = load_config(home.config_path).get_connection("main").automation
    frame = automation.frame(now=NOW)
    nothing = Happening("x", Trigger.SCHEDULE, at=NOW)
    with Store.open(home.path) as store:
        facts = list(read_facts(store.connection("main"), None).contacts())
    chosen = {
        each.link_id
        for each in facts
        if holds(InSegment("shown"), Scope("r", nothing, each, frame)) is True
    }

    assert chosen == set(grid.ids(query))
    assert set(grid.ids(desk.show("shown"))) == chosen
    assert 0 < len(chosen) < len(facts)


@pytest.mark.parametrize(
    "source",
    [
        "{open_tasks: {below: 3}}",
        "{not: {tag: vip}}",
        "{not: {field: name, is: x}}",
        "{any: [{tag: vip}, {tag: partner}]}",
        "{any: [{field: plan, is: Pro}, {field: plan, is_blank: true}]}",
        "{all: [{tag: vip}, {field: tags, in: [partner]}]}",
        "{all: [{not: {field: last_contacted, before: 2026-01-01}}]}",
        "{field: email, starts_with: a}",
    ],
)
def test_segment_that_says_more_than_the_grid_is_told(
    desk: SegmentDesk, home: Home, source: str
) -> None:
    text = SETTINGS.replace("{tag: vip}", source)
    home.config_path.write_text(text, encoding="utf-8")

    with pytest.raises(UseError, match="more than the grid"):
        desk.show("vip")


def test_segment_of_a_tag_is_shown_and_one_that_is_none_is_told(
    desk: SegmentDesk, grid: GridSource
) -> None:
    wanted = grid.ids(view(tags=Filter("any_of", ("vip",))))

    assert set(grid.ids(desk.show("vip"))) == set(wanted)
    with pytest.raises(UseError, match="no segment"):
        desk.show("nobody")

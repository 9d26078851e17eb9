"""Rules as a builder works on them: drafted, judged as the file is, previewed, saved."""

from __future__ import annotations

from typing import Any

import pytest

from tests.flows.world import World
from tests.unit.app.test_mapping_desk import settings
from toolkit.app.config_source import write_text
from toolkit.app.rule_builder import RuleBuilder, RulesDraft
from toolkit.app.rule_builder.words import (
    actions,
    conditions,
    expanded,
    recipe_cards,
    rule_fields,
    triggers,
)
from toolkit.errors import PlanChangedError, UseError
from toolkit.rules.reading_actions import ACTION_NAMES

RULES = """\
    # what people forget
    rules:
      - name: thank
        when: {trigger: contact_tagged, tags: [vip]}
        # only those we know
        if: {all: [{field: email, is_blank: false}, {not: {tag: thanked}}]}
        then:
          - add_tags: [thanked]  # once
          - create_task: {title: "Thank {{ name }}"}
      - name: welcome
        when: contact_created
        then: [{add_tags: [new]}]
"""


@pytest.fixture
def home(world: World) -> World:
    write_text(world.home / "hightonic.yaml", settings(world, mapping="", rules=RULES))
    return world


def with_rules(draft: RulesDraft, *rules: dict[str, Any]) -> RulesDraft:
    return draft.model_copy(update={"rules": list(rules)})


async def test_order_is_saved_and_each_rule_keeps_its_comments(home: World) -> None:
    async with home.open() as connection:
        builder = RuleBuilder(connection._parts)
        opened = builder.open()
        first, second = opened.draft.rules

        text = builder.save(opened, with_rules(opened.draft, second, first)).text

        assert [rule["name"] for rule in builder.open().draft.rules] == ["welcome", "thank"]
    for each in ("# what people forget", "# only those we know", "# once"):
        assert each in text
    assert text.index("welcome") < text.index("thank")


@pytest.mark.parametrize(
    ("rule", "said", "place"),
    [
        ({"name": "x", "when": "lead_creatd", "then": []}, "no trigger", ("when", None)),
        (
            {
                "name": "x",
                "when": "contact_created",
                "if": {"all": [{"tag": "a"}, {"field": "nme", "is": 1}]},
                "then": [{"add_tags": ["b"]}],
            },
            "`nme` is not a mapped field",
            ("if", 1),
        ),
        (
            {
                "name": "x",
                "when": "contact_created",
                "then": [{"add_tags": ["b"]}, {"create_tsk": {}}],
            },
            "`create_tsk` is not an action",
            ("then", 1),
        ),
        (
            {"name": "welcome", "when": "contact_created", "then": []},
            "two rules",
            ("name", None),
        ),
        (
            {"name": "?", "when": "contact_created", "then": []},
            "cannot name a rule",
            ("name", None),
        ),
        ({"name": "x", "then": []}, "`when` is missing", ("name", None)),
    ],
)
async def test_refusal_is_told_at_its_card(
    home: World, rule: dict[str, Any], said: str, place: tuple[str, int | None]
) -> None:
    async with home.open() as connection:
        builder = RuleBuilder(connection._parts)
        opened = builder.open()
        draft = with_rules(opened.draft, *opened.draft.rules, rule)

        problem = builder.check(opened, draft).problem

        assert problem
        assert said in problem.message
        assert problem.index == 2
        assert (problem.part, problem.item) == place
        with pytest.raises(UseError, match="cannot be saved"):
            builder.save(opened, draft)
        with pytest.raises(UseError, match="cannot be saved"):
            await builder.preview(opened, draft, "welcome")


async def test_recipe_is_switched_on_by_one_line_and_refused_by_name(home: World) -> None:
    async with home.open() as connection:
        builder = RuleBuilder(connection._parts)
        opened = builder.open()
        on = opened.draft.model_copy(update={"recipes": {"stale_archive": True}})
        wrong = opened.draft.model_copy(update={"recipes": {"tag_by": {"fields": ["nme"]}}})

        problem = builder.check(opened, wrong).problem

        assert problem
        assert (problem.recipe, problem.index) == ("tag_by", None)
        text = builder.save(opened, on).text
        assert "stale_archive: true" in text
        assert "# what people forget" in text


async def test_preview_names_whom_a_rule_would_touch_and_writes_nothing(home: World) -> None:
    async with home.open() as connection:
        builder = RuleBuilder(connection._parts)
        opened = builder.open()
        rule = {
            "name": "off",
            "enabled": False,
            "when": "contact_created",
            "if": {"field": "email", "is_blank": False},
            "then": [
                {"add_tags": ["looked at"]},
                {"create_task": {"title": "Look", "due": "2026-04-01"}},
                {"set": {"source": "{{ email }}"}},
            ],
        }

        touched = await builder.preview(opened, with_rules(opened.draft, rule), "off")

        assert touched.contacts > 0
        assert len(touched.listed) == touched.contacts
        assert all("@" in email for _, email in touched.listed)
        assert touched.writes["task made"] == touched.contacts
        assert touched.writes["tags set on HighLevel"] == touched.contacts
        assert home.writes() == 0
        with pytest.raises(UseError, match="no rule `on`"):
            await builder.preview(opened, with_rules(opened.draft, rule), "on")


async def test_preview_tells_what_cannot_be_worked_out_and_what_is_held(home: World) -> None:
    archive = {
        "name": "all",
        "when": "contact_created",
        "then": [{"archive": {"reason": "x"}}],
    }
    broken = {
        "name": "odd",
        "when": "contact_created",
        "then": [{"set": {"next_action_date": "{{ name }}"}}],
    }
    async with home.open() as connection:
        builder = RuleBuilder(connection._parts)
        opened = builder.open()
        draft = with_rules(opened.draft, archive, broken)
        held = await builder.preview(opened, draft, "all")
        odd = await builder.preview(opened, draft, "odd")

    assert held.contacts > 0
    assert held.held
    assert odd.contacts == 0
    assert sum(odd.problems.values()) > 0


async def test_how_often_rules_fired_stands_beside_them(home: World) -> None:
    more = RULES.replace("when: contact_created", "when: {trigger: schedule, every: day}")
    write_text(home.home / "hightonic.yaml", settings(home, mapping="", rules=more))
    await home.sync()
    home.clock.advance(2 * 86_400)
    await home.sync()
    async with home.open() as connection:
        fired = RuleBuilder(connection._parts).open().fired

    assert fired["welcome"] > 0
    assert "thank" not in fired


async def test_rules_changed_meanwhile_are_not_overwritten_and_a_save_is_taken_back(
    home: World,
) -> None:
    path = home.home / "hightonic.yaml"
    async with home.open() as connection:
        builder = RuleBuilder(connection._parts)
        opened = builder.open()
        draft = with_rules(opened.draft, opened.draft.rules[1])
        before = path.read_text("utf-8")
        write_text(path, before + "# theirs\n")

        assert builder.has_changed(opened)
        with pytest.raises(PlanChangedError):
            builder.save(opened, draft)
        assert path.read_text("utf-8") == before + "# theirs\n"

        again = builder.open()
        builder.save(again, with_rules(again.draft, again.draft.rules[1]))
        builder.take_back()
        assert path.read_text("utf-8") == before + "# theirs\n"


async def test_cards_know_every_action_and_every_field_of_rules(home: World) -> None:
    async with home.open() as connection:
        config = RuleBuilder(connection._parts).open().config
    offered = {each.word for each in actions(config.automation, ["crm"])}

    assert offered | {"run"} == set(ACTION_NAMES)
    assert len({each.word for each in triggers()}) == 14
    assert "segment" not in {each.word for each in conditions(config.automation)}
    names = {each["name"]: each for each in rule_fields(config.automation)}
    assert names["task.title"]["settable"]
    assert not names["open_tasks"]["settable"]
    assert names["lifecycle_stage"]["shape"] == "text"
    assert all(expanded(each["name"], True) for each in recipe_cards())


def test_recipe_is_copied_with_its_own_settings() -> None:
    (rule,) = expanded("stale_archive", {"after_days": 90, "except_tags": ["vip"]})

    assert rule["if"]["all"][0]["older_than_days"] == 90
    assert {"not": {"tag": "vip"}} in rule["if"]["all"]
    with pytest.raises(UseError, match="no recipe"):
        expanded("archive_all", None)
    with pytest.raises(UseError, match="number"):
        expanded("stale_archive", {"after_days": "soon"})


async def test_script_addresses_and_segments_are_offered_as_cards(home: World) -> None:
    script = """\
from toolkit import scripting as hightonic

@hightonic.condition
def is_vip(contact, happening):
    return True

@hightonic.action
def greet(contact, happening):
    return []
"""
    (home.home / "own.py").write_text(script, encoding="utf-8")
    more = "    scripts: own.py\n    segments: {vip: {tag: vip}}\n    addresses: {crm: 'https://crm.example.com/in'}\n"
    write_text(home.home / "hightonic.yaml", settings(home, mapping="", rules=more))
    async with home.open() as connection:
        config = RuleBuilder(connection._parts).open().config

    offered = {each.word: each for each in actions(config.automation, ["crm"])}
    asked = {each.word: each for each in conditions(config.automation)}
    assert offered["call_url"].blanks[0].options == ("crm",)
    assert asked["segment"].blanks[0].options == ("vip",)
    assert asked["function"].blanks[0].options == ("is_vip",)
    assert offered["run"].blanks[0].options == ("greet",)

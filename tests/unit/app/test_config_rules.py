"""Automations in `hightonic.yaml`: what they may say, and where they are refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from toolkit.app.config import ConnectionConfig, read_config
from toolkit.app.config_rules_writing import put_rules, put_section
from toolkit.app.config_source import dump, parse
from toolkit.errors import ConfigError, UseError
from toolkit.mapping.context import Context, Owner
from toolkit.model.automation import ContactFacts, Happening, SetFields, Trigger
from toolkit.model.ids import Kind, LinkId
from toolkit.rules.evaluate import evaluate
from toolkit.rules.recipes import RECIPES

PATH = Path("hightonic.yaml")
HEAD = """\
version: 1
connections:
  main:
    highlevel: {location_id: loc}
    timetonic: {user: u, book_owner: o, book_code: b}
"""
FULL = """\
    sync: {time_zone: Europe/Paris}
    segments:
      gold: {field: plan, is: gold}
      vip: {all: [{segment: gold}, {tag: vip}]}
    calendar: {country: FR, subdivision: null, closed: [2026-12-24], day_ends: 18:00}
    addresses: {crm: "https://example.com/hook"}
    recipes:
      welcome_tasks: true
      stale_archive: {after_days: 90}
    rules:
      # The best ones.
      - name: best clients
        when: {trigger: contact_updated, fields: [plan, tags]}
        if: {segment: vip}  # both
        then:
          - set: {lifecycle_stage: customer}
          - call_url: {to: crm}
      - name: hello
        when: contact_created
        then: {add_note: "Hello {{ name }}"}
        enabled: false
"""
NOW = datetime(2026, 12, 23, 15, 0, tzinfo=UTC)


def _load(extra: str = "", head: str = HEAD) -> ConnectionConfig:
    return read_config(head + extra, PATH).get_connection()


def _refused(extra: str) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        _load(extra)
    return caught.value


def test_a_file_without_automations_has_none():
    automation = _load().automation

    assert (automation.rules, automation.segments, automation.meaning) == ((), {}, None)


@pytest.mark.parametrize(
    "section", ["segments:", "recipes:", "rules:", "calendar:", "addresses:"]
)
def test_a_heading_without_lines_is_nothing(section):
    assert _load(f"    {section}\n      # nothing yet\n").automation.rules == ()


def test_everything_the_file_can_say_about_automations():
    automation = _load(FULL).automation
    best = automation.get_rule("best clients")

    assert [(each.name, each.recipe, each.line) for each in automation.rules] == [
        ("welcome_tasks", "welcome_tasks", 13),
        ("stale_archive", "stale_archive", 14),
        ("best clients", "", 17),
        ("hello", "", 23),
    ]
    assert automation.get_rule("nobody") is None
    assert [each.line for each in best.actions] == [21, 22]
    assert best.place(best.actions[0].line) == "hightonic.yaml:21"
    assert not automation.get_rule("hello").is_enabled
    assert automation.calendar.day_ends == "18:00"
    assert automation.calendar.closed == {"2026-12-24"}
    assert automation.calendar.zone == "Europe/Paris"
    assert automation.words.archive_tag == "archived"


@pytest.mark.parametrize(
    ("extra", "line", "happened", "remedy"),
    [
        ("    rulez: []\n", 6, "`rulez` is not a setting", "`rules`"),
        (
            "    rules:\n      - {name: a, when: contact_craeted, then: {add_tags: x}}\n",
            7,
            "no trigger `contact_craeted`",
            "`contact_created`",
        ),
        (
            "    rules:\n      - name: a\n        when: contact_created\n        if: {field: plam, is: x}\n        then: {add_tags: x}\n",
            9,
            "`plam` is not a mapped field",
            "`plan`",
        ),
        (
            '    rules:\n      - name: a\n        when: contact_created\n        then:\n          - add_tags: x\n          - set:\n              company: "{{ nmae }}"\n',
            12,
            "names `nmae`",
            "`name`",
        ),
        ("    segments:\n      vip: {segment: vpi}\n", 7, "no segment `vpi`", "`vip`"),
        (
            "    segments:\n      a: {segment: b}\n      b: {segment: a}\n",
            7,
            "made of itself: a -> b -> a",
            "",
        ),
        ("    segments:\n      a b: {tag: x}\n", 7, "cannot name a segment", "letters"),
        (
            "    recipes:\n      stale_archiv: true\n",
            7,
            "no recipe `stale_archiv`",
            "`stale_archive`",
        ),
        (
            "    recipes:\n      stale_archive:\n        after_day: 3\n",
            8,
            "`after_day`",
            "`after_days`",
        ),
        ("    rules: {a: 1}\n", 6, "`rules` must be a list", ""),
        ("    recipes: [welcome_tasks]\n", 6, "`recipes` must be a group", ""),
        (
            "    calendar: {country: FRR}\n",
            6,
            "no holidays are known for the country `FRR`",
            "F",
        ),
        ("    calendar: {country: Atlantis9}\n", 6, "no holidays are known", "two letters"),
        (
            "    calendar: {country: DE, subdivision: SX}\n",
            6,
            "`DE` has no subdivision `SX`",
            "Did you mean",
        ),
        ("    calendar: {subdivision: SN}\n", 6, "needs its `country`", ""),
        (
            "    calendar: {work_days: [mon, tues]}\n",
            6,
            "has a value it does not take",
            "`tue`",
        ),
        ("    calendar: {work_days: []}\n", 6, "`work_days`", ""),
        (
            "    calendar:\n      closed: [2026-12-24, 2026-02-30]\n",
            7,
            "a date or number here cannot be",
            "a day that there is",
        ),
        (
            "    calendar: {closed: [Christmas]}\n",
            6,
            "`closed` names a day there is not",
            "2026",
        ),
        ("    calendar: {day_ends: late}\n", 6, "`day_ends` must be a time", "17:00"),
        ("    calendar: {contry: FR}\n", 6, "`contry` is not a setting", "`country`"),
        (
            "    rules:\n      - {name: a, when: contact_created, then: {run: nothing}}\n",
            7,
            "no action function `nothing`",
            "",
        ),
        (
            '    rules:\n      - {name: a, when: contact_created, then: {call_url: crn}}\n    addresses: {crm: "https://example.com"}\n',
            7,
            "no address `crn`",
            "`crm`",
        ),
        (
            "    recipes: {stale_archive: true}\n    rules:\n      - {name: x, when: contact_created, then: {add_tags: x}}\n      - {name: stale_archive, when: contact_created, then: {add_tags: x}}\n",
            9,
            "the name of a rule of the recipe",
            "",
        ),
        (
            '    rules:\n      - name: quiet\n        when: contact_created\n        then: {add_tags: x}\n      - name: grow\n        when: contact_updated\n        then: {set: {company: "{{ company }}!"}}\n',
            10,
            "wakes itself for ever: `grow` sets `company`",
            "Narrow its `when`",
        ),
    ],
)
def test_mistakes_are_told_with_line_and_the_nearest_right_name(extra, line, happened, remedy):
    error = _refused(extra)

    assert error.file == "hightonic.yaml"
    assert (error.line, happened in error.happened) == (line, True), error.sentence
    assert remedy in error.remedy


def test_a_loop_through_a_recipe_is_told_at_the_recipe():
    error = _refused(
        "    recipes:\n      keep_dates: true\n    rules:\n      - name: note it\n"
        "        when: {trigger: contact_updated, fields: [last_contacted]}\n"
        "        then: {add_note: Contacted}\n"
    )

    assert error.line == 7
    assert "keep_dates.last_contacted -> note it -> keep_dates.last_contacted" in error.happened


def test_a_function_of_the_script_may_be_named_and_runs(tmp_path):
    (tmp_path / "auto.py").write_text(
        "@hightonic.action\ndef greet(contact, happening):\n"
        "    return [{'add_note': {'body': f'Hello {contact.name}'}}]\n"
        "@hightonic.condition\ndef is_big(contact, happening):\n    return 1 / 0\n"
    )
    extra = (
        "    scripts: auto.py\n    rules:\n"
        "      - {name: a, when: contact_created, then: {run: greet}}\n"
        "      - {name: b, when: contact_created, if: {function: is_big}, then: {run: greet}}\n"
    )
    automation = read_config(HEAD + extra, tmp_path / "h.yaml").get_connection().automation
    happening = Happening("k", Trigger.CONTACT_CREATED, NOW, contact=LinkId("c"))
    facts = ContactFacts(LinkId("c"), {"name": "{{ Anna }}"})

    hello, broken = (
        evaluate(rule, happening, facts, automation.frame(now=NOW)) for rule in automation.rules
    )

    assert hello.effects[0].values == {"body": "Hello {{ Anna }}"}
    assert "h.yaml:9: ZeroDivisionError" in broken.problem
    assert "auto.py:6" in broken.problem


def test_values_are_read_with_what_is_known_of_the_location():
    automation = _load(
        "    rules:\n"
        "      - name: a\n"
        "        when: contact_created\n"
        "        then:\n"
        "          - assign_owner: bo@example.com\n"
        "          - set: {phone: 030 123456, next_action_date: today, email: ' X@Example.COM'}\n"
    ).automation
    context = Context(
        users=(Owner("u1", "Bo", "bo@example.com"),), default_region="DE", tz="Pacific/Auckland"
    )
    happening = Happening("k", Trigger.CONTACT_CREATED, NOW, contact=LinkId("c"))
    frame = automation.frame(now=NOW, context=context)

    firing = evaluate(automation.rules[0], happening, ContactFacts(LinkId("c"), {}), frame)

    values = {
        "owner_id": "u1",
        "phone": "+4930123456",
        "next_action_date": "2026-12-24",
        "email": "x@example.com",
    }
    assert firing.effects == (SetFields(LinkId("c"), Kind.CONTACT, values),)


@pytest.mark.parametrize(
    ("own", "zone"),
    [("", "Asia/Tokyo"), ("    sync: {time_zone: Europe/Paris}\n", "Europe/Paris")],
)
def test_the_location_s_zone_counts_where_the_settings_name_none(own, zone):
    frame = _load(own).automation.frame(now=NOW, context=Context(tz="Asia/Tokyo"))

    assert frame.calendar.zone == zone


def test_a_set_goes_through_the_mapping_whole():
    automation = _load().automation
    read = automation.frame(now=NOW, context=Context()).canon

    assert read(Kind.CONTACT, "tags", ("B", "a")) == ("a", "b")
    with pytest.raises(ValueError, match="not a mapped field"):
        read(Kind.CONTACT, "nothing", "x")


@pytest.mark.parametrize(
    ("old", "new", "is_same"),
    [
        ("# The best ones.", "# Ours.", True),
        ("{segment: vip}  # both", "{segment: vip}", True),
        ("name: best clients", "name: clients", False),
        ("enabled: false", "enabled: true", False),
        ("is: gold", "is: silver", False),
        ("after_days: 90", "after_days: 91", False),
        ("country: FR", "country: DE", False),
        ("example.com/hook", "example.com/other", False),
        ("Hello {{ name }}", "Hi {{ name }}", True),
    ],
)
def test_comments_and_disabled_rules_do_not_count_as_a_change(old, new, is_same):
    assert old in FULL
    before, after = _load(FULL).automation, _load(FULL.replace(old, new)).automation

    assert (before.meaning == after.meaning) is is_same


def test_without_an_enabled_rule_nothing_else_counts():
    only_segment = _load("    segments: {vip: {tag: vip}}\n").automation

    assert only_segment.meaning is None


def test_words_of_the_default_mapping():
    words = _load().automation.words
    contact = words.kinds[Kind.CONTACT]

    assert words.tags == "tags"
    assert words.counted() == {"updated_at", "total_tasks", "open_tasks"}
    assert not contact["updated_at"].is_settable
    assert contact["lifecycle_stage"].options == ()
    assert not any(word.is_settable for word in words.kinds[Kind.APPOINTMENT].values())


def test_a_closed_list_of_options_is_known_to_rules():
    closed = (
        "    mapping:\n      contact:\n        fields:\n"
        "          plan: {open: false, options: [gold, silver]}\n"
        "          tags: {highlevel: tags}\n"
    )

    assert _load(closed).automation.words.kinds[Kind.CONTACT]["plan"].options == (
        "gold",
        "silver",
    )
    rules = "    rules:\n      - {name: a, when: contact_created, then: {set: {plan: golt}}}\n"
    assert "`gold`" in _refused(closed + rules).remedy


def test_without_tags_there_is_nothing_to_tag():
    config = _load("    mapping: {contact: {without: [tags]}}\n")

    assert config.automation.words.tags is None


@pytest.mark.parametrize("name", sorted(RECIPES))
def test_every_recipe_works_with_the_default_mapping(name):
    assert _load(f"    recipes: {{{name}: true}}\n").automation.rules


# -- writing back -------------------------------------------------------------------------


def _written(change):
    document = parse(HEAD + FULL, file="hightonic.yaml")
    change(document)
    text = dump(document)
    return text, read_config(text, PATH).get_connection().automation


def _sources():
    return [dict(each.source) for each in _load(FULL).automation.rules if not each.recipe]


def test_rules_put_back_unchanged_leave_the_file_as_it_was():
    text, _ = _written(lambda document: put_rules(document, "main", _sources()))

    assert text == dump(parse(HEAD + FULL, file=""))


def test_a_changed_rule_keeps_its_comments():
    best, hello = _sources()
    best = {**best, "then": [*best["then"], {"add_tags": ["best"]}], "enabled": True}

    text, automation = _written(lambda document: put_rules(document, "main", [hello, best]))

    assert [each.name for each in automation.rules][2:] == ["hello", "best clients"]
    assert len(automation.get_rule("best clients").actions) == 3
    assert "# The best ones." in text
    assert "# both" in text


def test_a_list_in_brackets_stays_in_brackets():
    calendar = {"country": "FR", "closed": ["2026-12-24", "2027-01-02"]}

    text, automation = _written(
        lambda document: put_section(document, "main", section="calendar", value=calendar)
    )

    assert "closed: [2026-12-24," in text
    assert automation.calendar.closed == {"2026-12-24", "2027-01-02"}


def test_rules_come_and_go():
    fresh = {"name": "new", "when": "note_added", "then": [{"add_tags": "{{ name }}"}] * 2}

    text, automation = _written(
        lambda document: put_rules(document, "main", [fresh, {**fresh, "name": "b"}])
    )

    assert [each.name for each in automation.rules][2:] == ["new", "b"]
    assert automation.get_rule("new").source == fresh
    assert "&id" not in text


def test_the_same_line_twice_is_written_twice():
    best, _ = _sources()
    twice = {**best, "then": [best["then"][0], best["then"][0]]}

    text, automation = _written(lambda document: put_rules(document, "main", [twice]))

    assert len(automation.get_rule("best clients").actions) == 2
    assert "&" not in text


def test_sections_come_and_go():
    def change(document):
        put_section(document, "main", section="rules", value=[])
        put_section(document, "main", section="recipes", value={"keep_dates": True})
        put_section(document, "main", section="segments", value={"new": {"tag": "x"}})
        put_section(document, "main", section="addresses", value={})

    text, automation = _written(change)

    assert {each.recipe for each in automation.rules} == {"keep_dates"}
    assert list(automation.segments) == ["new"]
    assert "addresses" not in text


def test_an_empty_section_that_is_not_there_stays_away():
    document = parse(HEAD, file="")
    put_rules(document, "main", [])
    put_section(document, "main", section="segments", value={})

    assert dump(document) == dump(parse(HEAD, file=""))


def test_a_connection_that_is_not_there_is_not_made():
    with pytest.raises(UseError, match="no connection `other`"):
        put_rules(parse(HEAD, file=""), "other", [])


def test_a_rule_that_cannot_be_is_refused_before_it_is_written():
    bad = replace(_load(FULL).automation.rules[2], source={"name": "x", "when": "never"}).source

    with pytest.raises(ConfigError):
        _written(lambda document: put_rules(document, "main", [bad]))

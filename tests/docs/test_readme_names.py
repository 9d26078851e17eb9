"""What exists is in the README, and what the README names exists."""

import ast
import json
import re
import shlex
from pathlib import Path

import pytest
from pydantic import BaseModel
from ruamel.yaml import YAML

from bot.parse import COMMANDS as COMMANDS_OF_SLACK
from tests.docs.readme import (
    ROOT,
    SHARED_OPTIONS,
    block,
    blocks,
    code_in,
    project,
    prose,
    public_commands,
    readme,
    root_options,
    slash_commands,
    table,
    typed_commands,
)
from toolkit import errors
from toolkit.app import config_schema as schema
from toolkit.app.slack_manifest import choose_features, slack_manifest
from toolkit.clients.timetonic import CapabilityProfile
from toolkit.mapping.check import check_against
from toolkit.mapping.defaults import default_mapping
from toolkit.mapping.spec import FieldType
from toolkit.mapping.vendor_fields import CUSTOM
from toolkit.model.ids import Kind
from toolkit.server.process import GRACE_S

COMMANDS = {
    " ".join(word for word in code_in(first)[0].split()[1:] if not word.isupper()).removesuffix(
        " ID..."
    ): set(code_in(second))
    for first, second, _ in table("command", "own options", "does")
}
SECTIONS = {
    "the file": schema.Document,
    "a connection": schema.ConnectionSection,
    "`highlevel`": schema.HighLevelSection,
    "`timetonic`": schema.TimeTonicSection,
    "`sync`": schema.SyncSection,
    "`schedule`": schema.ScheduleSection,
    "`webhooks`": schema.WebhooksSection,
    "`deletes`": schema.DeletesSection,
    "`brakes`": schema.BrakesSection,
    "`notes`": schema.NotesSection,
    "`appointments`": schema.AppointmentsSection,
    "`metrics`": schema.MetricsSection,
    "`calendar`": schema.CalendarSection,
    "an address": schema.AddressSection,
    "`mapping`": schema.MappingSection,
    "`archive`": schema.OwnTableSection,
    "a kind": schema.KindSection,
    "a field": schema.FieldSection,
    "an option": schema.SpellingSection,
}
KEYS = {name: code_in(keys) for name, keys, _ in table("section", "keys", "meaning (default)")}
COLUMN_TYPES = {
    "text": "shorttext",
    "text or list": "list",
    "long text": "longtext",
    "e-mail": "email",
    "phone": "phone",
    "date": "date",
    "date with time": "datetime",
    "integer": "int",
    "yes/no": "boolean",
    "link to Contacts": "link",
}


def documented_columns():
    return {
        name: {
            column.strip(): COLUMN_TYPES[kind]
            for names, kind in re.findall(r"([^();]+) \(([^()]+)\)", columns)
            for column in names.split(",")
        }
        for name, columns in table("table", "columns (type)")
    }


def test_manifest_to_paste_is_the_one_that_is_printed():
    pasted = YAML(typ="safe").load(block("slack manifest").text)

    assert pasted == slack_manifest(choose_features())


def test_every_public_command_is_documented_with_its_options():
    assert public_commands() == COMMANDS


@pytest.mark.parametrize("words", list(typed_commands()), ids=" ".join)
def test_command_shown_exists_with_its_options(words):
    plain = [word for word in words if not word.startswith("-")]
    names = [" ".join(plain[:count]) for count in (3, 2, 1) if plain[:count]]
    known = [public_commands()[name] for name in names if name in public_commands()]
    is_group = any(name.startswith(f"{' '.join(plain)} ") for name in public_commands())

    allowed = known[0] | SHARED_OPTIONS if known else root_options()

    assert known or is_group or not plain
    assert {word for word in words if word.startswith("-")} <= allowed | {"-"}


@pytest.mark.parametrize("line", slash_commands())
def test_slash_command_shown_is_understood(line):
    object_, verb = [*(line or "menu").split(), ""][:2]

    known = {each.name for each in COMMANDS_OF_SLACK} | {
        each.object for each in COMMANDS_OF_SLACK
    }
    assert f"{object_} {verb}".strip() in known


def test_every_option_named_in_a_sentence_exists():
    named = {span.split()[0] for span in code_in(prose()) if re.match(r"--?[a-z]", span)}

    assert named <= set().union(*public_commands().values()) | root_options()


def test_every_section_of_the_settings_has_a_row():
    sections = {
        each
        for each in vars(schema).values()
        if isinstance(each, type) and issubclass(each, BaseModel) and each is not BaseModel
    }

    assert set(SECTIONS.values()) == sections - {schema.Section}
    assert KEYS.keys() == {*SECTIONS, "`profile`"}


@pytest.mark.parametrize("section", SECTIONS)
def test_every_key_of_a_section_is_documented(section):
    assert KEYS[section] == list(SECTIONS[section].model_fields)


def test_every_key_of_the_profile_is_documented():
    assert KEYS["`profile`"] == list(CapabilityProfile().to_json())


@pytest.mark.parametrize(
    ("before", "words"),
    [
        ("`type` is one of", FieldType.__args__),
        ("`direction` is", schema.DirectionWord.__args__),
        ("`on_conflict` is", schema.PolicyWord.__args__),
    ],
)
def test_every_word_a_key_takes_is_documented(before, words):
    (_, after) = " ".join(readme().split()).split(before)

    assert set(code_in(re.split(r"\.\s", after)[0])) == set(words)


def test_columns_named_are_those_the_default_mapping_needs():
    kinds = default_mapping().kinds.values()
    needed = {
        kind.table: {
            *(field.timetonic for field in kind.fields),
            *(kind.key_column, kind.id_column, kind.parent_column, kind.stamp_column),
        }
        - {None}
        for kind in kinds
    }

    assert {name: set(columns) for name, columns in documented_columns().items()} == needed


def test_custom_fields_and_column_types_named_satisfy_the_default_mapping():
    after = " ".join(readme().split()).split("so these are custom fields: ")[1]
    sentence = after.split(". `--create-fields`")[0]
    named = {CUSTOM + key for key in code_in(sentence)}

    assert check_against(default_mapping(), named, documented_columns()) == []
    assert named == {
        name
        for kind in default_mapping().kinds.values()
        for name in (
            kind.key_field or "",
            *(n for field in kind.fields for n in field.highlevel),
        )
        if name.startswith(CUSTOM)
    }


def test_defaults_told_for_conflicts_are_the_mapping_s():
    told = {"ask": "ask", "unite": "union", "highlevel": "highlevel", "newest": "newest"}
    policies = {
        (kind, field.name): field.on_conflict.value
        for kind in (Kind.CONTACT, Kind.TASK, Kind.NOTE)
        for field in default_mapping().kinds[kind].fields
        if field.direction.value == "both"
    }
    asking = {place for place, policy in policies.items() if policy == told["ask"]}

    assert asking == {
        *((Kind.CONTACT, name) for name in ("name", "email", "phone")),
        (Kind.TASK, "title"),
        (Kind.NOTE, "body"),
    }
    assert policies[Kind.CONTACT, "tags"] == told["unite"]
    for place in policies.keys() - asking - {(Kind.CONTACT, "tags")}:
        is_task = place[0] is Kind.TASK
        assert policies[place] == told["highlevel" if is_task else "newest"]


def test_exit_codes_told_are_those_of_the_errors():
    codes = {
        str(each.exit_code)
        for each in vars(errors).values()
        if isinstance(each, type) and issubclass(each, errors.HightonicError)
    }

    assert {code for code, _ in table("exit code", "means")} == codes | {"0", "128 + n"}


def test_every_variable_read_is_documented():
    sources = [path.read_text("utf-8") for path in (ROOT / "toolkit").rglob("*.py")]
    read = {
        name for text in sources for name in re.findall(r"\bHIGHTONIC_[A-Z_]*[A-Z]\b", text)
    }

    assert {name for row in table("variable", "for") for name in code_in(row[0])} == read


def test_rooms_drawn_are_the_contract_s():
    (drawn,) = [each.text.strip() for each in blocks("text")]
    layers = project()["tool"]["importlinter"]["contracts"][0]["layers"]

    assert drawn.split(" < ") == layers[::-1]


def test_install_lines_are_what_ci_runs():
    tried, checked = [each for each in blocks("sh") if each.cue == "install"]
    flags = ("python -m ", "--quiet ", "--disable-pip-version-check ")
    ran = (ROOT / ".ci" / "run").read_text("utf-8")
    for flag in flags:
        ran = ran.replace(flag, "")

    install, check = checked.text.strip().split(" && ")
    assert {install, check} <= set(ran.splitlines())
    assert tried.text == "pip install -e . && hightonic demo --once\n"
    assert "dev" in project()["project"]["optional-dependencies"]
    assert "check" in project()["tool"]["poe"]["tasks"]


def test_python_in_the_readme_imports_public_names_only():
    for each in blocks("python"):
        for node in ast.walk(ast.parse(each.text)):
            if isinstance(node, ast.ImportFrom):
                assert node.module in {"toolkit", "datetime"}


def test_readme_stays_short_and_points_to_no_registry():
    assert len(readme().splitlines()) <= 690
    assert not re.search(r"https?://(?!127\.0\.0\.1|crm\.example)|pypi|index-url", readme())


def test_every_block_is_put_to_the_test():
    cues = {each.cue for each in blocks()}

    assert {each.language for each in blocks()} <= {
        "sh",
        "yaml",
        "python",
        "text",
        "ini",
        "dockerfile",
    }
    assert cues == {
        "",
        "install",
        "serve",
        "conflict",
        "accounts",
        "settings",
        "file scoring.py",
        "live",
        "serve for good",
        "unit",
        "container",
        "workers",
        "rules",
        "look at rules",
        "catalogue",
        "file automations.py",
        "slack",
        "slack manifest",
        "lab",
    }
    assert block("settings").language == "yaml"


def test_the_unit_and_the_container_start_commands_that_exist():
    unit = dict(line.split("=", 1) for line in block("unit").text.splitlines() if "=" in line)
    program, name, *words = shlex.split(unit["ExecStart"])
    assert Path(program).name == "hightonic"
    assert float(unit["TimeoutStopSec"]) > GRACE_S

    steps = block("container").text
    command, same, *others = json.loads(steps.split("CMD ", 1)[1])
    assert "RUN pip install /src" in steps
    assert (command, same) == ("hightonic", name)
    assert {word for word in words + others if word.startswith("--")} <= public_commands()[name]


def test_version_is_in_the_changelog():
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")

    assert f"## {project()['project']['version']} " in changelog


def test_changelog_names_only_commands_that_exist():
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    named = {
        words[0] for words in map(str.split, re.findall(r"`hightonic ([^`]+)`", changelog))
    }

    assert named <= {name.split()[0] for name in public_commands()}

"""A connection's script: what rules and the mapping find in it, and how it is refused."""

from datetime import date

import pytest

from toolkit.app.config import load_config
from toolkit.app.scripting import NO_SCRIPTS, check_scripts
from toolkit.errors import ConfigError, ScriptError
from toolkit.mapping.computed import build_computation
from toolkit.mapping.context import Context
from toolkit.mapping.convert import build_converter
from toolkit.model.ids import Kind, Side

HEAD = """version: 1
connections:
  main:
    highlevel: {location_id: loc}
    timetonic: {user: u, book_owner: o, book_code: b}
"""
SCRIPT = '''
from datetime import date
from toolkit import scripting as hightonic

@hightonic.transform
def shout(values):
    return values["name"].upper()

@hightonic.transform
def read(side, value):
    return value.lower()

@hightonic.transform
def write(side, value):
    return value.upper()

@hightonic.condition
def is_vip(contact, happening):
    """Whether it is tagged so.

    >>> is_vip(None, None)
    1
    """
    return "vip" in contact.tags and happening.trigger == "contact_tagged"

@hightonic.condition
def vague(contact, happening):
    return contact["answer"]

@hightonic.action
def greet(contact, happening):
    return contact["given"]

@hightonic.action
def plan(contact, happening):
    task = contact.tasks[0]
    return ({"create_task": {"title": task.title, "due": date(2026, 12, 1)}},
            {"add_tags": {"b", "a"}})
'''


def load(folder, extra="", script=SCRIPT):
    (folder / "mine.py").write_text(script)
    (folder / "hightonic.yaml").write_text(HEAD + extra)
    return load_config(folder / "hightonic.yaml").get_connection()


@pytest.fixture
def config(tmp_path):
    return load(tmp_path, "    scripts: mine.py\n")


def test_without_a_script_there_are_no_functions(tmp_path):
    config = load(tmp_path)

    assert config.scripts is NO_SCRIPTS
    assert check_scripts(tmp_path / "hightonic.yaml", config.scripts) == []


def test_rules_find_conditions_and_actions_and_the_mapping_transforms(config):
    assert sorted(config.scripts.functions) == ["greet", "is_vip", "plan", "vague"]
    assert config.scripts.names("transform") == ["read", "shout", "write"]
    assert config.scripts.names("condition") == ["is_vip", "vague"]


@pytest.mark.parametrize("tags", [(), ("vip",), ["vip", "b"]])
def test_a_condition_reads_contact_and_happening(config, tags):
    answer = config.scripts.functions["is_vip"]({"tags": tags}, {"trigger": "contact_tagged"})

    assert answer is ("vip" in tags)


@pytest.mark.parametrize("answer", [True, False, None])
def test_a_condition_may_not_know(config, answer):
    assert config.scripts.functions["vague"]({"answer": answer}, {}) is answer


@pytest.mark.parametrize("answer", [0, "yes", ()])
def test_a_condition_that_gives_something_else_is_refused(config, answer):
    with pytest.raises(
        ScriptError, match=r"vague of mine.py gave neither True, False nor None"
    ):
        config.scripts.functions["vague"]({"answer": answer}, {})


@pytest.mark.parametrize(
    ("given", "actions"),
    [
        (None, []),
        ([], []),
        ({"add_tags": ["a"]}, [{"add_tags": ["a"]}]),
        (({"add_tags": ("a",)},), [{"add_tags": ["a"]}]),
    ],
)
def test_an_action_gives_what_the_file_could_say(config, given, actions):
    assert config.scripts.functions["greet"]({"given": given}, {}) == actions


def test_an_action_may_give_dates_and_sets(config):
    actions = config.scripts.functions["plan"]({"tasks": [{"title": "Call"}]}, {})

    due = date(2026, 12, 1).isoformat()
    assert actions == [{"create_task": {"title": "Call", "due": due}}, {"add_tags": ["a", "b"]}]


@pytest.mark.parametrize("given", [7, ["add_tags"], "add_tags"])
def test_an_action_that_gives_something_else_is_refused(config, given):
    with pytest.raises(ScriptError, match=r"greet of mine.py gave something else than actions"):
        config.scripts.functions["greet"]({"given": given}, {})


def test_a_mapped_field_names_a_transform_bare(tmp_path):
    fields = (
        "loud: {type: function, function: shout, timetonic: Loud}, "
        "pair: {type: function, canon: read, render: write, timetonic: P, highlevel: city}"
    )
    extra = f"    scripts: mine.py\n    mapping: {{contact: {{fields: {{{fields}}}}}}}\n"
    kind = load(tmp_path, extra).mapping.kinds[Kind.CONTACT]
    loud, pair = kind.find_field("loud"), kind.find_field("pair")

    converter = build_converter(pair, kind=kind, context=Context())
    assert build_computation(loud, kind).compute({"name": "ada"}) == "ADA"
    assert converter.canon(Side.TIMETONIC, "ADA") == "ada"
    assert converter.render(Side.TIMETONIC, "ada") == "ADA"
    assert loud.options.function == "mine.py:shout"


@pytest.mark.parametrize(
    ("extra", "script", "place", "remedy"),
    [
        ("    scripts: none.py\n", SCRIPT, "hightonic.yaml:6: there is no script", ""),
        ("    scripts: mine.txt\n", SCRIPT, "hightonic.yaml:6: `scripts` must name", "automations.py"),
        ("    scripts: mine.py\n", "x = 1\ndef f(:\n", "mine.py:2: mine.py cannot be loaded", "scripts check"),
        ("    scripts: mine.py\n", "\nimport nowhere\n", "mine.py:2: No module", "scripts check"),
        (
            "    scripts: mine.py\n",
            "import os; os._exit(1)",
            "hightonic.yaml:6: mine.py cannot be loaded",
            "scripts check",
        ),
        (
            "    scripts: mine.py\n    mapping:\n      contact:\n        fields:\n"
            "          loud: {type: function, function: shot, timetonic: L}\n",
            SCRIPT,
            "hightonic.yaml:10: the script has no transform `shot`",
            "`shout`",
        ),
        (
            "    mapping: {contact: {fields: {l: {type: function, function: shout, timetonic: L}}}}\n",
            SCRIPT,
            "hightonic.yaml:6: `shout` does not name a function",
            "file.py:name",
        ),
    ],
)  # fmt: skip
def test_a_script_that_cannot_be_used_is_refused_with_its_line(
    tmp_path, extra, script, place, remedy
):
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, extra, script)

    assert caught.value.happened.startswith(f"{tmp_path}/{place}")
    assert remedy in caught.value.remedy


def test_functions_are_listed_in_the_order_of_the_file_with_their_examples(config, tmp_path):
    checked = check_scripts(tmp_path / "hightonic.yaml", config.scripts)

    assert [each.function.name for each in checked] == [
        "shout", "read", "write", "is_vip", "vague", "greet", "plan",
    ]  # fmt: skip
    (vip,) = [each for each in checked if each.tried]
    assert (vip.tried, len(vip.failed)) == (1, 1)
    assert vip.failed[0] == SCRIPT.splitlines().index("    >>> is_vip(None, None)") + 1

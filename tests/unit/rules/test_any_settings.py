"""Whatever stands in the settings is read, or refused with a reason; nothing else happens."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.rules.desk import READER, SEGMENTS, WORDS
from toolkit.model.automation import Trigger
from toolkit.rules.comparisons import Op
from toolkit.rules.loops import find_loop
from toolkit.rules.problems import RuleProblemError
from toolkit.rules.reading_actions import ACTION_NAMES
from toolkit.rules.reading_rules import read_rules, read_segments
from toolkit.rules.recipes import RECIPES, read_recipes

OTHERS = """
name when if then enabled trigger side fields tags every at after all any not field tag segment
has_task function open_tasks title due owner body to channel text map by_field round_robin
otherwise unless_owned unless_open reason
"""
WORDS_USED = [
    *ACTION_NAMES,
    *Op,
    *Trigger,
    *RECIPES,
    *(name for recipe in RECIPES.values() for name in recipe.settings),
    *OTHERS.split(),
    *WORDS.names(None),
]
LEAF = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.floats(allow_nan=False),
    st.sampled_from(WORDS_USED),
    st.sampled_from(
        ["+2 days", "{{ name }}", "{{ nam", "{% if %}", "#sales", "gold", "crm", "("]
    ),
    st.text(max_size=4),
)
JSON = st.recursive(
    LEAF,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(WORDS_USED) | st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)
RULE = st.fixed_dictionaries(
    {"name": st.sampled_from(["a", "b"]), "when": JSON | st.sampled_from(list(Trigger))},
    optional={
        "if": JSON | st.fixed_dictionaries({"field": st.sampled_from(WORDS_USED)}),
        "then": JSON | st.dictionaries(st.sampled_from(ACTION_NAMES), JSON, max_size=1),
        "enabled": LEAF,
    },
)


def _refused(read: Callable[..., object], raw: object, section: str) -> bool:
    try:
        read(raw, reader=READER, at=(section,))
    except RuleProblemError as error:
        return bool(error.reason) and error.at[0] == section
    return False


@given(raw=st.lists(RULE, max_size=2) | JSON)
def test_rules_are_read_or_refused(raw):
    if not _refused(read_rules, raw, "rules"):
        rules = read_rules(raw, reader=READER, at=("rules",))
        find_loop([each for each in rules if each.is_enabled], words=WORDS, segments=SEGMENTS)


@given(
    raw=st.dictionaries(st.sampled_from(list(RECIPES)) | st.text(max_size=3), JSON, max_size=2)
)
def test_recipes_are_read_or_refused(raw):
    if not _refused(read_recipes, raw, "recipes"):
        read_recipes(raw, reader=READER, at=("recipes",))


@given(raw=st.dictionaries(st.sampled_from(["gold", "gold_vip"]), JSON, max_size=2))
def test_segments_are_read_or_refused(raw):
    whole = {"gold": None, "gold_vip": None, **raw}
    if not _refused(read_segments, whole, "segments"):
        read_segments(whole, reader=READER, at=("segments",))

from __future__ import annotations

import pytest

from toolkit.sandbox.timetonic.php import (
    Arguments,
    listed,
    merge_trees,
    parse_pairs,
    read_ids,
    split_name,
    truth,
    whole_number,
)


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("req", ["req"]),
        ("rows[tmp1][12]", ["rows", "tmp1", "12"]),
        ("rows[]", ["rows", ""]),
        ("a b.c[d e]", ["a_b_c", "d e"]),
        (" lead", ["lead"]),
        ("open[x", ["open_x"]),
        ("odd]", ["odd]"]),
        ("a[b]tail", ["a", "b"]),
    ],
)
def test_names_split_as_php_splits_them(name, path):
    assert split_name(name) == path


@pytest.mark.parametrize(
    ("pairs", "tree"),
    [
        ([("a", "1"), ("a", "2")], {"a": "2"}),
        ([("r[0]", "5"), ("r[1]", "6")], {"r": {"0": "5", "1": "6"}}),
        ([("r[]", "5"), ("r[]", "6")], {"r": {"0": "5", "1": "6"}}),
        ([("r[7]", "5"), ("r[]", "6")], {"r": {"7": "5", "8": "6"}}),
        ([("r[][x]", "5"), ("r[][x]", "6")], {"r": {"0": {"x": "5"}, "1": {"x": "6"}}}),
        ([("r", "1"), ("r[a]", "2")], {"r": {"a": "2"}}),
        (
            [("r[tmp1][11]", "a"), ("r[9][11]", "")],
            {"r": {"tmp1": {"11": "a"}, "9": {"11": ""}}},
        ),
        ([("", "nothing")], {}),
    ],
)
def test_pairs_become_a_tree(pairs, tree):
    assert parse_pairs(pairs) == tree


def test_variables_beyond_the_limit_vanish_silently():
    tree = parse_pairs([(f"rows[{n}]", "x") for n in range(1200)], max_vars=1000)

    assert len(tree["rows"]) == 1000


def test_the_body_wins_over_the_query_and_maps_merge():
    merged = merge_trees({"a": "q", "m": {"x": "q", "y": "q"}}, {"a": "b", "m": {"x": "b"}})

    assert merged == {"a": "b", "m": {"x": "b", "y": "q"}}


@pytest.mark.parametrize(
    ("sent", "number"),
    [(" 590054", 590054), ("12abc", 12), ("-3", -3), ("abc", 0), (7, 7), (7.9, 7), (None, 0)],
)
def test_numbers_are_read_like_intval(sent, number):
    assert whole_number(sent) == number


@pytest.mark.parametrize(
    ("sent", "is_true"),
    [
        ("true", True),
        ("1", True),
        (1, True),
        ("false", False),
        ("0", False),
        (0, False),
        ("", False),
    ],
)
def test_booleans_come_in_four_spellings(sent, is_true):
    assert truth(sent) is is_true


@pytest.mark.parametrize(
    ("sent", "ids"),
    [
        ("[1, 2]", [1, 2]),
        (" [1]", [1]),
        ("1,2, 3", [1, 2, 3]),
        ("7", [7]),
        ({"0": "4", "1": "5"}, [4, 5]),
        ("", []),
    ],
)
def test_lists_of_ids_come_in_three_forms(sent, ids):
    assert Arguments({"rowIds": sent}).ids("rowIds") == ids


@pytest.mark.parametrize(
    ("tree", "structure"),
    [
        ({"f": '{"12": null}'}, {"12": None}),
        ({"f": {"12": ""}}, {"12": ""}),
        ({"f": {"16": {"0": {"row_id": "5"}}}}, {"16": {"0": {"row_id": "5"}}}),
        ({"f": "plain text"}, "plain text"),
        ({}, None),
    ],
)
def test_structured_arguments_come_as_json_or_brackets(tree, structure):
    assert Arguments(tree).structure("f") == structure


def test_scalars_have_defaults_for_absent_and_structured():
    arguments = Arguments({"maxRows": " 7", "empty": "", "map": {"a": "b"}})

    assert arguments.whole("maxRows") == 7
    assert arguments.whole("empty", 5) == 5
    assert arguments.text("map", "none") == "none"
    assert arguments.flag("absent", default=True) is True
    assert listed("x") == []
    assert read_ids(None) == []

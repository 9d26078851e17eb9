import pytest

from toolkit.cli.render.words import (
    bullet_list,
    count,
    show_calls,
    show_counts,
    show_value,
    show_values,
)
from toolkit.model.ids import Side

ESC = "\x1b"


@pytest.mark.parametrize(
    ("number", "noun", "shown"),
    [
        (0, "conflict", "0 conflicts"),
        (1, "conflict", "1 conflict"),
        (1200, "task", "1,200 tasks"),
        (2, "unclear match", "2 unclear matches"),
    ],
)
def test_count_agrees_with_its_noun(number, noun, shown):
    assert count(number, noun) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "(blank)"),
        ("", "(blank)"),
        ((), "(blank)"),
        (True, "yes"),
        (False, "no"),
        (0, "0"),
        (12.5, "12.5"),
        (("a", "b"), "a, b"),
        ("two\n  lines", "two lines"),
        ("x" * 61, "x" * 59 + "…"),
        ("[bold]not markup[/bold]", "[bold]not markup[/bold]"),
        (f"{ESC}[2Jgone", "�[2Jgone"),
        ("a\u202etxt.exe", "a�txt.exe"),
        ("שלום", "שלום"),
    ],
)
def test_value_is_one_harmless_line(value, shown):
    assert show_value(value) == shown


def test_values_keep_blank_and_name_apart():
    assert show_values({"name": "Ada", "phone": None}) == "name: Ada, phone: (blank)"


def test_counts_are_ranked_and_cut():
    counts = {"email": 3, "phone": 30, "name": 3}

    assert show_counts(counts) == "phone 30, email 3, name 3"
    assert show_counts(counts, most=1) == "phone 30, 2 more"
    assert show_counts({}) == ""


def test_calls_name_both_sides():
    assert show_calls({Side.HIGHLEVEL: 1200}) == "HighLevel 1,200, TimeTonic 0"


def test_bullet_list_indents():
    assert bullet_list("Next", ["a", "b"]).plain == "Next\n  a\n  b"

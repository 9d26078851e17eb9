"""Patterns of conditions: none may be kept busy by what a lead typed."""

from __future__ import annotations

import re
import time

import pytest

from toolkit.rules.patterns import MOST_CHARACTERS, is_bounded, matches


@pytest.mark.parametrize(
    "pattern",
    ["gold", "^A.*z$", r"\+33\d{9}", "[a-z]+@[a-z.]+", "(vip|gold)", "(ab){2,3}", "a?b*c+", ""],
)
def test_plain_patterns_are_taken(pattern: str) -> None:
    assert is_bounded(pattern)


@pytest.mark.parametrize(
    "pattern", ["(a+)+$", "(a|aa)+$", "(a*)*b", "((x+x+)+y)", "(?:(?:a|b)c*)+", "([a-z]+)*1"]
)
def test_patterns_that_a_text_can_keep_busy_for_ever_are_not(pattern: str) -> None:
    assert not is_bounded(pattern)


def test_what_is_no_pattern_is_told_as_such() -> None:
    with pytest.raises(re.error):
        is_bounded("(")


@pytest.mark.parametrize("pattern", ["a*a*a*b", "^[a-z]*[a-z]*$", ".*.*=.*"])
def test_longest_text_takes_a_moment_only(pattern: str) -> None:
    assert is_bounded(pattern)
    began = time.process_time()

    matches(pattern, "a" * 50 * MOST_CHARACTERS)

    assert time.process_time() - began < 5

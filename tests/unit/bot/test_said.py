"""A message's words as people read them."""

import pytest

from bot.words import mentioned, readable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("5 &lt; 6 &amp;amp; 7 &gt; 1", "5 < 6 &amp; 7 > 1"),
        ("<@U1> and <@U2|sam> and <@U3>", "@Ada and @sam and @U3"),
        ("in <#C1|sales> and <#C2>", "in #sales and #C2"),
        ("<!here> <!channel|@channel> <!subteam^S1|@sales>", "@here @channel @sales"),
        ("<!date^1|Monday>", "@Monday"),
        ("<mailto:a@b.c|a@b.c> <tel:+331|+331> <mailto:x@y.z>", "a@b.c +331 x@y.z"),
        (
            "<https://a.example|our page> <https://b.example>",
            "our page (https://a.example) https://b.example",
        ),
        ("<https://b.example|https://b.example>", "https://b.example"),
        ("  two\nlines \n", "two\nlines"),
        ("<> << a", "<> << a"),
    ],
)
def test_marks_become_words(text, shown):
    assert readable(text, {"U1": "Ada"}) == shown


def test_people_are_named_once_in_order():
    assert mentioned("<@U2> <@U1> <@U2> <@W9|sam> <#C1>") == ["U2", "U1"]

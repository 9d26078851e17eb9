"""HTML notes become their words."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from tests.unit.mapping.laws import texts
from toolkit.mapping.markup import (
    NoteConverter,
    looks_like_markup,
    markup_to_text,
    text_to_markup,
)
from toolkit.mapping.problems import ConversionProblemError
from toolkit.mapping.texts import normal_text
from toolkit.model.ids import Side


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>Hello</p><p>World</p>", "Hello\nWorld"),
        ("<p>Hello</p>\n\n<p>World</p>\n", "Hello\nWorld"),
        ("Hello<br>World<br/>!", "Hello\nWorld\n!"),
        ("<p>a</p><p><br></p><p>b</p>", "a\n\nb"),
        ("<p>one  two\n three <b>four</b> five</p>", "one two three four five"),
        ("<p><b>a</b> <i>b</i></p>", "a b"),
        ("<ul><li>a</li><li>b</li></ul>c", "- a\n- b\nc"),
        ("<p>Tom &amp; Ann &lt;3&nbsp;&#33; &copy;</p>", "Tom & Ann <3 ! ©"),
        ('<p>see <a href="https://x.test/a">here</a></p>', "see here (https://x.test/a)"),
        ('<a href="mailto:ann@x.test">ann@x.test</a> wrote', "ann@x.test wrote"),
        ("<p>a<script>alert(1)</script><style>p{}</style>b</p>", "ab"),
        ("<p>a<!-- hidden -->b</p>", "ab"),
        ("two lines\nand a <b>word</b>", "two lines\nand a word"),
        ("<p>from <ann@example.com></p>", "from <ann@example.com>"),
        ("<p>a</p></div></strange>", "a\n</strange>"),
        ("</style><p>x</p>", "x"),
        ("<p>x<script/></p>", "x"),
        ("<p></p>", None),
    ],
)
def test_markup_becomes_its_words(markup, text):
    assert looks_like_markup(markup)
    assert NoteConverter().canon(Side.HIGHLEVEL, markup) == text


@pytest.mark.parametrize(
    "plain", ["a < b > c", "Tom &amp; Ann", "<ann@example.com>", "<3", "1<2", "<pre-sales>", "if(a<b)"]
)  # fmt: skip
def test_text_without_a_known_tag_stays_as_it_is(plain):
    converter = NoteConverter()

    assert converter.canon(Side.HIGHLEVEL, plain) == plain
    assert converter.render(Side.HIGHLEVEL, plain) == plain


@settings(max_examples=300, deadline=None)
@given(text=texts)
def test_escaped_text_reads_back_exactly(text):
    try:
        normal = normal_text(text.replace("\u00a0", " "))
    except ConversionProblemError:
        return

    assert normal_text(markup_to_text(text_to_markup(normal))) == normal

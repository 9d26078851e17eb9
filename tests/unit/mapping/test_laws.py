"""One law for every type: what a side is shown reads back as the same value."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.mapping.laws import CASES, CONTEXT, texts
from toolkit.mapping.spec import FieldMapping, KindMapping
from toolkit.mapping.translate import Translator
from toolkit.model.ids import Kind, Side
from toolkit.model.values import digest

sides = st.sampled_from(list(Side))


def _translator(field: FieldMapping) -> Translator:
    return Translator(KindMapping(Kind.CONTACT, "Contacts", (field,)), CONTEXT)


def _first_read(translator: Translator, field: FieldMapping, side: Side, raw: object):
    keys = field.names_on(side)
    return translator.read(side, {keys[0]: raw, **dict.fromkeys(keys[1:])})


@pytest.mark.parametrize("case", CASES)
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_what_is_rendered_reads_back_on_both_sides(case, data):
    field, raws = CASES[case]
    translator = _translator(field)
    origin = data.draw(sides)
    values, problems = _first_read(translator, field, origin, data.draw(raws))
    if problems:
        return

    for side in Side:
        again, more = translator.read(side, translator.render(side, values))
        assert (again, more) == (values, ())


@pytest.mark.parametrize("case", CASES)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_any_text_gives_a_value_with_a_digest_or_a_problem_without_the_text(case, data):
    field, _ = CASES[case]
    raw = data.draw(texts)

    values, problems = _first_read(_translator(field), field, Side.TIMETONIC, raw)

    assert len(values) + len(problems) == 1
    digest(values)
    assert all(problem.field == "x" and problem.reason for problem in problems)

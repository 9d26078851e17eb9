"""Constants, templates and the user's own functions."""

from __future__ import annotations

import os
from textwrap import dedent

import pytest

from toolkit.errors import RejectedError, UseError
from toolkit.mapping.context import Context
from toolkit.mapping.spec import FieldMapping, FieldOptions, KindMapping
from toolkit.mapping.translate import Translator
from toolkit.model.ids import Kind, Side
from toolkit.model.policy import Direction

HL, TT = Side.HIGHLEVEL, Side.TIMETONIC
PLAIN = (
    FieldMapping("name", "name", ("firstName", "lastName"), "Name"),
    FieldMapping("tags", "tags", ("tags",), "Tags"),
    FieldMapping("plan", "text", ("custom.plan",), "Plan"),
)
RAW = {"firstName": "Ann", "lastName": "Lee", "tags": ["b", "a"], "custom.plan": None}


def _translator(field: FieldMapping, *, folder=None) -> Translator:
    kind = KindMapping(Kind.CONTACT, "Contacts", (*PLAIN, field))
    if folder is not None:
        kind = KindMapping(Kind.CONTACT, "Contacts", (*PLAIN, field), folder=folder)
    return Translator(kind, Context())


def _to_timetonic(type_name: str, **options: object) -> FieldMapping:
    return FieldMapping(
        "x",
        type_name,  # type: ignore[arg-type]
        timetonic="X",
        direction=Direction.TO_TIMETONIC,
        options=FieldOptions(**options),  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("Call {{ name }}", "Call Ann Lee"),
        ("{{ contact.name }} [{{ tags }}]", "Ann Lee [a, b]"),
        ("{{ name }}{% if plan %}, {{ plan }}{% endif %}", "Ann Lee"),
        ("<{{ plan }}>", "<>"),
        ("{{ plan }}", None),
    ],
)
def test_a_template_speaks_of_the_neutral_values(source, text):
    translator = _translator(_to_timetonic("template", template=source))

    values, problems = translator.read(HL, RAW)

    assert (values["x"], problems) == (text, ())
    assert translator.render(TT, values)["X"] == text
    assert translator.read(TT, {"X": text}) == ({"x": text}, ())


def test_a_template_waits_for_fields_that_were_not_observed():
    translator = _translator(_to_timetonic("template", template="{{ contact.name }}"))

    assert translator.read(HL, {"tags": []}) == ({"tags": None}, ())


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("{{ name.nothing }}", "UndefinedError"),
        ("{{ name + 1 }}", "TypeError"),
        ("{{ name.__class__.__mro__ }}", "SecurityError"),
    ],
)
def test_a_failing_template_is_a_problem_of_its_field_only(source, reason):
    translator = _translator(_to_timetonic("template", template=source))

    values, (problem,) = translator.read(HL, RAW)

    assert "x" not in values
    assert problem.field == "x"
    assert problem.reason == f"the template fails with {reason}"


@pytest.mark.parametrize(
    ("source", "happened"),
    [
        ("{{ nam }}", "names `nam`, which is not a field"),
        ("{{ contact.nam }}", "names `nam`, which is not a field"),
        ("{{ name", "cannot be read"),
        ("{{ name | no_such_filter }}", "cannot be read"),
    ],
)
def test_a_wrong_template_is_refused_before_any_record(source, happened):
    with pytest.raises(UseError, match=happened):
        _translator(_to_timetonic("template", template=source))


@pytest.mark.parametrize(
    ("constant", "result", "value"),
    [
        ("vip", "text", "vip"),
        (3, "number", 3),
        (True, "boolean", True),
        (False, "boolean", False),
    ],
)
def test_a_constant_goes_to_one_side(constant, result, value):
    translator = _translator(_to_timetonic("constant", constant=constant, result=result))

    assert translator.read(HL, {}) == ({"x": value}, ())
    assert translator.read(TT, {}) == ({}, ())
    assert translator.read(TT, {"X": value}) == ({"x": value}, ())
    assert translator.columns(TT) == ("Name", "Tags", "Plan", "X")
    assert "X" not in translator.columns(HL)


@pytest.fixture
def score_file(tmp_path):
    path = tmp_path / "score.py"
    path.write_text(
        dedent(
            """
            def count_tags(values):
                return len(values["tags"] or ())

            def words(values):
                return set(values["name"].split())

            def divide(values):
                return 1 / (len(values["tags"]) - 2)

            def read_stars(side, raw):
                return len(raw)

            def show_stars(side, value):
                return "*" * value

            def read_set(side, raw):
                return raw.split("/")

            def nothing(side, raw):
                return {} if raw == "map" else []

            def fail(side, value):
                raise KeyError(value)

            constant = 5
            """
        )
    )
    return path


def test_a_function_computes_from_the_neutral_values(score_file, tmp_path):
    field = _to_timetonic("function", function="score.py:count_tags", result="number")
    translator = _translator(field, folder=tmp_path)

    assert translator.read(HL, RAW)[0]["x"] == 2


def test_a_function_may_give_a_set(score_file, tmp_path):
    field = _to_timetonic("function", function="score.py:words", result="tags")

    assert _translator(field, folder=tmp_path).read(HL, RAW)[0]["x"] == ("ann", "lee")


def test_a_failing_function_names_file_and_line_and_no_value(score_file, tmp_path):
    field = _to_timetonic("function", function="score.py:divide")

    _, (problem,) = _translator(field, folder=tmp_path).read(HL, RAW)

    assert problem.reason == "ZeroDivisionError in divide at score.py:9"


def test_a_failure_elsewhere_names_the_file_that_called(tmp_path):
    field = _to_timetonic("function", function="operator:truediv")

    _, (problem,) = _translator(field, folder=tmp_path).read(HL, RAW)

    assert problem.reason == "TypeError in truediv at operator.py"


def test_a_pair_of_functions_reads_and_writes(score_file, tmp_path):
    field = FieldMapping(
        "x",
        "function",
        ("source",),
        "X",
        options=FieldOptions(canon="score.py:read_stars", render="score.py:show_stars"),
    )
    translator = _translator(field, folder=tmp_path)

    assert translator.read(TT, {"X": "***"}) == ({"x": 3}, ())
    assert translator.render(HL, {"x": 3}) == {"source": "***"}


@pytest.mark.parametrize(
    ("canon", "raw", "value"),
    [("read_set", "b/a/b", ("a", "b")), ("nothing", "empty", None), ("nothing", "map", ...)],
)
def test_what_a_reading_function_gives_is_checked(score_file, tmp_path, canon, raw, value):
    options = FieldOptions(canon=f"score.py:{canon}", render="score.py:show_stars")
    field = FieldMapping("x", "function", ("source",), "X", options=options)

    values, problems = _translator(field, folder=tmp_path).read(TT, {"X": raw})

    assert values.get("x", ...) == value
    assert bool(problems) == (value is ...)


def test_a_failing_writing_function_refuses_the_record(score_file, tmp_path):
    options = FieldOptions(canon="score.py:read_stars", render="score.py:fail")
    field = FieldMapping("x", "function", ("source",), "X", options=options)

    with pytest.raises(RejectedError, match=r"KeyError in fail at score\.py:24") as caught:
        _translator(field, folder=tmp_path).render(HL, {"x": "secret person"})
    assert "secret" not in caught.value.sentence


@pytest.mark.parametrize(
    ("reference", "happened"),
    [
        ("score.py", "does not name a function"),
        ("score.py:", "does not name a function"),
        ("score.py:nobody", "`score.py` has no function `nobody`"),
        ("score.py:constant", "has no function"),
        ("missing.py:f", "is not there"),
        ("no_such_package.inner:f", "No module `no_such_package`"),
        ("broken.py:f", "cannot be loaded: SyntaxError at broken.py:1"),
    ],
)
def test_a_function_that_cannot_be_loaded_is_refused(score_file, tmp_path, reference, happened):
    (tmp_path / "broken.py").write_text("def f(:\n")

    with pytest.raises(UseError, match=happened):
        _translator(_to_timetonic("function", function=reference), folder=tmp_path)


def test_an_edited_file_is_loaded_anew_and_an_unchanged_one_is_not(score_file, tmp_path):
    field = _to_timetonic("function", function="score.py:count_tags", result="number")
    assert _translator(field, folder=tmp_path).read(HL, RAW)[0]["x"] == 2
    assert _translator(field, folder=tmp_path).read(HL, RAW)[0]["x"] == 2

    score_file.write_text("def count_tags(values):\n    return 100\n")
    os.utime(score_file, ns=(1, 1))

    assert _translator(field, folder=tmp_path).read(HL, RAW)[0]["x"] == 100

"""A draft tried on samples, through the converters that a sync uses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Final

from toolkit.errors import HightonicError
from toolkit.mapping.translate import Translator
from toolkit.model.ids import Side
from toolkit.model.policy import Direction

if TYPE_CHECKING:
    from toolkit.app.mapping_desk.samples import Sample
    from toolkit.mapping.context import Context
    from toolkit.mapping.spec import FieldMapping, KindMapping
    from toolkit.model.values import Value, Values

SHOWN: Final = 8
_LONGEST: Final = 120


@dataclass(frozen=True, slots=True)
class Tried:
    """What one line makes of one record.

    Attributes:
        number: Of the sample.
        name: Of the record.
        side: Where the value comes from.
        given: What stands there, as text; None where nobody looked.
        result: What would be written across; None where nothing would.
        stands: What stands across now; None where nobody looked.
        problem: Why it fails; empty where it does not.
    """

    number: int
    name: str
    side: Side
    given: str | None
    result: str | None
    stands: str | None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class LineTrial:
    """What one line makes of all samples.

    Attributes:
        rows: A few, the failing ones first.
        failures: How many records fail, of those that were tried.
        worst: The first failure, for the line's own sign; None where there is none.
    """

    rows: tuple[Tried, ...]
    tried: int
    failures: int = 0
    worst: Tried | None = None


def try_lines(
    mapping: KindMapping, samples: Sequence[Sample], *, context: Context
) -> dict[str, LineTrial]:
    """Every line of a kind on every sample.

    Raises:
        UseError: A template or a function cannot be used.
    """
    translator = Translator(mapping, context)
    read = [(each, {side: _read(translator, each, side) for side in Side}) for each in samples]
    return {
        field.name: _trial(
            [
                row
                for sample, values in read
                for row in _rows(field, sample, values=values, translator=translator)
            ]
        )
        for field in mapping.fields
        if field.options.rollup is None
    }


@dataclass(frozen=True, slots=True)
class _Read:
    values: Values
    problems: Mapping[str, str]


def _read(translator: Translator, sample: Sample, side: Side) -> _Read:
    values, problems = translator.read(side, sample.raw.get(side, {}))
    return _Read(values, {each.field: each.reason for each in problems})


def _rows(
    field: FieldMapping,
    sample: Sample,
    *,
    values: Mapping[Side, _Read],
    translator: Translator,
) -> Iterable[Tried]:
    source = Side.TIMETONIC if field.direction is Direction.TO_HIGHLEVEL else Side.HIGHLEVEL
    yield _across(field, sample, source, values=values[source], translator=translator)
    if field.direction is Direction.BOTH:
        back = source.other
        row = _across(field, sample, back, values=values[back], translator=translator)
        # The way back is worth a line of its own only where it does not work.
        if row.problem:
            yield row


def _across(
    field: FieldMapping, sample: Sample, source: Side, *, values: _Read, translator: Translator
) -> Tried:
    target = source.other
    problem = values.problems.get(field.name, "")
    if not problem and not _has(field, sample, source):
        problem = sample.unread.get(source, {}).get(field.name, "")
    result = None
    if not problem and field.name in values.values:
        result, problem = _result(field, values.values[field.name], target, translator)
    return Tried(
        sample.number,
        sample.name,
        source,
        given=_given(field, sample, source),
        result=result,
        stands=_given(field, sample, target),
        problem=problem,
    )


def _result(
    field: FieldMapping, value: Value, target: Side, translator: Translator
) -> tuple[str | None, str]:
    try:
        rendered = translator.render(target, {field.name: value})
    except HightonicError as error:
        return None, error.happened
    return _joined(rendered.get(key) for key in field.names_on(target)), ""


def _has(field: FieldMapping, sample: Sample, side: Side) -> bool:
    return any(name in sample.raw.get(side, {}) for name in field.names_on(side))


def _given(field: FieldMapping, sample: Sample, side: Side) -> str | None:
    if not _has(field, sample, side):
        return None
    raw = sample.raw.get(side, {})
    return _joined(raw.get(name) for name in field.names_on(side))


def _joined(values: Iterable[object]) -> str:
    return " ".join(text for each in values if (text := shown(each)))


def shown(value: object) -> str:
    """A raw value as people read it, cut where it is long; nothing for a blank."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case datetime():
            return value.isoformat(" ", "minutes").removesuffix("+00:00")
        case date():
            return value.isoformat()
        case list() | tuple():
            return ", ".join(filter(None, map(shown, value)))
        case _:
            text = str(value)
            return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _trial(rows: Sequence[Tried]) -> LineTrial:
    failing = [each for each in rows if each.problem]
    numbers = {each.number for each in failing}
    fine = [each for each in rows if each.number not in numbers]
    # A filled example says more than a blank one.
    fine.sort(key=lambda each: not each.given)
    return LineTrial(
        tuple([*failing, *fine][:SHOWN]),
        len({each.number for each in rows}),
        len(numbers),
        failing[0] if failing else None,
    )

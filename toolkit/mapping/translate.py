"""One kind's records between a side's raw values and neutral ones."""

from __future__ import annotations

from collections.abc import Mapping

from toolkit.errors import PlanChangedError, RejectedError
from toolkit.mapping.computed import Computation, build_computation
from toolkit.mapping.context import Context, Owner
from toolkit.mapping.convert import Converter, build_converter
from toolkit.mapping.problems import ConversionProblemError
from toolkit.mapping.spec import FieldMapping, KindMapping
from toolkit.model.ids import Side
from toolkit.model.policy import Direction
from toolkit.model.records import FieldProblem
from toolkit.model.values import Value

__all__ = ["Context", "Owner", "Translator"]

Raw = Mapping[str, object]


class Translator:
    """Reads and writes the mapped fields of one kind.

    Args:
        kind_mapping: What stands where.
        context: Users, region and time zone of the location.

    Raises:
        UseError: A template or a function cannot be used.
    """

    def __init__(self, kind_mapping: KindMapping, context: Context) -> None:
        self._fields = {field.name: field for field in kind_mapping.fields}
        self._converters = {
            name: build_converter(field, kind=kind_mapping, context=context)
            for name, field in self._fields.items()
        }
        self._computations = {
            name: build_computation(field, kind_mapping)
            for name, field in self._fields.items()
            if field.is_computed
        }
        self._plain = {
            side: tuple(
                (field, self._converters[field.name], field.names_on(side))
                for field in kind_mapping.fields
                if _is_read(field, side)
            )
            for side in Side
        }

    def columns(self, side: Side) -> tuple[str, ...]:
        """Raw keys `read` looks at, in the mapping's order, without repeats."""
        return tuple(dict.fromkeys(key for *_, keys in self._plain[side] for key in keys))

    def read(self, side: Side, raw: Raw) -> tuple[dict[str, Value], tuple[FieldProblem, ...]]:
        """Neutral values of one record, and the fields that could not be read.

        A key missing from `raw` leaves its field absent; a blank one makes it None. Of a
        name made of two keys one is enough: HighLevel leaves out a half that was never
        given (emulated as seen by others). Roll-ups are never read.
        """
        values: dict[str, Value] = {}
        problems: list[FieldProblem] = []
        for field, converter, keys in self._plain[side]:
            if all(key not in raw for key in keys):
                continue
            piece = raw[keys[0]] if len(keys) == 1 else tuple(raw.get(key) for key in keys)
            try:
                values[field.name] = _canon(converter, side, piece)
            except ConversionProblemError as problem:
                problems.append(FieldProblem(field.name, problem.reason))
        self._compute(side, values, problems)
        return values, tuple(problems)

    def render(self, side: Side, values: Mapping[str, Value]) -> dict[str, object]:
        """What to write on one side; None clears.

        Fields that never flow to this side are left out.

        Raises:
            PlanChangedError: A field is no longer mapped.
            RejectedError: This side cannot show a value; names the field, not the value.
        """
        rendered: dict[str, object] = {}
        for name, value in values.items():
            field = self._fields.get(name)
            if field is None:
                raise PlanChangedError(
                    f"The mapping no longer has the field `{name}`",
                    unchanged="Nothing was written to this record",
                    remedy="Plan again",
                )
            keys = field.names_on(side)
            if keys and field.direction.writes(side):
                rendered.update(self._render_field(side, field, value))
        return rendered

    def _render_field(self, side: Side, field: FieldMapping, value: Value) -> dict[str, object]:
        keys = field.names_on(side)
        if value is None:
            return dict.fromkeys(keys)
        try:
            raw = self._converters[field.name].render(side, value)
        except ConversionProblemError as problem:
            raise RejectedError(
                f"`{field.name}` cannot be shown on {side.label}: {problem.reason}",
                system=side.value,
                unchanged="Nothing was written to this record",
                remedy="Mend the value, or the field in the mapping file",
            ) from problem
        if len(keys) == 1:
            return {keys[0]: raw}
        return dict(zip(keys, raw, strict=True)) if isinstance(raw, tuple) else {keys[0]: raw}

    def _compute(
        self, side: Side, values: dict[str, Value], problems: list[FieldProblem]
    ) -> None:
        given = dict(values)
        for name, computation in self._computations.items():
            if self._fields[name].direction.writes(side) or computation.needs - given.keys():
                continue
            try:
                values[name] = self._computed(name, side, computation, given)
            except ConversionProblemError as problem:
                problems.append(FieldProblem(name, problem.reason))

    def _computed(
        self, name: str, side: Side, computation: Computation, given: dict[str, Value]
    ) -> Value:
        return _canon(self._converters[name], side, computation.compute(given))


def _is_read(field: FieldMapping, side: Side) -> bool:
    if field.options.rollup is not None or not field.names_on(side):
        return False
    # A computed field is read where it is written to; elsewhere it is made.
    return not field.is_computed or (
        field.direction is not Direction.BOTH and field.direction.writes(side)
    )


def _canon(converter: Converter, side: Side, raw: object) -> Value:
    if _is_blank(raw):
        return converter.blank
    value = converter.canon(side, raw)
    return converter.blank if value is None else value


def _is_blank(raw: object) -> bool:
    match raw:
        case None | "":
            return True
        case str():
            return raw.isspace()
        case list() | tuple() | dict():
            return all(_is_blank(item) for item in raw)
        case _:
            return False

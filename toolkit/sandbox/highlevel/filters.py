"""The filter language of the contact search, compiled to predicates over index rows."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from toolkit.sandbox.highlevel import problems
from toolkit.sandbox.highlevel.index import Row
from toolkit.sandbox.highlevel.wire import epoch_ms, read_moment

if TYPE_CHECKING:
    from toolkit.sandbox.highlevel.state import HighLevelState

Predicate = Callable[[Row], bool]
Reader = Callable[[Row], Any]

_PRESENCE: Final = frozenset({"exists", "not_exists"})
_EXACT: Final = _PRESENCE | {"eq", "not_eq"}
_TEXTUAL: Final = _EXACT | {"contains", "not_contains"}
_RANGED: Final = _PRESENCE | {"range"}
_NUMERIC: Final = _EXACT | {"range"}

_OPERATORS: Final[dict[str, frozenset[str]]] = {
    "id": frozenset({"eq", "not_eq"}),
    "contactName": _EXACT,
    **dict.fromkeys(
        (
            "firstNameLowerCase",
            "lastNameLowerCase",
            "phone",
            "address",
            "businessName",
            "companyName",
            "city",
            "state",
            "postalCode",
            "source",
            "tags",
        ),
        _TEXTUAL,
    ),
    **dict.fromkeys(
        (
            "email",
            "assignedTo",
            "followers",
            "country",
            "dnd",
            "timezone",
            "type",
            "website",
            "validEmail",
            "isValidWhatsapp",
            "activeWorkflows",
            "finishedWorkflows",
        ),
        _EXACT,
    ),
    **dict.fromkeys(
        (
            "dateAdded",
            "dateUpdated",
            "dateOfBirth",
            "lastAppointment",
            "lastEmailOpenedDate",
            "lastEmailClickedDate",
        ),
        _RANGED,
    ),
    "opportunities": frozenset({"nested"}),
}
_CUSTOM_OPERATORS: Final = {
    "CHECKBOX": _EXACT,
    "MULTIPLE_OPTIONS": _EXACT,
    "NUMERICAL": _NUMERIC,
    "MONETORY": _NUMERIC,
    "DATE": _RANGED,
}
_NESTED: Final = frozenset({"pipelineId", "pipelineStageId", "status"})
# Two spellings of a range were published; both are taken.
_BOUNDS: Final = {
    "gte": "gte",
    "low": "gte",
    "lte": "lte",
    "high": "lte",
    "gt": "gt",
    "lt": "lt",
}
LONGEST_VALUE: Final = 75
_DEEPEST: Final = 10


def compile_filters(
    state: HighLevelState,
    filters: Any,  # noqa: ANN401 — before validation
    *,
    joins_any: bool = False,
    depth: int = 0,
) -> Predicate:
    """One predicate for a list of leaves and groups.

    Raises:
        RefusalError: 400 for an unknown field, 422 for an operator or value that does not suit it.
    """
    if not isinstance(filters, list) or depth > _DEEPEST:
        raise problems.unprocessable(["filters must be an array"])
    parts = [_compile_one(state, one, depth) for one in filters]
    if joins_any:
        return lambda row: any(part(row) for part in parts)
    return lambda row: all(part(row) for part in parts)


def _compile_one(state: HighLevelState, given: Any, depth: int) -> Predicate:  # noqa: ANN401
    if not isinstance(given, dict):
        raise problems.unprocessable(["each value in filters must be an object"])
    if "group" in given:
        if given["group"] not in {"AND", "OR"}:
            raise problems.unprocessable(["group must be one of the following values: AND, OR"])
        joins_any = given["group"] == "OR"
        return compile_filters(
            state, given.get("filters"), joins_any=joins_any, depth=depth + 1
        )
    field, operator = given.get("field"), given.get("operator")
    if not isinstance(field, str) or not isinstance(operator, str):
        raise problems.unprocessable(["field and operator must be strings"])
    if operator == "nested" and field == "opportunities":
        return _nested(given)
    field = _camel(field)
    read = _reader(state, field)
    if operator not in _allowed(state, field):
        raise _wrong_operator(operator, field)
    return _leaf(read, field, operator, given.get("value"))


def _leaf(read: Reader, field: str, operator: str, value: Any) -> Predicate:  # noqa: ANN401
    match operator.removeprefix("not_"):
        case "exists":
            positive: Predicate = lambda row: read(row) not in (None, "", [])  # noqa: E731
        case "range":
            return _range(read, field, value)
        case "contains":
            needle = _needle(value)
            positive = lambda row: any(needle in one for one in _texts(read(row)))  # noqa: E731
        case _:
            wanted = {_fold(one) for one in (value if isinstance(value, list) else [value])}
            positive = lambda row: any(one in wanted for one in _texts(read(row)))  # noqa: E731
    if operator.startswith("not_"):
        return lambda row: not positive(row)
    return positive


def _range(read: Reader, field: str, value: Any) -> Predicate:  # noqa: ANN401
    if not isinstance(value, dict) or not value or not set(value) <= set(_BOUNDS):
        bad = next((key for key in value if key not in _BOUNDS), "range") if value else "range"
        raise _wrong_operator(str(bad), field)
    bounds = {_BOUNDS[key]: _measure(one) for key, one in value.items()}
    if None in bounds.values():
        raise problems.unprocessable([f"Invalid value passed for field {_snake(field)}"])
    low, high = bounds.get("gte", -math.inf), bounds.get("lte", math.inf)
    over, under = bounds.get("gt", -math.inf), bounds.get("lt", math.inf)

    def is_within(row: Row) -> bool:
        at = _measure(read(row))
        return at is not None and low <= at <= high and over < at < under

    return is_within


def _measure(value: Any) -> Any:  # noqa: ANN401 — a number, or None where there is none
    """A number as itself, a date as milliseconds."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return value if math.isfinite(value) else None
    try:
        return epoch_ms(read_moment(value))
    except (ValueError, TypeError, OverflowError):
        return None


def _nested(given: dict[str, Any]) -> Predicate:
    leaves = given.get("value", given.get("filters"))
    if not isinstance(leaves, list) or not all(isinstance(one, dict) for one in leaves):
        raise problems.unprocessable(["nested filters must be an array"])
    wanted = [(one.get("field"), one.get("operator", "eq"), one.get("value")) for one in leaves]
    for field, operator, _ in wanted:
        if field not in _NESTED:
            raise problems.bad_request(f"Invalid field {field}")
        if operator != "eq":
            raise _wrong_operator(str(operator), str(field))

    def has_such(row: Row) -> bool:
        return any(
            all(
                one[field] in (value if isinstance(value, list) else [value])
                for field, _, value in wanted
            )
            for one in row.document["opportunities"]
        )

    return has_such


def _reader(state: HighLevelState, field: str) -> Reader:
    if field.startswith("customFields."):
        return _custom_reader(state, field)
    if field == "dateAdded":
        return lambda row: row.added_ms
    if field == "dateUpdated":
        return lambda row: row.updated_ms
    if field not in _OPERATORS or field == "opportunities":
        raise problems.bad_request(f"Invalid field {field}")
    return lambda row: row.document.get(field)


def _custom_reader(state: HighLevelState, field: str) -> Reader:
    # By id alone: a search by key or name fails in life too (vendor issue 42).
    _, field_id, *box = field.split(".", 2)
    definition = state.fields.get(field_id)
    if definition is None or (box and box[0] not in definition.text_boxes):
        raise problems.bad_request(f"Invalid field {field}")

    def read(row: Row) -> Any:  # noqa: ANN401 — a custom value
        for one in row.document["customFields"]:
            if one["id"] == field_id:
                return one["value"].get(box[0]) if box else one["value"]
        return None

    return read


def _allowed(state: HighLevelState, field: str) -> frozenset[str]:
    if field.startswith("customFields."):
        data_type = state.fields[field.split(".")[1]].data_type
        return _CUSTOM_OPERATORS.get(data_type, _TEXTUAL)
    return _OPERATORS[field]


def _needle(value: Any) -> str:  # noqa: ANN401
    if not isinstance(value, str) or len(value) > LONGEST_VALUE:
        raise problems.unprocessable([f"value must be a string of at most {LONGEST_VALUE}"])
    return value.lower()


def _fold(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, dict | list):
        raise problems.unprocessable(["value must be a string, number or boolean"])
    if isinstance(value, str) and len(value) > LONGEST_VALUE:
        raise problems.unprocessable(
            [f"value must be shorter than or equal to {LONGEST_VALUE}"]
        )
    return value.lower() if isinstance(value, str) else value


def _texts(value: Any) -> list[Any]:  # noqa: ANN401
    many = value if isinstance(value, list) else [value]
    return [one.lower() if isinstance(one, str) else one for one in many if one is not None]


def _camel(field: str) -> str:
    """`date_added` is taken for `dateAdded`: live messages show that such an alias layer exists."""
    if field.startswith("customFields."):
        return field
    return re.sub(r"_([a-z])", lambda found: found[1].upper(), field)


def _snake(field: str) -> str:
    return re.sub(r"([A-Z])", lambda found: f"_{found[1].lower()}", field)


def _wrong_operator(operator: str, field: str) -> problems.RefusalError:
    return problems.unprocessable(
        [f"Invalid Operator ({operator}) passed for field {_snake(field)}"]
    )

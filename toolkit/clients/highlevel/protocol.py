"""HighLevel's HTTP without the network: a call becomes a request, an answer a value or an error."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from urllib.parse import quote

from pydantic import BaseModel, ValidationError

from toolkit.clients.highlevel.refusals import error_of, refuse_false_success
from toolkit.clients.http import Answer, Request
from toolkit.errors import MalformedAnswerError

SYSTEM = "highlevel"
DEFAULT_VERSION = "2021-07-28"
CALENDARS_VERSION = "2021-04-15"
V3 = "v3"

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
ModelT = TypeVar("ModelT", bound=BaseModel)
Params = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation(Generic[T_co]):
    """One thing HighLevel can do, as data.

    Args:
        name: Ours, `contacts.get`.
        method: HTTP method.
        path: Template; `{location_id}` is filled in by the client.
        reads: Turns the answer's JSON, or the part under `within`, into a value.
        within: Keys under which the value may lie, first found wins; none: the whole answer.
        is_nullable: A missing or null value under `within` is None, not a mistake.
        is_read: Nothing changes by it; true of every GET and of the searches.
        v3_path: The path under version `v3`, where it differs.
        version: The version its specification pins, where it is not the default one.
    """

    name: str
    method: str
    path: str
    reads: Callable[[Any], T_co]
    within: tuple[str, ...] = ()
    is_nullable: bool = False
    is_read: bool = False
    v3_path: str = ""
    version: str = ""

    def call(
        self,
        ids: Mapping[str, str] | None = None,
        *,
        params: Params | None = None,
        body: Any = None,  # noqa: ANN401 — any JSON
        form: Mapping[str, str] | None = None,
        files: Mapping[str, tuple[str, bytes, str]] | None = None,
    ) -> Call[T_co]:
        """This operation with its values; `params` that are None are left out."""
        given = {key: value for key, value in (params or {}).items() if value is not None}
        return Call(
            operation=self, ids=ids or {}, params=given, body=body, form=form, files=files
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Generic[T_co]):
    """An operation and its values."""

    operation: Operation[T_co]
    ids: Mapping[str, str] = field(default_factory=dict)
    params: Params = field(default_factory=dict)
    body: Any = None
    form: Mapping[str, str] | None = None
    files: Mapping[str, tuple[str, bytes, str]] | None = None


def build_request(
    call: Call[Any], *, token: str, version: str, location_id: str = ""
) -> Request:
    """The request for `call`.

    Args:
        call: What to do.
        token: Bearer token; lands in a header only; empty for none.
        version: The client's; an operation pinned to another follows its pin, except under v3.
        location_id: Fills `{location_id}` where the call does not.
    """
    operation = call.operation
    template = path_template(operation, version)
    ids = {"location_id": location_id, **call.ids}
    path = template.format_map({name: quote(value, safe="") for name, value in ids.items()})
    headers = {"version": version if version == V3 else operation.version or version}
    return Request(
        method=operation.method,
        path=path,
        operation=f"{operation.method} {template}",
        system=SYSTEM,
        is_read=operation.is_read,
        params=call.params or None,
        json=call.body,
        form=call.form,
        files=call.files,
        headers=headers | ({"authorization": f"Bearer {token}"} if token else {}),
    )


def path_template(operation: Operation[Any], version: str) -> str:
    """The operation's path under `version`."""
    return operation.v3_path if version == V3 and operation.v3_path else operation.path


def decipher_answer(answer: Answer, call: Call[T]) -> T:
    """The value in `answer`.

    Raises:
        VendorError: The leaf that says what to do next; see `refusals.error_of`.
        MalformedAnswerError: Success, but not in a shape we can read.
    """
    operation = call.operation
    if refusal := error_of(answer, is_read=operation.is_read):
        raise refusal
    payload = answer.json() if answer.body.strip() else {}
    refuse_false_success(answer, payload)
    try:
        return operation.reads(_value_within(operation, payload))
    except ValidationError as error:
        places = [".".join(map(str, item["loc"])) for item in error.errors(include_input=False)]
        raise _malformed(answer, f"unreadable at {places[0]}") from None
    except (AttributeError, KeyError, TypeError, ValueError):
        raise _malformed(answer, "not of the promised shape") from None


def acknowledged(_: object) -> None:
    """Reads nothing: that the vendor said yes is all."""


def rows_of(model: type[ModelT]) -> Callable[[Any], tuple[ModelT, ...]]:
    """A reader of a JSON list of `model`."""

    def read_rows(rows: Any) -> tuple[ModelT, ...]:  # noqa: ANN401 — JSON before validation
        if not isinstance(rows, list):
            raise TypeError("not a list")
        return tuple(model.model_validate(row) for row in rows)

    return read_rows


def read_words(words: Any) -> tuple[str, ...]:  # noqa: ANN401 — JSON before validation
    """A reader of a JSON list of strings."""
    if not isinstance(words, list):
        raise TypeError("not a list")
    return tuple(str(word) for word in words)


def _value_within(operation: Operation[Any], payload: Any) -> Any:  # noqa: ANN401 — JSON
    # The time zones were seen as a bare list too, hence the second half.
    if not operation.within or isinstance(payload, list):
        return payload
    for key in operation.within:
        if payload.get(key) is not None:
            return payload[key]
    if operation.is_nullable:
        return None
    raise KeyError(operation.within[0])


def _malformed(answer: Answer, why: str) -> MalformedAnswerError:
    return MalformedAnswerError(
        f"The answer to {answer.operation} is {why}",
        system=SYSTEM,
        operation=answer.operation,
        http_status=answer.status,
        remedy="Look up whether the call took effect",
    )

"""What a script of yours may use: three decorators, and the values its functions are given.

A script is a Python file named by `scripts:` in `hightonic.yaml`. The name `hightonic` is
there without an import; for an editor's sake, and in modules beside the script, write

    from toolkit import scripting as hightonic

    @hightonic.transform
    def full_name(values):
        return f"{values['first_name']} {values['last_name']}"

    @hightonic.condition
    def is_big(contact, happening):
        return "enterprise" in (contact.tags or ())

    @hightonic.action
    def welcome(contact, happening):
        return [{"add_tags": ["welcomed"]}, {"add_note": {"body": f"Hello {contact.name}"}}]

Functions run in a process of their own: one that does not come back within its time limit
is ended there, and the run goes on without it. That process may use the network and the disk
as any Python may; it is kept from hanging the work, not from doing harm.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias, TypeVar, overload

__all__ = ["Facts", "action", "condition", "transform"]

Use: TypeAlias = Literal["transform", "condition", "action"]
Function: TypeAlias = Callable[..., Any]
F = TypeVar("F", bound=Function)

LIMIT_S: Final = 2.0
"""Seconds a function has, unless its decorator says otherwise."""
LONGEST_S: Final = 30.0


@dataclass(frozen=True, slots=True)
class Registered:
    """A function that a decorator made known.

    Attributes:
        use: What it may be named for.
        limit_s: Seconds it has, above 0, up to 30.
    """

    name: str
    use: Use
    function: Function
    limit_s: float = LIMIT_S


registry: dict[str, Registered] = {}
"""Functions of this process by name; a second one of a name is refused."""


class Facts(Mapping[str, Any]):
    """Named values, read as `contact.email` or `contact["email"]`; nothing can be set.

    A blank value is None; one that was never read is not there at all. What hangs on a
    contact (`contact.tasks`) is a tuple of facts again.
    """

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = dict(values)

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401 — whatever the field holds
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 — whatever the field holds
        if name.startswith("_"):
            raise AttributeError(name)
        try:
            return self._values[name]
        except KeyError:
            raise AttributeError(f"there is no `{name}` here") from None


def facts_of(values: Mapping[str, Any]) -> Facts:
    """A map as facts, and so the maps within it; lists become tuples."""
    return Facts({name: _as_facts(value) for name, value in values.items()})


def _as_facts(value: Any) -> Any:  # noqa: ANN401 — whatever the map holds
    if isinstance(value, Mapping):
        return facts_of(value)
    if isinstance(value, list | tuple):
        return tuple(map(_as_facts, value))
    return value


@overload
def transform(function: F, /) -> F: ...


@overload
def transform(*, limit_s: float = LIMIT_S) -> Callable[[F], F]: ...


def transform(function: Any = None, /, *, limit_s: float = LIMIT_S) -> Any:
    """A function that a mapped field names.

    `function: NAME` calls it with the record's values and takes the field's value;
    `canon: NAME` and `render: NAME` call it with the side and one value.

    Args:
        function: Yours.
        limit_s: Seconds it has; 2 unless told, 30 at most.
    """
    return _registering("transform", function, limit_s)


@overload
def condition(function: F, /) -> F: ...


@overload
def condition(*, limit_s: float = LIMIT_S) -> Callable[[F], F]: ...


def condition(function: Any = None, /, *, limit_s: float = LIMIT_S) -> Any:
    """A function that a rule asks with `{function: NAME}`.

    It is called with the contact and the happening, and answers True, False, or None where
    it cannot tell; a rule acts on True only.

    Args:
        function: Yours.
        limit_s: Seconds it has; 2 unless told, 30 at most.
    """
    return _registering("condition", function, limit_s)


@overload
def action(function: F, /) -> F: ...


@overload
def action(*, limit_s: float = LIMIT_S) -> Callable[[F], F]: ...


def action(function: Any = None, /, *, limit_s: float = LIMIT_S) -> Any:
    """A function that a rule runs with `{run: NAME}`.

    It is called with the contact and the happening, and answers with actions as the file
    writes them: `[{"add_tags": ["vip"]}]`; None for nothing to do. It may be called again
    for the same happening after a crash, so it does nothing else.

    Args:
        function: Yours.
        limit_s: Seconds it has; 2 unless told, 30 at most.
    """
    return _registering("action", function, limit_s)


def _registering(use: Use, function: Function | None, limit_s: float) -> Any:  # noqa: ANN401 — as the overloads say
    if not 0 < limit_s <= LONGEST_S:
        raise ValueError(f"limit_s is above 0 and at most {LONGEST_S:g} seconds")

    def register(given: Function) -> Function:
        name = given.__name__
        if name in registry:
            raise ValueError(f"two functions are called {name}")
        registry[name] = Registered(name, use, given, limit_s)
        return given

    return register if function is None else register(function)

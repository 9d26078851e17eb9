"""Values made from other fields: constants, templates and the user's functions."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

from toolkit.errors import UseError
from toolkit.mapping.functions import UserFunction
from toolkit.mapping.problems import ConversionProblemError
from toolkit.mapping.spec import FieldMapping, KindMapping
from toolkit.mapping.suggest import did_you_mean
from toolkit.model.values import Value, Values

if TYPE_CHECKING:
    from jinja2 import Environment


class Computation(Protocol):
    """Makes a raw value out of a record's neutral values.

    Attributes:
        needs: Fields without which there is nothing to compute.
    """

    needs: frozenset[str]

    def compute(self, values: Values) -> object:
        """The raw result.

        Raises:
            ConversionProblemError: It cannot be made of these values.
        """
        ...


def build_computation(field: FieldMapping, kind: KindMapping) -> Computation:
    """The computation a mapped field names.

    Raises:
        UseError: The template or the function cannot be used.
    """
    options = field.options
    if options.template is not None:
        return Template(options.template, kind=kind)
    if options.function is not None:
        return FunctionComputation(UserFunction(options.function, kind.folder))
    return Constant(options.constant)


class Constant:
    """Always the same value."""

    needs: frozenset[str] = frozenset()

    def __init__(self, value: Value) -> None:
        self._value = value

    def compute(self, _values: Values) -> object:
        """The constant."""
        return self._value


class FunctionComputation:
    """A function of the user over a read-only map of the neutral values."""

    needs: frozenset[str] = frozenset()

    def __init__(self, function: UserFunction) -> None:
        self._function = function

    def compute(self, values: Values) -> object:
        """What the function gives; a set in a fixed order."""
        result = self._function(dict(values))
        return sorted(result, key=str) if isinstance(result, set | frozenset) else result


class Template:
    """A Jinja text over the neutral values, in a sandbox; blank fields read as nothing.

    Fields are named bare (`{{ name }}`) or through the kind (`{{ contact.name }}`).

    Args:
        source: The template's text.
        kind: The kind whose fields it may name.

    Raises:
        UseError: Bad syntax, or a field the kind does not have.
    """

    def __init__(self, source: str, *, kind: KindMapping) -> None:
        from jinja2 import TemplateError

        self._kind_word = kind.kind.value
        try:
            self.needs = _fields_named(source, self._kind_word)
            self._template = _environment().from_string(source)
        except TemplateError as error:
            raise UseError(f"The template cannot be read: {error.message}") from error
        known = [
            each.name
            for each in kind.fields
            if not each.is_computed and each.options.rollup is None
        ]
        for name in sorted(self.needs - set(known)):
            raise UseError(
                f"The template names `{name}`, which is not a field it can read",
                remedy=did_you_mean(name, known),
            )

    def compute(self, values: Values) -> object:
        """The text.

        Raises:
            ConversionProblemError: The template fails on these values.
        """
        try:
            return self._template.render({**values, self._kind_word: dict(values)})
        except Exception as error:
            raise ConversionProblemError(
                f"the template fails with {type(error).__name__}"
            ) from error


@lru_cache(1)
def _environment() -> Environment:
    from jinja2 import StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    return ImmutableSandboxedEnvironment(
        undefined=StrictUndefined, autoescape=False, finalize=_finalize
    )


def _finalize(value: object) -> object:
    if value is None:
        return ""
    return ", ".join(map(str, value)) if isinstance(value, tuple) else value


def _fields_named(source: str, kind_word: str) -> frozenset[str]:
    from jinja2 import meta, nodes

    tree = _environment().parse(source)
    through_kind = {
        node.attr
        for node in tree.find_all(nodes.Getattr)
        if isinstance(node.node, nodes.Name) and node.node.name == kind_word
    }
    return frozenset(meta.find_undeclared_variables(tree) - {kind_word} | through_kind)

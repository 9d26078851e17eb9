"""Texts with names in them, `Call {{ contact.name }}`, in a sandbox.

Fields of the contact are named bare or through `contact`; those of a task, note or
appointment through `task`, `note`, `appointment`; `happening`, `rule` and `today` tell of
the occasion. A blank field reads as nothing; one that nobody has looked at yet is an error.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import BuiltinMethodType
from typing import TYPE_CHECKING

from toolkit.model.ids import Kind
from toolkit.rules.problems import Path, RuleProblemError
from toolkit.rules.words import RULE_KINDS, Vocabulary

if TYPE_CHECKING:
    from jinja2 import Environment, Template

LONGEST = 65_536
"""Characters of one rendered text; more is taken for an accident."""
HAPPENING_NAMES = ("at", "fields", "facts", "side", "tags", "trigger")
_WIDENING = frozenset(
    {"batch", "center", "expandtabs", "indent", "ljust", "rjust", "slice", "to_bytes", "zfill"}
)
"""Filters and methods that give as much text as a number says."""
_PLAIN_NAMES = frozenset({"rule", "today"})
_OWN_NAMES = frozenset({"happening", *_PLAIN_NAMES})
_KIND_NAMES = frozenset(kind.value for kind in RULE_KINDS)


class Names:
    """Fields of one word; unlike a map it has no words of its own, such as `items`."""

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, object]) -> None:
        self._values = values

    def __getitem__(self, name: str) -> object:
        return self._values[name]

    def __contains__(self, name: str) -> bool:
        return name in self._values


@dataclass(frozen=True, slots=True)
class Text:
    """A text of the settings.

    Attributes:
        is_literal: Braces mean nothing: what a user's function gives may hold anything.
    """

    source: str
    is_literal: bool = False

    @property
    def is_fixed(self) -> bool:
        """Whether it reads the same for every contact."""
        return self.is_literal or not ("{{" in self.source or "{%" in self.source)

    def render(self, words: Callable[[frozenset[str]], Mapping[str, object]]) -> str:
        """The text for one contact.

        Args:
            words: Names that the text uses -> at least these, where they have a value;
                `Names` for a word with fields. Asked for only where there are any.

        Raises:
            RuleProblemError: A name has no value, or the template fails; the values that
                made it fail are not repeated.
        """
        if self.is_fixed:
            return self.source
        used = _names_in(self.source)
        names = words(frozenset(word for word, _ in used))
        try:
            text = _compiled(self.source).render(names)
        except Exception as error:
            unknown = next((pair for pair in sorted(used) if not _has(names, *pair)), None)
            if unknown is None:
                reason = _failure(error)
            else:
                shown = ".".join(filter(None, unknown))
                reason = f"`{shown}` is not known of this contact yet"
            raise RuleProblemError(reason) from error
        if len(text) > LONGEST:
            raise RuleProblemError("the template gives more text than anybody can read")
        return text


def _failure(error: Exception) -> str:
    from jinja2.exceptions import SecurityError

    if isinstance(error, RuleProblemError):
        return f"the template fails: {error.reason}"
    if isinstance(error, SecurityError):
        return "the template fails: it uses what is closed to templates"
    return f"the template fails with {type(error).__name__}"


def _has(names: Mapping[str, object], word: str, attribute: str) -> bool:
    holder = names.get(word)
    in_holder = not attribute or (isinstance(holder, Names) and attribute in holder)
    return word in names and in_holder


def check_text(text: Text, words: Vocabulary, *, subject: Kind | None, at: Path) -> None:
    """Whether a template can be read and names only what there is.

    Raises:
        RuleProblemError: It cannot be, or names something unknown.
    """
    from jinja2 import TemplateError

    if text.is_fixed:
        return
    try:
        found = sorted(_names_in(text.source))
        _compiled(text.source)
    except TemplateError as error:
        raise RuleProblemError(
            f"the template cannot be read: {error.message}", at=at
        ) from error
    if _reads_files(text.source):
        raise RuleProblemError("a template here stands alone and reads no other one", at=at)
    for word, attribute in found:
        if word == "happening":
            _check_happening(attribute, at)
        elif word in _KIND_NAMES:
            _check_subject(word, attribute, words=words, subject=subject, at=at)
        elif word not in _PLAIN_NAMES:
            _check_bare(word, words=words, subject=subject, at=at)


def _check_happening(attribute: str, at: Path) -> None:
    if attribute and attribute not in HAPPENING_NAMES:
        raise RuleProblemError(
            f"the template names `happening.{attribute}`, which there is not",
            at=at,
            wrong=attribute,
            known=HAPPENING_NAMES,
        )


def _check_subject(
    word: str, attribute: str, *, words: Vocabulary, subject: Kind | None, at: Path
) -> None:
    if attribute:
        name = attribute if word == Kind.CONTACT else f"{word}.{attribute}"
        words.find(name, subject=subject, at=at)
    elif word not in {Kind.CONTACT, subject}:
        raise RuleProblemError(
            f"the template names a {word}, but this trigger is not about one", at=at
        )


def _check_bare(word: str, *, words: Vocabulary, subject: Kind | None, at: Path) -> None:
    try:
        words.find(word, subject=None, at=at)
    except RuleProblemError as error:
        raise RuleProblemError(
            f"the template names `{word}`, which is not a field it can read",
            at=at,
            wrong=word,
            known=(*words.names(subject), *_OWN_NAMES),
        ) from error


def _reads_files(source: str) -> bool:
    from jinja2 import nodes

    others = (nodes.Include, nodes.Import, nodes.FromImport, nodes.Extends)
    tree = _environment().parse(source)
    return any(tree.find(each) is not None for each in others)


@lru_cache(maxsize=1024)
def _names_in(source: str) -> frozenset[tuple[str, str]]:
    """Every name the template reads from outside: (word, attribute or nothing)."""
    from jinja2 import meta, nodes

    tree = _environment().parse(source)
    outside = meta.find_undeclared_variables(tree)
    dotted = {
        (node.node.name, node.attr)
        for node in tree.find_all(nodes.Getattr)
        if isinstance(node.node, nodes.Name) and node.node.name in outside
    }
    spaces = _KIND_NAMES | {"happening"}
    through = {pair for pair in dotted if pair[0] in spaces}
    return frozenset(through | {(word, "") for word in outside})


@lru_cache(maxsize=1024)
def _compiled(source: str) -> Template:
    return _environment().from_string(source)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    from jinja2 import StrictUndefined
    from jinja2.exceptions import SecurityError
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    class Sandbox(ImmutableSandboxedEnvironment):
        """Nothing grows without end: a typing error must not fill the memory."""

        intercepted_binops = frozenset({"*", "**", "%"})

        def call_binop(
            self, context: object, operator: str, left: object, right: object
        ) -> object:
            if operator == "**" or not (_is_number(left) and _is_number(right)):
                raise RuleProblemError(f"`{operator}` is only for numbers here")
            return super().call_binop(context, operator, left, right)  # type: ignore[arg-type]

        def is_safe_attribute(self, holder: object, name: str, value: object) -> bool:
            return name not in _WIDENING and super().is_safe_attribute(holder, name, value)

        def wrap_str_format(self, value: object) -> None:
            # `format` is asked for here before it is found safe or not.
            if isinstance(value, BuiltinMethodType) and value.__name__.startswith("format"):
                raise SecurityError

    environment = Sandbox(undefined=StrictUndefined, autoescape=False, finalize=_shown)
    environment.filters["date"] = _date
    # Words that build text out of nothing, or look around in the machine.
    for name in ("lipsum", "cycler", "joiner", "range"):
        environment.globals.pop(name, None)
    for name in (*_WIDENING, "format"):
        environment.filters.pop(name, None)
    return environment


def _is_number(value: object) -> bool:
    return isinstance(value, int | float)


def _shown(value: object) -> object:
    if value is None:
        return ""
    return ", ".join(map(str, value)) if isinstance(value, tuple) else value


def _date(value: object, pattern: str = "%Y-%m-%d") -> str:
    """Filter: a day or an instant in a pattern of `strftime`; blank stays blank."""
    from datetime import datetime

    if value is None:
        return ""
    return datetime.fromisoformat(str(value)).strftime(pattern)

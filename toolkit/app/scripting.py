"""The functions of a connection's script, as the rules and the mapping call them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

from toolkit.app.config_schema import FieldSection, KindSection, MappingSection
from toolkit.errors import ConfigError, ScriptError
from toolkit.mapping.scripting import Use, facts_of
from toolkit.mapping.scripts.worker import FoundFunction, ScriptWorker, worker_of
from toolkit.mapping.suggest import did_you_mean

if TYPE_CHECKING:
    from toolkit.app.config_source import Place

Facts: TypeAlias = Mapping[str, object]
RuleFunction: TypeAlias = Callable[[Facts, Facts], object]


@dataclass(frozen=True, slots=True)
class Scripts:
    """What a connection's script offers; without a script, nothing.

    Attributes:
        file: Where it is, as the settings have it; None without one.
        found: Its registered functions, by name.
        functions: Its conditions and actions, called with the maps of contact and
            happening: a condition answers True, False or None (unknown), an action a list
            of actions as the file writes them. Both raise `ScriptError`, and wait for their
            script, usually two seconds at worst: call them off the event loop.
    """

    file: str | None = None
    found: Mapping[str, FoundFunction] = field(default_factory=dict)
    functions: Mapping[str, RuleFunction] = field(default_factory=dict, compare=False)

    def names(self, use: Use) -> list[str]:
        """Names registered for one use, sorted."""
        return sorted(name for name, each in self.found.items() if each.use == use)


NO_SCRIPTS: Final = Scripts()


def load_scripts(file: str | None, *, folder: Path, place: Place) -> Scripts:
    """Load the script that the settings name; a second call is quick while nothing changed.

    Args:
        file: As the settings have it; None for no script.
        folder: Where the settings stand.
        place: Where they say it.

    Raises:
        ConfigError: It is not there, or cannot be imported; names file and line.
    """
    if file is None:
        return NO_SCRIPTS
    if not file.endswith(".py"):
        raise place.error("`scripts` must name a Python file", "For example automations.py")
    worker = _worker(file, folder)
    try:
        found = worker.load()
    except FileNotFoundError as error:
        raise place.error(f"there is no script `{file}`") from error
    except ScriptError as error:
        raise ConfigError(
            error.happened,
            file=str(folder / file) if error.line else place.file,
            line=error.line or place.line,
            remedy="Mend the file; `hightonic scripts check` tries it again",
        ) from error
    asking = {"condition": _ask_condition, "action": _ask_action}
    functions = {
        each.name: partial(asking[each.use], worker, each.name)
        for each in found.values()
        if each.use in asking
    }
    return Scripts(file, found, functions)


def with_scripts(section: MappingSection, scripts: Scripts, *, place: Place) -> MappingSection:
    """The mapping with its bare function names led to the script.

    Raises:
        ConfigError: The script has no such transform.
    """
    if scripts.file is None:
        return section
    kinds = {
        name: _kind_with(part, scripts, place=place.at(name, "fields"))
        for name, part in section
        if isinstance(part, KindSection)
    }
    return section.model_copy(update=kinds)


def _kind_with(section: KindSection, scripts: Scripts, *, place: Place) -> KindSection:
    fields = {
        name: field.model_copy(update=_references(field, scripts, place=place.at(name)))
        for name, field in section.fields.items()
    }
    return section.model_copy(update={"fields": fields})


def _references(field: FieldSection, scripts: Scripts, *, place: Place) -> dict[str, str]:
    led = {}
    for key in ("function", "canon", "render"):
        name: str | None = getattr(field, key)
        if name is None or ":" in name:
            continue
        known = scripts.names("transform")
        if name not in known:
            raise place.at(key).error(
                f"the script has no transform `{name}`", did_you_mean(name, known)
            )
        led[key] = f"{scripts.file}:{name}"
    return led


@dataclass(frozen=True, slots=True)
class CheckedFunction:
    """A function of a script, and how its examples went.

    Attributes:
        tried: How many `>>>` examples its docstring has.
        failed: Lines of the script, 1-based, of those that gave something else.
    """

    function: FoundFunction
    tried: int = 0
    failed: tuple[int, ...] = ()


def check_scripts(path: Path, scripts: Scripts) -> list[CheckedFunction]:
    """The functions of a connection's script in the order of the file, examples tried.

    Args:
        path: Of the settings.
        scripts: What they name.

    Raises:
        ScriptError: The examples could not be tried.
    """
    if scripts.file is None:
        return []
    worker = _worker(scripts.file, path.parent)
    tried = {name: (count, tuple(lines)) for name, count, lines in worker.try_examples()}
    checked = [
        CheckedFunction(each, *tried.get(each.name, (0, ()))) for each in scripts.found.values()
    ]
    return sorted(checked, key=lambda each: each.function.line)


def _worker(file: str, folder: Path) -> ScriptWorker:
    path = folder / Path(file).expanduser()
    return worker_of(path.name, path.parent)


def _ask_condition(worker: ScriptWorker, name: str, contact: Facts, happening: Facts) -> object:
    answer = worker.call(name, facts_of(contact), facts_of(happening))
    # Truthiness would take a misspelt `return contact.tags` for a yes.
    if answer is not None and not isinstance(answer, bool):
        raise _misfit(worker, name, "neither True, False nor None")
    return answer


def _ask_action(worker: ScriptWorker, name: str, contact: Facts, happening: Facts) -> object:
    answer = _as_written(worker.call(name, facts_of(contact), facts_of(happening)))
    actions = answer if isinstance(answer, list) else [] if answer is None else [answer]
    if not all(isinstance(each, dict) for each in actions):
        raise _misfit(worker, name, "something else than actions")
    return actions


def _as_written(value: object) -> object:
    """As the settings file would have it: dates are texts, and whatever is many is a list."""
    match value:
        case date():
            return value.isoformat()
        case Mapping():
            return {key: _as_written(each) for key, each in value.items()}
        case list() | tuple():
            return [_as_written(each) for each in value]
        case frozenset():
            return sorted(map(_as_written, value), key=str)
        case _:
            return value


def _misfit(worker: ScriptWorker, name: str, what: str) -> ScriptError:
    return ScriptError(f"{name} of {worker.name} gave {what}", file=worker.name, function=name)

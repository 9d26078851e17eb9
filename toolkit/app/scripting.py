"""The functions of a connection's script, as the rules and the mapping call them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
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
            happening: a condition answers True or False, an action a list of actions as the
            file writes them. Both raise `ScriptError`. They wait for their script, two
            seconds at worst: call them off the event loop.
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
    path = folder / Path(file).expanduser()
    worker = worker_of(path.name, path.parent)
    try:
        found = worker.load()
    except FileNotFoundError as error:
        raise place.error(f"there is no script `{file}`") from error
    except ScriptError as error:
        raise ConfigError(
            error.happened,
            file=str(path) if error.line else place.file,
            line=error.line or place.line,
            remedy="Run the file with Python to see the whole error",
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
        kind: _kind_with(getattr(section, kind), scripts, place=place.at(kind, "fields"))
        for kind in MappingSection.model_fields
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


def _ask_condition(worker: ScriptWorker, name: str, contact: Facts, happening: Facts) -> object:
    answer = worker.call(name, facts_of(contact), facts_of(happening))
    # Truthiness would take a misspelt `return contact.tags` for a yes.
    if not isinstance(answer, bool):
        raise _misfit(worker, name, "neither True nor False")
    return answer


def _ask_action(worker: ScriptWorker, name: str, contact: Facts, happening: Facts) -> object:
    answer = worker.call(name, facts_of(contact), facts_of(happening))
    if answer is None:
        return []
    actions = [answer] if isinstance(answer, dict) else list(_listed(answer))
    if not all(isinstance(each, dict) for each in actions):
        raise _misfit(worker, name, "something else than actions")
    return actions


def _listed(answer: object) -> list[object]:
    return list(answer) if isinstance(answer, list | tuple) else [answer]


def _misfit(worker: ScriptWorker, name: str, what: str) -> ScriptError:
    return ScriptError(f"{name} of {worker.name} gave {what}", file=worker.name, function=name)

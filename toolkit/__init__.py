"""HighLevel and TimeTonic kept in step: two clients, and connections that pair them.

    from toolkit import HighLevel, TimeTonic, open_connection

`HighLevel` and `TimeTonic` speak to one vendor each. `open_connection` opens a pair that
`hightonic connect` has set up, to preview, sync, resolve, undo and look back. `Sandbox` serves
both vendors on this machine, for rehearsals without an account.

Names are loaded when first used: `import toolkit` itself costs next to nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from toolkit.app.connection import Connection, Decision, open_connection
    from toolkit.clients.highlevel import (
        Contact,
        ContactWrite,
        HighLevel,
        Note,
        NoteWrite,
        PrivateToken,
        Search,
        Task,
        TaskWrite,
        all_of,
        any_of,
        changed_since,
        custom_field,
        field,
        nested,
    )
    from toolkit.clients.timetonic import (
        ByIds,
        ByView,
        CapabilityProfile,
        Condition,
        Doorway,
        Row,
        Table,
        TimeTonic,
        Where,
    )
    from toolkit.errors import (
        ConfigError,
        CredentialsError,
        DecisionNeededError,
        DuplicateContactError,
        ForbiddenError,
        HightonicError,
        MalformedAnswerError,
        NotFoundError,
        NotReachedError,
        PlanChangedError,
        QuotaExhaustedError,
        RateLimitedError,
        RejectedError,
        ScriptError,
        StateBusyError,
        StateDamagedError,
        StateError,
        UnknownOutcomeError,
        UseError,
        VendorError,
    )
    from toolkit.mapping import scripting
    from toolkit.model.ids import Kind, Side
    from toolkit.model.outcomes import RunReport, Tally
    from toolkit.model.plan import Plan, plan_from_json, plan_to_json
    from toolkit.sandbox.serve import Sandbox, SandboxOptions
    from toolkit.store import ConflictEntry, JournalEntry, RunEntry

    __version__: str

__all__ = [
    "ByIds",
    "ByView",
    "CapabilityProfile",
    "Condition",
    "ConfigError",
    "ConflictEntry",
    "Connection",
    "Contact",
    "ContactWrite",
    "CredentialsError",
    "Decision",
    "DecisionNeededError",
    "Doorway",
    "DuplicateContactError",
    "ForbiddenError",
    "HighLevel",
    "HightonicError",
    "JournalEntry",
    "Kind",
    "MalformedAnswerError",
    "NotFoundError",
    "NotReachedError",
    "Note",
    "NoteWrite",
    "Plan",
    "PlanChangedError",
    "PrivateToken",
    "QuotaExhaustedError",
    "RateLimitedError",
    "RejectedError",
    "Row",
    "RunEntry",
    "RunReport",
    "Sandbox",
    "SandboxOptions",
    "ScriptError",
    "Search",
    "Side",
    "StateBusyError",
    "StateDamagedError",
    "StateError",
    "Table",
    "Tally",
    "Task",
    "TaskWrite",
    "TimeTonic",
    "UnknownOutcomeError",
    "UseError",
    "VendorError",
    "Where",
    "__version__",
    "all_of",
    "any_of",
    "changed_since",
    "custom_field",
    "field",
    "nested",
    "open_connection",
    "plan_from_json",
    "plan_to_json",
    "scripting",
]

# Where each public name lives. The clients and the store bring httpx and SQLAlchemy, which
# take most of a second to import: whoever asks for one name pays for that name only.
_ROOMS = {
    "toolkit.app.connection": "Connection Decision open_connection",
    "toolkit.clients.highlevel": (
        "Contact ContactWrite HighLevel Note NoteWrite PrivateToken Search Task TaskWrite"
        " all_of any_of changed_since custom_field field nested"
    ),
    "toolkit.clients.timetonic": (
        "ByIds ByView CapabilityProfile Condition Doorway Row Table TimeTonic Where"
    ),
    "toolkit.mapping.scripting": "scripting",
    "toolkit.model.ids": "Kind Side",
    "toolkit.model.outcomes": "RunReport Tally",
    "toolkit.model.plan": "Plan plan_from_json plan_to_json",
    "toolkit.sandbox.serve": "Sandbox SandboxOptions",
    "toolkit.store": "ConflictEntry JournalEntry RunEntry",
}

if not TYPE_CHECKING:  # a type checker that saw this would take any name for a public one

    def __getattr__(name: str) -> object:
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = globals()[name] = _load(name)
        return value


def __dir__() -> list[str]:
    return list(__all__)


def _load(name: str) -> object:
    from importlib import import_module, metadata

    if name == "__version__":
        return metadata.version("hightonic")
    rooms = [room for room, names in _ROOMS.items() if name in names.split()]
    # What no other room offers is an error.
    room = import_module(rooms[0] if rooms else "toolkit.errors")
    # `scripting` is given whole: a user's script calls it `hightonic`.
    return room if room.__name__.endswith(f".{name}") else getattr(room, name)

"""A plan: ordered operations with conflicts and brakes, as data with a hash.

What is previewed is exactly what is applied; a plan travels as JSON (`plan_to_json`,
`plan_from_json`) and its hash covers everything but the moment it was made.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal, TypeAlias

from pydantic import TypeAdapter, ValidationError

from toolkit.errors import UseError
from toolkit.model.ids import CorrelationKey, Digest, Kind, LinkId, RecordId, Side
from toolkit.model.values import Value, digest


@dataclass(frozen=True, slots=True)
class Create:
    """Create the missing twin of `origin_id` on `side`.

    An empty `origin_id` means born here: no record asks for it, an automation does. A
    kind that is paired then leaves no pair behind, so that the next comparison gives the
    new record its twin as it would give one to a person's; of our own rows (`is_paired`
    is false) the pair stays, and holds the one id there is.

    Attributes:
        values: Neutral values for the new record; None never appears.
        shown: What the origin side shows, for the base once both exist.
        parent: Link of the contact it hangs on; its id is resolved when applied.
        is_undo: A deletion is taken back: the origin is gone, so the pair stays apart.
        causes: Firings of rules that asked for it, sorted; empty where no rule did.
    """

    link_id: LinkId
    kind: Kind
    side: Side
    origin_id: RecordId
    correlation: CorrelationKey
    values: Mapping[str, Value]
    shown: Mapping[str, Value]
    parent: LinkId | None = None
    generation: int = 0
    is_undo: bool = False
    causes: tuple[str, ...] = ()
    op: Literal["create"] = "create"

    @property
    def is_birth(self) -> bool:
        """Whether it is made for its own sake, and not as anybody's twin."""
        return not self.origin_id


@dataclass(frozen=True, slots=True)
class Update:
    """Write the changed fields, and only these, to a linked record.

    Attributes:
        before: Field -> value the target showed.
        after: Field -> value to write.
        other: Field -> value the other side shows; equal to `after` when it agrees.
        expected: Digest of all mapped values the target showed.
        is_undo: The difference this leaves between the sides is wanted and kept.
        causes: As in `Create`.
    """

    link_id: LinkId
    kind: Kind
    side: Side
    id: RecordId
    before: Mapping[str, Value]
    after: Mapping[str, Value]
    other: Mapping[str, Value]
    expected: Digest
    parent_id: RecordId | None = None
    is_undo: bool = False
    causes: tuple[str, ...] = ()
    op: Literal["update"] = "update"


@dataclass(frozen=True, slots=True)
class Delete:
    """Delete or archive the twin of a record that went away on the other side.

    Attributes:
        is_undo: A create is taken back: the origin is there still.
        causes: As in `Create`.
    """

    link_id: LinkId
    kind: Kind
    side: Side
    id: RecordId
    mode: Literal["archive", "delete"]
    before: Mapping[str, Value]
    expected: Digest
    parent_id: RecordId | None = None
    is_undo: bool = False
    causes: tuple[str, ...] = ()
    op: Literal["delete"] = "delete"


@dataclass(frozen=True, slots=True)
class Join:
    """Link two records that exist already; writes nothing to either side."""

    link_id: LinkId
    kind: Kind
    highlevel_id: RecordId
    timetonic_id: RecordId
    correlation: CorrelationKey
    base: Mapping[str, Value]
    parent: LinkId | None = None
    by: str = ""
    """What matched them: `correlation`, `email`, `phone`, `content`."""
    op: Literal["join"] = "join"


@dataclass(frozen=True, slots=True)
class Rebase:
    """Both sides came to the same values on their own: remember them as agreed."""

    link_id: LinkId
    kind: Kind
    base: Mapping[str, Value]
    op: Literal["rebase"] = "rebase"


@dataclass(frozen=True, slots=True)
class Unlink:
    """One side is gone; the other stays and is kept apart from now on."""

    link_id: LinkId
    kind: Kind
    gone: tuple[Side, ...]
    before: Mapping[str, Value]
    op: Literal["unlink"] = "unlink"


Operation: TypeAlias = Create | Update | Delete | Join | Rebase | Unlink
Write: TypeAlias = Create | Update | Delete


@dataclass(frozen=True, slots=True)
class Conflict:
    """Both sides changed one field differently and no policy decides."""

    link_id: LinkId
    kind: Kind
    field: str
    highlevel_id: RecordId
    timetonic_id: RecordId
    base: Value
    highlevel: Value
    timetonic: Value

    @property
    def fingerprint(self) -> str:
        """Names the two values; a resolution of other values does not fit."""
        return digest([self.link_id, self.field, self.highlevel, self.timetonic])


@dataclass(frozen=True, slots=True)
class Ambiguity:
    """Records that may be the same person; nothing is written for any of them."""

    kind: Kind
    key: str
    highlevel_ids: tuple[RecordId, ...]
    timetonic_ids: tuple[RecordId, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Finding:
    """Something a person should look at that stops one record or field only."""

    kind: Kind
    side: Side
    id: RecordId
    reason: str
    field: str = ""


@dataclass(frozen=True, slots=True)
class BrakeTripped:
    """One class of operations exceeds its limit and waits for approval.

    Attributes:
        verb: `create`, `update`, `delete`, `unlink` or `blank` or `shrink`.
        limit: Largest count that would have passed.
    """

    side: Side
    kind: Kind
    verb: Literal["create", "update", "delete", "unlink", "blank", "shrink"]
    count: int
    limit: int
    reason: str


@dataclass(frozen=True, slots=True)
class Plan:
    """Ordered operations with what stands against them.

    Attributes:
        config_digest: Digest of mapping, filters and policies the plan was made under.
        held: Operations a brake holds back; applied only with an approval that names
            this plan's hash.
        lost: Losing values of conflicts that a policy decided, for the journal.
        made_at: When it was made; not part of the hash.
    """

    connection: str
    config_digest: Digest
    operations: tuple[Operation, ...] = ()
    held: tuple[Operation, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    ambiguities: tuple[Ambiguity, ...] = ()
    findings: tuple[Finding, ...] = ()
    brakes: tuple[BrakeTripped, ...] = ()
    lost: tuple[Conflict, ...] = ()
    made_at: datetime | None = None
    estimated_calls: Mapping[Side, int] = field(default_factory=dict)

    @property
    def hash(self) -> Digest:
        """Names exactly these operations; equal plans made at other moments agree."""
        bare = replace(self, made_at=None, estimated_calls={})
        body = _ADAPTER.dump_python(bare, mode="json")
        for operation in (*body["operations"], *body["held"]):
            _leave_out_causes(operation)
        return digest(body)

    @property
    def approval(self) -> str:
        """Names exactly the held operations; stays the same once the others are done."""
        if not self.held:
            return ""
        held = [_OPERATION.dump_python(each, mode="json") for each in self.held]
        return digest([_leave_out_causes(each) for each in held])

    @property
    def writes(self) -> tuple[Write, ...]:
        """The operations that reach a vendor."""
        return tuple(op for op in self.operations if isinstance(op, Create | Update | Delete))


_ADAPTER: TypeAdapter[Plan] = TypeAdapter(Plan)
_OPERATION: TypeAdapter[Operation] = TypeAdapter(Operation)


def _leave_out_causes(operation: dict[str, Any]) -> dict[str, Any]:
    """Where no rule asked for it, an operation keeps the name it had before rules were."""
    if not operation.get("causes"):
        operation.pop("causes", None)
    return operation


def plan_to_json(plan: Plan) -> str:
    """The plan as indented JSON with its hash beside it."""
    import json

    body = _ADAPTER.dump_python(plan, mode="json")
    return json.dumps({"hash": plan.hash, "plan": body}, ensure_ascii=False, indent=1)


def plan_from_json(text: str) -> Plan:
    """Read a plan back.

    Raises:
        UseError: Not a plan, or its content no longer matches its own hash.
    """
    import json

    try:
        outer = json.loads(text)
        plan = _ADAPTER.validate_python(outer["plan"])
    except (ValueError, KeyError, TypeError, ValidationError) as error:
        raise UseError(
            "This is not a plan file",
            unchanged="Nothing was changed",
            remedy="Make one with `hightonic plan -o FILE`",
        ) from error
    if outer.get("hash") != plan.hash:
        raise UseError(
            "The plan file was altered after it was made",
            unchanged="Nothing was changed",
            remedy="Make a new one with `hightonic plan -o FILE`",
        )
    return plan


def operation_to_json(operation: Operation) -> str:
    """One operation as compact JSON, for the outbox and the journal."""
    is_caused = bool(getattr(operation, "causes", ()))
    exclude = None if is_caused else {"causes"}
    return _OPERATION.dump_json(operation, exclude=exclude).decode()


def operation_from_json(text: str) -> Operation:
    """Read an operation back from the outbox or the journal."""
    return _OPERATION.validate_json(text)

"""What a vendor's answer to a write says: for the run's outcome, and for the pair."""

from __future__ import annotations

from toolkit.errors import (
    CredentialsError,
    ForbiddenError,
    NotFoundError,
    NotReachedError,
    QuotaExhaustedError,
    UnknownOutcomeError,
)
from toolkit.executor.context import RunContext
from toolkit.executor.port import WriteResult, Written
from toolkit.model.outcomes import Outcome, OutcomeState
from toolkit.model.plan import Create, Delete, Update, Write


def note_shown(write: Update, result: Written, context: RunContext) -> None:
    """What the written side shows now, for the write to the other side of the pair."""
    place = write.link_id, write.side
    context.shown.setdefault(place, {}).update(write.after)
    answer = result.record.values if result.record else {}
    stored = context.stored.setdefault(place, {})
    for name, sent in write.after.items():
        stored.pop(name, None)
        if name in answer and answer[name] != sent:
            stored[name] = answer[name]


def outcome_of(write: Write, result: WriteResult) -> Outcome:
    """A port's answer as an outcome a person can read."""
    if isinstance(result, Written):
        return Outcome(write, OutcomeState.DONE, id=result.id)
    target = None if isinstance(write, Create) else write.id
    is_unknown = isinstance(result, UnknownOutcomeError)
    if isinstance(result, NotFoundError) and isinstance(write, Delete):
        return Outcome(write, OutcomeState.DONE, id=target, reason="was gone already")
    passing = (
        NotReachedError
        | NotFoundError
        | QuotaExhaustedError
        | CredentialsError
        | ForbiddenError
    )
    return Outcome(
        write,
        OutcomeState.UNKNOWN if is_unknown else OutcomeState.FAILED,
        id=target,
        reason=result.happened,
        error=type(result).__name__,
        reference=result.reference,
        is_retryable=is_unknown or isinstance(result, passing),
    )

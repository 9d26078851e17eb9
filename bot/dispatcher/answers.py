"""What Slack may say to a message, by what is done next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias


@dataclass(frozen=True, slots=True)
class Said:
    """It stands there."""

    place: str
    ts: str


@dataclass(frozen=True, slots=True)
class Limited:
    """Too many; nothing was posted. Wait as long as Slack says."""

    wait_s: float


@dataclass(frozen=True, slots=True)
class Closed:
    """The channel takes nothing from us."""

    error: str


@dataclass(frozen=True, slots=True)
class Vanished:
    """The message that was to be edited, or its thread, is no longer there."""

    error: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """Slack will not take this content, however often it is sent."""

    error: str


@dataclass(frozen=True, slots=True)
class LockedOut:
    """Our token is no longer good, or lacks a scope: nothing goes until somebody acts."""

    error: str


@dataclass(frozen=True, slots=True)
class Unreached:
    """Provably not posted: the connection never stood, or an edit failed, which repeats well."""

    error: str


@dataclass(frozen=True, slots=True)
class Unsure:
    """It may have been posted: look before posting again."""

    error: str


Answer: TypeAlias = (
    Said | Limited | Closed | Vanished | Rejected | LockedOut | Unreached | Unsure
)

NOT_INSTALLED: Final = "not installed"
"""The word of ours for a workspace whose token we have none of."""

# Error codes of chat.postMessage and chat.update (docs.slack.dev/reference/methods, read 2026-11).
CLOSED: Final = frozenset(
    {
        "channel_not_found",
        "channel_is_limited_access",
        "is_archived",
        "not_in_channel",
        "restricted_action",
        "restricted_action_read_only_channel",
        "restricted_action_thread_only_channel",
        # Of the conversation, not of the token: the bot is not in it, or may not see them.
        "no_permission",
        "access_denied",
        "cannot_dm_bot",
        "invalid_user_combination",
        "user_not_visible",
        "user_not_found",
        "user_disabled",
        "messages_tab_disabled",
    }
)
VANISHED: Final = frozenset(
    {
        "message_not_found",
        "cant_update_message",
        "edit_window_closed",
        "thread_not_found",
        "thread_locked",
        "restricted_action_thread_locked",
        "restricted_action_non_threadable_channel",
        "cannot_reply_to_message",
    }
)
PASSING: Final = frozenset(
    {"external_channel_migrating", "message_limit_exceeded", "team_added_to_org"}
)
"""Refused, but not for good: the same is taken once the workspace has moved, or calmed down."""
LOCKED_OUT: Final = frozenset(
    {
        "invalid_auth",
        "not_authed",
        "account_inactive",
        "token_expired",
        "token_revoked",
        "missing_scope",
        "org_login_required",
        "not_allowed_token_type",
        "accesslimited",
        "enterprise_is_restricted",
        "team_access_not_granted",
        "ekm_access_denied",
    }
)
BROKEN: Final = frozenset(
    {"internal_error", "fatal_error", "service_unavailable", "request_timeout"}
)
"""Slack failed in the middle: it may have done the work."""

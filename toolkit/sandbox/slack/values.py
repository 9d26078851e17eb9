"""What a workspace holds: channels, messages, views. Plain values and their wire forms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from toolkit.sandbox.slack.people import Team

Json = dict[str, Any]


class ChannelKind(StrEnum):
    """What sort of conversation it is."""

    PUBLIC = "public"
    PRIVATE = "private"
    DIRECT = "im"
    GROUP = "mpim"


@dataclass(slots=True)
class Channel:
    """A conversation. `members` holds ids of people and bots."""

    id: str
    name: str
    kind: ChannelKind = ChannelKind.PUBLIC
    members: set[str] = field(default_factory=set)
    is_shared: bool = False
    is_archived: bool = False
    created: int = 1_700_000_000
    creator: str = ""
    purpose: str = ""

    @property
    def is_direct(self) -> bool:
        """Whether it is a conversation of two."""
        return self.kind is ChannelKind.DIRECT

    @property
    def event_type(self) -> str:
        """`channel_type` of a message event."""
        names = {ChannelKind.PUBLIC: "channel", ChannelKind.PRIVATE: "group"}
        return names.get(self.kind, self.kind.value)

    def to_json(self, team: Team) -> Json:
        """The conversation object, as the app's bot sees it."""
        bot_id = team.bot_user
        value: Json = {
            "id": self.id,
            "created": self.created,
            "is_archived": self.is_archived,
            "is_im": self.is_direct,
            "is_mpim": self.kind is ChannelKind.GROUP,
            "is_org_shared": False,
            "context_team_id": team.id,
            "updated": self.created * 1000,
        }
        if self.is_direct:
            others = sorted(self.members - {bot_id})
            return value | {"user": others[0] if others else bot_id, "is_user_deleted": False}
        return value | {
            "name": self.name,
            "name_normalized": self.name,
            "is_channel": self.kind is ChannelKind.PUBLIC,
            "is_group": self.kind is ChannelKind.PRIVATE,
            "is_private": self.kind is not ChannelKind.PUBLIC,
            "is_general": self.name == "general",
            "is_ext_shared": self.is_shared,
            "is_shared": self.is_shared,
            "is_member": bot_id in self.members,
            "creator": self.creator,
            "num_members": len(self.members),
            "topic": {"value": "", "creator": "", "last_set": 0},
            "purpose": {"value": self.purpose, "creator": "", "last_set": 0},
        }


@dataclass(slots=True)
class Message:
    """One message as it stands now.

    Args:
        channel: Id of its conversation.
        ts: Its time and name within the conversation.
        user: Who wrote it.
        content: `text`, and where given `blocks`, `attachments`, `metadata`, `unfurls`.
        bot_id: Where the app wrote it.
        thread_ts: Of the message it answers.
        seen_by: The one person an ephemeral message is shown to; empty for everybody.
        values: What people chose in its inputs: block id, action id, state.
    """

    channel: str
    ts: str
    user: str
    content: Json
    bot_id: str = ""
    thread_ts: str = ""
    seen_by: str = ""
    edited_ts: str = ""
    reactions: dict[str, list[str]] = field(default_factory=dict)
    values: Json = field(default_factory=dict)

    @property
    def blocks(self) -> list[Json]:
        """Its own blocks, then those of its attachments, then those below its links."""
        attached = [
            block
            for one in [*(self.content.get("attachments") or []), *self.unfurls.values()]
            for block in one.get("blocks", [])
        ]
        return [*(self.content.get("blocks") or []), *attached]

    @property
    def unfurls(self) -> dict[str, Json]:
        """Link -> what the app shows below it."""
        found: dict[str, Json] = self.content.get("unfurls") or {}
        return found

    def to_json(self, team: Team, *, app_id: str) -> Json:
        """The message object of the Web API and of payloads."""
        value: Json = {"type": "message", "user": self.user, "ts": self.ts, "text": ""}
        value |= {k: v for k, v in self.content.items() if v is not None}
        value["team"] = team.id
        if self.bot_id:
            value |= {"bot_id": self.bot_id, "app_id": app_id}
        if self.thread_ts:
            value["thread_ts"] = self.thread_ts
        if self.edited_ts:
            value["edited"] = {"user": self.user, "ts": self.edited_ts}
        if self.reactions:
            value["reactions"] = [
                {"name": name, "users": [*users], "count": len(users)}
                for name, users in self.reactions.items()
            ]
        return value


@dataclass(slots=True)
class View:
    """A modal or a home tab as it stands now.

    Args:
        id: `V...`; a home tab keeps its id.
        user: Who sees it.
        content: As the app sent it, ids filled in.
        values: What the person typed and chose so far: block id, action id, state.
        errors: Block id to sentence, as the app answered last.
    """

    id: str
    user: str
    content: Json
    hash: str
    root_id: str
    previous_id: str | None = None
    values: Json = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    is_open: bool = True

    @property
    def blocks(self) -> list[Json]:
        """Its blocks."""
        return list(self.content["blocks"])

    @property
    def kind(self) -> str:
        """`modal` or `home`."""
        return str(self.content["type"])

    def to_json(self, team: Team, *, app_id: str) -> Json:
        """The view object of the Web API and of payloads."""
        empty: Mapping[str, Any] = {
            "title": {"type": "plain_text", "text": "View Title", "emoji": True},
            "submit": None,
            "close": None,
            "callback_id": "",
            "external_id": "",
            "private_metadata": "",
            "clear_on_close": False,
            "notify_on_close": False,
        }
        return {
            **empty,
            **self.content,
            "id": self.id,
            "team_id": team.id,
            "state": {"values": self.values},
            "hash": self.hash,
            "previous_view_id": self.previous_id,
            "root_view_id": self.root_id,
            "app_id": app_id,
            "app_installed_team_id": team.id,
            "bot_id": team.bot_id,
        }

"""`conversations.*`: channels, who is in them, what was said."""

from __future__ import annotations

from typing import Final

from toolkit.sandbox.slack.calls import Call, Method, SlackRefusalError
from toolkit.sandbox.slack.values import Channel, ChannelKind, Json, Message

_TYPES: Final = {
    "public_channel": ChannelKind.PUBLIC,
    "private_channel": ChannelKind.PRIVATE,
    "im": ChannelKind.DIRECT,
    "mpim": ChannelKind.GROUP,
}
# What must be granted to look at a conversation of this kind.
_SCOPE: Final = {
    ChannelKind.PUBLIC: "channels",
    ChannelKind.PRIVATE: "groups",
    ChannelKind.DIRECT: "im",
    ChannelKind.GROUP: "mpim",
}
_READ: Final = tuple(f"{name}:read" for name in _SCOPE.values())
_HISTORY: Final = tuple(f"{name}:history" for name in _SCOPE.values())


class ConversationMethods:
    """Reading conversations, and entering them."""

    def __init__(self) -> None:
        self.methods: dict[str, Method] = {
            "conversations.list": Method(self.list_channels, _READ, per_minute=20),
            "conversations.info": Method(self.get_channel, _READ),
            "conversations.members": Method(self.list_members, _READ, per_minute=100),
            "conversations.open": Method(self.open, ("im:write", "mpim:write"), is_write=True),
            "conversations.join": Method(self.join, ("channels:join",), is_write=True),
            "conversations.leave": Method(
                self.leave, ("channels:manage", "groups:write"), is_write=True
            ),
            "conversations.history": Method(self.list_history, _HISTORY),
            "conversations.replies": Method(self.list_replies, _HISTORY),
            "users.conversations": Method(self.list_own, _READ),
        }

    async def list_channels(self, call: Call) -> Json:
        """`conversations.list`: public channels unless `types` says otherwise."""
        return _list(call, is_own=False)

    async def list_own(self, call: Call) -> Json:
        """`users.conversations`: those the person, or the bot, is a member of."""
        return _list(call, is_own=True)

    async def get_channel(self, call: Call) -> Json:
        """`conversations.info`."""
        channel = _scoped(call, "read")
        value = channel.to_json(call.state.team)
        if not call.flag("include_num_members"):
            value.pop("num_members", None)
        return {"channel": value}

    async def list_members(self, call: Call) -> Json:
        """`conversations.members`."""
        channel = _scoped(call, "read")
        rows: list[Json] = [{"id": one} for one in sorted(channel.members)]
        page, metadata = call.page(rows, limit=call.limit())
        return {"members": [one["id"] for one in page], "response_metadata": metadata}

    async def open(self, call: Call) -> Json:
        """`conversations.open`: with one person, or with several; a second call opens nothing."""
        users = [one for one in call.text("users").split(",") if one]
        if given := call.text("channel"):
            found = call.state.find_channel(given)
            if found is None:
                raise SlackRefusalError("channel_not_found")
            return _opened(call, found, is_new=False)
        if not users:
            raise SlackRefusalError("users_list_not_supplied")
        if unknown := [one for one in users if one not in call.state.people]:
            raise SlackRefusalError("user_not_found", more={"user": unknown[0]})
        known = len(call.state.channels)
        if len(users) == 1:
            channel = call.state.direct_channel(users[0])
        else:
            channel = _group(call, {*users, call.bot_user})
        return _opened(call, channel, is_new=len(call.state.channels) > known)

    async def join(self, call: Call) -> Json:
        """`conversations.join`: a second call only warns."""
        channel = call.channel()
        if channel.kind is not ChannelKind.PUBLIC:
            raise SlackRefusalError("method_not_supported_for_channel_type")
        if channel.is_archived:
            raise SlackRefusalError("is_archived")
        if call.bot_user in channel.members:
            call.warnings.append("already_in_channel")
        channel.members.add(call.bot_user)
        call.state.changes.note()
        return {"channel": channel.to_json(call.state.team)}

    async def leave(self, call: Call) -> Json:
        """`conversations.leave`."""
        channel = call.channel()
        if call.bot_user not in channel.members:
            return {"not_in_channel": True}
        channel.members.discard(call.bot_user)
        call.state.changes.note()
        return {}

    async def list_history(self, call: Call) -> Json:
        """`conversations.history`: newest first, thread answers left out."""
        channel = _readable(call)
        own = [
            one
            for one in call.state.history(channel.id)
            if not one.seen_by and one.thread_ts in {"", one.ts}
        ]
        rows = [_with_replies(call, one) for one in reversed(_within(call, own))]
        page, metadata = call.page(rows, limit=call.limit(most=999))
        return {
            "messages": page,
            "has_more": bool(metadata["next_cursor"]),
            "response_metadata": metadata,
        }

    async def list_replies(self, call: Call) -> Json:
        """`conversations.replies`: the first message of a thread, then its answers."""
        channel = _readable(call)
        ts = call.need("ts")
        own = [
            one
            for one in call.state.history(channel.id)
            if not one.seen_by and ts in {one.ts, one.thread_ts}
        ]
        if not own:
            raise SlackRefusalError("thread_not_found")
        rows = [_with_replies(call, one) for one in _within(call, own)]
        page, metadata = call.page(rows, limit=call.limit(default=1000))
        return {
            "messages": page,
            "has_more": bool(metadata["next_cursor"]),
            "response_metadata": metadata,
        }


def _scoped(call: Call, what: str) -> Channel:
    """The conversation, if the scope for its kind was granted."""
    channel = call.channel()
    needed = f"{_SCOPE[channel.kind]}:{what}"
    if needed not in call.token.scopes:
        raise missing_scope(call, needed)
    return channel


def missing_scope(call: Call, needed: str) -> SlackRefusalError:
    """The refusal that names what would have to be granted."""
    provided = ",".join(sorted(call.token.scopes))
    return SlackRefusalError("missing_scope", more={"needed": needed, "provided": provided})


def _readable(call: Call) -> Channel:
    channel = _scoped(call, "history")
    if call.bot_user not in channel.members:
        raise SlackRefusalError("not_in_channel")
    return channel


def _list(call: Call, *, is_own: bool) -> Json:
    names = (call.text("types") or "public_channel").split(",")
    if any(name not in _TYPES for name in names):
        raise SlackRefusalError("invalid_types")
    kinds = {_TYPES[name] for name in names}
    for kind in kinds:
        if f"{_SCOPE[kind]}:read" not in call.token.scopes:
            raise missing_scope(call, f"{_SCOPE[kind]}:read")
    member = call.text("user") or call.bot_user if is_own else call.bot_user
    rows = [
        one.to_json(call.state.team)
        for one in call.state.channels.values()
        if one.kind in kinds
        and (member in one.members or (not is_own and one.kind is ChannelKind.PUBLIC))
        and not (one.is_archived and call.flag("exclude_archived"))
    ]
    page, metadata = call.page(rows, limit=call.limit())
    return {"channels": page, "response_metadata": metadata}


def _opened(call: Call, channel: Channel, *, is_new: bool) -> Json:
    value: Json = {"id": channel.id}
    if call.flag("return_im"):
        value = channel.to_json(call.state.team)
    return (
        {"channel": value}
        if is_new
        else {"channel": value, "already_open": True, "no_op": True}
    )


def _group(call: Call, members: set[str]) -> Channel:
    for one in call.state.channels.values():
        if one.kind is ChannelKind.GROUP and one.members == members:
            return one
    channel = Channel(call.state.new_id("G"), "", ChannelKind.GROUP, members)
    call.state.channels[channel.id] = channel
    return channel


def _within(call: Call, messages: list[Message]) -> list[Message]:
    """Those between `oldest` and `latest`; the bounds count only when `inclusive`."""
    oldest, latest = _moment(call, "oldest", "0"), _moment(call, "latest", "9999999999")
    if call.flag("inclusive"):
        return [one for one in messages if oldest <= float(one.ts) <= latest]
    return [one for one in messages if oldest < float(one.ts) < latest]


def _moment(call: Call, name: str, default: str) -> float:
    try:
        return float(call.text(name, default))
    except ValueError as unreadable:
        raise SlackRefusalError(f"invalid_ts_{name}") from unreadable


def _with_replies(call: Call, message: Message) -> Json:
    value = call.state.member_json(message)
    answers = [
        one
        for one in call.state.history(message.channel)
        if one.thread_ts == message.ts and one.ts != message.ts and not one.seen_by
    ]
    if answers:
        value |= {
            "thread_ts": message.ts,
            "reply_count": len(answers),
            "reply_users": sorted({one.user for one in answers}),
            "latest_reply": answers[-1].ts,
        }
    return value

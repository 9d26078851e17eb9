"""`chat.*` and `reactions.*`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from toolkit.sandbox.slack.blockkit import check_blocks
from toolkit.sandbox.slack.calls import Call, Method, SlackRefusalError
from toolkit.sandbox.slack.limits import RateLimits
from toolkit.sandbox.slack.posting import MOST_TEXT, fill_ids, post_as_app, read_content
from toolkit.sandbox.slack.values import Channel, ChannelKind, Json, Message

_WRITE: Final = ("chat:write",)
_POSTS_A_MINUTE: Final = 600


class ChatMethods:
    """Posting, changing and removing messages.

    Args:
        limits: Asked before every post.
    """

    def __init__(self, limits: RateLimits) -> None:
        self._limits = limits
        self.methods: dict[str, Method] = {
            # Its own limit is per channel; this one stands for the workspace-wide ceiling.
            "chat.postMessage": _method(self.post, per_minute=_POSTS_A_MINUTE),
            "chat.postEphemeral": _method(self.post_ephemeral, per_minute=100),
            "chat.update": _method(self.update),
            "chat.delete": _method(self.delete),
            "chat.meMessage": _method(self.post, per_minute=50),
            "chat.unfurl": Method(self.unfurl, ("links:write",), is_write=True),
            "chat.getPermalink": Method(self.get_permalink, per_minute=600),
            "reactions.add": Method(self.add_reaction, ("reactions:write",), is_write=True),
            "reactions.remove": Method(
                self.remove_reaction, ("reactions:write",), is_write=True
            ),
            "reactions.get": Method(self.get_reactions, ("reactions:read",)),
        }

    async def post(self, call: Call) -> Json:
        """`chat.postMessage`."""
        channel = _postable(call)
        thread_ts = call.text("thread_ts")
        if thread_ts and (channel.id, thread_ts) not in call.state.messages:
            raise SlackRefusalError("thread_not_found")
        content = read_content(call.arguments, call.state)
        self._check_pace(channel)
        if len(call.text("text")) > MOST_TEXT:
            call.warnings.append("message_truncated")
        if not call.text("text"):
            call.warnings.append("missing_text_in_message")
        message = post_as_app(call.state, channel.id, content, thread_ts=thread_ts)
        return {
            "channel": channel.id,
            "ts": message.ts,
            "message": call.state.member_json(message),
        }

    def _check_pace(self, channel: Channel) -> None:
        wait_s = self._limits.take_post(channel.id)
        if wait_s is not None:
            raise SlackRefusalError("ratelimited", status=429, retry_after_s=wait_s)

    async def post_ephemeral(self, call: Call) -> Json:
        """`chat.postEphemeral`."""
        channel = _postable(call)
        user = call.need("user")
        if user not in channel.members:
            raise SlackRefusalError("user_not_in_channel")
        content = read_content(call.arguments, call.state)
        message = post_as_app(
            call.state,
            channel.id,
            content,
            seen_by=user,
            thread_ts=call.text("thread_ts"),
        )
        return {"message_ts": message.ts}

    async def update(self, call: Call) -> Json:
        """`chat.update`: members left out stay as they were; an empty list takes them away."""
        message = _own_message(call, "cant_update_message")
        given = {**message.content, **_without_none(call.arguments)}
        content = read_content(given, call.state)
        message.content = {name: value for name, value in content.items() if value != []}
        message.edited_ts = call.state.new_ts()
        message.values = {}
        call.state.changes.note()
        return {
            "channel": message.channel,
            "ts": message.ts,
            "text": content["text"],
            "message": call.state.member_json(message),
        }

    async def delete(self, call: Call) -> Json:
        """`chat.delete`."""
        message = _own_message(call, "cant_delete_message")
        del call.state.messages[(message.channel, message.ts)]
        call.state.changes.note()
        return {"channel": message.channel, "ts": message.ts}

    async def unfurl(self, call: Call) -> Json:
        """`chat.unfurl`: blocks or Work Objects below a link somebody posted."""
        channel, ts = call.text("channel"), call.text("ts")
        if unfurl_id := call.text("unfurl_id"):
            # Only together with where the link stands (api.slack.com/methods/chat.unfurl).
            if call.text("source") not in _SOURCES:
                raise SlackRefusalError("invalid_arguments")
            channel, ts = call.state.unfurl_ids.get(unfurl_id, ("", ""))
        message = call.state.messages.get((channel, ts))
        if message is None:
            raise SlackRefusalError("cannot_find_message")
        unfurls = _read_unfurls(call, message)
        shown = {url: fill_ids(card, call.state) for url, card in unfurls.items()}
        message.content = {**message.content, "unfurls": shown}
        if call.arguments.get("metadata"):
            message.content["entities"] = call.arguments["metadata"]
        call.state.changes.note()
        return {}

    async def get_permalink(self, call: Call) -> Json:
        """`chat.getPermalink`."""
        channel = call.channel()
        ts = call.need("message_ts")
        message = call.state.messages.get((channel.id, ts))
        if message is None:
            raise SlackRefusalError("message_not_found")
        number = ts.replace(".", "")
        link = f"https://{call.state.team.domain}.slack.com/archives/{channel.id}/p{number}"
        if message.thread_ts:
            link += f"?thread_ts={message.thread_ts}&cid={channel.id}"
        return {"channel": channel.id, "permalink": link}

    async def add_reaction(self, call: Call) -> Json:
        """`reactions.add`."""
        users = _reacting(call)
        if call.bot_user in users:
            raise SlackRefusalError("already_reacted")
        users.append(call.bot_user)
        call.state.changes.note()
        return {}

    async def remove_reaction(self, call: Call) -> Json:
        """`reactions.remove`."""
        users = _reacting(call)
        if call.bot_user not in users:
            raise SlackRefusalError("no_reaction")
        users.remove(call.bot_user)
        call.state.changes.note()
        return {}

    async def get_reactions(self, call: Call) -> Json:
        """`reactions.get`."""
        message = _message(call, "timestamp")
        return {
            "type": "message",
            "channel": message.channel,
            "message": call.state.member_json(message),
        }


_SOURCES: Final = ("composer", "conversations_history")


def _method(handler: object, *, per_minute: int = 50) -> Method:
    return Method(handler, _WRITE, per_minute=per_minute, is_write=True)  # type: ignore[arg-type]


def _without_none(arguments: Mapping[str, object]) -> Json:
    return {name: value for name, value in arguments.items() if value is not None}


def _postable(call: Call) -> Channel:
    """The conversation, if the app may write there."""
    channel = call.channel()
    if channel.is_archived:
        raise SlackRefusalError("is_archived")
    is_outside = call.bot_user not in channel.members and channel.kind is ChannelKind.PUBLIC
    if is_outside and "chat:write.public" not in call.token.scopes:
        raise SlackRefusalError("not_in_channel")
    return channel


def _message(call: Call, name: str = "ts") -> Message:
    channel = call.channel()
    message = call.state.messages.get((channel.id, call.need(name)))
    if message is None or message.seen_by:
        raise SlackRefusalError("message_not_found")
    return message


def _own_message(call: Call, error: str) -> Message:
    message = _message(call)
    if message.user != call.bot_user:
        raise SlackRefusalError(error)
    return message


def _read_unfurls(call: Call, message: Message) -> dict[str, Json]:
    """What is to be shown below which link of a message."""
    unfurls = call.arguments.get("unfurls") or {}
    if not unfurls and not call.arguments.get("metadata"):
        raise SlackRefusalError("missing_unfurls")
    is_map = isinstance(unfurls, dict)
    if not is_map or not all(isinstance(one, dict) for one in unfurls.values()):
        raise SlackRefusalError("invalid_unfurls_format")
    for url, card in unfurls.items():
        if url not in str(message.content["text"]).replace("&amp;", "&"):
            raise SlackRefusalError("cannot_unfurl_url")
        if issues := check_blocks(card.get("blocks", []), at=f"/unfurls/{url}/blocks"):
            raise SlackRefusalError.of_issues(issues, error="cannot_unfurl_message")
    return dict(unfurls)


def _reacting(call: Call) -> list[str]:
    message = _message(call, "timestamp")
    return message.reactions.setdefault(call.need("name").strip(":"), [])

"""Files in three steps, as the official client uploads them, and groups of people."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from toolkit.sandbox.common import Answer, Request
from toolkit.sandbox.slack.calls import Call, Method, SlackRefusalError
from toolkit.sandbox.slack.posting import post_as_app
from toolkit.sandbox.slack.state import SlackState
from toolkit.sandbox.slack.values import Json

UPLOAD_PATH: Final = re.compile(r"/upload/(F\d+)")
_WRITE: Final = ("files:write",)
_GROUPS: Final = ("usergroups:read",)
_MISSING: Final = 404


class FileMethods:
    """`files.getUploadURLExternal`, `files.completeUploadExternal`, `usergroups.*`."""

    def __init__(self) -> None:
        self.methods: dict[str, Method] = {
            "files.getUploadURLExternal": Method(
                self.get_address, _WRITE, per_minute=100, is_write=True
            ),
            "files.completeUploadExternal": Method(
                self.complete, _WRITE, per_minute=100, is_write=True
            ),
            "usergroups.list": Method(self.list_groups, _GROUPS, per_minute=20),
            "usergroups.users.list": Method(self.list_members, _GROUPS, per_minute=20),
        }

    async def get_address(self, call: Call) -> Json:
        """`files.getUploadURLExternal`: where the bytes go."""
        name, length = call.need("filename"), call.need("length")
        if not length.isdigit() or int(length) == 0:
            raise SlackRefusalError("invalid_arguments")
        file_id = call.state.new_id("F")
        call.state.files[file_id] = {"id": file_id, "name": name, "size": int(length)}
        return {"upload_url": f"{call.state.base_url}/upload/{file_id}", "file_id": file_id}

    async def complete(self, call: Call) -> Json:
        """`files.completeUploadExternal`: shows the files, in a channel where one is named."""
        wanted = _read_list(call.arguments.get("files"))
        files = [_finished(call.state, one) for one in wanted]
        if name := call.text("channel_id"):
            channel = call.state.find_channel(name)
            if channel is None or call.bot_user not in channel.members:
                raise SlackRefusalError("channel_not_found")
            content: Json = {"text": call.text("initial_comment"), "files": files}
            post_as_app(call.state, channel.id, content, thread_ts=call.text("thread_ts"))
        return {"files": files}

    async def list_groups(self, call: Call) -> Json:
        """`usergroups.list`."""
        with_users = call.flag("include_users")
        rows = [
            {"id": key, "handle": handle, "name": handle, "is_usergroup": True}
            | ({"users": sorted(users)} if with_users else {})
            for key, (handle, users) in call.state.groups.items()
        ]
        return {"usergroups": rows}

    async def list_members(self, call: Call) -> Json:
        """`usergroups.users.list`."""
        group = call.state.groups.get(call.need("usergroup"))
        if group is None:
            raise SlackRefusalError("no_such_subteam")
        return {"users": sorted(group[1])}


def take_upload(state: SlackState, file_id: str, request: Request) -> Answer:
    """Take the bytes of a file."""
    if file_id not in state.files:
        return Answer.of_html("Not found", status=_MISSING)
    state.files[file_id]["content"] = request.body
    text = f"OK - {len(request.body)}"
    return Answer(200, text.encode(), content_type="text/plain")


def _read_list(value: Any) -> list[Json]:  # noqa: ANN401 — before validation
    try:
        rows = json.loads(value) if isinstance(value, str) else value
    except ValueError:
        rows = None
    if not isinstance(rows, list) or not rows:
        raise SlackRefusalError("invalid_arguments")
    return rows


def _finished(state: SlackState, wanted: Json) -> Json:
    held = state.files.get(str(wanted.get("id")))
    if held is None or "content" not in held:
        raise SlackRefusalError("file_not_found")
    shown = {name: held[name] for name in ("id", "name", "size")}
    return shown | {"title": wanted.get("title") or held["name"]}

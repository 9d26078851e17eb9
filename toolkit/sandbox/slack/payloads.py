"""What Slack tells an app, word for word: commands, clicks, submissions, events."""

from __future__ import annotations

import secrets
from typing import Any, Final

from toolkit.sandbox.slack.manifest import APP_ID
from toolkit.sandbox.slack.people import Person
from toolkit.sandbox.slack.state import SlackState
from toolkit.sandbox.slack.values import Channel, ChannelKind, Json, Message, View

VERIFICATION_TOKEN: Final = "verification-token-of-the-sandbox"  # noqa: S105 — deprecated, still sent
_NAMES: Final = {
    ChannelKind.DIRECT: "directmessage",
    ChannelKind.PRIVATE: "privategroup",
    ChannelKind.GROUP: "mpdm",
}


def _below_link(message: Message, action: Json, container: Json) -> Json:
    """Where the click was: in the message, or below a link of it.

    Of the second, apps tell `container.is_app_unfurl` and `app_unfurl` (slackapi/java-slack-sdk
    issue 1038 and getsentry/sentry pull request 63549, read 2026-11).
    """
    for number, (url, card) in enumerate(message.unfurls.items(), start=1):
        if any(each.get("block_id") == action["block_id"] for each in card.get("blocks", [])):
            below = {
                **container,
                "type": "message_attachment",
                "attachment_id": number,
                "is_app_unfurl": True,
                "app_unfurl_url": url,
            }
            return {"container": below, "app_unfurl": {**card, "id": number, "from_url": url}}
    return {"container": container}


class Payloads:
    """Builds payloads about one workspace.

    Args:
        state: The workspace.
    """

    def __init__(self, state: SlackState) -> None:
        self._state = state

    def command(self, person: Person, channel: Channel, *, command: str, text: str) -> Json:
        """A slash command; every member is text, as in the form Slack posts."""
        state = self._state
        return {
            "token": VERIFICATION_TOKEN,
            "team_id": person.team_id,
            "team_domain": state.team.domain,
            "channel_id": channel.id,
            "channel_name": _NAMES.get(channel.kind, channel.name),
            "user_id": person.id,
            "user_name": person.name,
            "command": command,
            "text": text,
            "api_app_id": APP_ID,
            "is_enterprise_install": "false",
            "response_url": state.new_response_url(person.id, channel.id),
            "trigger_id": state.new_trigger(person.id),
        }

    def message_action(self, person: Person, message: Message, action: Json) -> Json:
        """A click below a message."""
        channel = self._state.channels[message.channel]
        container: Json = {
            "type": "message",
            "message_ts": message.ts,
            "channel_id": message.channel,
            "is_ephemeral": bool(message.seen_by),
        }
        if message.thread_ts:
            container["thread_ts"] = message.thread_ts
        payload = {
            **self._interaction("block_actions", person),
            **_below_link(message, action, container),
            "channel": {"id": channel.id, "name": _NAMES.get(channel.kind, channel.name)},
            "state": {"values": message.values},
            "response_url": self._answer_to(person, message),
            "actions": [action],
        }
        if not message.seen_by:
            payload["message"] = self._state.member_json(message)
        return payload

    def view_action(self, person: Person, view: View, action: Json) -> Json:
        """A click in a modal or a home tab."""
        return {
            **self._interaction("block_actions", person),
            "container": {"type": "view", "view_id": view.id},
            "view": self._state.member_json(view),
            "actions": [action],
        }

    def submission(self, person: Person, view: View, *, response_urls: list[Json]) -> Json:
        """A modal that is handed in."""
        return {
            **self._interaction("view_submission", person),
            "view": self._state.member_json(view),
            "response_urls": response_urls,
        }

    def closing(self, person: Person, view: View, *, is_cleared: bool) -> Json:
        """A modal that is closed, for apps that asked with `notify_on_close`."""
        payload = self._interaction("view_closed", person)
        del payload["trigger_id"]
        return {**payload, "view": self._state.member_json(view), "is_cleared": is_cleared}

    def suggestion(
        self,
        person: Person,
        place: Message | View,
        *,
        block_id: str,
        action_id: str,
        value: str,
    ) -> Json:
        """What a person typed into a menu whose options come from the app."""
        payload: Json = {
            **self._interaction("block_suggestion", person),
            "action_id": action_id,
            "block_id": block_id,
            "value": value,
        }
        del payload["trigger_id"]
        if isinstance(place, View):
            payload["container"] = {"type": "view", "view_id": place.id}
            payload["view"] = self._state.member_json(place)
        else:
            channel = self._state.channels[place.channel]
            payload["container"] = {"type": "message", "message_ts": place.ts}
            payload["channel"] = {"id": channel.id, "name": channel.name}
            payload["message"] = self._state.member_json(place)
        return payload

    def shortcut(self, person: Person, callback_id: str) -> Json:
        """A global shortcut."""
        payload = self._interaction("shortcut", person)
        return {**payload, "callback_id": callback_id, "action_ts": self._state.new_ts()}

    def message_shortcut(self, person: Person, message: Message, *, callback_id: str) -> Json:
        """A shortcut from a message's menu."""
        channel = self._state.channels[message.channel]
        return {
            **self._interaction("message_action", person),
            "callback_id": callback_id,
            "action_ts": self._state.new_ts(),
            "channel": {"id": channel.id, "name": _NAMES.get(channel.kind, channel.name)},
            "message_ts": message.ts,
            "message": self._state.member_json(message),
            "response_url": self._answer_to(person, message),
        }

    def event(self, event: Json) -> Json:
        """The envelope around an event."""
        return {
            "token": VERIFICATION_TOKEN,
            "team_id": self._state.team.id,
            "context_team_id": self._state.team.id,
            "api_app_id": APP_ID,
            "event": event,
            "type": "event_callback",
            "event_id": self._state.new_id("Ev"),
            "event_time": int(self._state.clock.now().timestamp()),
            "authorizations": [
                {
                    "enterprise_id": None,
                    "team_id": self._state.team.id,
                    "user_id": self._state.team.bot_user,
                    "is_bot": True,
                    "is_enterprise_install": False,
                }
            ],
            "is_ext_shared_channel": self._is_shared(event.get("channel")),
            "event_context": secrets.token_hex(8),
        }

    def _is_shared(self, channel: Any) -> bool:  # noqa: ANN401 — an id or an object
        found = self._state.channels.get(channel) if isinstance(channel, str) else None
        return found is not None and found.is_shared

    def _answer_to(self, person: Person, message: Message) -> str:
        return self._state.new_response_url(
            person.id, message.channel, message_ts=message.ts, thread_ts=message.thread_ts
        )

    def _interaction(self, kind: str, person: Person) -> Json:
        return {
            "type": kind,
            "team": {"id": self._state.team.id, "domain": self._state.team.domain},
            "user": {
                "id": person.id,
                "username": person.name,
                "name": person.name,
                "team_id": person.team_id,
            },
            "api_app_id": APP_ID,
            "token": VERIFICATION_TOKEN,
            "enterprise": None,
            "is_enterprise_install": False,
            "trigger_id": self._state.new_trigger(person.id),
        }

"""Whatever the bot hands to the emulated Slack keeps Slack's limits, or the test fails.

The bot lives through a refusal: it says the same as plain text, or says it failed. So a
payload beyond a limit would pass unseen where a test does not look at that very message.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

UNSOUND = (
    "invalid_blocks",
    "invalid_arguments",
    "invalid_metadata_schema",
    "metadata_too_large",
    "no_text",
    "msg_too_long",
    "too_many_attachments",
    "view_too_large",
    "duplicate_external_id",
    "invalid_unfurls_format",
    "cannot_unfurl_message",
    "errors must be",
    "no input block is called",
    "unknown response_action",
    "invalid_limit",
    "unknown_method",
)
_BADLY = "The app offered badly"
_LONGEST = 40_000


def taking(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What was unsound during a test; it may take away what it meant to be so."""
    from toolkit.sandbox.slack import posting
    from toolkit.sandbox.slack.blockkit.shapes import Issue
    from toolkit.sandbox.slack.calls import SlackRefusalError
    from toolkit.sandbox.slack.state import SlackState

    found: list[str] = []
    began, told, check = SlackRefusalError.__init__, SlackState.notify, posting.check_message

    def begin(self: Any, error: str, **more: Any) -> None:
        if error.startswith(UNSOUND):
            found.append(f"{error} {[*more.get('messages', ())]}")
        began(self, error, **more)

    def notify(self: Any, user: str, sentence: str) -> None:
        if sentence.startswith(_BADLY):
            found.append(sentence)
        told(self, user, sentence)

    def checked(payload: Mapping[str, Any]) -> list[Issue]:
        issues = check(payload, needs_text=True)
        if len(str(payload.get("text", ""))) > _LONGEST:
            issues.append(Issue("/text", "Slack would cut it"))
        return issues

    monkeypatch.setattr(SlackRefusalError, "__init__", begin)
    monkeypatch.setattr(SlackState, "notify", notify)
    monkeypatch.setattr(posting, "check_message", checked)
    yield found
    assert found == []


@pytest.fixture(autouse=True)
def unsound(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[list[str]]:
    """In every test of Slack; see `taking`."""
    if "slack" in request.module.__name__ or ".bot." in request.module.__name__:
        yield from taking(monkeypatch)
    else:
        yield []

"""What is photographed is what Slack takes, in both languages."""

from __future__ import annotations

import pytest

from bot.words import LANGUAGES, Voice
from tests.browser.gallery import messages, views
from toolkit.sandbox.slack import check_message, check_view


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_in_the_gallery_keeps_slack_s_limits(language):
    voice = Voice(language, "Europe/Paris")
    shown, opened = messages(voice), views(voice)

    assert len(shown) >= 10
    assert sum(each["type"] == "modal" for each in opened.values()) >= 3
    for name, message in shown.items():
        assert [*map(str, check_message(message.payload(), needs_text=True))] == [], name
    for name, view in opened.items():
        assert [*map(str, check_view(view))] == [], name

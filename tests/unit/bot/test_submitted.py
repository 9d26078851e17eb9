"""What a form's acknowledgement says where some of it, or none, can be taken on."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from bot.commands import Asked
from bot.listening.forms import Forms, complained
from bot.words import Voice
from toolkit.errors import StateBusyError, StateError

FIELDS = [{"type": "input", "block_id": name} for name in ("name", "due", "body")]


@pytest.mark.parametrize(
    ("near", "about"),
    [((), "name"), (("due", ""), "due"), (("", "body"), "body"), (("elsewhere",), "name")],
)
def test_a_complaint_stands_under_the_field_it_is_about(near: Any, about: str) -> None:
    shown = complained(Voice(), {"blocks": FIELDS}, "No day.", near=near)

    assert shown == {"response_action": "errors", "errors": {about: "No day."}}


def test_a_form_without_fields_is_replaced_by_the_complaint() -> None:
    shown = complained(Voice(), {"blocks": []}, "No day.")

    assert shown["response_action"] == "update"
    assert "No day." in str(shown["view"])


class Hands:
    """Takes so many lines, then its disk is full."""

    def __init__(self, room: int) -> None:
        self.room, self.names = room, []

    async def take(self, asked: Asked, name: str, _url: str) -> bool:
        if len(self.names) >= self.room:
            raise StateBusyError("Busy")
        self.names.append(name)
        return True


@pytest.mark.parametrize(
    ("room", "said"), [(0, "Busy"), (1, "1 of 3 choices"), (2, "2 of 3 choices")]
)
async def test_a_form_of_which_some_was_taken_on_says_how_much(room: int, said: str) -> None:
    hands = Hands(room)
    forms = Forms(SimpleNamespace(hands=hands), None)
    asked = [Asked("T", "U", "", f"sync resolve {each} highlevel", "modal") for each in "abc"]

    with pytest.raises(StateError, match=said):
        await forms._handed_over(asked, {"id": "V1", "hash": "h"}, {}, Voice())

    hands.room = 9
    before = [*hands.names]
    hands.names = []
    await forms._handed_over(asked, {"id": "V1", "hash": "h"}, {}, Voice())
    assert hands.names[: len(before)] == before
    assert len(set(hands.names)) == 3

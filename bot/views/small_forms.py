"""Forms with a single field."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.views.blocks import option, rich
from bot.views.modals import Draft, View, entry, modal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.words import Voice

_MOST_TAGS = 100


def tag_form(voice: Voice, draft: Draft, name: str, tags: Sequence[str]) -> View:
    """The tags of a contact, to add to and take from.

    Args:
        voice: The person's.
        draft: Carries whose tags they are, and which there were.
        name: The contact's.
        tags: That are there now.
    """
    chosen = [option(tag, tag) for tag in dict.fromkeys(tags) if tag][:_MOST_TAGS]
    menu = {"type": "multi_external_select", "min_query_length": 1}
    element = {**menu, "initial_options": chosen} if chosen else menu
    blocks = [
        rich(name or voice.tell("contact.nameless")),
        entry(voice.tell("form.tags"), "tags", element, is_needed=False),
    ]
    submit = voice.tell("button.save")
    return modal(voice, "tag_form", blocks, token=draft.token, submit=submit)


def assign_form(voice: Voice, draft: Draft) -> View:
    """Who looks after an alert from now on."""
    blocks = [entry(voice.tell("form.assignee"), "to", {"type": "users_select"})]
    submit = voice.tell("button.assign")
    return modal(voice, "assign_form", blocks, token=draft.token, submit=submit)

"""`me link`: who somebody is in HighLevel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.install.linking import Linked, LinkPage, NotLinked, SomebodyElse
from bot.views.blocks import Message, actions, button, message, section
from toolkit.errors import UseError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.commands.scene import Handler, Scene
    from bot.parse import Parsed
    from bot.words import Markup, Voice


def link(scene: Scene, _parsed: Parsed) -> Message:
    """Links the person by e-mail, or gives them a page of their own.

    Raises:
        UseError: This process links nobody.
    """
    if scene.link is None:
        raise UseError("Nobody can be linked here", unchanged="Nothing was changed")
    answer, voice = scene.link(scene.person), scene.voice
    if isinstance(answer, LinkPage):
        said = voice.say("link.page")
        opened = button(voice.tell("link.open"), "link.open", url=answer.url, style="primary")
        return message(voice, said, [section(said), actions(opened)])
    said = _said(voice, answer)
    return message(voice, said, [section(said)])


def _said(voice: Voice, answer: Linked | NotLinked | SomebodyElse) -> Markup:
    match answer:
        case Linked(owner=owner):
            return voice.say("link.linked", name=owner.name)
        case NotLinked():
            return voice.say("link.nobody")
        case SomebodyElse():
            return voice.say("link.guest")


LINKING: Final[Mapping[str, Handler]] = {"me link": link}

"""Saying who one is in HighLevel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from bot.words.catalogue.entries import Entry

LINKING: Final[dict[str, Entry]] = {
    "link.title": ("Who are you in HighLevel?", "Qui êtes-vous dans HighLevel ?"),
    "link.explain": (
        "This page belongs to the Slack member {user} and is good once. What you choose here "
        "is written down. An administrator still decides what you may do.",
        "Cette page est celle du membre Slack {user} et ne sert qu'une fois. Votre choix est "
        "consigné. Un administrateur décide toujours de vos droits.",
    ),
    "link.ask": ("Your HighLevel user", "Votre utilisateur HighLevel"),
    "link.button": ("That is me", "C'est moi"),
    "link.done": (
        "You are linked to {name}. You can close this page and go back to Slack.",
        "Vous êtes relié à {name}. Vous pouvez fermer cette page et revenir à Slack.",
    ),
    "link.gone": (
        "This page is not good any more. Nothing was changed. Ask for another one in Slack: "
        "/hightonic me link.",
        "Cette page n'est plus valable. Rien n'a été modifié. Demandez-en une autre dans "
        "Slack : /hightonic me link.",
    ),
    "link.page": (
        "Say who you are in HighLevel on this page. It is yours alone, for ten minutes, once.",
        "Dites sur cette page qui vous êtes dans HighLevel. Elle n'est qu'à vous, pour dix "
        "minutes, une seule fois.",
    ),
    "link.open": ("Open the page", "Ouvrir la page"),
    "link.linked": ("You are linked to {name}.", "Vous êtes relié à {name}."),
    "link.nobody": (
        "No HighLevel user has your e-mail address. Nothing was changed. Ask an administrator "
        "to link you.",
        "Aucun utilisateur HighLevel n'a votre adresse e-mail. Rien n'a été modifié. Demandez "
        "à un administrateur de vous relier.",
    ),
    "link.guest": (
        "Guests and members of other companies are not linked. Nothing was changed.",
        "Les invités et les membres d'autres entreprises ne sont pas reliés. Rien n'a été "
        "modifié.",
    ),
}

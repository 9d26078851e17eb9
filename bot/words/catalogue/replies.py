"""Answers of single commands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from bot.words.catalogue.entries import Entry

REPLIES: Final[dict[str, Entry]] = {
    "answer.not_yet": (
        "{command} cannot be done from Slack yet. Nothing was changed. Use the `hightonic` command line.",
        "{command} n'est pas encore possible depuis Slack. Rien n'a été modifié. Utilisez `hightonic` en ligne de commande.",
    ),
    "answer.no_conflicts": ("No conflict waits.", "Aucun conflit n'attend."),
    "answer.more_conflicts": (
        (
            "{count} more record waits after this one.",
            "{count} more records wait after this one.",
        ),
        (
            "{count} autre fiche attend après celle-ci.",
            "{count} autres fiches attendent après celle-ci.",
        ),
    ),
    "answer.alerts": (
        ("{count} alert", "{count} alerts"),
        ("{count} alerte", "{count} alertes"),
    ),
    "answer.acked": ("You look after {id} now.", "Vous vous occupez de {id}."),
    "answer.resolved": ("{id} is closed.", "{id} est close."),
    "answer.assigned": ("{id} was handed over.", "{id} a été confiée."),
    "answer.alert_unchanged": (
        "Nothing was changed: {id} is unknown, or this was done already.",
        "Rien n'a été modifié : {id} est inconnue, ou c'était déjà fait.",
    ),
    "answer.routes": (
        ("{count} rule sends alerts here", "{count} rules send alerts here"),
        ("{count} règle envoie des alertes ici", "{count} règles envoient des alertes ici"),
    ),
    "answer.route_added": (
        "Rule {name} sends alerts here from now on.",
        "La règle {name} envoie désormais des alertes ici.",
    ),
    "answer.route_removed": ("Rule {name} is gone.", "La règle {name} est retirée."),
    "answer.route_test": (
        ("{count} rule sends this event", "{count} rules send this event"),
        ("{count} règle envoie cet événement", "{count} règles envoient cet événement"),
    ),
    "answer.route_sends": (
        "{name} sends it to {channel}.{missed}",
        "{name} l'envoie dans {channel}.{missed}",
    ),
    "answer.route_misses": (
        "{name} ({channel}) does not: {missed} does not fit.",
        "{name} ({channel}) ne l'envoie pas : {missed} ne convient pas.",
    ),
    "answer.nothing_so_named": (
        "There is nothing called {name}. Nothing was changed.",
        "Rien ne s'appelle {name}. Rien n'a été modifié.",
    ),
    "answer.digest_at": ("The summary comes at {time}.", "Le résumé vient à {time}."),
    "answer.digest_off": ("No summary comes here.", "Aucun résumé ne vient ici."),
    "answer.mutes": (
        ("{count} silence", "{count} silences"),
        ("{count} silence", "{count} silences"),
    ),
    "answer.mute": (
        "{scope} is silent until {at}; it is counted on.",
        "{scope} est muet jusqu'au {at} ; le décompte continue.",
    ),
    "answer.mute_ended": ("{name} is no longer silent.", "{name} n'est plus muet."),
    "answer.zone": ("Your time zone is {zone}.", "Votre fuseau est {zone}."),
    "answer.language": (
        "I speak English with you from now on.",
        "Je vous parle désormais français.",
    ),
    "answer.quiet": (
        "Direct messages wait between {begin} and {end}.",
        "Les messages directs attendent entre {begin} et {end}.",
    ),
    "answer.unlinked": ("You are no longer linked.", "Vous n'êtes plus relié."),
    "answer.why_alert": (
        "{headline}: sent by rule {rules}.",
        "{headline} : envoyée par la règle {rules}.",
    ),
    "answer.audit": (("{count} line", "{count} lines"), ("{count} ligne", "{count} lignes")),
    "answer.audit_line": (
        "{at} · {command} · {decision} by rule {rule} · {reference}",
        "{at} · {command} · {decision} par la règle {rule} · {reference}",
    ),
    "answer.request": (
        "{id}: {user} asks to {what}, until {at}.",
        "{id} : {user} demande {what}, jusqu'au {at}.",
    ),
    "answer.state": ("{state}", "{state}"),
    "answer.people": (
        ("{count} person has a role", "{count} people have a role"),
        ("{count} personne a un rôle", "{count} personnes ont un rôle"),
    ),
    "answer.person": ("{user}: {role}", "{user} : {role}"),
    "answer.limited": (
        "In {channel} nobody may do more than: {role}.",
        "Dans {channel}, personne ne peut faire plus que : {role}.",
    ),
    "answer.default_channel": (
        "Messages whose own channel takes none go to {channel}.",
        "Les messages que leur canal refuse vont dans {channel}.",
    ),
    "answer.alias": ("{name} is short for {meaning}.", "{name} est le raccourci de {meaning}."),
    "answer.alias_ended": (
        "{name} is no longer a short form.",
        "{name} n'est plus un raccourci.",
    ),
}

"""Runs, the state of sync, and the home tab."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from bot.words.catalogue.entries import Entry

SYNCING: Final[dict[str, Entry]] = {
    "run.verb.sync": ("Sync", "Synchronisation"),
    "run.verb.apply": ("Planned changes", "Modifications prévues"),
    "run.verb.undo": ("Undo", "Annulation"),
    "run.verb.drain": ("Incoming changes", "Modifications reçues"),
    "run.verb.retry": ("Retry", "Nouvel essai"),
    "run.running": ("{verb} of {connection} is running", "{verb} de {connection} en cours"),
    "run.done": ("{verb} of {connection} is done", "{verb} de {connection} terminée"),
    "run.failed": ("{verb} of {connection} failed", "{verb} de {connection} : échec"),
    "run.stopped": ("{verb} of {connection} was stopped", "{verb} de {connection} arrêtée"),
    "run.held": (
        "{verb} of {connection} waits for a person",
        "{verb} de {connection} attend une personne",
    ),
    "run.counting": ("{done} read so far", "{done} lues jusqu'ici"),
    "run.progress": ("{share} · {done} of {total}", "{share} · {done} sur {total}"),
    "run.left": ("about {span} left", "encore {span} environ"),
    "run.applied": (
        ("{count} change written", "{count} changes written"),
        ("{count} modification écrite", "{count} modifications écrites"),
    ),
    "run.held_back": (
        ("{count} change held by a brake", "{count} changes held by a brake"),
        (
            "{count} modification retenue par un frein",
            "{count} modifications retenues par un frein",
        ),
    ),
    "run.conflicts": (
        ("{count} conflict", "{count} conflicts"),
        ("{count} conflit", "{count} conflits"),
    ),
    "run.failures": (
        ("{count} failure", "{count} failures"),
        ("{count} échec", "{count} échecs"),
    ),
    "run.nothing": ("No change written.", "Aucune modification écrite."),
    "run.id": ("run {id}", "exécution {id}"),
    "run.began": ("began {at}", "début {at}"),
    "run.ended": ("ended {at}", "fin {at}"),
    "sync.title": ("Sync", "Synchronisation"),
    "sync.none": (
        "No connection is set up yet. An administrator runs `hightonic connect`.",
        "Aucune connexion n'est configurée. Un administrateur lance `hightonic connect`.",
    ),
    "sync.well": ("All in sync.", "Tout est synchronisé."),
    "sync.waiting": (
        (
            "In sync; {count} conflict waits for a decision.",
            "In sync; {count} conflicts wait for a decision.",
        ),
        (
            "Synchronisé ; {count} conflit attend une décision.",
            "Synchronisé ; {count} conflits attendent une décision.",
        ),
    ),
    "sync.paused": (
        (
            "{connection} is paused; its changes wait, none is lost.",
            "{count} connections are paused, {connection} among them; changes wait, none is lost.",
        ),
        (
            "{connection} est en pause ; rien n'est perdu.",
            "{count} connexions sont en pause, dont {connection} ; rien n'est perdu.",
        ),
    ),
    "sync.failing": (
        (
            "{connection} had failures in the last 24 hours; changes wait, none is lost.",
            "{count} connections had failures in the last 24 hours, {connection} among them; changes wait, none is lost.",
        ),
        (
            "{connection} a connu des échecs depuis 24 h ; rien n'est perdu.",
            "{count} connexions ont connu des échecs depuis 24 h, dont {connection} ; rien n'est perdu.",
        ),
    ),
    "sync.line": ("{connection}: last seen in step {at}", "{connection} : à jour {at}"),
    "sync.never": ("never", "jamais"),
    "sync.lag": ("lag {span}", "retard {span}"),
    "sync.queued": (
        ("{count} change waits", "{count} changes wait"),
        ("{count} modification en attente", "{count} modifications en attente"),
    ),
    "sync.failures": (
        ("{count} failure in 24 h", "{count} failures in 24 h"),
        ("{count} échec en 24 h", "{count} échecs en 24 h"),
    ),
    "sync.conflicts": (
        ("{count} conflict", "{count} conflicts"),
        ("{count} conflit", "{count} conflits"),
    ),
    "sync.chart": ("{connection}: changes an hour", "{connection} : modifications par heure"),
    "sync.chart_series": ("Changes", "Modifications"),
    "sync.more": (
        ("{count} more connection", "{count} more connections"),
        ("{count} autre connexion", "{count} autres connexions"),
    ),
    "home.welcome": ("Welcome to hightonic", "Bienvenue dans hightonic"),
    "home.why_link": (
        "Link yourself to your HighLevel user to see contacts and tasks here. It takes one click, "
        "nobody else can use the link, and you can unlink at any time.",
        "Reliez-vous à votre utilisateur HighLevel pour voir contacts et tâches ici. Un clic suffit, "
        "le lien ne sert qu'à vous, et vous pouvez vous délier à tout moment.",
    ),
    "home.tasks": ("My tasks", "Mes tâches"),
    "home.all_tasks": (("{count} more", "{count} more"), ("{count} autre", "{count} autres")),
    "home.conflicts": (
        ("{count} conflict waits for you", "{count} conflicts wait for you"),
        ("{count} conflit vous attend", "{count} conflits vous attendent"),
    ),
    "home.approvals": (
        ("{count} approval waits", "{count} approvals wait"),
        ("{count} approbation en attente", "{count} approbations en attente"),
    ),
    "home.chart": (
        (
            "{count} change in these hours; the last bar is now",
            "{count} changes in these hours; the last bar is now",
        ),
        (
            "{count} modification sur ces heures ; la dernière barre est maintenant",
            "{count} modifications sur ces heures ; la dernière barre est maintenant",
        ),
    ),
    "home.routes": ("Alerts I look after", "Mes alertes"),
    "home.no_routes": (
        "No alert is routed yet: `/hightonic route add` in a channel.",
        "Aucune alerte : `/hightonic route add` dans un canal.",
    ),
    "home.route": ("{name} in {channel}", "{name} dans {channel}"),
    "home.me": (
        "You are {role}, language {language}, time zone {zone}.",
        "Vous êtes {role}, langue {language}, fuseau {zone}.",
    ),
    "home.privacy": (
        "Kept about you: your Slack id, your role, your settings, and what you did (audit).",
        "Conservé à votre sujet : identifiant Slack, rôle, réglages et actions (audit).",
    ),
}

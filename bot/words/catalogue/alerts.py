"""Alerts, storms and digests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from bot.words.catalogue.entries import Entry

_RECORDS: Final = {
    "contact": ("contact", "contacts", "contact", "contacts", ""),
    "task": ("task", "tasks", "tâche", "tâches", "e"),
    "note": ("note", "notes", "note", "notes", "e"),
    "appointment": ("appointment", "appointments", "rendez-vous", "rendez-vous", ""),
}
_CHANGES: Final = {
    "created": ("created", "créé"),
    "changed": ("changed", "modifié"),
    "deleted": ("deleted", "supprimé"),
}
_LOUD: Final[dict[str, Entry]] = {
    "task_completed": (
        ("{count} task completed", "{count} tasks completed"),
        ("{count} tâche terminée", "{count} tâches terminées"),
    ),
    "conflict_opened": (
        ("{count} sync conflict", "{count} sync conflicts"),
        ("{count} conflit de synchronisation", "{count} conflits de synchronisation"),
    ),
    "conflict_resolved": (
        ("{count} conflict resolved", "{count} conflicts resolved"),
        ("{count} conflit résolu", "{count} conflits résolus"),
    ),
    "brake_tripped": (
        ("A brake holds changes back", "Brakes hold changes back ({count} times)"),
        (
            "Un frein retient des modifications",
            "Des freins retiennent des modifications ({count} fois)",
        ),
    ),
    "run_failed": (
        ("A sync failed", "Sync failed {count} times"),
        ("Une synchronisation a échoué", "{count} synchronisations ont échoué"),
    ),
    "run_recovered": (
        ("Sync works again", "Sync works again ({count} times)"),
        ("La synchronisation refonctionne", "La synchronisation refonctionne ({count} fois)"),
    ),
    "quota_low": (
        ("Few calls are left", "Few calls are left ({count} times)"),
        ("Quota d'appels presque épuisé", "Quota d'appels presque épuisé ({count} fois)"),
    ),
    "credential_expiring": (
        ("A key expires soon", "Keys expire soon ({count} times)"),
        ("Une clé expire bientôt", "Des clés expirent bientôt ({count} fois)"),
    ),
    "credential_dead": (
        ("A key is no longer accepted", "A key is no longer accepted ({count} times)"),
        ("Une clé est refusée", "Une clé est refusée ({count} fois)"),
    ),
    "loop_parked": (
        ("A loop was stopped", "{count} loops were stopped"),
        ("Une boucle a été arrêtée", "{count} boucles ont été arrêtées"),
    ),
    "field_unwritable": (
        (
            "A field does not keep what is written",
            "Fields do not keep what is written ({count} times)",
        ),
        (
            "Un champ ne garde pas ce qu'on y écrit",
            "Des champs ne gardent pas ce qu'on y écrit ({count} fois)",
        ),
    ),
    "webhook_gap": (
        ("A notification did not come", "Notifications did not come ({count} times)"),
        (
            "Une notification n'est pas arrivée",
            "Des notifications ne sont pas arrivées ({count} fois)",
        ),
    ),
    "metrics_taken": (
        ("The day's figures are ready", "Figures of {count} days are ready"),
        ("Les chiffres du jour sont prêts", "Les chiffres de {count} jours sont prêts"),
    ),
    "automation_post": (
        ("An automation says something", "Automations say {count} things"),
        ("Une automatisation s'exprime", "Des automatisations s'expriment {count} fois"),
    ),
    "delivery_dead": (
        ("A message could not be delivered", "{count} messages could not be delivered"),
        ("Un message n'a pu être remis", "{count} messages n'ont pu être remis"),
    ),
}
_EFFECTS: Final[dict[str, Entry]] = {
    "change": (
        "It was written to the other system as well.",
        "L'autre système a été mis à jour aussi.",
    ),
    "conflict_opened": (
        "Both sides changed the same field. Neither value was overwritten.",
        "Les deux côtés ont changé le même champ. Aucune valeur n'a été écrasée.",
    ),
    "brake_tripped": (
        "More changes than usual were planned. They were not written.",
        "Plus de modifications que d'habitude étaient prévues. Elles n'ont pas été écrites.",
    ),
    "run_failed": (
        "What was not written waits; nothing is lost.",
        "Ce qui n'a pas été écrit attend ; rien n'est perdu.",
    ),
    "quota_low": (
        "Sync slows down so that the allowance lasts.",
        "La synchronisation ralentit pour tenir le quota.",
    ),
    "credential_expiring": (
        "Sync stops when it expires.",
        "La synchronisation s'arrêtera à son expiration.",
    ),
    "credential_dead": (
        "Nothing is synced any more. Changes wait; none is lost.",
        "Plus rien n'est synchronisé. Les modifications attendent ; rien n'est perdu.",
    ),
    "loop_parked": (
        "The two systems kept undoing each other. The record rests now.",
        "Les deux systèmes se contredisaient. La fiche est mise de côté.",
    ),
    "field_unwritable": (
        "The field is only read on that side from now on.",
        "Le champ n'est plus que lu de ce côté.",
    ),
    "webhook_gap": (
        "The comparison found the change; it arrived late.",
        "La comparaison l'a trouvée ; elle est arrivée en retard.",
    ),
    "delivery_dead": (
        "It was given up after the last try.",
        "Il a été abandonné après le dernier essai.",
    ),
}
_REMEDIES: Final[dict[str, Entry]] = {
    "change": ("Nothing to do.", "Rien à faire."),
    "conflict_opened": ("Choose the value that stands.", "Choisissez la valeur à garder."),
    "brake_tripped": (
        "Look at the plan, then approve it or mend the cause.",
        "Examinez le plan, puis approuvez-le ou corrigez la cause.",
    ),
    "run_failed": (
        "It is tried again by itself; look at the details if it stays.",
        "Un nouvel essai aura lieu ; voyez les détails si cela dure.",
    ),
    "quota_low": (
        "Sync less often, or ask the vendor for more calls.",
        "Synchronisez moins souvent ou augmentez le quota.",
    ),
    "credential_expiring": (
        "An administrator renews the key.",
        "Un administrateur renouvelle la clé.",
    ),
    "credential_dead": (
        "An administrator runs `hightonic connect`.",
        "Un administrateur lance `hightonic connect`.",
    ),
    "loop_parked": (
        "Mend the rule that changes it back, then retry.",
        "Corrigez la règle en cause, puis réessayez.",
    ),
    "field_unwritable": (
        "Check the field's type in the mapping.",
        "Vérifiez le type du champ.",
    ),
    "webhook_gap": (
        "Check the webhook if it happens often.",
        "Vérifiez le webhook si cela se répète.",
    ),
    "delivery_dead": (
        "Check the address, then run `hightonic deliveries`.",
        "Vérifiez l'adresse, puis lancez `hightonic deliveries`.",
    ),
}


def _changes() -> dict[str, Entry]:
    """Sentences of records that came, changed or went."""
    made: dict[str, Entry] = {}
    for name, (one, many, un, plusieurs, ending) in _RECORDS.items():
        for change, (english, french) in _CHANGES.items():
            made[f"{name}_{change}"] = (
                (f"{{count}} {one} {english}", f"{{count}} {many} {english}"),
                (
                    f"{{count}} {un} {french}{ending}",
                    f"{{count}} {plusieurs} {french}{ending}s",
                ),
            )
    return made


_TOLD: Final[dict[str, Entry]] = {**_changes(), **_LOUD}

ALERTS: Final[dict[str, Entry]] = {
    **{f"alert.{event}": pair for event, pair in _TOLD.items()},
    **{f"digest.{event}": pair for event, pair in _TOLD.items()},
    **{f"alert.effect.{event}": pair for event, pair in _EFFECTS.items()},
    **{f"alert.remedy.{event}": pair for event, pair in _REMEDIES.items()},
    "alert.title": ("{connection}: {what}", "{connection} : {what}"),
    "alert.cause": ("Cause: {cause}", "Cause : {cause}"),
    "alert.count": (
        ("{count} time, last {at}", "{count} times, last {at}"),
        ("{count} fois, la dernière {at}", "{count} fois, la dernière {at}"),
    ),
    "alert.rule": ("rule {rules} · {id}", "règle {rules} · {id}"),
    "alert.nobody": ("nobody yet", "personne encore"),
    "alert.assigned": ("Given to {who}.", "Confié à {who}."),
    "alert.state.open": ("Open since {at}.", "Ouverte depuis {at}."),
    "alert.state.news": ("Since {at}.", "Depuis {at}."),
    "alert.state.reopened": ("Open again, first seen {at}.", "Rouverte, vue d'abord {at}."),
    "alert.state.acked": ("{who} looks after it.", "{who} s'en occupe."),
    "alert.state.resolved": ("Resolved {at}.", "Résolue {at}."),
    "alert.repeats": (("{count} more", "{count} more"), ("{count} de plus", "{count} de plus")),
    "alert.repeats_more": (
        ("and {count} more", "and {count} more"),
        ("et {count} autre", "et {count} autres"),
    ),
    "alert.occurrence": (
        "{at} · event {number} · run {reference}",
        "{at} · événement {number} · exécution {reference}",
    ),
    "alert.news.acked": ("{who} looks after: {headline}", "{who} s'occupe de : {headline}"),
    "alert.news.resolved": ("Resolved: {headline} ({who})", "Résolue : {headline} ({who})"),
    "alert.news.reopened": ("Open again: {headline} ({who})", "Rouverte : {headline} ({who})"),
    "alert.news.assigned": (
        "{who} was asked to look after: {headline}",
        "{who} est chargé de : {headline}",
    ),
    "alert.news.escalated": (
        "Nobody answered yet: {headline} ({who})",
        "Personne n'a répondu : {headline} ({who})",
    ),
    "channel.closed": (
        "The channel {channel} takes no messages from me. They go to the default channel now. "
        "Invite me there again, or change its routes.",
        "Le canal {channel} n'accepte plus mes messages. Ils vont dans le canal par défaut. "
        "Réinvitez-moi, ou changez ses règles.",
    ),
    "storm.title": ("Alert storm", "Tempête d'alertes"),
    "storm.on": (
        "{alerts} different alerts, {events} events.",
        "{alerts} alertes différentes, {events} événements.",
    ),
    "storm.over": (
        "The storm is over: {alerts} alerts, {events} events.",
        "La tempête est passée : {alerts} alertes, {events} événements.",
    ),
    "storm.what": (
        "New alerts go into this thread until it is quiet again; each is counted.",
        "Les nouvelles alertes vont dans ce fil jusqu'au calme ; chacune est comptée.",
    ),
    "storm.folded": (
        ("{count} more alert", "{count} more alerts"),
        ("{count} alerte de plus", "{count} alertes de plus"),
    ),
    "storm.line": ("{headline} ({id})", "{headline} ({id})"),
    "digest.title": ("Summary", "Résumé"),
    "digest.headline": (
        ("{count} thing happened.", "{count} things happened."),
        ("{count} événement.", "{count} événements."),
    ),
    "digest.chart": ("Changes an hour", "Modifications par heure"),
}

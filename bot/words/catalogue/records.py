"""Contacts, tasks, notes, conflicts and approvals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from bot.words.catalogue.entries import Entry

RECORDS: Final[dict[str, Entry]] = {
    "value.yes": ("yes", "oui"),
    "value.no": ("no", "non"),
    "blocks.left_out": (
        ("{count} more part is left out.", "{count} more parts are left out."),
        (
            "{count} autre partie n'est pas affichée.",
            "{count} autres parties ne sont pas affichées.",
        ),
    ),
    "contact.nameless": ("Contact without a name", "Contact sans nom"),
    "contact.card": ("Contact: {name}", "Contact : {name}"),
    "contact.conflicts": (
        ("{count} field waits for your decision.", "{count} fields wait for your decision."),
        ("{count} champ attend votre décision.", "{count} champs attendent votre décision."),
    ),
    "contact.more_fields": (
        ("{count} more field is not shown.", "{count} more fields are not shown."),
        (
            "{count} autre champ n'est pas affiché.",
            "{count} autres champs ne sont pas affichés.",
        ),
    ),
    "contact.open_tasks": (
        ("{count} open task", "{count} open tasks"),
        ("{count} tâche ouverte", "{count} tâches ouvertes"),
    ),
    "contact.synced": ("Last synced {at}", "Dernière synchronisation {at}"),
    "contact.linked": (
        "A contact of {connection}. Its card is shown to those who may see it.",
        "Un contact de {connection}. Sa fiche est montrée à ceux qui peuvent la voir.",
    ),
    "contact.never_synced": ("Not synced yet", "Pas encore synchronisé"),
    "contact.none": (
        "No contact fits “{text}”. Nothing was changed. Try fewer letters, or create it.",
        "Aucun contact ne correspond à « {text} ». Rien n'a été modifié. Essayez moins de lettres, ou créez-le.",
    ),
    "contact.found": (
        ("{count} contact fits “{text}”.", "{count} contacts fit “{text}”."),
        (
            "{count} contact correspond à « {text} ».",
            "{count} contacts correspondent à « {text} ».",
        ),
    ),
    "contact.found_caption": ("Contacts found", "Contacts trouvés"),
    "contact.narrow": (
        (
            "{count} more is not shown: write more letters.",
            "{count} more are not shown: write more letters.",
        ),
        (
            "{count} autre n'est pas affiché : précisez.",
            "{count} autres ne sont pas affichés : précisez.",
        ),
    ),
    "contact.pick": ("Choose a contact", "Choisir un contact"),
    "task.untitled": ("Task without a title", "Tâche sans titre"),
    "task.list": ("Tasks", "Tâches"),
    "task.none": ("No task is open.", "Aucune tâche n'est ouverte."),
    "task.found": (("{count} task", "{count} tasks"), ("{count} tâche", "{count} tâches")),
    "task.more": (
        ("{count} more task is not shown.", "{count} more tasks are not shown."),
        (
            "{count} autre tâche n'est pas affichée.",
            "{count} autres tâches ne sont pas affichées.",
        ),
    ),
    "task.due": ("due {day}", "pour le {day}"),
    "task.overdue": ("overdue since {day}", "en retard depuis le {day}"),
    "task.no_due": ("no due date", "sans échéance"),
    "note.found": (
        ("{count} note about {name}", "{count} notes about {name}"),
        ("{count} note sur {name}", "{count} notes sur {name}"),
    ),
    "note.more": (
        ("{count} older note is not shown.", "{count} older notes are not shown."),
        (
            "{count} note plus ancienne n'est pas affichée.",
            "{count} notes plus anciennes ne sont pas affichées.",
        ),
    ),
    "conflict.title": (
        ("{count} sync conflict", "{count} sync conflicts"),
        ("{count} conflit de synchronisation", "{count} conflits de synchronisation"),
    ),
    "conflict.headline": (
        (
            "{name}: {count} field was changed on both sides.",
            "{name}: {count} fields were changed on both sides.",
        ),
        (
            "{name} : {count} champ modifié des deux côtés.",
            "{name} : {count} champs modifiés des deux côtés.",
        ),
    ),
    "conflict.since": ("Since {at}.", "Depuis {at}."),
    "conflict.unchanged": (
        "Neither value was overwritten; both wait until somebody chooses.",
        "Aucune valeur n'a été écrasée ; les deux attendent votre choix.",
    ),
    "conflict.more_fields": (
        (
            "{count} more field waits; run this again after these.",
            "{count} more fields wait; run this again after these.",
        ),
        (
            "{count} autre champ attend ; recommencez après ceux-ci.",
            "{count} autres champs attendent ; recommencez après ceux-ci.",
        ),
    ),
    "handled": ("Handled by {user}: {what}", "Traité par {user} : {what}"),
    "approval.title": ("Approval needed", "Approbation demandée"),
    "approval.headline": ("{user} asks to: {what}", "{user} demande : {what}"),
    "approval.risks": ("Why it needs approval: {risks}.", "Raison de l'approbation : {risks}."),
    "approval.reason": ("Reason given: {reason}", "Motif donné : {reason}"),
    "approval.unchanged": ("Nothing was changed yet.", "Rien n'a encore été modifié."),
    "approval.more": (
        ("{count} more change is in the plan.", "{count} more changes are in the plan."),
        (
            "{count} autre modification figure dans le plan.",
            "{count} autres modifications figurent dans le plan.",
        ),
    ),
    "approval.sure": ("Approve this?", "Approuver ?"),
    "approval.sure_text": (
        "It is carried out at once, exactly as shown, if the data has not changed since.",
        "L'opération est exécutée aussitôt, telle qu'affichée, si les données n'ont pas changé.",
    ),
    "approval.open": (
        (
            "Waits for {count} more vote, by somebody other than the requester, until {at} ({id}).",
            "Waits for {count} more votes, by others than the requester, until {at} ({id}).",
        ),
        (
            "Attend {count} voix, d'une autre personne que le demandeur, jusqu'à {at} ({id}).",
            "Attend {count} voix, d'autres personnes que le demandeur, jusqu'à {at} ({id}).",
        ),
    ),
    "approval.approved": ("Approved by {who} ({id}).", "Approuvé par {who} ({id})."),
    "approval.refused": (
        "Refused by {who}; nothing was changed ({id}).",
        "Refusé par {who} ; rien n'a été modifié ({id}).",
    ),
    "approval.expired": (
        "Nobody answered in time; nothing was changed ({id}). Answers: {who}",
        "Sans réponse à temps ; rien n'a été modifié ({id}). Réponses : {who}",
    ),
    "approval.void": (
        "The data changed after this was asked for, so it was not done ({id}). Ask again. Answers: {who}",
        "Les données ont changé depuis la demande ; rien n'a été fait ({id}). Redemandez. Réponses : {who}",
    ),
    "approval.done": ("Done, approved by {who} ({id}).", "Fait, approuvé par {who} ({id})."),
    "approval.overridden": (
        "Let through by an administrator; answers: {who} ({id}).",
        "Autorisé par un administrateur ; réponses : {who} ({id}).",
    ),
    "approval.vote.own": (
        "You asked for this yourself, so somebody else must decide.",
        "Vous êtes à l'origine de la demande : une autre personne doit décider.",
    ),
    "approval.vote.over": (
        "This request is closed already ({state}).",
        "Cette demande est déjà close ({state}).",
    ),
    "approval.vote.twice": ("You have answered this already.", "Vous avez déjà répondu."),
    "risk.many_records": ("many records at once", "beaucoup de fiches à la fois"),
    "risk.delete": ("it deletes", "suppression"),
    "risk.merge": ("it merges contacts", "fusion de contacts"),
    "risk.full_sync": ("it compares everything anew", "comparaison complète"),
    "risk.mapping": ("it changes the mapping", "modification des correspondances"),
    "risk.export": ("it takes data out", "export de données"),
    "risk.guard": ("it switches a guard off", "désactivation d'une protection"),
    "write.create": ("new record", "nouvelle fiche"),
    "write.update": ("change", "modification"),
    "write.delete": ("delete", "suppression"),
    "field.name": ("Name", "Nom"),
    "field.email": ("E-mail", "E-mail"),
    "field.phone": ("Phone", "Téléphone"),
    "field.company": ("Company", "Société"),
    "field.last_contacted": ("Last contacted", "Dernier contact"),
    "field.lifecycle_stage": ("Lifecycle stage", "Étape"),
    "field.tags": ("Tags", "Étiquettes"),
    "field.owner_id": ("Owner", "Responsable"),
    "field.next_action_date": ("Next action", "Prochaine action"),
    "field.source": ("Source", "Origine"),
    "field.plan": ("Plan", "Formule"),
    "field.updated_at": ("Updated", "Modifié"),
    "field.total_tasks": ("Tasks", "Tâches"),
    "field.open_tasks": ("Open tasks", "Tâches ouvertes"),
    "field.title": ("Title", "Titre"),
    "field.body": ("Text", "Texte"),
    "field.connection": ("Connection", "Connexion"),
    "field.due_at": ("Due", "Échéance"),
    "field.is_completed": ("Done", "Terminée"),
}

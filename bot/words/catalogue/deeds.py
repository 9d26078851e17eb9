"""What was done, and what was not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from bot.words.catalogue.entries import Entry

DEEDS: Final[dict[str, Entry]] = {
    "deed.contact_added": (
        "{name} stands in both systems.",
        "{name} est dans les deux systèmes.",
    ),
    "deed.contact_edited": (
        "{name} was changed: {fields}.",
        "{name} a été modifié : {fields}.",
    ),
    "deed.tagged": ("The tags of {name} were changed.", "Les tags de {name} ont été modifiés."),
    "deed.merged": (
        "{name} was completed; {other} is marked as its duplicate. Nothing was deleted.",
        "{name} a été complété ; {other} est marqué comme doublon. Rien n'a été supprimé.",
    ),
    "deed.contact_deleted": (
        "{name} was deleted in both systems.",
        "{name} a été supprimé dans les deux systèmes.",
    ),
    "deed.task_added": ("Task for {name}: {title}.", "Tâche pour {name} : {title}."),
    "deed.task_done": ("Done: {title}.", "Terminé : {title}."),
    "deed.task_snoozed": ("{title} is due {day}.", "{title} est pour le {day}."),
    "deed.task_assigned": ("{title} is {owner}'s now.", "{title} revient à {owner}."),
    "deed.task_deleted": (
        "The task {title} was deleted in both systems.",
        "La tâche {title} a été supprimée dans les deux systèmes.",
    ),
    "deed.note_added": ("Note on {name} saved.", "Note sur {name} enregistrée."),
    "deed.resolved": (
        "{name}: {system}'s values stand in both systems.",
        "{name} : les valeurs de {system} valent dans les deux systèmes.",
    ),
    "deed.resolved_value": (
        "{name}: your value stands in both systems.",
        "{name} : votre valeur vaut dans les deux systèmes.",
    ),
    "deed.resolved_similar": (
        (
            "{name} and {count} more: {system}'s values stand in both systems.",
            "{name} and {count} more: {system}'s values stand in both systems.",
        ),
        (
            "{name} et {count} autre : les valeurs de {system} valent dans les deux systèmes.",
            "{name} et {count} autres : les valeurs de {system} valent dans les deux systèmes.",
        ),
    ),
    "deed.similar": (
        (
            "{count} other conflict is like it. Nothing was changed yet: say whether {system}'s "
            "value stands there too.",
            "{count} other conflicts are like it. Nothing was changed yet: say whether "
            "{system}'s values stand there too.",
        ),
        (
            "{count} autre conflit est semblable. Rien n'a encore été modifié : dites si la "
            "valeur de {system} y vaut aussi.",
            "{count} autres conflits sont semblables. Rien n'a encore été modifié : dites si "
            "les valeurs de {system} y valent aussi.",
        ),
    ),
    "export.here": (
        (
            "The audit: {count} line. `hightonic slack audit FILE` checks that none was changed.",
            "The audit: {count} lines. `hightonic slack audit FILE` checks that none was changed.",
        ),
        (
            "L'audit : {count} ligne. `hightonic slack audit FICHIER` vérifie que rien n'a changé.",
            "L'audit : {count} lignes. `hightonic slack audit FICHIER` vérifie que rien n'a changé.",
        ),
    ),
    "export.sent": (
        (
            "The audit ({count} line) is in our conversation.",
            "The audit ({count} lines) is in our conversation.",
        ),
        (
            "L'audit ({count} ligne) est dans notre conversation.",
            "L'audit ({count} lignes) est dans notre conversation.",
        ),
    ),
    "json.here": ("What `{command}` shows.", "Ce que montre `{command}`."),
    "json.sent": (
        "What `{command}` shows is in our conversation, as a file.",
        "Ce que montre `{command}` est dans notre conversation, en fichier.",
    ),
    "form.gone": (
        "This is settled or gone by now. Nothing was changed.",
        "C'est réglé ou supprimé entre-temps. Rien n'a été modifié.",
    ),
    "form.stale": (
        "This form is too old. Nothing was changed. Open it again.",
        "Ce formulaire est trop ancien. Rien n'a été modifié. Rouvrez-le.",
    ),
    "form.not_opened": (
        "The form could not be opened: Slack gives three seconds for it. Nothing was changed. "
        "Try again, or type it all in one line.",
        "Le formulaire n'a pas pu s'ouvrir : Slack laisse trois secondes. Rien n'a été modifié. "
        "Réessayez, ou tapez tout en une ligne.",
    ),
    "deed.paused": (
        "{connection} writes nothing until you resume it; what happens meanwhile is remembered.",
        "{connection} n'écrit plus rien jusqu'à la reprise ; ce qui arrive entre-temps est retenu.",
    ),
    "deed.resumed": ("{connection} goes on.", "{connection} reprend."),
    "deed.undone": ("Taken back.", "Annulé."),
    "deed.nothing": (
        "It stands so already; nothing was changed.",
        "C'est déjà le cas ; rien n'a été modifié.",
    ),
    "deed.left_alone": (
        "Nothing was changed: {reason}. `contact show` tells how it stands, `sync conflicts` what "
        "waits for a choice; `sync retry` tries again what was refused.",
        "Rien n'a été modifié : {reason}. `contact show` dit ce qu'il en est, `sync conflicts` ce "
        "qui attend un choix ; `sync retry` réessaie ce qui a été refusé.",
    ),
    "deed.failed": (
        "{reason}. What failed waits and is tried again; see `sync conflicts`.",
        "{reason}. Ce qui a échoué attend et sera réessayé ; voir `sync conflicts`.",
    ),
    "deed.held": (
        "A brake holds this back: {reason}. Nothing was changed. An operator can let it pass "
        "with `hightonic` and the approval {approval}.",
        "Un frein retient cette action : {reason}. Rien n'a été modifié. Un opérateur peut "
        "l'autoriser avec `hightonic` et l'approbation {approval}.",
    ),
    "deed.plan": (
        ("{count} write would be made", "{count} writes would be made"),
        ("{count} écriture serait faite", "{count} écritures seraient faites"),
    ),
    "deed.plan_nothing": (
        "Both sides agree: nothing would be written.",
        "Les deux côtés concordent : rien ne serait écrit.",
    ),
    "deed.asked": (
        "Somebody else must approve this first: {id}. Nothing was changed yet.",
        "Une autre personne doit d'abord approuver : {id}. Rien n'a encore été modifié.",
    ),
    "deed.void": (
        "What {id} asked for is no longer what would be done. Nothing was changed; ask again.",
        "Ce que {id} demandait n'est plus ce qui serait fait. Rien n'a été modifié ; redemandez.",
    ),
    "deed.not_yours": (
        "Only who did this can take it back here, within ten minutes. `sync undo` is for operators.",
        "Seul l'auteur peut l'annuler ici, pendant dix minutes. `sync undo` est pour les opérateurs.",
    ),
    "deed.which_contact": (
        "A task hangs on a contact. Write contact=e-mail.",
        "Une tâche appartient à un contact. Écrivez contact=e-mail.",
    ),
    "deed.unlinked_owner": (
        "{user} is not linked to a HighLevel user.",
        "{user} n'est pas relié à un utilisateur HighLevel.",
    ),
    "deed.nothing_typed": (
        "There is nothing to change. Write field=value, for example plan=Pro.",
        "Il n'y a rien à modifier. Écrivez champ=valeur, par exemple plan=Pro.",
    ),
}

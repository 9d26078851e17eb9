"""What each command does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from bot.words.catalogue.entries import Entry

HELPING: Final[dict[str, Entry]] = {
    "help.title": ("What I can do", "Ce que je sais faire"),
    "help.intro": (
        "Write {command}, then what it is about, then what to do. Beginnings of words are enough.",
        "Écrivez {command}, puis l'objet, puis l'action. Le début des mots suffit.",
    ),
    "help.about": ("Commands about {object}", "Commandes : {object}"),
    "help.flags": (
        "--here shows the channel what you look up, --json hands it over as a file, --dry-run "
        "only says what would be written, --lang=fr answers in French.",
        "--here montre au canal ce que vous consultez, --json le remet en fichier, --dry-run dit "
        "seulement ce qui serait écrit, --lang=en répond en anglais.",
    ),
    "help.more": (
        "{command} help task shows one object with examples.",
        "{command} help task montre un objet avec des exemples.",
    ),
    "help.example": ("Example: {example}", "Exemple : {example}"),
    "help.approval": ("Somebody else must approve it.", "Une autre personne doit l'approuver."),
    "help.object.help": ("This overview", "Cet aperçu"),
    "help.object.contact": ("People in both systems", "Les personnes des deux systèmes"),
    "help.object.task": ("What is to be done", "Ce qu'il y a à faire"),
    "help.object.note": ("What was said", "Ce qui a été dit"),
    "help.object.sync": ("Keeping both systems in step", "La synchronisation"),
    "help.object.alert": ("What went wrong or waits", "Ce qui ne va pas ou attend"),
    "help.object.route": ("Which alerts come to this channel", "Quelles alertes arrivent ici"),
    "help.object.digest": (
        "The daily summary of this channel",
        "Le résumé quotidien de ce canal",
    ),
    "help.object.mute": ("Silence for a while", "Le silence pour un temps"),
    "help.object.approve": ("Requests that wait for approval", "Les demandes d'approbation"),
    "help.object.me": ("Your link, language and time zone", "Votre lien, langue et fuseau"),
    "help.object.audit": ("Who did what", "Qui a fait quoi"),
    "help.object.why": (
        "Why something was shown, allowed or refused",
        "La raison d'un message, d'un accord ou d'un refus",
    ),
    "help.object.admin": ("Roles, channels and short forms", "Rôles, canaux et raccourcis"),
    "help.help.show": ("Shows what you may do", "Montre ce que vous pouvez faire"),
    "help.contact.find": ("Searches both systems", "Cherche dans les deux systèmes"),
    "help.contact.show": ("Shows one contact, side by side", "Montre un contact, côte à côte"),
    "help.contact.add": (
        "Adds a contact to both systems",
        "Ajoute un contact aux deux systèmes",
    ),
    "help.contact.edit": (
        "Changes a contact on both sides",
        "Modifie un contact des deux côtés",
    ),
    "help.contact.tag": ("Adds and removes tags", "Ajoute et retire des étiquettes"),
    "help.contact.merge": ("Makes one contact of two", "Fusionne deux contacts"),
    "help.contact.delete": ("Deletes a contact", "Supprime un contact"),
    "help.task.list": ("Lists tasks by due date", "Liste les tâches par échéance"),
    "help.task.add": ("Adds a task", "Ajoute une tâche"),
    "help.task.done": ("Completes a task", "Termine une tâche"),
    "help.task.snooze": ("Moves a task to another day", "Reporte une tâche"),
    "help.task.assign": ("Gives a task to somebody", "Confie une tâche à quelqu'un"),
    "help.task.delete": ("Deletes a task", "Supprime une tâche"),
    "help.note.add": ("Adds a note to a contact", "Ajoute une note à un contact"),
    "help.note.list": ("Shows a contact's notes", "Montre les notes d'un contact"),
    "help.sync.status": ("Shows how sync is doing", "Montre l'état de la synchronisation"),
    "help.sync.plan": (
        "Shows what a sync would do",
        "Montre ce que ferait une synchronisation",
    ),
    "help.sync.run": ("Syncs now", "Synchronise maintenant"),
    "help.sync.pause": ("Stops syncing for now", "Suspend la synchronisation"),
    "help.sync.resume": ("Syncs again", "Reprend la synchronisation"),
    "help.sync.conflicts": (
        "Shows what was changed on both sides",
        "Montre ce qui a changé des deux côtés",
    ),
    "help.object.write": ("Your own last changes", "Vos propres derniers changements"),
    "help.write.undo": (
        "Takes back what you did just now",
        "Annule ce que vous venez de faire",
    ),
    "help.sync.resolve": (
        "Keeps one system's values of a record",
        "Garde les valeurs d'un système",
    ),
    "help.sync.undo": ("Takes a run back", "Annule une exécution"),
    "help.sync.retry": ("Tries again what failed", "Réessaie ce qui a échoué"),
    "help.alert.list": ("Lists alerts", "Liste les alertes"),
    "help.alert.ack": ("Says that you look after it", "Indique que vous vous en occupez"),
    "help.alert.resolve": ("Closes an alert", "Clôt une alerte"),
    "help.alert.assign": ("Gives an alert to somebody", "Confie une alerte à quelqu'un"),
    "help.route.list": (
        "Lists this channel's alert rules",
        "Liste les règles d'alerte du canal",
    ),
    "help.route.add": ("Sends alerts to this channel", "Envoie des alertes dans ce canal"),
    "help.route.remove": ("Takes a rule away", "Retire une règle"),
    "help.route.test": ("Tells where an event would go", "Dit où irait un événement"),
    "help.digest.show": ("Shows when the summary comes", "Montre quand vient le résumé"),
    "help.digest.set": ("Sets when the summary comes", "Fixe l'heure du résumé"),
    "help.digest.off": ("Stops the summary", "Arrête le résumé"),
    "help.mute.list": ("Lists what is silent", "Liste ce qui est muet"),
    "help.mute.add": ("Silences alerts for a while", "Met des alertes en silence"),
    "help.mute.off": ("Ends a silence", "Met fin à un silence"),
    "help.approve.list": ("Lists requests", "Liste les demandes"),
    "help.approve.show": (
        "Shows a request with its changes",
        "Montre une demande et ses modifications",
    ),
    "help.approve.yes": ("Approves a request", "Approuve une demande"),
    "help.approve.no": ("Refuses a request", "Refuse une demande"),
    "help.me.show": ("Shows what I know about you", "Montre ce que je sais de vous"),
    "help.me.link": (
        "Links you to your HighLevel user",
        "Vous relie à votre utilisateur HighLevel",
    ),
    "help.me.unlink": ("Takes the link away", "Retire ce lien"),
    "help.me.tz": ("Sets your time zone", "Règle votre fuseau horaire"),
    "help.me.lang": ("Sets your language", "Règle votre langue"),
    "help.me.quiet": ("Sets your quiet hours", "Règle vos heures calmes"),
    "help.audit.show": ("Shows who did what", "Montre qui a fait quoi"),
    "help.audit.export": ("Takes the audit out as a file", "Exporte l'audit dans un fichier"),
    "help.why.show": ("Explains an alert or a refusal", "Explique une alerte ou un refus"),
    "help.admin.show": ("Shows roles and limits", "Montre rôles et limites"),
    "help.admin.grant": ("Gives somebody a role", "Donne un rôle à quelqu'un"),
    "help.admin.revoke": ("Takes somebody's role away", "Retire le rôle de quelqu'un"),
    "help.admin.limit": (
        "Limits what may be done in a channel",
        "Limite ce qui est permis dans un canal",
    ),
    "help.admin.default": (
        "Chooses where messages go whose channel takes none",
        "Choisit où vont les messages que leur canal refuse",
    ),
    "help.admin.alias": ("Makes a short form", "Crée un raccourci"),
    "help.admin.unalias": ("Takes a short form away", "Retire un raccourci"),
    "help.admin.override": (
        "Lets a request through alone; it is announced",
        "Autorise seul une demande ; c'est annoncé",
    ),
}

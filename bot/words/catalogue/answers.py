"""Refusals, failures, and commands that could not be read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from bot.words.catalogue.entries import Entry

ANSWERS: Final[dict[str, Entry]] = {
    "error.unchanged": ("Nothing was changed.", "Rien n'a été modifié."),
    "error.reference": ("Reference {reference}", "Référence {reference}"),
    "error.HightonicError": (
        "It failed inside hightonic. Nothing was changed. Tell an administrator the reference.",
        "Échec dans hightonic. Rien n'a été modifié. Donnez la référence à un administrateur.",
    ),
    "error.UseError": (
        "The request cannot be carried out as it is. Nothing was changed. Look at the help.",
        "La demande ne peut être exécutée telle quelle. Rien n'a été modifié. Consultez l'aide.",
    ),
    "error.DecisionNeededError": (
        "A person must decide first. Nothing was changed. Look at conflicts and approvals.",
        "Une personne doit d'abord décider. Rien n'a été modifié. Voyez conflits et approbations.",
    ),
    "error.PlanChangedError": (
        "The data has changed since the plan was made. Nothing was changed. Plan again.",
        "Les données ont changé depuis le plan. Rien n'a été modifié. Refaites un plan.",
    ),
    "error.StateError": (
        "The memory of hightonic cannot be read or written. Nothing was changed. Tell an administrator.",
        "La mémoire de hightonic est inaccessible. Rien n'a été modifié. Prévenez un administrateur.",
    ),
    "error.VendorError": (
        "{system} refused the request. Nothing was changed there. Try again later.",
        "{system} a refusé la demande. Rien n'y a été modifié. Réessayez plus tard.",
    ),
    "error.NotReachedError": (
        "{system} could not be reached. Nothing was changed there. It is tried again by itself.",
        "{system} est injoignable. Rien n'y a été modifié. Un nouvel essai aura lieu.",
    ),
    "error.RateLimitedError": (
        "{system} takes no more calls for the moment. Nothing was changed there. Wait a minute.",
        "{system} n'accepte plus d'appels pour l'instant. Rien n'y a été modifié. Patientez une minute.",
    ),
    "error.QuotaExhaustedError": (
        "The allowance of calls to {system} is used up. Nothing was changed there. It goes on when it is renewed.",
        "Le quota d'appels à {system} est épuisé. Rien n'y a été modifié. Reprise à son renouvellement.",
    ),
    "error.CredentialsError": (
        "{system} no longer accepts our key. Nothing was changed there. An administrator renews it.",
        "{system} n'accepte plus notre clé. Rien n'y a été modifié. Un administrateur doit la renouveler.",
    ),
    "error.ForbiddenError": (
        "Our key may not do this in {system}. Nothing was changed there. An administrator grants the right.",
        "Notre clé ne permet pas cela dans {system}. Rien n'y a été modifié. Un administrateur accorde le droit.",
    ),
    "error.NotFoundError": (
        "{system} no longer has this record. Nothing was changed there. Search for it again.",
        "{system} n'a plus cette fiche. Rien n'y a été modifié. Cherchez-la à nouveau.",
    ),
    "error.RejectedError": (
        "{system} does not take these values. Nothing was changed there. Mend them and save again.",
        "{system} n'accepte pas ces valeurs. Rien n'y a été modifié. Corrigez-les et enregistrez.",
    ),
    "error.UnknownOutcomeError": (
        "{system} did not say whether it saved. We look before anything is repeated.",
        "{system} n'a pas confirmé l'enregistrement. Nous vérifions avant de répéter.",
    ),
    "denied.bot": (
        "Bots cannot give commands.",
        "Les robots ne peuvent pas donner de commandes.",
    ),
    "denied.gone": ("This account is deactivated.", "Ce compte est désactivé."),
    "denied.external": (
        "People of other companies cannot use hightonic here.",
        "Les personnes d'autres sociétés ne peuvent pas utiliser hightonic ici.",
    ),
    "denied.guest": (
        "Guests cannot use hightonic here.",
        "Les invités ne peuvent pas utiliser hightonic ici.",
    ),
    "denied.unknown": (
        "Slack does not say who you are just now. Try again in a minute.",
        "Slack ne dit pas qui vous êtes en ce moment. Réessayez dans une minute.",
    ),
    "denied.unlinked": (
        "I do not know who you are in HighLevel yet. Link yourself first.",
        "Je ne sais pas encore qui vous êtes dans HighLevel. Reliez-vous d'abord.",
    ),
    "denied.role": (
        "Only somebody with the role {role} may do this.",
        "Seul le rôle {role} le permet.",
    ),
    "denied.channel_role": (
        "In this channel nobody may do this. Elsewhere the role {role} may.",
        "Personne ne peut faire cela dans ce canal. Ailleurs, le rôle {role} le permet.",
    ),
    "denied.channel_object": (
        "This channel is not for this. Try another one.",
        "Ce canal n'est pas fait pour cela. Essayez-en un autre.",
    ),
    "denied.channel_connection": (
        "This connection is not shown in this channel.",
        "Cette connexion n'est pas visible dans ce canal.",
    ),
    "denied.rule": (
        "Rule {rule} · reference {reference}",
        "Règle {rule} · référence {reference}",
    ),
    "misread.too_long": (
        "The command is longer than 4,000 characters.",
        "La commande dépasse 4 000 caractères.",
    ),
    "misread.unclosed_quote": (
        "A quote is opened here and never closed.",
        "Un guillemet ouvert ici n'est jamais fermé.",
    ),
    "misread.unknown_object": ("I do not know “{word}”.", "Je ne connais pas « {word} »."),
    "misread.unknown_verb": (
        "“{word}” is nothing I can do with “{expected}”.",
        "« {word} » n'est pas une action de « {expected} ».",
    ),
    "misread.ambiguous": (
        "“{word}” can mean several things: {known}.",
        "« {word} » peut désigner plusieurs choses : {known}.",
    ),
    "misread.unknown_key": (
        "There is no field or option “{word}” here.",
        "Il n'y a pas de champ ni d'option « {word} » ici.",
    ),
    "misread.unknown_flag": (
        "There is no flag “{word}” here.",
        "Il n'y a pas d'option « {word} » ici.",
    ),
    "misread.repeated_key": ("“{word}” is said twice.", "« {word} » est dit deux fois."),
    "misread.too_many": (
        "“{word}” is one word too many; put quotes around words that belong together.",
        "« {word} » est de trop ; mettez entre guillemets les mots qui vont ensemble.",
    ),
    "misread.missing": ("“{expected}” is missing.", "« {expected} » manque."),
    "misread.no_tags_here": (
        "“{word}” looks like a tag; this command takes none.",
        "« {word} » ressemble à une étiquette ; cette commande n'en prend pas.",
    ),
    "misread.bad_operator": (
        "“{expected}” cannot be used with “{word}”; use {known}.",
        "« {expected} » ne s'emploie pas avec « {word} » ; employez {known}.",
    ),
    "misread.bad_date": (
        "“{word}” is no day I understand. Try “fri”, “+3d” or 2026-12-24.",
        "« {word} » n'est pas une date comprise. Essayez « ven », « +3j » ou 2026-12-24.",
    ),
    "misread.bad_duration": (
        "“{word}” is no duration. Try 30m, 2h or 1d.",
        "« {word} » n'est pas une durée. Essayez 30m, 2h ou 1j.",
    ),
    "misread.bad_time": (
        "“{word}” is no time of day. Try 09:00.",
        "« {word} » n'est pas une heure. Essayez 09:00.",
    ),
    "misread.bad_choice": (
        "“{word}” is none of: {known}.",
        "« {word} » ne fait pas partie de : {known}.",
    ),
    "misread.bad_person": (
        "“{word}” is nobody I can find. Mention the person with @.",
        "« {word} » n'est pas une personne. Mentionnez-la avec @.",
    ),
    "misread.bad_channel": (
        "“{word}” is no channel. Name it with #.",
        "« {word} » n'est pas un canal. Nommez-le avec #.",
    ),
    "misread.did_you_mean": ("Did you mean: {known}", "Vouliez-vous dire : {known}"),
    "misread.usage": ("Written like this: {usage}", "S'écrit ainsi : {usage}"),
}

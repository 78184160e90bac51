"""What states, channels, refusals and mistakes are called, in French; ``language`` says it otherwise."""

from collections.abc import Mapping
from typing import Final

from ...model.access import Hindrance
from ...model.contact import Fault
from ...model.refusal import Code


def N_(message: str) -> str:  # noqa: N802 (gettext's own name, which extraction looks for)
    """A message that is translated where it is shown."""
    return message


def NN_(one: str, several: str) -> tuple[str, str]:  # noqa: N802
    """Two messages, one of which is translated and shown, by a number."""
    return one, several


STATES: Final[Mapping[str, tuple[str, str]]] = {
    "queued": (N_("En attente"), "waiting"),
    "handed": (N_("Envoyé"), "sent"),
    "delivered": (N_("Remis"), "good"),
    "failed": (N_("Échec"), "bad"),
    "rejected": (N_("Refusé"), "bad"),
    "expired": (N_("Expiré"), "bad"),
    "unknown": (N_("Sans nouvelles"), "doubtful"),
    "cancelled": (N_("Annulé"), "off"),
}
"""For each state of a message: its name, and how it looks."""

MEANINGS: Final[Mapping[str, str]] = {
    "queued": N_("Accepté et payé, pas encore parti."),
    "handed": N_("Parti : l'opérateur l'a pris, en attente de l'accusé de réception du téléphone."),
    "delivered": N_("Le téléphone l'a reçu : son accusé de réception est là."),
    "failed": N_("Parti, mais le téléphone ne l'a pas reçu : l'opérateur en donne la raison."),
    "rejected": N_("Il n'a pas pu partir : aucun opérateur n'en a voulu. Il est remboursé."),
    "expired": N_("Sa durée de validité a pris fin avant qu'il soit remis. S'il n'était pas parti, il est remboursé."),
    "unknown": N_("Il est sans doute parti, mais aucun accusé de réception n'est venu : nul ne sait s'il a été reçu."),
    "cancelled": N_("Annulé avant de partir, et remboursé."),
}
"""For each state of a message: what it says to who sent it."""

REASONS: Final[Mapping[str, str]] = {
    "top-up": N_("Crédits ajoutés"),
    "debit": N_("Envoi"),
    "refund": N_("Remboursement"),
    "transfer": N_("Transfert"),
    "trial": N_("Crédits d'essai"),
    "adjustment": N_("Correction"),
}
"""Why credits move."""

CHANNELS: Final[Mapping[str, str]] = {
    "web": N_("Site"),
    "mail": N_("E-mail"),
    "http": N_("HTTP"),
    "alert": N_("Alerte"),
}

FORMATS: Final[Mapping[str, str]] = {
    "normal": N_("Normal"),
    "flash": N_("Flash"),
    "normal+flash": N_("Normal + flash"),
}

REFUSALS: Final[Mapping[Code, str]] = {
    Code.BAD_CREDENTIALS: N_("Le compte est fermé."),
    Code.NO_CREDIT: N_("Il n'y a pas assez de crédits pour cet envoi : créditez le compte, ou réduisez l'envoi."),
    Code.BAD_NUMBER: N_("Un destinataire n'est pas un numéro de mobile que l'on peut joindre. Corrigez-le."),
    Code.BAD_DATE: N_("La date d'envoi doit être à venir, à une heure qui existe, et dans les 366 jours."),
    Code.EMPTY_GROUP: N_("Le groupe est vide : ajoutez-y des contacts."),
    Code.NO_DESTINATION: N_("Indiquez au moins un destinataire : un numéro, un contact ou un groupe."),
    Code.NO_TEXT: N_("Écrivez le message."),
    Code.DUPLICATE: N_(
        "Ce message a déjà été envoyé à ce numéro dans les dernières 24 heures. Changez le texte, ou levez le "
        "contrôle des doublons dans les options."
    ),
    Code.TOO_LONG: N_("Le message est plus long que votre compte ne l'admet : raccourcissez-le, ou changez l'option."),
    Code.TOO_MANY: N_("Il y a trop de destinataires pour un seul envoi : faites-en plusieurs."),
    Code.OPTED_OUT: N_("Ce destinataire a répondu STOP : il ne veut plus recevoir de message de votre part."),
    Code.UNAVAILABLE: N_("Le service ne peut rien enregistrer pour l'instant : rien n'est parti. Réessayez."),
}

REJECTS: Final[Mapping[Code, str]] = {
    Code.BAD_NUMBER: N_("pays fermé, ou numéro non valide"),
    Code.NO_TEXT: N_("son message est vide"),
    Code.DUPLICATE: N_("a reçu ce message il y a moins de 24 heures"),
    Code.TOO_LONG: N_("son message est trop long"),
    Code.OPTED_OUT: N_("a répondu STOP"),
}
"""Why somebody among others gets nothing."""

HINDRANCES: Final[Mapping[Hindrance, str]] = {
    Hindrance.NOT_AN_EMAIL: N_("Ce n'est pas une adresse e-mail : vérifiez-la."),
    Hindrance.BAD_CREDENTIALS: N_("L'adresse ou le mot de passe n'est pas le bon."),
    Hindrance.BAD_CODE: N_("Ce code n'est pas le bon, ou il a déjà servi. Attendez le suivant."),
    Hindrance.BAD_LINK: N_("Ce lien n'est plus valable : il sert une fois, pendant une heure. Demandez-en un autre."),
    Hindrance.TOO_MANY: N_("Il y a eu trop d'essais. Attendez un quart d'heure, puis réessayez."),
    Hindrance.UNAVAILABLE: N_("Le service ne peut rien enregistrer pour l'instant. Réessayez dans une minute."),
    Hindrance.PASSWORD_TOO_SHORT: N_("Il faut au moins 10 caractères."),
    Hindrance.PASSWORD_TOO_LONG: N_("C'est trop long : 200 caractères au plus."),
    Hindrance.PASSWORD_UNTYPABLE: N_("Il y a des caractères que l'on ne peut pas taper partout."),
    Hindrance.PASSWORD_COMMON: N_("Ce mot de passe est parmi les premiers que l'on essaie : choisissez-en un autre."),
    Hindrance.BAD_NAME: N_("Il faut un nom, d'une ligne et de 100 caractères au plus."),
    Hindrance.NAME_TAKEN: N_("Ce nom est déjà pris."),
    Hindrance.TOO_MANY_KEYS: N_("Il y a déjà 100 clés : révoquez-en une d'abord."),
}

FAULTS: Final[Mapping[Fault, str]] = {
    Fault.EMPTY: N_("Il manque quelque chose ici."),
    Fault.TOO_LONG: N_("C'est trop long."),
    Fault.SEVERAL_LINES: N_("Il y a trop de lignes : une seule pour un nom, 16 au plus pour une variable."),
    Fault.NOT_A_NUMBER: N_("Ce n'est pas un numéro de mobile."),
    Fault.CLOSED_COUNTRY: N_("Les envois vers ce pays ne sont pas ouverts."),
    Fault.NAME_TAKEN: N_("Ce nom est déjà pris."),
    Fault.IS_A_NUMBER: N_("C'est un numéro : un groupe de ce nom ne recevrait jamais rien."),
    Fault.GONE: N_("Cela n'existe plus."),
    Fault.TOO_MANY: N_("Il n'y a plus de place : supprimez d'abord ce qui ne sert plus."),
}

ANNOUNCEMENTS: Final[Mapping[str, tuple[str, str]]] = {
    "logged-out": (N_("Vous êtes déconnecté."), ""),
    "password-changed": (N_("Le mot de passe est changé. Les autres sessions sont fermées."), ""),
    "password-reset": (N_("Le mot de passe est changé : connectez-vous."), ""),
    "options-saved": (N_("Les options sont enregistrées."), ""),
    "key-revoked": (N_("La clé est révoquée."), ""),
    "session-ended": (N_("La session est fermée."), ""),
    "sessions-ended": (N_("Les autres sessions sont fermées."), ""),
    "second-factor-off": (N_("La double authentification est désactivée."), ""),
    "contact-saved": (N_("Le contact est enregistré."), ""),
    "contacts-deleted": NN_("%(n)s contact supprimé.", "%(n)s contacts supprimés."),
    "contacts-put": NN_("%(n)s contact ajouté au groupe.", "%(n)s contacts ajoutés au groupe."),
    "contacts-taken-out": NN_("%(n)s contact retiré du groupe.", "%(n)s contacts retirés du groupe."),
    "group-created": (N_("Le groupe est créé."), ""),
    "group-saved": (N_("Le groupe est renommé."), ""),
    "group-deleted": (N_("Le groupe est supprimé. Ses contacts restent dans le carnet."), ""),
    "group-deleted-with": NN_(
        "Le groupe est supprimé, avec %(n)s contact.", "Le groupe est supprimé, avec %(n)s contacts."
    ),
    "phrase-saved": (N_("La phrase type est enregistrée."), ""),
    "phrase-deleted": (N_("La phrase type est supprimée."), ""),
    "import-discarded": (N_("Le fichier est oublié : rien n'a été importé."), ""),
    "cancelled": NN_("%(n)s message annulé et remboursé.", "%(n)s messages annulés et remboursés."),
    "nothing-left": (N_("Il n'y a plus rien à changer : tout est parti, ou fini."), ""),
    "postponed": (N_("L'heure d'envoi est changée."), ""),
    "replaced": (N_("L'envoi programmé est remplacé."), ""),
}
"""What a page says first after a redirect; two forms where something is counted."""

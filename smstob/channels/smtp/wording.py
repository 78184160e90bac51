"""What the e-mail door answers: French in ASCII, with the codes of SMTP, of RFC 3463 and our own."""

import unicodedata
from collections.abc import Sequence
from types import MappingProxyType
from typing import Final

from ...model.refusal import Code, Refusal
from ...model.submission import Submission
from .mail import Reply

LINE: Final = 400
"""Characters of a line, at most (RFC 5321 §4.5.3.1.5 has 512 octets)."""

_TYPOGRAPHY: Final = str.maketrans({"œ": "oe", "Œ": "OE", "’": "'", "«": '"', "»": '"'})
_ANSWERS: Final = MappingProxyType(
    {
        Code.BAD_CREDENTIALS: (550, "5.7.1", "L'adresse de l'expéditeur ou le mot de passe n'est pas valide."),
        Code.NO_CREDIT: (550, "5.7.1", "Le compte doit être crédité : il n'a pas assez de crédits pour cet envoi."),
        Code.BAD_NUMBER: (550, "5.1.1", "Ce n'est ni un numéro de mobile valide, ni un groupe du carnet."),
        Code.BAD_DATE: (554, "5.6.0", "La date d'envoi n'est pas valide ; attendu : hhmmjjmmaaaa, à venir."),
        Code.EMPTY_GROUP: (550, "5.1.1", "Le groupe de contacts est vide."),
        Code.NO_EMAIL: (554, "5.6.0", "L'adresse de l'expéditeur est vide."),
        Code.NO_PASSWORD: (554, "5.7.1", "Le mot de passe est vide ; il se met dans l'adresse ou dans l'objet."),
        Code.NO_DESTINATION: (554, "5.1.3", "Le numéro ou le groupe est vide : dans l'adresse ou dans l'objet."),
        Code.NO_TEXT: (554, "5.6.0", "Le message est vide."),
        Code.DUPLICATE: (554, "5.7.1", "Ce message a déjà été envoyé à ce numéro dans les dernières 24 heures."),
        Code.TOO_LONG: (552, "5.3.4", "Le message est plus long que le compte ne le permet."),
        Code.TOO_MANY: (451, "4.7.1", "Trop de demandes ou trop d'essais de mot de passe : réessayez plus tard."),
        Code.OPTED_OUT: (550, "5.7.1", "Ce destinataire ne veut plus de messages (STOP)."),
        Code.UNAVAILABLE: (451, "4.3.0", "Le service ne peut rien enregistrer pour le moment : réessayez."),
    }
)


def answer(code: int, status: str, *lines: str) -> Reply:
    """A reply with those French lines, in ASCII and short enough."""
    return Reply(code, status, tuple(plain(line)[:LINE] for line in lines))


def plain(text: str) -> str:
    """``text`` in printable ASCII: without accents, and without what SMTP cannot say."""
    decomposed = unicodedata.normalize("NFKD", text.translate(_TYPOGRAPHY))
    return "".join(sign for sign in decomposed if sign.isascii() and sign.isprintable())


def refused(refusal: Refusal) -> Reply:
    """Why the only recipient of a mail is refused."""
    smtp, status, _ = _ANSWERS[refusal.code]
    return answer(smtp, status, f"{int(refusal.code)} {_sentence(refusal)}")


def all_refused(refusals: Sequence[tuple[str, Refusal]]) -> Reply:
    """Why every recipient of a mail is, each destination with its refusal; the codes are those of the first."""
    if len(refusals) == 1:
        return refused(refusals[0][1])
    smtp, status, _ = _ANSWERS[refusals[0][1].code]
    return answer(smtp, status, *(_refusal(destination, refusal) for destination, refusal in refusals))


def _refusal(destination: str, refusal: Refusal) -> str:
    return f"{int(refusal.code)} {shown(destination)} : {_sentence(refusal)}"


def _sentence(refusal: Refusal) -> str:
    if refusal.reason is None:
        return _ANSWERS[refusal.code][2]
    limit = refusal.reason.credits
    credits_ = f"{limit} crédit{'s' if limit > 1 else ''}"
    return f"Cet envoi dépasse la limite de votre adresse, {credits_} par jour, fixée par le titulaire du compte."


def shown(destination: str) -> str:
    """A destination as it is repeated, cut short."""
    return destination if len(destination) <= 60 else f"{destination[:57]}..."


def accepted(outcomes: Sequence[tuple[str, Submission | Refusal]]) -> Reply:
    """What was taken of a mail; the account's owner reads the whole in a mail."""
    lines = []
    for destination, outcome in outcomes:
        if isinstance(outcome, Refusal):
            lines.append(_refusal(destination, outcome))
        else:
            what = "enregistré pour plus tard" if outcome.code is Code.DEFERRED else "accepté"
            plural = "s" if outcome.messages > 1 else ""
            lines.append(f"{int(outcome.code)} {what} : {outcome.messages} message{plural}")
    return answer(250, "2.0.0", *lines)


IGNORED: Final = answer(250, "2.0.0", "Message automatique : rien n'est envoyé")
NOT_OURS: Final = answer(550, "5.7.1", "Relais refusé : ce domaine n'est pas le nôtre")
NO_MAILBOX: Final = answer(550, "5.1.1", "Pas de telle adresse ici ; voyez la documentation de l'envoi par e-mail")
UNVERIFIED: Final = answer(
    550, "5.7.1", "82 L'expéditeur n'est pas vérifié : son domaine (SPF, DKIM, DMARC) n'a pas confirmé cet e-mail"
)
UNVERIFIABLE: Final = answer(451, "4.7.0", "L'expéditeur n'a pas pu être vérifié (DNS) : réessayez")

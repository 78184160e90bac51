"""What the SMTP server says of itself: its replies, and how a reply is written (RFC 5321 §4.2, RFC 2034)."""

from typing import Final
from unicodedata import normalize

from ..mail import Reply

LONGEST_TEXT: Final = 400
"""Characters of a line's text: with the codes it keeps within the 512 bytes of RFC 5321 §4.5.3.1.5."""

GOODBYE: Final = Reply(221, "2.0.0", ("Au revoir",))
READY_FOR_TLS: Final = Reply(220, "2.0.0", ("Pret pour TLS",))
DONE: Final = Reply(250, "2.0.0", ("OK",))
HELP: Final = Reply(214, "2.0.0", ("EHLO HELO MAIL RCPT DATA RSET NOOP QUIT VRFY STARTTLS",))
SENDER_TAKEN: Final = Reply(250, "2.1.0", ("Expediteur accepte",))
RECIPIENT_TAKEN: Final = Reply(250, "2.1.5", ("Destinataire accepte",))
MAYBE: Final = Reply(252, "2.0.0", ("Envoyez l'e-mail : la reponse viendra",))

BUSY: Final = Reply(421, "4.7.0", ("Trop de connexions, reessayez plus tard",))
STOPPING: Final = Reply(421, "4.3.2", ("Le service s'arrete, reessayez plus tard",))
TOO_LATE: Final = Reply(421, "4.4.2", ("Delai depasse",))
TOO_MANY_ERRORS: Final = Reply(421, "4.7.0", ("Trop d'erreurs",))
TOO_MANY_COMMANDS: Final = Reply(421, "4.7.0", ("Trop de commandes sans e-mail",))
TOO_MANY_MAILS: Final = Reply(421, "4.7.0", ("Assez d'e-mails pour une connexion, ouvrez-en une autre",))
TLS_INJECTION: Final = Reply(421, "5.5.1", ("Rien ne doit suivre STARTTLS avant la negociation",))
OUR_FAULT: Final = Reply(451, "4.3.0", ("Erreur interne, reessayez plus tard",))
AWAY: Final = Reply(451, "4.3.0", ("99 Le service ne peut rien enregistrer pour le moment : reessayez.",))
NO_ROOM: Final = Reply(452, "4.3.1", ("Trop d'e-mails en cours, reessayez plus tard",))

UNKNOWN: Final = Reply(500, "5.5.1", ("Commande inconnue",))
NOT_A_COMMAND: Final = Reply(500, "5.5.2", ("Commande illisible",))
LINE_TOO_LONG: Final = Reply(500, "5.5.2", ("Ligne trop longue",))
BAD_SYNTAX: Final = Reply(501, "5.5.2", ("Syntaxe incorrecte",))
BAD_ARGUMENT: Final = Reply(501, "5.5.4", ("Parametre incorrect",))
BAD_SENDER: Final = Reply(501, "5.1.7", ("Adresse de l'expediteur incorrecte",))
BAD_RECIPIENT: Final = Reply(501, "5.1.3", ("Adresse du destinataire incorrecte",))
NOT_OFFERED: Final = Reply(502, "5.5.1", ("Commande non prise en charge",))
OUT_OF_ORDER: Final = Reply(503, "5.5.1", ("Commande hors de son ordre",))
BARE_LINE_END: Final = Reply(521, "5.5.2", ("CR ou LF isole : les lignes se terminent par CRLF",))
RELAYS_ONLY: Final = Reply(550, "5.7.1", ("XFORWARD est reserve aux relais declares",))
TOO_BIG: Final = Reply(552, "5.3.4", ("E-mail trop grand",))
NO_RECIPIENT: Final = Reply(554, "5.5.1", ("Aucun destinataire accepte",))
LOOP: Final = Reply(554, "5.4.6", ("Trop de relais traverses, l'e-mail tourne en rond",))
UNKNOWN_PARAMETER: Final = Reply(555, "5.5.4", ("Parametre inconnu",))


class Refused(Exception):
    """A command is the client's mistake; ``reply`` says which."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.lines[0])
        self.reply = reply


class Violation(Refused):
    """What came leaves no way on: after ``reply`` the connection is closed."""


def too_many_recipients(most: int) -> Reply:
    """The reply to one recipient more than ``most``."""
    return Reply(452, "4.5.3", (f"Trop de destinataires : {most} au plus par e-mail",))


def spoken(reply: Reply) -> bytes:
    """The reply as it goes over the wire, whatever its lines hold: never a line more, never a byte that is no ASCII."""
    texts = reply.lines or ("",)
    return b"".join(
        b"%03d%c%s %s\r\n" % (reply.code, b" -"[number < len(texts)], _ascii(reply.status), _ascii(text))
        for number, text in enumerate(texts, 1)
    )


def _ascii(text: str) -> bytes:
    if not (text.isascii() and text.isprintable()):
        # é becomes e and an accent: the accent goes
        parts = normalize("NFKD", text)
        bare = "".join(" " if sign.isspace() else sign for sign in parts if not "\u0300" <= sign <= "\u036f")
        text = "".join(sign if " " <= sign <= "~" else "?" for sign in bare)
    return text[:LONGEST_TEXT].encode("ascii")

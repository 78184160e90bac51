"""``smstob message …``, ``submission …``, ``reply …``, ``gateway …``, ``modem …``, ``queue …``: how messages travel."""

from argparse import Namespace
from typing import Any

import attrs

from ..model.message import State
from ..model.modem import ModemReport
from ..model.report import MessageReport
from ..storage import settlement, sims, submissions
from ..storage.database import Connection
from ..table import shown
from .desk import Desk, Mistake, taken
from .parser import command, count, identity, one_of, words
from .report import GATEWAY_STATES, MODEM_STATES, STATES, Report, cut, grouped, plural, table


def add_commands(commands: Any) -> None:
    """Add this subject's commands to the grammar."""
    messages = command(commands, "message", "les messages").commands()
    list_ = command(messages, "list", "lister les derniers messages, le plus récent d'abord", list_messages)
    list_.add_argument("--account", metavar="EMAIL", type=words, help="ceux de ce compte")
    states = ", ".join(f"{state} ({STATES[state]})" for state in State)
    list_.add_argument("--state", metavar="ÉTAT", type=one_of(list(State)), help=f"ceux de cet état : {states}")
    list_.add_argument("--limit", metavar="N", type=count, default=100, help="au plus (100 si rien n'est dit)")
    sent = command(commands, "submission", "les envois").commands()
    cancel_ = command(sent, "cancel", "annuler ce qui n'est pas parti d'un envoi, et le rembourser", cancel)
    cancel_.add_argument("id", metavar="ID", type=identity, help="numéro de l'envoi")
    answers = command(commands, "reply", "les réponses des destinataires").commands()
    last = command(answers, "list", "lister les dernières réponses, la plus récente d'abord", list_replies)
    last.add_argument("--limit", metavar="N", type=count, default=100, help="au plus (100 si rien n'est dit)")
    gateways = command(commands, "gateway", "les passerelles").commands()
    command(gateways, "list", "lister les passerelles et leur état", list_gateways)
    modems = command(commands, "modem", "les modems GSM").commands()
    command(modems, "list", "lister les modems, leur état et ce que leur carte SIM a envoyé", list_modems)
    retry = command(modems, "retry-pin", "redonner à une carte SIM le code PIN qu'elle a refusé", retry_pin)
    retry.add_argument("card", metavar="ICCID", type=words, help="le numéro de la carte (« smstob modem list »)")
    waiting = command(commands, "queue", "la file d'attente").commands()
    command(waiting, "show", "montrer la file d'attente", show_queue)


def list_messages(desk: Desk, given: Namespace) -> Report:
    """The last messages."""

    account = None if given.account is None else desk.account(given.account).id
    found = taken(desk.reporter.messages(account, None if given.state is None else State(given.state), given.limit))
    rows = [
        (
            str(one.id),
            str(one.submission),
            one.account,
            one.to,
            STATES[one.state],
            one.segments,
            one.credits,
            one.gateway,
            one.channel,
            desk.clock(one.due),
            cut(one.text),
            one.error or "",
        )
        for one in found
    ]
    headers = ("n°", "envoi", "compte", "à", "état", "SMS", "crédits", "passerelle", "voie", "pour", "texte", "erreur")
    return Report([_message(desk, one) for one in found], table(headers, rows, "Il n'y a pas de message."))


def _message(desk: Desk, one: MessageReport) -> dict[str, Any]:
    return {
        "id": one.id,
        "submission": one.submission,
        "to": one.to,
        "text": one.text,
        "state": one.state,
        "segments": one.segments,
        "credits": one.credits,
        "gateway": one.gateway,
        "channel": one.channel,
        "created": desk.iso(one.created),
        "due": desk.iso(one.due),
        "error": one.error,
        "parts": [attrs.asdict(part) for part in one.parts],
    }


def cancel(desk: Desk, given: Namespace) -> Report:
    """Cancel what of a submission has not left."""

    def work(connection: Connection) -> tuple[int, int]:
        if submissions.account_of(connection, given.id) is None:
            raise Mistake(f"il n'y a pas d'envoi {given.id}")
        cancelled, credits = settlement.cancel(connection, given.id, desk.now)
        if not cancelled:
            raise Mistake(f"l'envoi {given.id} n'a plus rien à annuler : tout est parti, ou fini")
        return cancelled, credits

    messages, credits = desk.transact(work)
    text = f"{plural(messages, 'message annulé')} ; remboursé : {plural(credits, 'crédit')}."
    return Report({"cancelled": messages, "credits": credits}, text)


def list_replies(desk: Desk, given: Namespace) -> Report:
    """The last replies."""
    found = taken(desk.reporter.replies(given.limit))
    rows = [(str(one.id), desk.clock(one.at), one.gateway, one.number, one.recipient, cut(one.text)) for one in found]
    value = [
        {
            "id": one.id,
            "at": desk.iso(one.at),
            "gateway": one.gateway,
            "from": one.number,
            "to": one.recipient,
            "text": one.text,
        }
        for one in found
    ]
    return Report(value, table(("n°", "reçue", "passerelle", "de", "à", "texte"), rows, "Il n'y a pas de réponse."))


def list_gateways(desk: Desk, _given: Namespace) -> Report:
    """The configured gateways; figures are the sums of what living daemons tell."""
    found = taken(desk.reporter.gateways())
    rows = [
        (
            *(one.name, one.type, GATEWAY_STATES.get(one.state, one.state)),
            *(one.queued, one.sent, one.failed, one.repeated, one.rate),
        )
        for one in found
    ]
    headers = ("passerelle", "type", "état", "en attente", "SMS envoyés", "échecs", "répétés", "SMS/s")
    return Report([attrs.asdict(one) for one in found], table(headers, rows, "Il n'y a pas de passerelle."))


def list_modems(desk: Desk, _given: Namespace) -> Report:
    """The modems, as living daemons told of them."""
    found = taken(desk.reporter.modems())
    rows = [
        (
            *(one.gateway, one.port, MODEM_STATES[one.state], desk.clock(one.since)),
            *(one.model, one.card, one.network, _signal(one)),
            *(one.sent, one.failed, one.resets, one.day, one.month, one.recipients),
            one.reason,
        )
        for one in found
    ]
    headers = (
        *("passerelle", "port", "état", "depuis", "modèle", "carte", "réseau", "signal"),
        *("SMS envoyés", "échecs", "relances", "24 h", "31 jours", "numéros", "raison"),
    )
    return Report([_modem(desk, one) for one in found], table(headers, rows, "Il n'y a pas de modem."))


def _signal(one: ModemReport) -> str:
    return "-" if one.signal is None else f"{one.signal} dBm"


def _modem(desk: Desk, one: ModemReport) -> dict[str, Any]:
    return attrs.asdict(one) | {
        "since": desk.iso(one.since),
        "until": None if one.until is None else desk.iso(one.until),
        "heard": None if one.heard is None else desk.iso(one.heard),
    }


def retry_pin(desk: Desk, given: Namespace) -> Report:
    """Forget that a SIM card refused a PIN: it is given what the configuration has, once more."""

    # on cards it stands in groups
    card = "".join(given.card.split())

    def work(connection: Connection) -> None:
        if not sims.forget_pin(connection, card):
            raise Mistake(f"aucun code PIN refusé n'est connu de la carte {shown(card)}")

    desk.transact(work)
    return Report({"card": card}, f"La carte {card} recevra de nouveau le code PIN de la configuration.")


def show_queue(desk: Desk, _given: Namespace) -> Report:
    """How much is queued."""
    depth = taken(desk.reporter.queue())
    age = f" (le plus ancien attend depuis {grouped(depth.oldest_due_age)} s)" if depth.due else ""
    text = (
        f"en attente              {grouped(depth.queued)}\n"
        f"dont à envoyer déjà     {grouped(depth.due)}{age}\n"
        f"envoyés, sans accusé    {grouped(depth.handed)}"
    )
    return Report(attrs.asdict(depth), text)

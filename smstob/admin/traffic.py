"""``smstob message …``, ``submission …``, ``reply …``, ``gateway …``, ``queue …``: what leaves, and what comes back."""

from argparse import Namespace
from typing import Any

import attrs

from ..model.message import State
from ..model.report import MessageReport
from ..storage import settlement, submissions
from ..storage.database import Connection
from .desk import Desk, Mistake, taken
from .parser import command, count, identity, one_of, words
from .report import GATEWAY_STATES, STATES, Report, cut, grouped, plural, table


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

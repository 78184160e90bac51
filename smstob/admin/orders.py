"""``smstob order …``: credits that are sold, and the money for them."""

import secrets
from argparse import Namespace
from collections.abc import Callable
from typing import Any

from ..model.moment import date_of
from ..model.order import (
    MOST_OPEN,
    Instructions,
    Method,
    Order,
    OrderFault,
    OrderQuery,
    OrderState,
    read_reference,
)
from ..model.price import MOST_ORDER
from ..storage import ledger
from ..table import shown
from .desk import Desk, Mistake, finished, taken
from .parser import command, count, day, note, one_of, quantity, words
from .report import ORDER_STATES, Report, euros, grouped, plural, price, table


def add_commands(commands: Any) -> None:
    """Add this subject's commands to the grammar."""
    subject = command(commands, "order", "les commandes de crédits et leurs paiements").commands()
    list_ = command(subject, "list", "lister les dernières commandes, la plus récente d'abord", list_orders)
    states = ", ".join(f"{state} ({ORDER_STATES[state]})" for state in OrderState)
    list_.add_argument("--state", metavar="ÉTAT", type=one_of(list(OrderState)), help=f"celles de cet état : {states}")
    list_.add_argument("--account", metavar="EMAIL", type=words, help="celles de ce compte")
    list_.add_argument("--limit", metavar="N", type=count, default=100, help="au plus (100 si rien n'est dit)")
    create_ = command(subject, "create", "prendre une commande pour un client", create)
    create_.add_argument("email", metavar="EMAIL", type=words)
    create_.add_argument("credits", metavar="N", type=quantity, help="crédits")
    how = "nom de [payments] dans la configuration"
    create_.add_argument("--method", metavar="MOYEN", type=words, required=True, help=f"moyen de paiement : {how}")
    texts: tuple[tuple[str, str, Callable[..., Report]], ...] = (
        ("show", "montrer une commande, et comment la payer", show),
        ("confirm", "noter que l'argent d'une commande est arrivé : crédits et facture partent", confirm),
        ("cancel", "ne plus attendre le paiement d'une commande", cancel),
        ("refund", "noter que vous avez tout remboursé : avoir, et crédits repris s'ils sont là", refund),
    )
    for name, text, run in texts:
        added = command(subject, name, text, run)
        added.add_argument("reference", metavar="RÉFÉRENCE", type=words, help="comme RF18SMS000042")
        if run is confirm:
            added.add_argument("--date", metavar="JJ/MM/AAAA", type=day, help="jour d'arrivée (aujourd'hui sinon)")
        if run in (confirm, refund):
            wording = "numéro du chèque, libellé de la banque …"
            added.add_argument("--note", metavar="TEXTE", type=note, help=wording)


def list_orders(desk: Desk, given: Namespace) -> Report:
    """The last orders."""
    query = OrderQuery(
        account=None if given.account is None else desk.account(given.account).id,
        state=None if given.state is None else OrderState(given.state),
        limit=given.limit,
    )
    found = taken(desk.till.cashier.orders(query))
    rows = [
        (
            *(one.reference, one.email, one.method, ORDER_STATES[one.state], one.credits, price(one.amounts.gross)),
            *(desk.clock(one.created), None if one.paid_at is None else desk.clock(one.paid_at)),
            ", ".join(one.invoices),
        )
        for one in found
    ]
    headers = ("référence", "compte", "moyen", "état", "crédits", "TTC", "commandée", "payée", "factures")
    return Report([_order(desk, one) for one in found], table(headers, rows, "Il n'y a pas de commande."))


def _order(desk: Desk, one: Order) -> dict[str, Any]:
    return {
        "reference": one.reference,
        "account": one.email,
        "customer": one.customer.name,
        "method": one.method,
        "state": one.state.value,
        "credits": one.credits,
        "net": euros(one.amounts.net),
        "vat": euros(one.amounts.vat),
        "gross": euros(one.amounts.gross),
        "created": desk.iso(one.created),
        "paid": None if one.paid_at is None else desk.iso(one.paid_at),
        "received": None if one.received is None else date_of(one.received).isoformat(),
        "refunded": euros(one.refunded),
        "note": one.note,
        "invoices": list(one.invoices),
    }


def create(desk: Desk, given: Namespace) -> Report:
    """Take an order; who pays by hand is mailed how."""
    account = desk.account(given.email)
    made = finished(desk.till.cashier.order(account.id, given.credits, given.method, secrets.token_hex(16)))
    if isinstance(made, OrderFault):
        raise Mistake(_why_not_taken(desk, made, account.email, given.method))
    how, told = _how_to_pay(desk, made)
    mailed = f"\nC'est envoyé à {account.email}." if made.by_hand else ""
    return Report(_order(desk, made) | {"payment": how}, f"Commande prise : {_summary(made)}.\n{told}{mailed}")


def _why_not_taken(desk: Desk, fault: OrderFault, email: str, method: str) -> str:
    match fault:
        case OrderFault.BAD_QUANTITY:
            least, most = desk.till.cashier.prices.least, MOST_ORDER
            return f"on achète de {grouped(least)} à {grouped(most)} crédits à la fois"
        case OrderFault.BAD_METHOD:
            known = ", ".join(one.name for one in desk.till.cashier.methods) or "aucun"
            return f"{shown(method)} n'est pas un moyen de paiement de la configuration ; possible : {known}"
        case OrderFault.NO_CUSTOMER:
            fields = "name=… address=… postcode=… city=…"
            return f"{email} n'a pas donné son adresse de facturation : « smstob customer set {email} {fields} »"
        case OrderFault.TOO_MANY:
            waiting = plural(MOST_OPEN, "commande")
            return f"{email} a déjà {waiting} à payer : annulez celles qui ne le seront pas (smstob order cancel)"
        case _:
            return f"le compte {email} est fermé : « smstob account enable {email} » le rouvre"


def _summary(one: Order) -> str:
    amounts = one.amounts
    paid = f"{price(amounts.net)} HT, TVA {price(amounts.vat)}, {price(amounts.gross)} TTC"
    return f"{one.reference}, {plural(one.credits, 'crédit')}, {paid}"


def _how_to_pay(desk: Desk, one: Order) -> tuple[dict[str, str], str]:
    """How an open order is paid, for programs and for people."""
    page = f"{desk.settings.service.base_url}/credits/commandes/{one.reference}"
    start = finished(desk.till.cashier.start(one.account, one.reference)) if one.by_hand else None
    if not isinstance(start, Instructions):
        return {"url": page}, f"Le client la paie sur ses pages : {page}"
    how = {"payee": start.payee, "address": start.address, "iban": start.iban, "bic": start.bic}
    lines = [f"À payer à {start.payee}, en rappelant la référence {one.reference}."]
    if start.iban:
        lines.append(f"IBAN {start.iban}" + (f", BIC {start.bic}" if start.bic else ""))
    return how, "\n".join(lines + start.address.splitlines())


def show(desk: Desk, given: Namespace) -> Report:
    """One order."""
    one = _found(desk, given.reference)
    method = _method(desk, one)
    lines = [
        ("commande", one.reference),
        ("compte", one.email),
        ("client", one.customer.name),
        ("état", ORDER_STATES[one.state]),
        ("moyen", one.method + ("" if method else " (il n'est plus dans la configuration)")),
        ("crédits", grouped(one.credits)),
        ("hors taxes", price(one.amounts.net)),
        ("TVA", price(one.amounts.vat)),
        ("à payer", price(one.amounts.gross)),
        ("commandée", desk.clock(one.created)),
    ]
    if one.received is not None:
        lines.append(("argent reçu", f"{date_of(one.received):%d/%m/%Y}"))
    if one.refunded:
        lines.append(("remboursé", f"{price(one.refunded)}, {plural(one.taken_back, 'crédit')} repris"))
    lines += [("note", one.note)] * bool(one.note) + [("factures", ", ".join(one.invoices))] * bool(one.invoices)
    text = "\n".join(f"{name.ljust(11)}  {value}" for name, value in lines)
    if one.state is not OrderState.OPEN or method is None:
        return Report(_order(desk, one), text)
    how, told = _how_to_pay(desk, one)
    return Report(_order(desk, one) | {"payment": how}, f"{text}\n{told}")


def _method(desk: Desk, one: Order) -> Method | None:
    return next((method for method in desk.till.cashier.methods if method.name == one.method), None)


def _found(desk: Desk, typed: str) -> Order:
    """The order of a reference as typed. Raises ``Mistake``."""
    reference = read_reference(typed)
    if reference is None:
        wrong = "ses chiffres de contrôle sont faux, il y a une faute de frappe"
        raise Mistake(f"{shown(typed)} n'est pas une référence de commande : {wrong}")
    found = taken(desk.till.cashier.find(reference))
    if found is None:
        raise Mistake(f"il n'y a pas de commande {reference}")
    return found


def confirm(desk: Desk, given: Namespace) -> Report:
    """The money of an order came: its credits and its invoice, once."""
    reference = _found(desk, given.reference).reference
    received = given.date or desk.today
    done = finished(desk.till.cashier.confirm(reference, received, given.note or ""))
    if done is OrderFault.BAD_DATE:
        wanted = "un mois avant la commande au plus tôt, aujourd'hui au plus tard"
        raise Mistake(f"l'argent n'a pas pu arriver le {received:%d/%m/%Y} ; attendu : {wanted}")
    one = _done(desk, done, reference)
    balance = desk.read(lambda connection: ledger.balance_of(connection, one.account))
    has = f"{one.email} a maintenant {plural(balance, 'crédit')}"
    return Report(_order(desk, one), f"Payée : {_summary(one)}.\nFacture {one.invoices[-1]} ; {has}.")


def cancel(desk: Desk, given: Namespace) -> Report:
    """Expect the money of an order no longer."""
    reference = _found(desk, given.reference).reference
    one = _done(desk, finished(desk.till.cashier.cancel(reference)), reference)
    late = "Si l'argent arrive quand même, confirmez-la : elle comptera."
    return Report(_order(desk, one), f"Annulée : {_summary(one)}.\n{late}")


def refund(desk: Desk, given: Namespace) -> Report:
    """All of an order was paid back."""
    reference = _found(desk, given.reference).reference
    one = _done(desk, finished(desk.till.cashier.refund(reference, given.note or "")), reference)
    lacking = one.credits - one.taken_back
    spent = f", les autres étaient dépensés : {grouped(lacking)}" if lacking else ""
    taken_back = f"Avoir {one.invoices[-1]} ; {plural(one.taken_back, 'crédit')} repris{spent}."
    return Report(_order(desk, one), f"Remboursée : {_summary(one)}.\n{taken_back}")


def _done(desk: Desk, outcome: Order | OrderFault, reference: str) -> Order:
    """The order that was changed. Raises ``Mistake`` where it was not, because of what it is."""
    if isinstance(outcome, Order):
        return outcome
    one = _found(desk, reference)
    already = "" if one.state is OrderState.OPEN else "déjà "
    numbers = f" ({', '.join(one.invoices)})" if one.invoices else ""
    raise Mistake(f"la commande {reference} est {already}{ORDER_STATES[one.state]}{numbers} : rien n'a été changé")

"""What letters about money say: orders, invoices, credits that came from others, and credits that run out."""

from collections.abc import Iterator
from typing import Final
from zoneinfo import ZoneInfo

from ...model.invoice import Invoice, InvoiceKind
from ...model.notice import Given, Invoiced, Lapsed, Ordered, Shortage
from ...model.number import national
from ...model.order import GIVEN_UP, Instructions
from ...model.refusal import Code
from ...model.vat import Amounts
from .french import counted, day, euros, shown, shown_number
from .section import Row, Section, Tone

UNTEXTED: Final = {
    Code.NO_CREDIT: "il n'y a plus assez de crédits pour le payer",
    Code.BAD_NUMBER: "ce n'est pas un mobile que l'on peut joindre. Changez-le dans vos options",
    Code.DUPLICATE: "ce numéro a déjà reçu le même message dans les dernières 24 heures",
    Code.OPTED_OUT: "ce numéro a répondu STOP. Donnez-en un autre dans vos options",
}
"""Why an alert came by mail: the end of a sentence."""

_SECONDS: Final = 86_400


def section_of(told: Ordered | Lapsed | Invoiced | Given | Shortage, zone: ZoneInfo, base_url: str) -> Section:
    """The section that tells it."""
    match told:
        case Ordered():
            return _ordered(told, zone, base_url)
        case Lapsed():
            return _lapsed(told, zone, base_url)
        case Invoiced():
            return _invoiced(told, base_url)
        case Given():
            return _given(told, base_url)
    return _short(told, base_url)


def _ordered(told: Ordered, zone: ZoneInfo, base_url: str) -> Section:
    order = told.order
    amount, credits_ = _amount(order.amounts), counted(order.credits, "crédit")
    if told.reminder:
        headline = f"Rappel : commande {order.reference}, {amount} à régler"
        intro = (
            f"Le règlement de votre commande de {credits_}, du {day(order.created, zone)}, n'est pas encore arrivé."
            " S'il est déjà parti, ne tenez pas compte de ce rappel.",
        )
    else:
        headline = f"Commande {order.reference} : {amount} à régler"
        intro = (
            f"Votre commande de {credits_} est enregistrée. Dès que votre règlement arrive, les crédits sont ajoutés à"
            " votre compte, et la facture vous est envoyée.",
        )
    return Section(
        headline=headline,
        tone=Tone.NEUTRAL,
        intro=intro,
        rows=(
            Row("Montant", (amount,)),
            Row("Référence à indiquer", (order.reference,)),
            *_ways(told.instructions),
        ),
        link=_page(base_url, order.reference),
        link_name="Voir la commande",
        notes=(
            f"La commande est valable {counted(GIVEN_UP, 'jour')}, jusqu'au"
            f" {day(order.created + GIVEN_UP * _SECONDS, zone)}. Sans règlement d'ici là, elle est annulée et rien"
            " n'est dû.",
        ),
    )


def _ways(instructions: Instructions | None) -> Iterator[Row]:
    if instructions is None:
        yield Row("Règlement", ("Sur la page de la commande.",))
        return
    payee = shown(instructions.payee)
    if instructions.iban:
        yield Row("Virement à", (payee,))
        yield Row("IBAN", (_by_four(instructions.iban),))
        if instructions.bic:
            yield Row("BIC", (shown(instructions.bic),))
    if instructions.address:
        yield Row("Chèque à l'ordre de", (payee, "La référence s'écrit au dos du chèque."))
        yield Row("À envoyer à", tuple(filter(None, map(shown, instructions.address.splitlines()))))


def _by_four(iban: str) -> str:
    signs = shown(iban).replace(" ", "")
    return " ".join(signs[at : at + 4] for at in range(0, len(signs), 4))


def _amount(amounts: Amounts) -> str:
    return f"{euros(amounts.gross)} TTC" if amounts.vat else euros(amounts.gross)


def _page(base_url: str, reference: str) -> str:
    return f"{base_url}/credits/commandes/{reference}"


def _lapsed(told: Lapsed, zone: ZoneInfo, base_url: str) -> Section:
    order = told.order
    return Section(
        headline=f"Commande {order.reference} annulée : le règlement n'est pas arrivé",
        tone=Tone.MIXED,
        intro=(
            f"Votre commande de {counted(order.credits, 'crédit')}, du {day(order.created, zone)}, n'a pas été réglée"
            f" en {counted(GIVEN_UP, 'jour')} : elle est annulée, et rien n'est dû.",
        ),
        link=f"{base_url}/credits",
        link_name="Passer une autre commande",
        notes=(
            "Si votre règlement est déjà parti, ne faites rien : à son arrivée, les crédits seront ajoutés à votre"
            " compte.",
        ),
    )


def _invoiced(told: Invoiced, base_url: str) -> Section:
    said = told.invoice
    balance = Row("Nouveau solde", (counted(told.balance, "crédit"),))
    order = Row("Commande", (said.order,))
    if said.kind is InvoiceKind.CREDIT_NOTE:
        return _credited(told, said, (balance, order), base_url)
    added = "est ajouté" if told.credits < 2 else "sont ajoutés"
    return Section(
        headline=f"Merci : {counted(told.credits, 'crédit')} de plus, facture {said.number}",
        tone=Tone.GOOD,
        intro=(f"Votre règlement est arrivé : {counted(told.credits, 'crédit')} {added} à votre compte.",),
        rows=(balance, Row("Facture", (f"{said.number}, {_amount(said.amounts)}",)), order),
        link=_page(base_url, said.order),
        link_name="Voir la commande",
        notes=("La facture est jointe à ce courriel, en PDF. Elle reste aussi dans votre compte.",),
    )


def _credited(told: Invoiced, said: Invoice, rows: tuple[Row, Row], base_url: str) -> Section:
    taken = "Aucun crédit n'est retiré de votre compte."
    if told.credits:
        verb = "est retiré" if told.credits < 2 else "sont retirés"
        taken = f"{counted(told.credits, 'crédit')} {verb} de votre compte."
    return Section(
        headline=f"Remboursement de {_amount(said.amounts)}, avoir {said.number}",
        tone=Tone.NEUTRAL,
        intro=(f"Votre commande est remboursée de {_amount(said.amounts)}. {taken}",),
        rows=(
            rows[0],
            Row("Avoir", (f"{said.number}, {_amount(said.amounts)}",)),
            Row("Facture corrigée", (said.corrects,)),
            rows[1],
        ),
        link=_page(base_url, said.order),
        link_name="Voir la commande",
        notes=("L'avoir est joint à ce courriel, en PDF. Il reste aussi dans votre compte.",),
    )


def _given(told: Given, base_url: str) -> Section:
    credits_ = counted(told.credits, "crédit")
    return Section(
        headline=f"{shown(told.giver)} vous donne {credits_}",
        tone=Tone.GOOD,
        intro=(
            f"{credits_} {'est ajouté' if told.credits < 2 else 'sont ajoutés'} à votre compte.",
            f"Nouveau solde : {counted(told.balance, 'crédit')}.",
        ),
        link=f"{base_url}/credits/transferts",
        link_name="Voir qui suit mes crédits",
        notes=(f"{followed(told.giver)} Vous pouvez y mettre fin sur cette page.",),
    )


def followed(giver: str) -> str:
    """What who gave credits sees of them."""
    return (
        f"{shown(giver)} peut suivre vos crédits : votre solde, et combien de SMS vous envoyez ; jamais vos messages,"
        " ni à qui ils vont."
    )


def _short(told: Shortage, base_url: str) -> Section:
    left = f"plus que {counted(told.balance, 'crédit')}" if told.balance else "plus aucun crédit"
    intro = [
        f"Il n'y a {left} sur le compte {shown(told.email)} : votre seuil d'alerte est de"
        f" {counted(told.threshold, 'crédit')}."
    ]
    if told.code is not None:
        why = UNTEXTED.get(told.code, f"il a été refusé (code {told.code:02})")
        intro.append(f"Le SMS d'alerte n'a pas pu être envoyé au {shown_number(national(told.phone))} : {why}.")
    return Section(
        headline=f"Alerte : {left} sur votre compte SMStoB",
        tone=Tone.MIXED if told.balance else Tone.BAD,
        intro=tuple(intro),
        link=f"{base_url}/credits",
        link_name="Acheter des crédits",
        notes=(
            "Vous ne recevrez pas d'autre alerte avant que le solde soit remonté au-dessus du seuil.",
            f"Le seuil et le mobile se choisissent dans vos options : {base_url}/options",
        ),
    )

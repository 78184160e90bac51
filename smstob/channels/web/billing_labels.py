"""What orders, ways to pay, transfers and their faults are called, in French; see ``labels``."""

from collections.abc import Mapping
from typing import Final

from ...model.customer import CustomerFault
from ...model.order import OrderFault, OrderState
from ...model.vat import Taxation
from .labels import N_, NN_

ORDER_STATES: Final[Mapping[OrderState, tuple[str, str]]] = {
    OrderState.OPEN: (N_("À payer"), "waiting"),
    OrderState.PAID: (N_("Payée"), "good"),
    OrderState.CANCELLED: (N_("Annulée"), "off"),
    OrderState.REFUNDED: (N_("Remboursée"), "off"),
}
"""For each state of an order: its name, and how it looks."""

METHODS: Final[Mapping[str, tuple[str, str]]] = {
    "card": (N_("Carte bancaire"), N_("Vos crédits sont là aussitôt.")),
    "transfer": (N_("Virement"), N_("Vos crédits sont là quand il nous parvient : un à trois jours ouvrés.")),
    "cheque": (N_("Chèque"), N_("Vos crédits sont là quand il nous parvient.")),
    "test": (N_("Banque d'essai"), N_("Pour essayer : aucun argent n'est demandé.")),
}
"""For each kind of payment: its name, and when credits come."""

ORDER_FAULTS: Final[Mapping[OrderFault, str]] = {
    OrderFault.BAD_QUANTITY: N_("Il faut un nombre entier de SMS, de %(least)s à %(most)s."),
    OrderFault.NO_CUSTOMER: N_("Dites-nous d'abord à qui faire la facture."),
    OrderFault.BAD_METHOD: N_("Choisissez un moyen de paiement."),
    OrderFault.TOO_MANY: N_("Trop de commandes attendent leur paiement : payez-en une, ou annulez-en."),
    OrderFault.UNKNOWN: N_("Cette commande n'existe pas, ou le compte est fermé."),
    OrderFault.SETTLED: N_("Cette commande n'attend plus rien : elle est déjà payée, annulée ou remboursée."),
    OrderFault.BAD_DATE: N_("Ce n'est pas la date d'un paiement reçu : ni à venir, ni bien avant la commande."),
    OrderFault.PROVIDER_AWAY: N_(
        "Ce moyen de paiement ne répond pas pour l'instant. La commande est gardée : réessayez dans quelques minutes."
    ),
}

METHOD_GONE: Final = N_("Ce moyen de paiement n'est plus proposé : annulez la commande, et faites-en une autre.")
"""What is said instead where an order was made with it."""

CUSTOMER_FAULTS: Final[Mapping[CustomerFault, str]] = {
    CustomerFault.MISSING: N_("À remplir : la facture en a besoin."),
    CustomerFault.TOO_LONG: N_("C'est trop long pour une facture."),
    CustomerFault.BAD_SIREN: N_("Ce n'est ni un SIREN (9 chiffres) ni un SIRET (14 chiffres) : vérifiez-le."),
    CustomerFault.BAD_VAT_NUMBER: N_("Ce n'est pas un numéro de TVA : vérifiez-le, lettres du pays comprises."),
    CustomerFault.OTHER_COUNTRY: N_("Ce numéro de TVA est d'un autre pays que l'adresse."),
    CustomerFault.OTHER_SIREN: N_("Ce numéro de TVA n'est pas celui de ce SIREN."),
    CustomerFault.BAD_COUNTRY: N_("Choisissez un pays de la liste."),
    CustomerFault.BAD_POSTCODE: N_("En France, un code postal a cinq chiffres."),
}

TAXATIONS: Final[Mapping[Taxation, str]] = {
    Taxation.STANDARD: "",
    Taxation.FRANCHISE: N_("TVA non applicable, article 293 B du CGI."),
    Taxation.REVERSE_CHARGE: N_("Autoliquidation : vous devez la TVA dans votre pays."),
    Taxation.OUTSIDE: N_("TVA française non applicable : vous êtes établi hors de l'Union européenne."),
}
"""Why no tax is added, where none is."""

ANNOUNCEMENTS: Final[Mapping[str, tuple[str, str]]] = {
    "customer-saved": (N_("Vos coordonnées sont enregistrées."), ""),
    "ordered": (N_("La commande est enregistrée : il reste à la payer."), ""),
    "order-cancelled": (N_("La commande est annulée."), ""),
    "order-settled": (N_("Rien n'a changé : la commande n'attendait plus rien."), ""),
    "payment-recorded": (N_("Le paiement est enregistré : les crédits et la facture sont faits."), ""),
    "order-refunded": (N_("Le remboursement est enregistré : l'avoir est fait."), ""),
    "following-ended": (N_("Ce compte ne voit plus vos crédits."), ""),
    "limit-saved": (N_("La limite est enregistrée."), ""),
    "domain-unshared": (N_("Le domaine n'est plus partagé : ses adresses n'envoient plus sur vos crédits."), ""),
    "trial-redeemed": NN_("%(n)s crédit d'essai est là : bon essai.", "%(n)s crédits d'essai sont là : bon essai."),
}
"""What a page says first after a redirect; see ``labels.ANNOUNCEMENTS``."""


def why_unpayable(fault: OrderFault) -> str:
    """Why an order that was made cannot be paid now."""
    return METHOD_GONE if fault is OrderFault.BAD_METHOD else ORDER_FAULTS[fault]

"""What the states of modems, their signals and their limits are called, in French; see ``labels``."""

from collections.abc import Mapping
from typing import Final

from ...model.modem import ModemState
from .labels import N_

MODEM_STATES: Final[Mapping[ModemState, tuple[str, str, str]]] = {
    ModemState.ABSENT: (N_("Absent"), "bad", "close"),
    ModemState.STARTING: (N_("Démarre"), "", "bolt"),
    ModemState.LOCKED: (N_("Bloqué"), "bad", "key"),
    ModemState.SEARCHING: (N_("Cherche le réseau"), "doubtful", "search"),
    ModemState.UP: (N_("En service"), "good", "check"),
    ModemState.PAUSED: (N_("En pause"), "doubtful", "clock"),
    ModemState.LIMITED: (N_("Limite atteinte"), "doubtful", "chart"),
    ModemState.HEALING: (N_("Se remet en marche"), "bad", "history"),
}
"""For each state of a modem: its name, how it looks, and its picture."""

MODEM_MEANINGS: Final[Mapping[ModemState, str]] = {
    ModemState.ABSENT: N_(
        "Il n'est pas à son port : vérifiez qu'il est branché, et que le service a le droit d'y lire."
    ),
    ModemState.STARTING: N_("Il vient d'être trouvé : il se présente et se règle, en une minute au plus."),
    ModemState.LOCKED: N_("Sa carte SIM attend quelqu'un : son code PIN, son code PUK, ou la carte elle-même."),
    ModemState.SEARCHING: N_("Il n'a pas de réseau : vérifiez l'antenne, l'endroit et le contrat de la carte."),
    ModemState.UP: N_("Il envoie ce qu'on lui donne."),
    ModemState.PAUSED: N_("Rien ne lui est donné pour l'instant ; il reprend de lui-même."),
    ModemState.LIMITED: N_("Sa carte SIM a envoyé tout ce que la configuration permet ; il reprend de lui-même."),
    ModemState.HEALING: N_("Il ne répondait plus, ou répondait mal : il est relancé, de plus en plus fort."),
}
"""For each state of a modem: what it says to who runs it, where nothing more is known."""

SIGNALS: Final = (N_("très faible"), N_("faible"), N_("moyen"), N_("bon"), N_("excellent"))
"""What signals of 0 to 4 bars are called."""

LAST_DAY: Final = N_("SMS en 24 heures")
LAST_MONTH: Final = N_("SMS en 31 jours")
RECIPIENTS: Final = N_("Destinataires en 31 jours")

"""What is wrong with what is typed into the book, in words."""

from types import MappingProxyType
from typing import Final

from ...model.contact import Fault
from ..importing import Shut
from ..wording import N_

FAULTS: Final = MappingProxyType({
    Fault.EMPTY: N_("Il manque quelque chose ici."),
    Fault.TOO_LONG: N_("C'est trop long."),
    Fault.SEVERAL_LINES: N_("Il y a trop de lignes : une seule pour un nom, 16 au plus pour une variable."),
    Fault.NOT_A_NUMBER: N_("Ce n'est pas un numéro de mobile : écrivez-le comme 06 12 34 56 78, ou +32 470 12 34 56."),
    Fault.CLOSED_COUNTRY: N_("Les envois vers ce pays ne sont pas ouverts."),
    Fault.NAME_TAKEN: N_("Ce nom est déjà pris : choisissez-en un autre."),
    Fault.IS_A_NUMBER: N_("C'est un numéro : un groupe de ce nom ne recevrait jamais rien."),
    Fault.GONE: N_("Cela n'existe plus."),
    Fault.TOO_MANY: N_("Il n'y a plus de place : supprimez d'abord ce qui ne sert plus."),
})  # fmt: skip

SHUT: Final = MappingProxyType({
    Shut.GONE: N_("Ce fichier n'est pas (ou plus) là : vérifiez son nom, ou choisissez-le par « Parcourir »."),
    Shut.NO_FILE: N_("Ce n'est pas un fichier : choisissez le fichier de vos contacts."),
    Shut.FORBIDDEN: N_("Vous n'avez pas le droit de lire ce fichier : copiez-le dans vos documents, puis choisissez "
                       "la copie."),
    Shut.WORKBOOK: N_("C'est un classeur : ouvrez-le dans votre tableur, enregistrez-le au format CSV, puis "
                      "choisissez ce fichier CSV. Le site, lui, lit les classeurs tels quels."),
    Shut.BROKEN: N_("Ce fichier ne peut pas être lu : copiez-le ailleurs, puis choisissez la copie."),
})  # fmt: skip

"""What is cut off a mail's text, and what must never be."""

from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smstob.channels.smtp.text.cutting import cut

HERE: Final = "Bonjour, à demain."

MARKS: Final = (
    *("--", "-- ", "--fin", "--FIN", "-- fin", "—fin", "–fin", "_" * 20, "_" * 72),
    # programs that sign
    *(
        "Envoyé de mon iPhone",
        "Envoyé de mon iPad",
        "Envoye de mon iPhone",
        "Sent from my iPhone",
        "envoyé de mon mobile",
    ),
    *(
        "Envoyé depuis mon smartphone Samsung Galaxy.",
        "Envoyé depuis mon appareil mobile Samsung",
        "Envoyé de mon Huawei",
    ),
    *("Envoyé à partir de Yahoo Mail sur Android", "Envoyé depuis Yahoo Mail pour iPhone", "Envoyé via BlueMail"),
    *("Envoyé à partir d'Outlook pour Android<https://aka.ms/AAb9ysg>", "Envoyé à partir de Outlook pour iOS"),
    *("Télécharger Outlook pour iOS<https://aka.ms/o0ukef>", "Obtenez Outlook pour Android", "Get Outlook for iOS"),
    *("Téléchargez Outlook pour iOS [https://aka.ms/o0ukef]", "Provenance : Courrier pour Windows 10"),
    *(
        "Envoyé depuis l'application Mail Orange",
        "Envoyé depuis mon mobile Orange",
        "Envoyé depuis mon téléphone Orange",
    ),
    *("Envoyé avec la messagerie sécurisée Proton Mail.", "Sent with Proton Mail secure email.", "Envoyé avec Spark"),
    "Ce message a été \nenvoyé de mon iPhone".partition("\n")[2],
    "Message envoyé depuis mon téléphone Android",
    "Envoyé de mon appareil Android avec Courriel K-9 Mail. Veuillez excuser ma brièveté.",
    # what is answered
    "Le lun. 23 nov. 2026 à 18:04, Paul <p@x.example> a écrit :",
    "Le lun. 23 nov. 2026 à 18:04, Paul <p@x.example> a\nécrit :",
    "Le lun. 23 nov. 2026 à 18:04,\nService technique\n<p@x.example>\na écrit :",
    "Le 23/11/2026 à 18:04, Paul a écrit\N{NO-BREAK SPACE}:".replace("\N{NO-BREAK SPACE}", " "),
    "Le 23/11/2026 18:04, Paul a écrit :",
    "Le lundi 23 novembre 2026 à 18:04:05 UTC+1, Paul a écrit :",
    "En date de : lundi 23 novembre 2026 18:04, Paul <p@x.example> a écrit :",
    "2026-11-23 18:04 GMT+01:00 Paul <p@x.example>:",
    "On Mon, Nov 23, 2026 at 6:04 PM Paul <p@x.example> wrote:",
    "Am 23.11.2026 um 18:04 schrieb Paul:",
    "Paul <p@x.example> a écrit le 23/11/2026 18:04:05 :",
    "Paul a écrit :\n> Bonjour",
    "> Le 23 nov. 2026 à 18:04, Paul <p@x.example> a écrit :\n> ",
    "> Message du 23/11/26 18:04\n> De : Paul",
    "-----Message d'origine-----",
    "-----Message d’origine-----\nDe : Paul [mailto:p@x.example]",
    "-------- Message original --------",
    "----- Mail original -----",
    "----- Original Message -----",
    "---------- Forwarded message ---------",
    "---------- Message transféré ----------",
    "----- Réacheminé par Paul/FR le 23/11/2026 18:04 -----",
    "Début du message réexpédié :",
    "De : Paul <p@x.example>\nEnvoyé : lundi 23 novembre 2026 18:04\nÀ : Anne\nObjet : rdv",
    "De : Paul\nEnvoyé : lundi 23 novembre 2026 18:04\nÀ : Anne <a@x.example>;Luc\n <l@x.fr>\nCc : X\nObjet : rdv",
    "*De :* Paul <p@x.example>\n*Envoyé :* lundi 23 novembre 2026 18:04\n*À :* Anne\n*Objet :* rdv",
    "envoyé : 23 novembre 2026 à 18:04\nde : Paul <p@x.example>\nà : anne@x.example\nobjet : rdv",
    "From: Paul <p@x.example>\nSent: Monday, November 23, 2026 6:04 PM\nTo: Anne\nSubject: rdv",
    "De: Paul <p@x.example>\nObjet: rdv\nDate: 23 novembre 2026 à 18:04:05 UTC+1\nÀ: a@x.example",
    # footers
    "Ce message et ses pièces jointes sont confidentiels et réservés à leur destinataire.",
    "Ce courriel est confidentiel. Si vous n'en êtes pas le destinataire, merci de le détruire.",
    "Cet e-mail et les pièces jointes sont\nconfidentiels.",
    "This message is confidential and intended only for the addressee.",
    "AVIS DE CONFIDENTIALITÉ : ce courriel est destiné à son seul destinataire, et confidentiel.",
    "Pensez à l'environnement avant d'imprimer ce message.",
    "P Pensez à l’environnement avant\nd’imprimer ce mail",
    "Pensez à l'environnement",
    "N'imprimez ce message que si nécessaire",
    "Avant d'imprimer, pensez à l'environnement.",
    "Please consider the environment before printing this e-mail",
    "Garanti sans virus. www.avast.com",
    "Virus-free. www.avg.com",
    "Cet e-mail a été vérifié par le logiciel antivirus d'Avast.",
    "L'absence de virus dans ce courrier électronique a été vérifiée par le logiciel antivirus Avast.",
)

KEPT: Final = (
    "Le maire a écrit :\n« Les travaux commencent lundi. »",
    "Le 12 mars le conseil a écrit : rien n'est décidé.",
    "Jean a écrit :\nVenez nombreux !",
    "Il a écrit : venez à 10:30.",
    "De : la mairie\nÀ : tous les habitants\nObjet : coupure d'eau",
    "Date : 12 mars\nDe : la mairie\nObjet : travaux rue Neuve de 9:00 à 11:00",
    "Objet : réunion\nDate : 12 mars à 20h30\nLieu : salle des fêtes",
    "De : Paris\nÀ : Lyon\nDate : 12/03/2026\nTrain : 6607",
    "Contact : jeanne@mairie.example\nTél : 01 02 03 04 05",
    "Envoyé de Paris, votre colis arrive demain.",
    "Envoyé par La Poste ce matin",
    "Envoyé depuis le magasin Orange de Lyon",
    "Envoyé avec amour par toute l'équipe",
    "Envoyé de mon bureau à Lyon",
    "Je vous l'ai\nenvoyé de mon téléphone\nce matin.",
    "Photos envoyées depuis mon iPhone hier soir",
    "Envoyé : 3 colis\nReçu : 2 colis",
    "Téléchargez l'application sur notre site.",
    "Obtenez Outlook gratuitement avec la carte jeune.",
    "- pain\n- lait\n- beurre",
    "---\nMenu du jour\n---",
    "-----\nOffre\n-----",
    "* * *\nOuverture à 9 h\n* * *",
    "Pain____1,20\nLait____0,95",
    "Menu : _____________\nDate : ____",
    "Ce message est destiné à tous les adhérents.",
    "Ce message est confidentiel : code 4471.",
    "Ce mail annule le précédent.",
    "Avertissement : vent violent demain.",
    "Confidentialité : la réunion est à huis clos.",
    "Les destinataires du colis ont été avertis.",
    "Votre antivirus expire le 12, appelez-nous.",
    "Atelier sans virus samedi, venez avec votre PC.",
    "Pensez à l'environnement, venez à vélo !",
    "Pensez à imprimer votre billet.",
    "> Lundi : 9 h - 12 h\n> Mardi : fermé",
    "Entrée > 18 ans\n> 3 personnes : réservez",
    "Message d'origine inconnue signalé hier : prudence",
    "Message original et drôle pour la fête",
    "Mail original à garder",
    "Forwarded message or not, call me",
    "RDV -- 10h -- mairie",
    "--final : on gagne !",
    "5 -- 3 = 2",
    "A bientôt --",
    "Le 12/03/2026 à 10:30 : réunion.\nObjet : budget",
    "Le train de 10:12 est retardé.\nVoici la suite :",
    "On 12 March at 10:30: meeting",
    "À : 10h30\nDe : 5 à 7\nPour : tous",
    "Yahoo Mail est en panne.",
    "Provenance : Bretagne",
    "fin",
    "Sent to you by La Poste",
)


@pytest.mark.parametrize("mark", MARKS)
def test_cut(mark: str) -> None:
    """Everything from the mark on goes, with an empty line before it or none, and with capitals or without."""
    assert cut(f"{HERE}\n{mark}\nSuite\n") == HERE
    assert cut(f"{HERE}\n\n   {mark}") == HERE
    assert cut(f"{HERE}\n{mark.upper()}\nSUITE\n") == HERE


@pytest.mark.parametrize("text", KEPT)
def test_kept(text: str) -> None:
    """What people write stays as it is, alone and between other lines."""
    assert cut(text) == text
    assert cut(f"{HERE}\n{text}\n{HERE}") == f"{HERE}\n{text}\n{HERE}"


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("Le 23/11/2026 à 18:04, Paul a écrit :\n> Où ?\n> Quand ?\n\nIci.\n", "Ici."),
        ("\n\nPaul a écrit :\n\n> Où ?\nIci.\n> Quand ?\nDemain.\n-- \nAnne", "Ici.\nDemain."),
        ("Paul <p@x.example> a écrit le 23/11/2026 18:04 :\n>\n> De : la mairie\nIci.", "Ici."),
        ("Le 23/11/2026 à 18:04, Paul a écrit :\n> Le 22/11/2026 à 9:00, Anne a écrit :\n>> Où ?\n\nIci.", "Ici."),
        ("Le 23/11/2026 à 18:04, Paul a écrit :\n> Où ?\nLe 22/11/2026 à 9:00, Anne a écrit :\n> Qui ?\nMoi.", "Moi."),
        ("Le 23/11/2026 à 18:04, Paul a écrit :\n> Où ?\n", ""),
        ("Le 23/11/2026 à 18:04, Paul a écrit :\nOù ?", ""),
        ("-----Message d'origine-----\nDe : Paul <p@x.example>\nDate : 3 mai\nObjet : x\n> Où ?\nIci.", "Ici."),
        ("", ""),
        (" \n\n ", ""),
        ("--", ""),
    ],
)
def test_quote_first(text: str, answer: str) -> None:
    """An answer under a quote is found; a quote that nothing is written under leaves nothing."""
    assert cut(text) == answer


def test_shape_of_what_is_kept() -> None:
    """Inner empty lines stay, blanks behind a line go, and so do empty lines around all."""
    assert cut("\n  a  \n\n  b\t\n\n\n-- \nc") == "a\n\n  b"


PIECES: Final = st.sampled_from(
    (*MARKS, *KEPT, HERE, "", "", "> cité", "envoyé de mon iphone", "suite", "a écrit :", "10:30")
)


@given(st.lists(PIECES, max_size=8).map("\n".join))
def test_cutting_again_changes_nothing(text: str) -> None:
    """What is left has no mark in it."""
    assert cut(cut(text)) == cut(text)


@given(st.text(max_size=300))
def test_any_text(text: str) -> None:
    """Nothing is ever added: the lines that are left are lines that were there."""
    there = {line.strip() for line in text.split("\n")}
    assert {line.strip() for line in cut(text).split("\n")} <= there | {""}


@pytest.mark.parametrize("quoted", ["Bonjour\n>", ">\nBonjour", "Bonjour\n\n>\n>\n"])
def test_a_quote_that_was_left_out(quoted: str) -> None:
    """The mark that stands for it, in a text made of HTML, is not sent."""
    assert cut(quoted) == "Bonjour"

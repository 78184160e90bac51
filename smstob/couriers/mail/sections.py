"""What a letter says: each section in French, the same for both parts of the mail."""

from typing import Final
from zoneinfo import ZoneInfo

from ...model.notice import (
    Accepted,
    Acknowledgement,
    Opening,
    Outcome,
    Recovery,
    Told,
    Verdict,
)
from ...model.number import NotANumber, parse_numbers
from ...model.refusal import Code
from . import access, money
from .french import NBSP, counted, full_date, listed, short_date, shown, shown_number, thousands
from .section import Row, Section, Tone

REASON: Final = 200
"""Characters of a reason that are told."""

ACCEPTED: Final = frozenset({Code.SENT, Code.DEFERRED})

ANSWERS: Final = {
    Code.SENT: ("envoyé", "Le message est accepté et part tout de suite."),
    Code.DEFERRED: ("programmé", "Le message est enregistré pour un envoi différé."),
    Code.BAD_CREDENTIALS: (
        "mot de passe refusé",
        "L'adresse ou le mot de passe n'est pas valide, ou le compte est fermé. Vérifiez le mot de passe, ou "
        "demandez-en un nouveau.",
    ),
    Code.NO_CREDIT: (
        "crédit insuffisant",
        "Il n'y a plus assez de crédits pour cet envoi : rien n'est parti, même en partie. Créditez le compte, puis"
        " renvoyez le message.",
    ),
    Code.BAD_NUMBER: (
        "destinataire non valide",
        "Ce n'est ni un numéro de mobile que l'on peut joindre, ni le nom d'un de vos groupes. Corrigez-le, puis"
        " renvoyez le message.",
    ),
    Code.BAD_DATE: (
        "date non valide",
        "La date d'envoi doit s'écrire hhmmjjmmaaaa (123015092026 est le 15/09/2026 à 12:30), être à venir et tomber"
        " dans l'année. Corrigez-la, puis renvoyez le message.",
    ),
    Code.EMPTY_GROUP: (
        "groupe vide",
        "Le groupe ne contient aucun contact. Ajoutez-en, puis renvoyez le message.",
    ),
    Code.NO_EMAIL: (
        "adresse manquante",
        "L'adresse du compte manque. Écrivez depuis l'adresse de votre compte.",
    ),
    Code.NO_PASSWORD: (
        "mot de passe manquant",
        "Le mot de passe manque. Donnez-le dans l'adresse ou dans l'objet, puis renvoyez le message.",
    ),
    Code.NO_DESTINATION: (
        "destinataire manquant",
        "Le numéro ou le groupe manque. Donnez-le dans l'adresse ou dans l'objet, puis renvoyez le message.",
    ),
    Code.NO_TEXT: (
        "message vide",
        "Il n'y a pas de texte à envoyer. Écrivez-le dans le corps du courriel, avant la signature.",
    ),
    Code.DUPLICATE: (
        "doublon",
        "Ce message a déjà été envoyé à ce destinataire dans les dernières 24 heures. Pour le répéter, changez le"
        " texte, ou levez le contrôle des doublons dans vos options.",
    ),
    Code.TOO_LONG: (
        "message trop long",
        "Le message est plus long que votre compte ne l'admet. Raccourcissez-le, ou changez la longueur admise"
        " dans vos options.",
    ),
    Code.TOO_MANY: (
        "trop de demandes",
        "Il y a eu trop de demandes ou de mots de passe faux, ou l'envoi a trop de destinataires. Réessayez plus tard,"
        " ou en plusieurs fois.",
    ),
    Code.OPTED_OUT: (
        "destinataire désinscrit",
        "Le destinataire a répondu STOP : il ne veut plus recevoir de message de votre part. Retirez-le de vos envois.",
    ),
    Code.UNAVAILABLE: (
        "service indisponible",
        "Le service n'a rien pu enregistrer. Réessayez dans quelques minutes.",
    ),
}
"""For each code: the word for a subject, and a sentence that says what to do."""

VERDICTS: Final = {
    Verdict.PASS: "Votre courriel a passé les contrôles d'expéditeur (SPF, DKIM, DMARC).",
    Verdict.FAIL: "Attention : ce courriel n'a pas passé les contrôles d'expéditeur (SPF, DKIM, DMARC). S'il n'est"
    " pas de vous, changez de mot de passe.",
    Verdict.NONE: "Votre domaine ne publie rien qui permette de contrôler l'expéditeur (SPF, DKIM, DMARC).",
    Verdict.TEMPORARY: "L'expéditeur n'a pas pu être contrôlé (SPF, DKIM, DMARC) : le DNS ne répondait pas.",
}


def section_of(told: Told, zone: ZoneInfo, base_url: str) -> Section:
    """The section that tells it; ``base_url`` is the pages'."""
    match told:
        case Acknowledgement():
            return _acknowledged(told, zone)
        case Outcome():
            return _ended(told, zone)
        case Opening():
            return access.opened(told, base_url)
        case Recovery():
            return access.recovered(told, base_url)
    return money.section_of(told, zone, base_url)


def subject_of(sections: tuple[Section, ...]) -> str:
    """One line."""
    if len(sections) == 1:
        return sections[0].headline
    return f"SMStoB : {thousands(len(sections))} nouvelles de vos envois"


def to_destination(destination: str) -> str:
    """``au 06 12 34 56 78``, ``à 3 numéros`` or ``au groupe « Clients »``: a group is what is no number."""
    try:
        numbers = parse_numbers(destination)
    except NotANumber:
        name = shown(destination)
        return f"au groupe «{NBSP}{name}{NBSP}»" if name else "à un destinataire inconnu"
    return f"au {shown_number(destination)}" if len(numbers) == 1 else f"à {counted(len(numbers), 'numéro')}"


def _acknowledged(told: Acknowledgement, zone: ZoneInfo) -> Section:
    accepted = sum(line.code in ACCEPTED for line in told.lines)
    tone = Tone.GOOD if accepted == len(told.lines) else Tone.MIXED if accepted else Tone.BAD
    notes = [f"Crédits restants : {thousands(told.balance)}."]
    if told.verdict is not None:
        notes.append(VERDICTS[told.verdict])
    return Section(
        headline=_acknowledged_headline(told, accepted, zone),
        tone=tone,
        rows=tuple(
            Row(shown_number(line.destination), _answered(line, zone), f"{line.code:02}") for line in told.lines
        ),
        notes=tuple(notes),
        optional=True,
    )


def _acknowledged_headline(told: Acknowledgement, accepted: int, zone: ZoneInfo) -> str:
    refused = len(told.lines) - accepted
    if len(told.lines) != 1:
        words = [counted(accepted, "envoi accepté", "envois acceptés")] if accepted or not refused else []
        words += [counted(refused, "refusé")] if refused and accepted else []
        return listed(words) or f"Échec : {counted(refused, 'envoi refusé', 'envois refusés')}"
    line = told.lines[0]
    if line.code is Code.DEFERRED and line.due is not None:
        return f"SMS programmé{_s(line)} pour le {short_date(line.due, zone)}"
    if line.code in ACCEPTED:
        return f"SMS {ANSWERS[line.code][0]}{_s(line)} {to_destination(line.destination)}"
    return f"Échec : SMS non envoyé, {ANSWERS[line.code][0]} ({line.code:02})"


def _s(line: Accepted) -> str:
    return "s" if line.messages > 1 else ""


def _answered(line: Accepted, zone: ZoneInfo) -> tuple[str, ...]:
    said = ANSWERS[line.code][1]
    if line.code not in ACCEPTED:
        return (said,)
    if line.code is Code.DEFERRED and line.due is not None:
        said = f"Le message est enregistré et partira le {full_date(line.due, zone)}."
    lines = [
        said,
        ", ".join(
            (
                counted(line.messages, "destinataire"),
                counted(line.segments, "SMS", "SMS"),
                counted(line.credits, "crédit"),
            )
        )
        + ".",
    ]
    left_out = [
        *([counted(line.duplicates, "doublon")] if line.duplicates else ()),
        *([counted(line.empty, "message vide", "messages vides")] if line.empty else ()),
    ]
    if left_out:
        several = line.duplicates + line.empty > 1
        lines.append(f"Non envoyé{'s' if several else ''} : {listed(left_out)}.")
    return tuple(lines)


def _ended(told: Outcome, zone: ZoneInfo) -> Section:
    total = told.delivered + told.failed + told.unknown
    lost = told.failed + told.unknown
    intro = [
        f"Envoi n° {told.submission} {to_destination(told.destination)}, du {full_date(told.created, zone)}.",
        ", ".join(
            (
                counted(told.delivered, "SMS remis", "SMS remis"),
                counted(told.failed, "non remis", "non remis"),
                f"{thousands(told.unknown)}{NBSP}sans nouvelles",
            )
        )
        + ".",
    ]
    notes = []
    if others := max(0, lost - len(told.failures)) if told.failures else 0:
        notes.append(f"Et {counted(others, 'autre')}.")
    if told.refunded:
        gave = "vous a été rendu" if told.refunded == 1 else "vous ont été rendus"
        notes.append(f"{counted(told.refunded, 'crédit')} {gave}.")
    tone = Tone.GOOD if not lost else Tone.BAD if told.failed == total else Tone.MIXED
    return Section(
        headline=_ended_headline(told, total),
        tone=tone,
        intro=tuple(intro),
        rows=tuple(Row(shown_number(one.number), (shown(one.reason, REASON),)) for one in told.failures),
        notes=tuple(notes),
        optional=True,
    )


def _ended_headline(told: Outcome, total: int) -> str:
    whom = to_destination(told.destination)
    if told.failed == told.unknown == 0:
        return f"SMS remis {whom}" if total <= 1 else f"{thousands(total)} SMS remis {whom}"
    if not told.failed:
        if total == 1:
            return f"SMS envoyé {whom} : le réseau n'a pas dit s'il est remis"
        return f"{thousands(told.unknown)} SMS sur {thousands(total)} sans nouvelles du réseau, envoi {whom}"
    if told.failed == total:
        return f"Échec : SMS non remis {whom}" if total == 1 else f"Échec : {thousands(total)} SMS non remis {whom}"
    verb = "n'a pas été remis" if told.failed == 1 else "n'ont pas été remis"
    return f"{thousands(told.failed)} SMS sur {thousands(total)} {verb} {whom}"

"""Where the text of a mail ends: before signatures, quotes, footers, and where its writer says so.

A mark is a whole line of a form that programs write and people do not; what may as well be a notice («De : la
mairie», «Ce message est destiné à tous») stays. Lines are compared folded: small letters, no accents, single spaces.
"""

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

LONGEST_LINE: Final = 400
"""Characters of a line that are looked at, and of a banner that is wrapped over several."""

WRAPPED: Final = 4
"""Lines that a banner or a footer is wrapped over."""

LAST_LINE: Final = "--fin"
"""What a program ends a text with that is to be taken as it stands."""

BLOCK: Final = 9
"""Lines of a De/Envoyé/À/Objet block."""

_END: Final = re.compile(r"--|(?:--|[–—]) ?fin|_{20,}")
_LINK: Final = re.compile(r" ?[<\[(]?(?:https?://|mailto:|www\.)[^\s<>\])]*[>\])]?")
_BRACKETS: Final = re.compile(r"[\[\]()<>*_]")

_SENT: Final = (
    r"(?:(?:ce )?(?:message|e-?mail|mail) )?(?:envoyee? (?:de |d'|depuis |a partir (?:de |d'|du )|avec |par |via )"
    r"|sent (?:from |with |via |by |using ))"
)
# words that a sentence goes on with
_SIGNATURE_END: Final = (
    r"(?:[ .,]+(?!(?:car|et|mais|parce|que?|qui|je|nous|vous|il|elle|hier|demain|donc|cet?|cette|le|la|les|aux?|a|en"
    r"|dans|avant|apres|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)\b)[^\s.,!?]+){0,6}"
    r"(?:\. (?:veuillez |merci d'|please |desole).{0,60})?"
)
_MINE: Final = re.compile(
    rf"{_SENT}(?:mon|ma|my|un|une|a|an) (?:[\w.-]+ ){{0,2}}?(?:iphone|ipad|ipod|mac|smartphone|telephone|mobile"
    r"|appareil|tablette|samsung|galaxy|android|blackberry|huawei|honor|xiaomi|redmi|oppo|nokia|wiko|sony|xperia|motorola"
    rf"|pixel|windows phone|device|phone){_SIGNATURE_END}"
)
_PRODUCT: Final = re.compile(
    rf"{_SENT}(?:l'app(?:li(?:cation)?)? (?:(?:mobile |courrier |mail )?de )?"
    r"|(?:la|ma) messagerie(?: securisee)? |le webmail |the )?"
    r"(?:outlook|yahoo ?mail|yahoo|proton ?mail|tuta(?:nota)?|gmail|k-9 mail|courriel k-9|courrier pour|mail for"
    r"|mail pour|mail orange|orange mail|orange|blackberry|blue ?mail|spark|mailo"
    r"|zimbra|thunderbird|em client|sfr mail|free mail|laposte\.net|la poste|bouygues telecom|windows mail|iphone|ipad"
    rf"|samsung (?:mobile|galaxy)){_SIGNATURE_END}"
)
_APPLICATION: Final = re.compile(
    r"(?:telecharge[rz]|obtenez|obtenir|get|download) (?:outlook|blue ?mail|yahoo mail|spark|gmail) (?:pour|for|sur)"
    r" .{1,40}|provenance ?: ?courrier pour windows.{0,20}|yahoo mail ?: ?(?:recherchez, organisez|search, organize).*"
)

_PAPER: Final = re.compile(
    r"\W*(?:p )?(?:pense[rz]? (?:a|au respect de) (?:l'environnement|la planete)"
    r"(?: ?[!.]?|[ ,.:;!]+(?:avant |n'|ne |et n|nous n).*imprim.*)"
    r"|(?:merci de )?n'imprime[rz] (?:ce|cet|que|pas ce|pas cet)\b.*|avant d'imprimer.*"
    r"|.{0,40}(?:consider|think of) the environment.*print.*)"
)
_PAPER_BEGINS: Final = re.compile(r"\W*(?:p )?(?:pense|avant d'|afin de)")
_MAIL: Final = r"(?:message|courriel|courrier electronique|courrier|e-?mail|mail|communication|transmission)"
_SCANNED: Final = re.compile(
    r"\W*(?:garanti )?(?:sans virus|virus-free)[. ]*(?:(?:www\.)?(?:avast|avg)[.\w]*)?"
    rf"|(?:cet?|l'absence de virus dans cet?|this) {_MAIL}\b.{{0,40}}\b(?:verifiee?|analysee?|scanne|checked|scanned"
    r"|ne contient)\b.*virus\b.*"
)
_NOTICE: Final = re.compile(
    rf"[*_ ]*(?:(?:cet?|le present|this|the information (?:contained )?in this) {_MAIL}\b"
    r"|(?:avis|clause|mention|note)s? (?:de |relative a la )?confidentialite|avertissement|confidentialite|disclaimer"
    r"|confidentiality notice|les informations contenues dans ce)"
)
_NOTICED: Final = (
    re.compile(r"confidenti|privileged"),
    re.compile(r"destinataire|intended (?:solely|only|for|recipient)"),
    re.compile(
        r"pieces? jointes?|fichiers? joints?|attach|par erreur|in error|interdit|prohibit|non autoris|unauthori[sz]"
    ),
)
"""A notice speaks of two of these, one of the first two among them."""

_RULE: Final = r"[-_=*]{2,} ?"
_BANNER: Final = re.compile(
    rf"(?P<ruled>{_RULE})?(?:message (?:d')?original|message d'origine|original message"
    r"|(?:e-?mail|mail|courriel) original|e-?mail d'origine|message (?:transfere|reexpedie)|forwarded message"
    r"|reply message|(?:transfere|reachemine|forwarded) (?:par|by)"
    r"|(?P<begun>debut du message (?:transfere|reexpedie|original)"
    r"|begin forwarded message)|ursprungliche nachricht|mensaje original|messaggio originale)"
    rf"[^\n]{{0,80}}?(?P<end>{_RULE})? ?:?"
)
_ORANGE: Final = re.compile(r"> ?message du [0-9]{1,2}/[0-9]{2}/[0-9]{2,4} .{0,20}")
_DATED: Final = re.compile(
    r"le (?:(?:lun|mar|mer|jeu|ven|sam|dim)[a-z]*\.?,? )?[0-9]|en date d[ue] |dans son message du "
    r"|(?:on|il|am|el) (?:[a-z]+[.,]*,? ){0,3}[0-9]|[0-9]{4}[-/][0-9]{1,2}[-/][0-9]{1,2} "
)
_WROTE: Final = re.compile(
    r".*(?:\b(?:ecrit|wrote|scritto|schrieb|escribio)(?: ?\([^()]*\))? ?:"
    r"|\bschrieb [^:]{1,120}:|<[^<>\s]+@[^<>\s]+> ?:)"
)
_NAMED: Final = re.compile(
    r".{1,120}? (?:a ecrit|wrote) (?:le|sur|on|in) .{0,20}[0-9]{1,4}[/.-][0-9]{1,2}[/.-][0-9]{1,4} .{0,20}:"
)
# some begin what is quoted on the same line
_FOLLOWED: Final = re.compile(
    r"(?:le|on) .{0,60}\b[0-9]{1,2}:[0-9]{2}\b.{0,120}<[^<>\s]+@[^<>\s]+>"
    r" (?:a ecrit|wrote) ?:"
)
_UNDATED: Final = re.compile(r".{1,120} (?:a ecrit|wrote) ?:")
_TIME: Final = re.compile(r"\b[0-9]{1,2} ?[:h] ?[0-9]{2}\b")
_ADDRESS: Final = re.compile(r"[\w.+-]@[\w-]+\.")
_YEAR: Final = re.compile(r"\b(?:19|20)[0-9]{2}\b|[0-9]{1,2}[/.-][0-9]{1,2}[/.-][0-9]{2}")
_FIELD: Final = re.compile(
    r"[*> ]*(?:(?P<writer>de|from|expediteur|von)|(?P<date>envoye(?: le)?|date|sent|gesendet)|a|to|an|pour|objet"
    r"|subject|sujet|betreff|c\.?c\.?|copie(?: a)?|destinataires?|importance|priorite|repondre a|reply-to|organisation"
    r"|pieces? jointes?|attachments?)[* ]*:(?P<value>.*)"
)


def entire(text: str) -> str | None:
    r"""What is above the last line ``--fin`` of ``text`` with ``\n`` line ends, whatever it says.

    None where there is no such line. A program that wrote the text so asks for it by a header.
    """
    lines = text.split("\n")
    ends = [number for number, line in enumerate(lines) if line.strip() == LAST_LINE]
    return "\n".join(lines[: ends[-1]]).strip() if ends else None


def cut(text: str) -> str:
    r"""What the writer of a mail wrote himself, of ``text`` with ``\n`` line ends; ``docs/mail.md`` says by what.

    A quote that comes first is left out, and what is written under and between its lines stays. Cutting again
    changes nothing.
    """
    whole = text.split("\n")
    lines = [_folded(line) for line in whole]
    if place := _behind_first_quotes(lines):
        kept = [number for number in range(place, len(lines)) if not lines[number].startswith(">")]
        whole, lines = [whole[number] for number in kept], [lines[number] for number in kept]
    end = next((number for number, line in enumerate(lines) if line and _ends(lines, whole, number)), len(lines))
    # a lone mark is what is left of a quote
    return "\n".join(line.rstrip() for line in whole[:end] if line.strip() != ">").strip()


def _folded(line: str) -> str:
    line = line.strip()[:LONGEST_LINE]
    if not line.isascii():
        decomposed = unicodedata.normalize("NFD", line.replace("’", "'").replace("œ", "oe"))
        line = "".join(sign for sign in decomposed if not unicodedata.combining(sign))
    return " ".join(line.lower().split())


def _behind_first_quotes(lines: Sequence[str]) -> int:
    """Where the answer begins that is written under what it answers; 0 where nothing is quoted first."""
    begin = 0
    while True:
        place = begin
        while place < len(lines) and not lines[place]:
            place += 1
        length = _quote(lines, place) if place < len(lines) else 0
        end = place + length
        quoted = False
        while length and end < len(lines) and (not lines[end] or lines[end].startswith(">")):
            quoted = quoted or bool(lines[end])
            end += 1
        if not quoted or end == len(lines):
            return begin
        begin = end


def _ends(lines: Sequence[str], whole: Sequence[str], place: int) -> bool:
    line = lines[place]
    if _END.fullmatch(line) or _quote(lines, place) or _is_footer(lines, place):
        return True
    if not _is_signature(line):
        return False
    if place + 1 == len(lines) or not whole[place + 1].strip()[:1].islower():
        return True
    # a sentence goes on, but not with what is a mark itself
    return _is_signature(lines[place + 1]) or _ends(lines, whole, place + 1)


def _is_signature(line: str) -> bool:
    bare = _BRACKETS.sub("", _LINK.sub("", line)).strip(" .!-")
    return any(form.fullmatch(bare) for form in (_APPLICATION, _PRODUCT, _MINE))


def _is_footer(lines: Sequence[str], place: int) -> bool:
    line = lines[place]
    if _SCANNED.fullmatch(line) or _PAPER.fullmatch(line):
        return True
    if _PAPER_BEGINS.match(line) and _PAPER.fullmatch(" ".join(lines[place : place + 2])):
        return True
    if not _NOTICE.match(line):
        return False
    told = " ".join(lines[place : place + WRAPPED])
    signs = [bool(form.search(told)) for form in _NOTICED]
    return (signs[0] or signs[1]) and sum(signs) >= 2


def _quote(lines: Sequence[str], place: int) -> int:
    """Of how many lines the banner of a quote is that begins there; 0 where there is none."""
    line = lines[place]
    if found := _BANNER.fullmatch(line.lstrip("> ")):
        block = _block(lines, place + 1)
        if (found["ruled"] and (found["end"] or line.endswith(":") or block)) or found["begun"] or block:
            return 1 + block
    if _ORANGE.fullmatch(line):
        return 1 + _block(lines, place + 1)
    return _block(lines, place) or _wrote(lines, place)


def _wrote(lines: Sequence[str], place: int) -> int:
    """Of how many lines «Le …, X a écrit :» is, which may be wrapped."""
    wrapped = ""
    for count, piece in enumerate(lines[place : place + WRAPPED], 1):
        wrapped = f"{wrapped} {piece.lstrip('> ')}".strip()
        if not piece or len(wrapped) > LONGEST_LINE:
            break
        if _FOLLOWED.match(wrapped):
            return count
        if not piece.endswith(":"):
            continue
        if _DATED.match(wrapped) and _WROTE.fullmatch(wrapped) and (_TIME.search(wrapped) or _ADDRESS.search(wrapped)):
            return count
    line = lines[place]
    if _NAMED.fullmatch(line) and (_TIME.search(line) or _ADDRESS.search(line)):
        return 1
    quoted = next((one for one in lines[place + 1 : place + 3] if one), "").startswith(">")
    return int(quoted and _UNDATED.fullmatch(line) is not None)


def _block(lines: Sequence[str], place: int) -> int:
    """Of how many lines the De/Envoyé/À/Objet block is that begins there, a blank one before it included.

    Programs write an address or a full date with its time in it; a notice of people's seldom has either.
    """
    begin = place + 1 if place < len(lines) and not lines[place] else place
    if begin >= len(lines) or not _FIELD.fullmatch(lines[begin]):
        return 0
    fields, writer, sure, end = 0, False, False, begin
    for number in range(begin, min(begin + BLOCK, len(lines))):
        if not lines[number].strip("> "):
            break
        if found := _FIELD.fullmatch(lines[number]):
            fields, end = fields + 1, number + 1
            writer = writer or bool(found["writer"])
            told = found["value"]
            dated = bool(found["date"] and _YEAR.search(told) and _TIME.search(told))
            sure = sure or dated or bool(found["writer"] and _ADDRESS.search(told))
    return end - place if fields >= 3 and writer and sure else 0

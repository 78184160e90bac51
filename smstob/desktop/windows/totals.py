"""What a sending comes to, in a sentence."""

from collections.abc import Iterator

from ..composing import Mailing
from ..counting import USUAL_SEGMENTS
from ..wording import Wording


def total(say: Wording, mailing: Mailing, site_group: str | None) -> str:
    """«3 SMS × 12 destinataires = 36 SMS»."""
    if site_group is not None:
        return say.plural(
            mailing.longest.segments, "{count} SMS pour chaque contact", "{count} SMS pour chaque contact"
        )
    if not mailing.messages:
        return ""
    all_of_them = say.plural(mailing.segments, "{count} SMS", "{count} SMS")
    if mailing.messages == 1:
        return all_of_them
    people = say.plural(mailing.messages, "{count} destinataire", "{count} destinataires")
    each = mailing.longest.segments
    if each * mailing.messages == mailing.segments:
        return say("{each} SMS × {people} = {total}", each=say.number(each), people=people, total=all_of_them)
    return say("{total} pour {people}, {most} chacun au plus", total=all_of_them, people=people, most=say.number(each))


def cautions(say: Wording, mailing: Mailing) -> Iterator[str]:
    """What one should know before."""
    if mailing.empty:
        yield say.plural(mailing.empty, "{count} destinataire sans texte", "{count} destinataires sans texte")
    if 0 < mailing.unicode < mailing.messages:
        yield say.plural(mailing.unicode, "{count} texte en Unicode", "{count} textes en Unicode")
    if mailing.longest.segments > USUAL_SEGMENTS:
        yield say("plus de 5 SMS par destinataire : votre compte peut le refuser")

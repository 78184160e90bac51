"""Mails handed to the mail server (SMTP, RFC 5321): what it says becomes an outcome, in its own words."""

import re
import smtplib
import ssl
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import attrs

from .settings import Security, Settings

PATIENCE: Final = 30.0
"""Seconds for each answer of the server."""

HELO: Final = "[127.0.0.1]"
"""An address literal, as mail programs say: the machine's name is nobody's business, and may take long to find."""

NOT_HIM: Final = (530, 534, 535, 538)
"""Codes that speak of the log-in, whatever they answer (RFC 4954 §6)."""

MOST_SHOWN: Final = 500
"""Characters of what a server says."""


_ENHANCED: Final = re.compile(r"[245]\.[0-9]{1,3}\.[0-9]{1,3} ")


@attrs.frozen
class Accepted:
    """The server has it."""


@attrs.frozen
class Refused:
    """It will never take this one; ``reason`` is its sentence."""

    reason: str


@attrs.frozen
class PutOff:
    """Not now: it cannot be reached, or says so."""

    reason: str


@attrs.frozen
class Held:
    """It takes none at all until the settings are changed: log-in, certificate."""

    reason: str


Outcome = Accepted | Refused | PutOff | Held


class Trouble(Exception):
    """No connection to send by; ``outcome`` is that of every mail."""

    def __init__(self, outcome: PutOff | Held) -> None:
        super().__init__(outcome.reason)
        self.outcome = outcome


class Sentences:
    """The program's own sentences, where the server says none."""

    unreachable = "Le serveur d'envoi {server} est injoignable : {reason}"
    certificate = "Le certificat du serveur d'envoi n'est pas celui de {server} : {reason}"
    no_tls = "Le serveur d'envoi ne connaît pas STARTTLS : choisissez TLS (port 465), ou aucune protection."
    no_login = "Le serveur d'envoi ne demande pas d'identifiant : laissez cette case vide."
    cut = "Le serveur d'envoi a coupé la connexion."
    silent = "Le serveur d'envoi ne répond pas : vérifiez le port et la protection."
    unclear = "Le serveur d'envoi répond de façon incompréhensible."
    no_method = "Le serveur d'envoi ne connaît aucune façon de s'identifier par un mot de passe."
    unwritable = (
        "Ce mot de passe du compte ne peut pas être écrit dans un e-mail (deux-points, espaces) : "
        "prenez une clé d'envoi du site."
    )
    foreign = "Ce n'est pas un serveur d'envoi de courrier qui répond sur ce port."
    wrong_protection = "Le serveur d'envoi ne répond pas comme la protection choisie le veut : {reason}"
    insecure_login = "Le serveur d'envoi n'accepte d'identifiant que par une connexion protégée."


@contextmanager
def session(settings: Settings, password: str, context: ssl.SSLContext | None = None) -> Iterator[smtplib.SMTP]:
    """A connection that is logged in; ``password`` is the mail server's. Raises Trouble, before its body only."""
    server = _connected(settings, context or ssl.create_default_context())
    try:
        _log_in(server, settings, password)
        yield server
    finally:
        try:
            server.quit()
        except (OSError, smtplib.SMTPException):
            server.close()


def offer(server: smtplib.SMTP, sender: str, recipient: str, mail: bytes) -> Outcome:
    """What becomes of one mail. A connection that broke is told as PutOff, and answers no more."""
    try:
        server.sendmail(sender, [recipient], mail)
    except smtplib.SMTPRecipientsRefused as error:
        # all mails have the same recipient, and the same sender
        return _answered_all(*next(iter(error.recipients.values())))
    except smtplib.SMTPSenderRefused as error:
        return _answered_all(error.smtp_code, error.smtp_error)
    except smtplib.SMTPServerDisconnected as error:
        return PutOff(_over(error))
    except smtplib.SMTPResponseException as error:
        return _answered(error.smtp_code, error.smtp_error)
    except (OSError, smtplib.SMTPException, ValueError) as error:
        server.close()
        return PutOff(_said(str(error)))
    return Accepted()


def _connected(settings: Settings, context: ssl.SSLContext) -> smtplib.SMTP:
    try:
        return _opened(settings, context)
    except Trouble:
        raise
    except Exception as error:  # the library has no list of what it raises
        raise Trouble(_trouble(error, settings)) from error


def _opened(settings: Settings, context: ssl.SSLContext) -> smtplib.SMTP:
    if settings.security is Security.TLS:
        secure = smtplib.SMTP_SSL(settings.server, settings.port, HELO, timeout=PATIENCE, context=context)
        secure.ehlo_or_helo_if_needed()
        return secure
    server = smtplib.SMTP(settings.server, settings.port, HELO, timeout=PATIENCE)
    try:
        server.ehlo_or_helo_if_needed()
        if settings.security is Security.STARTTLS:
            if not server.has_extn("starttls"):
                raise Trouble(Held(Sentences.no_tls))
            server.starttls(context=context)
            server.ehlo()
    except BaseException:
        server.close()
        raise
    return server


def _log_in(server: smtplib.SMTP, settings: Settings, password: str) -> None:
    if not settings.user:
        return
    try:
        _authenticate(server, settings, password)
    except smtplib.SMTPNotSupportedError:
        secure = settings.security is not Security.NONE
        raise Trouble(Held(Sentences.no_login if secure else Sentences.insecure_login)) from None
    except smtplib.SMTPResponseException as error:
        said = _with_code(error.smtp_code, error.smtp_error)
        # 454 is a server that is ill, not a wrong password (RFC 4954 §6)
        raise Trouble(PutOff(said) if error.smtp_code < 500 else Held(said)) from None
    except Exception as error:
        raise Trouble(_trouble(error, settings)) from error


def _authenticate(server: smtplib.SMTP, settings: Settings, password: str) -> None:
    """Log in once: the library's ``login`` tries a wrong password by every method, and knows ASCII only."""
    offered = server.esmtp_features.get("auth", "").upper().split()
    if "PLAIN" in offered:
        told = f"\0{settings.user}\0{password}"
        code, said = server.docmd("AUTH", f"PLAIN {_base64(told)}")
    elif "LOGIN" in offered:
        code, said = server.docmd("AUTH", f"LOGIN {_base64(settings.user)}")
        if code == 334:
            code, said = server.docmd(_base64(password))
    else:
        server.login(settings.user, password)
        return
    # 503: it knows him already
    if code not in (235, 503):
        raise smtplib.SMTPAuthenticationError(code, said)


def _base64(text: str) -> str:
    return b64encode(text.encode("utf-8", "replace")).decode()


def _trouble(error: Exception, settings: Settings) -> PutOff | Held:
    if isinstance(error, smtplib.SMTPException):
        return _trouble_told(error)
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError | ssl.SSLSyscallError):
        return PutOff(Sentences.cut)
    if isinstance(error, ssl.SSLCertVerificationError):
        return Held(Sentences.certificate.format(server=settings.server, reason=error.verify_message))
    if isinstance(error, ssl.SSLError):
        return Held(Sentences.wrong_protection.format(reason=error.reason or str(error)))
    if isinstance(error, TimeoutError):
        return PutOff(Sentences.silent)
    reason = (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__
    return PutOff(Sentences.unreachable.format(server=settings.server, reason=_said(reason)))


def _trouble_told(error: smtplib.SMTPException) -> PutOff | Held:
    """Of what the server said, or should have."""
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return PutOff(_over(error))
    if isinstance(error, smtplib.SMTPConnectError | smtplib.SMTPHeloError):
        said = _with_code(error.smtp_code, error.smtp_error)
        return Held(Sentences.foreign) if error.smtp_code < 0 else PutOff(said)
    if isinstance(error, smtplib.SMTPResponseException):
        return _answered_all(error.smtp_code, error.smtp_error)
    return Held(Sentences.no_method)


def _answered(code: int, said: bytes | str) -> Outcome:
    if code in NOT_HIM and isinstance(said, bytes):
        return Held(_with_code(code, said))
    return Refused(_with_code(code, said)) if _is_final(code, said) else PutOff(_with_code(code, said))


def _answered_all(code: int, said: bytes | str) -> PutOff | Held:
    sentence = _with_code(code, said)
    return Held(sentence) if _is_final(code, said) else PutOff(sentence)


def _is_final(code: int, said: bytes | str) -> bool:
    # where the library says something itself, it has not understood what the server said
    return code >= 500 and isinstance(said, bytes)


def _with_code(code: int, said: bytes | str) -> str:
    if code < 0 or isinstance(said, str):
        return Sentences.unclear
    return f"{code} {_said(said)}".strip()


def _over(error: smtplib.SMTPServerDisconnected) -> str:
    """Why a connection ended."""
    return Sentences.silent if isinstance(error.__context__, TimeoutError) else Sentences.cut


def _said(said: bytes | str) -> str:
    """What a server says, on one line, without what no line can show."""
    text = said if isinstance(said, str) else _decoded(said)
    first, *others = text.split("\n")
    if found := _ENHANCED.match(first):
        # each line of an answer has it
        others = [one.removeprefix(found[0]) for one in others]
    line = " ".join("\n".join((first, *others)).split())
    return "".join(sign if sign.isprintable() else "?" for sign in line)[:MOST_SHOWN]


def _decoded(said: bytes) -> str:
    try:
        return said.decode()
    except UnicodeDecodeError:
        return said.decode("cp1252", "replace")

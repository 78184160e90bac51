"""What a modem's line is: a result, what a command expects, or what nobody asked for (TS 27.005, 27.007, V.250)."""

import re
from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Final

import attrs


class Kind(Enum):
    """How a command ended."""

    OK = "OK"
    ERROR = "ERROR"
    """Without a word why."""
    CME = "+CME ERROR"
    """The modem's or the SIM's error (27.007 §9.2)."""
    CMS = "+CMS ERROR"
    """An error of SMS (27.005 §3.2.5)."""


@attrs.frozen
class Result:
    """A command's final result."""

    kind: Kind
    code: int | None = None
    """The number of a CME or CMS error; None where the modem used words."""
    text: str = ""
    """Those words."""

    def __str__(self) -> str:
        detail = str(self.code) if self.code is not None else self.text
        return f"{self.kind.value}: {detail}" if detail else self.kind.value


OK: Final = Result(Kind.OK)
_PLAIN: Final = {"OK": OK, "ERROR": Result(Kind.ERROR)} | {
    # Huawei's word for a command that it does not know, and V.250 modems' for one that is too long
    text: Result(Kind.ERROR, text=text)
    for text in ("COMMAND NOT SUPPORT", "TOO MANY PARAMETERS")
}
_TOLD: Final = re.compile(r"\+(CM[ES] ERROR) ?: ?(.*)")
_CALLS: Final = frozenset({"NO CARRIER", "BUSY", "NO ANSWER", "NO DIALTONE", "NO DIAL TONE"})
"""Results of a call. To any other command they are news: a caller hung up while a message was being sent."""


def result(line: str) -> Result | None:
    """The final result that the line is, or None."""
    if (plain := _PLAIN.get(line)) is not None:
        return plain
    if (told := _TOLD.fullmatch(line)) is None:
        return None
    kind, detail = Kind(f"+{told[1]}"), told[2].strip()
    if re.fullmatch("[0-9]{1,5}", detail):
        return Result(kind, int(detail))
    return Result(kind, text=detail)


_BANNERS: Final = frozenset(
    {
        *_CALLS,
        *("RING", "RDY", "APP RDY", "START", "STARTUP", "MODEM:STARTUP", "CALL READY", "SMS READY", "PB DONE"),
        *("SMS DONE", "NORMAL POWER DOWN", "POWERED DOWN", "POWER DOWN", "SMS FULL", "GPS READY"),
        *("UNDER-VOLTAGE WARNNING", "UNDER-VOLTAGE WARNING", "UNDER-VOLTAGE POWER DOWN"),
        *("OVER-VOLTAGE WARNNING", "OVER-VOLTAGE WARNING", "OVER-VOLTAGE POWER DOWN"),
    }
)
_RESTARTS: Final = frozenset(
    {
        *("RDY", "APP RDY", "START", "STARTUP", "MODEM:STARTUP", "^SYSSTART", "*COLD START", "+CFUN: 1", "+WIND: 1"),
        *("NORMAL POWER DOWN", "POWERED DOWN", "POWER DOWN", "UNDER-VOLTAGE POWER DOWN", "OVER-VOLTAGE POWER DOWN"),
    }
)
_SIGNED: Final = re.compile(r"[+^*#$%&!][A-Z]")
_WITH_BODY: Final = re.compile(r"\+CMT:.*|\+(?:CDS|CBM): ?[0-9]+")
_HEX: Final = re.compile("(?:[0-9A-Fa-f]{2})+")


def is_unsolicited(line: str) -> bool:
    """Whether a modem says such a thing by itself: a signed name, a ring, a banner of its start."""
    return _SIGNED.match(line) is not None or line.upper() in _BANNERS


def is_restart(line: str) -> bool:
    """Whether the line says that the modem starts anew or goes off: what it was told before is forgotten."""
    return line.upper() in _RESTARTS


def has_body(line: str) -> bool:
    """Whether a PDU follows this unsolicited line on the next (+CMT, +CDS, +CBM when they come in PDU mode)."""
    return _WITH_BODY.fullmatch(line) is not None


def is_hex(line: str) -> bool:
    """Whether the line may be a PDU."""
    return _HEX.fullmatch(line) is not None


class Form(Enum):
    """What a command does with its name (27.007 §4.1)."""

    RUN = ""
    READ = "?"
    TEST = "=?"
    SET = "="


_PART: Final = re.compile(r'(?:[^;"]|"[^"]*"?)+')
_NAME: Final = re.compile(r"([+^*#$%!][A-Z][A-Z0-9_]*)(=\?|\?|=)?")
_BARE: Final = re.compile(r"I[0-9]*|&V[0-9]*")
"""Basic commands that answer with lines without a name."""
_IDENTITY: Final = frozenset(
    {
        *("+CGMI", "+CGMM", "+CGMR", "+CGSN", "+GMI", "+GMM", "+GMR", "+GSN", "+CIMI", "+CCID", "+ICCID", "^ICCID"),
        *("+QCCID", "+CICCID", "+GCAP", "+CLAC"),
    }
)
"""Others that do; elsewhere noise would be taken for an answer."""
_DIAL: Final = re.compile(r"AT[DAOH]", re.IGNORECASE)
_REGISTRATION: Final = frozenset({"+CREG", "+CGREG", "+CEREG", "+C5GREG"})
_NEWS: Final = _REGISTRATION | {
    *("+CPIN", "+CFUN", "+CUSD", "+CLIP", "+CRING", "+CCWA", "+CMTI", "+CMT", "+CDS", "+CDSI", "+CBM", "+CIEV"),
    *("+CGEV", "+CSSI", "+CSSU", "+CTZV", "+CTZE", "+CSQ", "+QIND", "+WIND"),
}
"""Names that are no answer to a command which sets them: they come by themselves."""
_MESSAGES: Final = frozenset({"+CMGR", "+CMGL"})
_OF_SMS: Final = _MESSAGES | {
    *("+CSMS", "+CPMS", "+CMGF", "+CSCA", "+CSMP", "+CSDH", "+CSCB", "+CSAS", "+CRES", "+CNMI", "+CNMA", "+CMGS"),
    *("+CMSS", "+CMGW", "+CMGD", "+CMGC", "+CMMS"),
}


@attrs.frozen
class Expectation:
    """Which lines belong to a command's answer."""

    forms: Mapping[str, frozenset[Form]]
    """Name with its sign → how the command line uses it."""
    bare: bool
    """Lines without a name are awaited."""
    calls: bool
    """A call's results end it."""

    @property
    def may_fail_as_sms(self) -> bool:
        """Whether +CMS ERROR may be the answer."""
        return not _OF_SMS.isdisjoint(self.forms)

    def accepts(self, line: str) -> bool:
        """Whether it is an answer with an awaited name, rather than news of the same name."""
        name, colon, value = line.partition(":")
        forms = self.forms.get(name.rstrip())
        if not forms or not colon:
            return False
        if name in _REGISTRATION:
            # the answer has the setting before the state; news begin with the state
            values = value.split(",")
            read = len(values) > 1 and re.fullmatch(" ?[0-9]{1,2}", values[1]) is not None
            return (Form.READ in forms and read) or (Form.TEST in forms and value.lstrip().startswith("("))
        return forms != {Form.SET} or name not in _NEWS

    def accepts_bare(self, line: str) -> bool:
        """Whether it is an awaited line without a name: a maker's, an IMEI, or a message's PDU."""
        if not _MESSAGES.isdisjoint(self.forms):
            return is_hex(line)
        return self.bare and line.isascii() and line.isprintable()


def expectation(command: str, names: Iterable[str] = ()) -> Expectation:
    """What the command line awaits; ``names`` are others under which modems answer it, such as ``+ICCID``."""
    forms: dict[str, frozenset[Form]] = dict.fromkeys(names, frozenset({Form.RUN}))
    bare = False
    for part in _PART.findall(command[2:].upper()):
        if found := _NAME.match(part):
            form = Form(found[2] or "")
            forms[found[1]] = forms.get(found[1], frozenset()) | {form}
            bare = bare or (form is Form.RUN and found[1] in _IDENTITY)
        else:
            bare = bare or _BARE.fullmatch(part) is not None
    return Expectation(forms, bare, _DIAL.match(command) is not None)


def call_result(line: str) -> Result | None:
    """How a call ended, or None."""
    return Result(Kind.ERROR, text=line) if line in _CALLS else None

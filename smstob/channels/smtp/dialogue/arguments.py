"""The arguments of MAIL and RCPT: a path and its parameters (RFC 5321 §4.1.2)."""

import re
from typing import Final

from ..mail import Reply
from .replies import BAD_ARGUMENT, BAD_RECIPIENT, BAD_SENDER, TOO_BIG, UNKNOWN_PARAMETER, Refused

_ADDRESS: Final = r'(?:"(?:[^"\\]|\\.)*"|[^\s"<>\\]|\\\S)*'
# a path without brackets, and a space before it, are what many a copier sends
_PATH: Final = re.compile(rf"\s*(?:<(?:@[^\s\"<>:]*:)?(?P<path>{_ADDRESS})>|(?P<bare>{_ADDRESS}))(?P<rest>(?:\s.*)?)")
_PARAMETER: Final = re.compile(r"([A-Za-z0-9][A-Za-z0-9-]*)(?:=([!-<>-~]+))?")
_SIZE: Final = re.compile(r"[0-9]{1,20}")


def reverse_path(argument: str, most: int) -> str | Reply:
    """The sender in ``FROM:<…>``, empty for the null sender; a Reply where SIZE says more than ``most`` bytes.

    Raises Refused.
    """
    address, parameters = _parse("FROM:", argument, BAD_SENDER)
    size = parameters.pop("SIZE", "0")
    body = parameters.pop("BODY", "7BIT").upper()
    if parameters:
        raise Refused(UNKNOWN_PARAMETER)
    if not _SIZE.fullmatch(size) or body not in {"7BIT", "8BITMIME"}:
        raise Refused(BAD_ARGUMENT)
    return TOO_BIG if int(size) > most else address


def forward_path(argument: str) -> str:
    """The recipient in ``TO:<…>``, without the route that may stand before it, else as typed. Raises Refused."""
    address, parameters = _parse("TO:", argument, BAD_RECIPIENT)
    if not address:
        raise Refused(BAD_RECIPIENT)
    if parameters:
        raise Refused(UNKNOWN_PARAMETER)
    return address


def _parse(keyword: str, argument: str, wrong: Reply) -> tuple[str, dict[str, str]]:
    path = _PATH.fullmatch(argument, len(keyword))
    if argument[: len(keyword)].upper() != keyword or path is None or path["bare"] == "":
        raise Refused(wrong)
    parameters: dict[str, str] = {}
    for word in path["rest"].split():
        parameter = _PARAMETER.fullmatch(word)
        if parameter is None or parameter[1].upper() in parameters:
            raise Refused(BAD_ARGUMENT)
        parameters[parameter[1].upper()] = parameter[2] or ""
    return path["path"] if path["bare"] is None else path["bare"], parameters

"""Mail merge: one text, made another for each recipient."""

import re
from collections.abc import Callable
from operator import attrgetter
from typing import Final, Self

import attrs


@attrs.frozen
class Variables:
    """What a recipient brings to a text: the contact's name and its three variables, empty where absent."""

    name: str = ""
    v1: str = ""
    v2: str = ""
    v3: str = ""


_VARIABLE: Final = re.compile(r"\[(v[123]|nom)\]", re.IGNORECASE | re.ASCII)
_ATTRIBUTE: Final = {"nom": "name", "v1": "v1", "v2": "v2", "v3": "v3"}


@attrs.frozen
class Template:
    """A text in which ``[v1]``, ``[v2]``, ``[v3]`` and ``[nom]``, in any case, stand for variables.

    Made by ``parse``. All else in the text is literal.
    """

    text: str
    """As written."""
    # Rendering is then one % of C code, under a microsecond for each recipient of a group.
    _format: str = attrs.field(repr=False, eq=False)
    _values: Callable[[Variables], object] | None = attrs.field(repr=False, eq=False)

    @classmethod
    def parse(cls, text: str) -> Self:
        """The template of ``text``; every text is one."""
        if "[" not in text:
            return cls(text, text, None)
        literals_and_names = _VARIABLE.split(text)
        names = [_ATTRIBUTE[name.lower()] for name in literals_and_names[1::2]]
        literals = (literal.replace("%", "%%") for literal in literals_and_names[::2])
        return cls(text, "%s".join(literals), attrgetter(*names) if names else None)

    @property
    def personal(self) -> bool:
        """Whether the text has any variable, so that recipients may get unlike texts."""
        return self._values is not None

    def render(self, variables: Variables) -> str:
        """The text for one recipient; what is in a variable stays as it is, brackets included."""
        if self._values is None:
            return self.text
        return self._format % self._values(variables)

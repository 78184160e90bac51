"""Who is written to: contacts, groups, and a contact seen as a recipient."""

import attrs

from .alphabet import compose
from .merge import Variables


@attrs.frozen
class Recipient:
    """A number and what a text says of its holder."""

    number: str
    """E.164."""
    typed: str
    country: str
    variables: Variables


@attrs.frozen
class Group:
    """A named set of contacts of one account."""

    name: str
    contacts: int


def group_key(name: str) -> str:
    """The form under which a group is found: case, Unicode form and outer spaces do not count."""
    return compose(compose(name.strip()).casefold())

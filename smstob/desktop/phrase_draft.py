"""A phrase that is being typed and is not kept yet: put into a file, so that neither a crash nor the end loses it."""

import json
from pathlib import Path
from typing import Any, Final

import attrs

from ..model.text import storable
from . import places

FILE: Final = "phrase.json"

LONGEST: Final = 200_000
"""Octets of the file: a longer one is none of ours."""


@attrs.frozen
class PhraseDraft:
    """What is typed."""

    id: int | None
    """The phrase that is changed; None for a new one."""
    name: str
    text: str = attrs.field(repr=False)


def read(place: Path) -> PhraseDraft | None:
    """What was kept in that folder; None for nothing, or for what makes no sense."""
    try:
        with (place / FILE).open("rb") as file:
            told: Any = json.loads(file.read(LONGEST))
        id_, name, text = told["id"], told["name"], told["text"]
    except (OSError, ValueError, RecursionError, KeyError, TypeError):
        return None
    if not isinstance(name, str) or not isinstance(text, str) or not (id_ is None or type(id_) is int):
        return None
    return PhraseDraft(id_, storable(name), storable(text))


def write(place: Path, draft: PhraseDraft | None) -> None:
    """Keep it there; None takes away what was kept. Raises OSError."""
    path = place / FILE
    if draft is None:
        path.unlink(missing_ok=True)
        return
    places.make(place)
    places.write(path, storable(json.dumps(attrs.asdict(draft), ensure_ascii=False)).encode())

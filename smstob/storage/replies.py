"""What telephones sent back: kept piece by piece as it came, told as it was written."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from sqlalchemy import Connection, select

from ..model.message import Reply
from ..model.report import ReplyReport
from . import bulk
from .schema import reply

TOGETHER: Final = 3600
"""Seconds between two pieces of one text at most: a telephone uses its references again."""

PAGE: Final = 500


def keep(connection: Connection, replies: Sequence[Reply]) -> None:
    """Write ``replies`` down."""
    bulk.insert(
        connection,
        reply,
        ("gateway", "number", "recipient", "text", "at", "reference", "part", "total"),
        [
            (one.gateway, one.number, one.recipient, one.text, one.at, one.reference, one.part, one.total)
            for one in replies
        ],
    )


def recent(connection: Connection, limit: int) -> list[ReplyReport]:
    """The last ``limit`` replies, newest first; the pieces of a long one are joined where all are there."""
    texts: list[list[Any]] = []
    gathered: dict[tuple[Any, ...], list[Any]] = {}
    for row in _newest_first(connection):
        key = (row.gateway, row.number, row.recipient, row.reference, row.total)
        is_piece = row.total > 1 and row.part <= row.total and row.reference is not None
        pieces = gathered.get(key, [])
        if is_piece and pieces and _near(row, pieces):
            same = next((piece for piece in pieces if piece.part == row.part), None)
            if same is None:
                pieces.append(row)
                continue
            if same.text == row.text:
                continue  # the network gave it twice
        if is_piece:
            # what is older belongs to this one from here on, be it told or not
            gathered.pop(key, None)
        if len(texts) < limit:
            texts.append([row])
            if is_piece:
                gathered[key] = texts[-1]
        elif not any(_near(row, pieces) for pieces in gathered.values() if len(pieces) < pieces[0].total):
            break
    told = [one for pieces in texts for one in _told(pieces)]
    return sorted(told, key=lambda one: one.id, reverse=True)[:limit]


def _newest_first(connection: Connection) -> Iterator[Any]:
    wanted = select(reply).order_by(reply.c.id.desc()).limit(PAGE)
    page = connection.execute(wanted).all()
    while page:
        yield from page
        page = connection.execute(wanted.where(reply.c.id < page[-1].id)).all()


def _near(row: Any, pieces: Sequence[Any]) -> bool:
    return abs(int(pieces[0].at) - int(row.at)) <= TOGETHER


def _told(pieces: Sequence[Any]) -> list[ReplyReport]:
    """``pieces``, the newest first, as one where none is missing."""
    whole = len(pieces) == pieces[0].total
    text = "".join(piece.text for piece in sorted(pieces, key=lambda piece: int(piece.part)))
    return [
        ReplyReport(
            id=piece.id,
            at=piece.at,
            gateway=piece.gateway,
            number=piece.number,
            recipient=piece.recipient,
            text=text if whole else piece.text,
        )
        for piece in (pieces[:1] if whole else pieces)
    ]

"""Replies: kept as they came, told as they were written."""

from itertools import permutations
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from smstob.model.message import Reply
from smstob.storage import replies

from .scenes import NOW, undone

PHONE = "+33612345678"


def reply(text: str = "Oui", part: int = 1, total: int = 1, **changes: Any) -> Reply:
    """What a telephone sent to 36111; a piece of a long one where ``total`` says so."""
    values = {"gateway": "sink", "number": PHONE, "recipient": "36111", "at": NOW, "reference": 7, **changes}
    return Reply(text=text, part=part, total=total, **values)


def texts(connection: Connection, limit: int = 100) -> list[str]:
    """The last texts, newest first."""
    return [one.text for one in replies.recent(connection, limit)]


def test_replies_are_told(connection: Connection) -> None:
    """Newest first, as many as wanted, with all that is known of them."""
    assert replies.recent(connection, 10) == []
    replies.keep(connection, [])
    short = reply("né'ant 😀", number="Orange", recipient="", at=NOW + 5, reference=None)
    replies.keep(connection, [reply("un"), short])
    replies.keep(connection, [reply("trois", gateway="autre")])
    assert texts(connection) == ["trois", "né'ant 😀", "un"]
    assert texts(connection, 2) == ["trois", "né'ant 😀"]
    told = replies.recent(connection, 2)[1]
    assert (told.gateway, told.number, told.recipient, told.at) == ("sink", "Orange", "", NOW + 5)
    assert told.id == replies.recent(connection, 3)[2].id + 1
    assert "né'ant" not in repr(told)


def test_pieces_are_joined_in_any_order(connection: Connection) -> None:
    """All three are there: one text, in order, under the number and time of the last; a repeat is no second piece."""
    for order in permutations((1, 2, 3)):
        for repeated in (None, 1, 2, 3):
            with undone(connection):
                came = [reply("abc"[part - 1], part, 3, at=NOW + nth) for nth, part in enumerate(order)]
                came += [reply("abc"[repeated - 1], repeated, 3, at=NOW + 9)] if repeated else []
                replies.keep(connection, [*came[:2], reply("entre deux"), *came[2:]])
                first, second = replies.recent(connection, 10)
                assert (first.text, second.text) == ("abc", "entre deux")
                assert first.at == came[-1].at
                assert texts(connection, 1) == ["abc"]


def test_pieces_that_do_not_belong_together(connection: Connection) -> None:
    """Another gateway, sender, recipient, reference, number of pieces, or hour: each is told as it is."""
    other: list[dict[str, Any]] = [
        *({"gateway": "autre"}, {"number": "+33699999999"}, {"recipient": "38000"}, {"reference": 8}),
        *({"total": 3}, {"at": NOW + replies.TOGETHER + 1}, {"at": NOW - replies.TOGETHER - 1}, {"part": 1}),
        {"part": 5},
    ]
    for changes in other:
        with undone(connection):
            second: dict[str, Any] = {"part": 2, "total": 2, **changes}
            replies.keep(connection, [reply("a", 1, 2), reply("b", **second)])
            assert texts(connection) == ["b", "a"], changes
    with undone(connection):
        replies.keep(connection, [reply("a", 1, 2, reference=None), reply("b", 2, 2, reference=None)])
        assert texts(connection) == ["b", "a"]


def test_reference_that_a_telephone_uses_again(connection: Connection) -> None:
    """Two long texts with one reference, hours apart or at once: each of its own."""
    later = NOW + 2 * replies.TOGETHER
    replies.keep(connection, [reply("a", 1, 2), reply("b", 2, 2)])
    replies.keep(connection, [reply("c", 1, 2, at=later), reply("d", 2, 2, at=later)])
    replies.keep(connection, [reply("e", 1, 2, at=later), reply("f", 2, 2, at=later)])
    assert texts(connection) == ["ef", "cd", "ab"]


def test_piece_that_is_missing(connection: Connection) -> None:
    """What came is told meanwhile, in its place; with the last piece it is one."""
    replies.keep(connection, [reply("a", 1, 3), reply("entre"), reply("c", 3, 3)])
    assert texts(connection) == ["c", "entre", "a"]
    assert texts(connection, 2) == ["c", "entre"]
    replies.keep(connection, [reply("b", 2, 3, at=NOW + 60)])
    assert texts(connection) == ["abc", "entre"]


def test_many(connection: Connection) -> None:
    """Pages end in the middle of long ones; a limit counts texts, not pieces, and reads on for the last one's."""
    total = 3
    count = replies.PAGE // total + 50
    pieces = [
        reply(f"{nth}.{part} ", part, total, reference=nth % 256, at=NOW + 40 * nth)
        for nth in range(count)
        for part in range(1, total + 1)
    ]
    replies.keep(connection, pieces)
    whole = [f"{nth}.1 {nth}.2 {nth}.3 " for nth in reversed(range(count))]
    assert texts(connection, 10_000) == whole
    for limit in (1, 2, replies.PAGE // total, replies.PAGE // total + 1):
        assert texts(connection, limit) == whole[:limit]


def test_limit_in_the_middle_of_a_reference_used_again(connection: Connection) -> None:
    """Pieces of a text beyond the limit are not taken for those of a newer one, which lacks a piece."""
    replies.keep(connection, [reply("a", 1, 2), reply("b", 2, 2), reply("entre"), reply("c", 2, 2)])
    assert texts(connection) == ["c", "entre", "ab"]
    assert texts(connection, 2) == ["c", "entre"]


def test_any_pieces(connection: Connection) -> None:
    """Nothing is lost and nothing told twice, whatever telephones send."""
    piece = st.builds(
        reply,
        text=st.text(st.sampled_from("ab😀"), max_size=2),
        part=st.integers(1, 4),
        total=st.integers(1, 3),
        reference=st.sampled_from([None, 1]),
        at=st.sampled_from([NOW, NOW + 10, NOW + 5000]),
    )

    @settings(deadline=None, max_examples=150)
    @given(st.lists(piece, max_size=8))
    def holds(drawn: list[Reply]) -> None:
        came = sorted(drawn, key=lambda one: one.at)
        with undone(connection):
            replies.keep(connection, came)
            told = replies.recent(connection, 100)
            assert [one.id for one in told] == sorted({one.id for one in told}, reverse=True)
            assert {char for one in told for char in one.text} == {char for one in came for char in one.text}
            assert len("".join(one.text for one in told)) <= sum(len(one.text) for one in came)
            assert [one.text for one in replies.recent(connection, 2)] == [one.text for one in told[:2]]

    holds()

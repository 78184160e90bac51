"""Statements over many rows: the same on both databases, whatever the values, and found by an index."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import attrs
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, event, select

from smstob.model.message import State
from smstob.storage import bulk, queue, receipts, settlement, submissions
from smstob.storage.schema import contact, duplicate, parked_receipt

from .scenes import NOW, NUMBER, accept_one, ask, claim, composed, hand, open_account, receipt, send, settled, undone

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
RECEIPT = ("gateway", "reference", "state", "error", "at", "number")


def test_values_come_back_as_they_went(connection: Connection) -> None:
    """Quotes, braces, backslashes, percent signs, emoji, empty, NULL and 64 bits: in rows and in keys."""
    rows = st.tuples(
        *(st.sampled_from(["sink", 'a"b', "{c}"]), texts, texts, st.none() | texts, st.integers(-(2**63), 2**63 - 1)),
        st.none() | texts,
    )

    @settings(deadline=None, max_examples=60)
    @given(drawn=st.lists(rows, max_size=8), more=st.lists(texts, max_size=4))
    def holds(drawn: list[tuple[Any, ...]], more: list[str]) -> None:
        with undone(connection):
            bulk.insert(connection, parked_receipt, RECEIPT, drawn)
            found = connection.execute(select(parked_receipt).order_by(parked_receipt.c.id)).all()
            assert [tuple(row[1:]) for row in found] == drawn
            wanted = [row[1] for row in drawn[::2]] + more
            statement = "SELECT reference, at FROM parked_receipt WHERE reference {among} AND at >= ?"
            told = bulk.select(connection, statement, wanted, parked_receipt.c.reference, 0)
            expected = [(row[1], row[4]) for row in drawn if row[1] in wanted and row[4] >= 0]
            assert sorted(map(tuple, told)) == sorted(expected)

    holds()


def test_update_counts_and_guards(connection: Connection) -> None:
    """What fits is changed and counted; what does not, or is guarded, stays."""
    bulk.insert(connection, duplicate, ("key", "at"), [(key, 0) for key in range(5)])
    assert bulk.update(connection, duplicate, ("key",), ("at",), [(7, 1), (8, 2), (9, 99)]) == 2
    assert bulk.update(connection, duplicate, ("key", "at"), ("at",), [(5, 1, 7), (5, 2, 7)]) == 1
    assert bulk.update(connection, duplicate, ("key",), ("at",), [(1, 3), (1, 4)], "key > 3") == 1
    assert bulk.update(connection, duplicate, ("key",), ("at",), []) == 0
    rows = connection.execute(select(duplicate).order_by(duplicate.c.key))
    assert [tuple(row) for row in rows] == [(0, 0), (1, 5), (2, 8), (3, 0), (4, 1)]


def test_next_ids(connection: Connection) -> None:
    """They grow, and none is given that a row has."""
    assert bulk.next_ids(connection, contact, 0) == []
    account = open_account(connection)
    first = bulk.next_ids(connection, contact, 3)
    columns = ("id", "account_id", "name", "number", "typed", "country", "v1", "v2", "v3")
    bulk.insert(connection, contact, columns, [(id_, account.id, *[""] * 7) for id_ in first])
    second = bulk.next_ids(connection, contact, 2)
    assert sorted({*first, *second}) == [*first, *second]
    assert len([*first, *second]) == 5


@contextmanager
def statements(connection: Connection) -> Iterator[dict[str, Any]]:
    """Every statement that is executed inside, with parameters."""
    seen: dict[str, Any] = {}

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
        seen.setdefault(statement, parameters)

    event.listen(connection, "before_cursor_execute", note)
    yield seen
    event.remove(connection, "before_cursor_execute", note)


def life(connection: Connection, count: int) -> None:
    """``count`` messages from acceptance to receipt, with everything that may happen on the way."""
    account = open_account(connection, 10 * count)
    asked = [ask(account, composed(account, f"{nth}", segments=2), reference=f"{nth}") for nth in range(count)]
    submissions.accept(connection, asked)
    ids = [one.id for one in claim(connection, count_=count)]
    queue.renew(connection, ids, "daemon", NOW + 60)
    settlement.settle(connection, [settled(id_, State.QUEUED, [f"r{id_}"]) for id_ in ids])
    ids = [one.id for one in claim(connection, count_=count)]
    queue.release(connection, ids, "daemon", NOW)
    receipts.receive(connection, [receipt(f"s{id_}") for id_ in ids])
    late = [attrs.evolve(settled(id_), parts=((2, f"s{id_}"),)) for id_ in ids]
    settlement.settle(connection, late)
    receipts.match_parked(connection, [f"s{id_}" for id_ in ids])
    receipts.receive(connection, [receipt(f"r{id_}") for id_ in ids])
    strangers = [receipt(f"{id_:x}f", number=NUMBER) for id_ in ids]
    receipts.receive(connection, strangers)
    for one in strangers[:2]:
        hand(connection, account, f"{int(one.reference, 16)}")
    receipts.match_parked(connection, [f"{int(one.reference, 16)}" for one in strangers])
    hand(connection, account, "a")
    receipts.receive(connection, [receipt("10", number=NUMBER)])
    hand(connection, account, "silence")
    receipts.give_up(connection, NOW + 99 * 86_400, "Rien.", NOW, count)
    for nth, state in enumerate((State.REJECTED, State.QUEUED)):
        other = send(connection, account, f"refusé {nth}", validity=1)
        settlement.settle(connection, [settled(other, state)])
    settlement.expire(connection, [other], "trop tard", "muet", NOW + 3600)
    settlement.cancel(connection, accept_one(connection, ask(account, composed(account))).id, NOW)


def test_statements_do_not_multiply(connection: Connection) -> None:
    """Batches of any size use the same statements: what drivers prepare and cache stays bounded."""
    with statements(connection) as seen:
        for count in (1, 2):
            life(connection, count)
        few = set(seen)
        for count in (3, 10, 57):
            life(connection, count)
    assert set(seen) == few
    assert len(few) < 100


BIG = {"account", "submission", "message", "segment", "parked_receipt", "duplicate", "ledger_entry"}


def test_no_statement_of_the_flow_reads_a_whole_table(connection: Connection) -> None:
    """Each of them finds its rows by an index, so that its cost does not grow with the years."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
    with statements(connection) as seen:
        life(connection, 3)
    scanned = []
    for statement, parameters in seen.items():
        if not statement.startswith(("SELECT", "UPDATE", "DELETE")) or "max(id)" in statement:
            continue
        first = parameters[0] if isinstance(parameters, list) else parameters
        plan = connection.exec_driver_sql(f"EXPLAIN {_QUERY[connection.dialect.name]} {statement}", first).all()
        for line in ("".join(map(str, one)) for one in plan):
            if any(mark.format(table) in line for table in BIG for mark in ("SCAN {}", "Seq Scan on {}")):
                scanned.append(f"{line.strip()}: {statement}")
    assert scanned == []


_QUERY = {"sqlite": "QUERY PLAN", "postgresql": ""}


def test_reference_is_found_by_its_index(connection: Connection) -> None:
    """The index of client references serves the question that ``accept`` asks, among many accounts."""
    account = open_account(connection)
    with statements(connection) as seen:
        submissions.accept(connection, [ask(account, composed(account), reference="r")])
    (asked,) = [one for one in seen if "FROM submission WHERE reference" in one]
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
    plan = connection.exec_driver_sql(f"EXPLAIN {_QUERY[connection.dialect.name]} {asked}", seen[asked]).all()
    told = " ".join(str(one) for one in plan)
    assert "uq_submission_reference" in told
    assert "SEARCH submission" in told or "Index Cond: (reference = ANY" in told

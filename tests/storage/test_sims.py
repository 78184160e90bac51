"""Uses of SIM cards: how they are found among many, and how they go. What else they promise is in the contracts."""

from typing import Any

from sqlalchemy import Connection, event

from smstob.storage import sims
from tests.sims import segment_to

from .scenes import NOW, NUMBER, undone

DAY = 86_400


def test_old_ones_go(connection: Connection) -> None:
    """After 32 days, of all cards; and no id is ever another's."""
    old = sims.use(connection, "208", segment_to(NUMBER), NOW, None)
    sims.use(connection, "209", segment_to(NUMBER), NOW + 1, None)
    assert sims.prune(connection, NOW + 32 * DAY) == 0
    assert sims.prune(connection, NOW + 32 * DAY + 1) == 1
    assert sims.uses(connection, "208", "12345678", 0) == []
    assert sims.used(connection, "209", 0).last == NOW + 1
    assert sims.prune(connection, NOW + 99 * DAY) == 1
    assert sims.use(connection, "208", segment_to(NUMBER), NOW, None) > old + 1


def test_forgotten_pin(connection: Connection) -> None:
    """It says whether there was one."""
    sims.give_pin(connection, "8933", "x")
    assert not sims.forget_pin(connection, "893")
    assert [sims.forget_pin(connection, "8933") for _ in range(2)] == [True, False]


def test_short_numbers(connection: Connection) -> None:
    """Those with fewer digits than are kept are found by all of them."""
    id_ = sims.use(connection, "208", segment_to("+1234"), NOW, None)
    assert [one.id for one in sims.uses(connection, "208", "1234", 0)] == [id_]
    assert sims.uses(connection, "208", "00001234", 0) == []


def test_plans(connection: Connection) -> None:
    """A card's uses, those of one number, and old ones are found by an index each."""
    asked: list[tuple[str, Any]] = []
    sqlite = connection.dialect.name == "sqlite"
    event.listen(connection, "before_cursor_execute", lambda *told: asked.append((told[2], told[3])))
    sims.used(connection, "208", 5)
    sims.uses(connection, "208", "12345678", 5)
    sims.prune(connection, NOW)
    plans = []
    with undone(connection):
        if not sqlite:
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        for statement, parameters in asked[:4]:
            rows = connection.exec_driver_sql(f"EXPLAIN {'QUERY PLAN' if sqlite else ''} {statement}", parameters)
            plans.append("\n".join(str(row[-1]) for row in rows))
    assert len(plans) == 4
    assert all("ix_sim_use_sim_at" in plan for plan in plans[:2])
    assert "ix_sim_use_sim_digits_at" in plans[2]
    assert "ix_sim_use_at" in plans[3]

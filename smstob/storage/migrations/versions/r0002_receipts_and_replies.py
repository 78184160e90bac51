"""Receipts by phone, messages whose receipts never come, replies."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("parked_receipt", sa.Column("number", sa.Text(), nullable=True))
    op.create_index(
        "ix_message_awaited",
        "message",
        ["deadline"],
        unique=False,
        sqlite_where=sa.text("state = 'handed'"),
        postgresql_where=sa.text("state = 'handed'"),
    )
    op.create_table(
        "reply",
        sa.Column("id", ID, nullable=False),
        sa.Column("gateway", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.Integer(), nullable=True),
        sa.Column("part", sa.SmallInteger(), nullable=False),
        sa.Column("total", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reply")),
    )

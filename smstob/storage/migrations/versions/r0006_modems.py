"""GSM modems: what SIM cards sent, their PINs, modems' states; segments of which nobody knows whether they left."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("segment", sa.Column("again", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("segment", sa.Column("error", sa.Text(), nullable=True))
    op.drop_index("ix_segment_reference", "segment")
    awaited = sa.text("state IN ('handed', 'unknown')")
    op.create_index(
        "ix_segment_reference",
        "segment",
        ["reference", "gateway"],
        sqlite_where=awaited,
        postgresql_where=awaited,
    )
    op.create_table(
        "sim_use",
        sa.Column("id", ID, nullable=False),
        sa.Column("sim", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("digits", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.SmallInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sim_use")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_sim_use_sim_at", "sim_use", ["sim", "at"])
    op.create_index("ix_sim_use_sim_digits_at", "sim_use", ["sim", "digits", "at"])
    op.create_index("ix_sim_use_at", "sim_use", ["at"])
    op.create_table(
        "sim_pin",
        sa.Column("card", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("card", name=op.f("pk_sim_pin")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "modem_status",
        sa.Column("gateway", sa.Text(), nullable=False),
        sa.Column("port", sa.Text(), nullable=False),
        sa.Column("daemon", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("report", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("gateway", "port", "daemon", name=op.f("pk_modem_status")),
        sqlite_with_rowid=False,
    )

"""What a SIM card sent says which message and part it was: after a kill it is known what may have left."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("sim_use", sa.Column("message_id", sa.BigInteger(), nullable=True))
    op.add_column("sim_use", sa.Column("part", sa.SmallInteger(), nullable=True))
    op.add_column("sim_use", sa.Column("again", sa.Integer(), nullable=True))
    of_messages = sa.text("message_id IS NOT NULL")
    op.create_index(
        "ix_sim_use_message_id",
        "sim_use",
        ["message_id"],
        sqlite_where=of_messages,
        postgresql_where=of_messages,
    )

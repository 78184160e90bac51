"""Every change of the schema, in order, by alembic. Run at start and by ``smstob migrate``."""

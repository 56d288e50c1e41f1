"""Runs the migrations on the application's database, one runner at a time."""

from alembic import context
from sqlalchemy import text

from support_desk.app import create_app
from support_desk.core.db import Model, db

_LOCK = 0x5D_0001


def run() -> None:
    engine = db.engine
    with engine.connect() as connection:
        connection.execute(text("SET lock_timeout = '5s'"))
        connection.execute(text("SET statement_timeout = '10min'"))
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _LOCK})
        connection.commit()
        try:
            context.configure(
                connection=connection,
                target_metadata=Model.metadata,
                compare_type=True,
                transaction_per_migration=True,
                on_version_apply=context.config.attributes.get("on_version_apply"),
            )
            with context.begin_transaction():
                context.run_migrations()
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _LOCK})
            connection.commit()


app = context.config.attributes.get("app") or create_app()
with app.app_context():
    run()

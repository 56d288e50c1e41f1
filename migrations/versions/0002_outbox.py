"""Promised jobs, the schedule of periodic work, signs of life of the workers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002_outbox"
down_revision = "0001_core"
branch_labels = None
depends_on = None

_STATES = "state IN ('promised', 'published', 'running', 'done', 'withdrawn', 'dead')"


def upgrade() -> None:
    op.create_table(
        "promised_jobs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("dedupe", sa.Text(), nullable=False),
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("ids", postgresql.JSONB(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("available_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True)),
        sa.Column("lease_until", sa.DateTime(timezone=True)),
        sa.Column("last_error", sa.Text()),
        sa.Column("done_at", sa.DateTime(timezone=True)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promised_jobs")),
        sa.UniqueConstraint("dedupe", name=op.f("uq_promised_jobs_dedupe")),
        sa.CheckConstraint(_STATES, name=op.f("ck_promised_jobs_promise_state")),
        sa.CheckConstraint(
            "(state = 'running') = (lease_until IS NOT NULL)", name=op.f("ck_promised_jobs_lease_while_running")
        ),
        sa.CheckConstraint(
            "state <> 'published' OR published_at IS NOT NULL", name=op.f("ck_promised_jobs_published_when")
        ),
    )
    for name, columns, where in (
        ("waiting", ["queue", "available_at", "id"], "state = 'promised'"),
        ("published", ["published_at"], "state = 'published'"),
        ("running", ["lease_until"], "state = 'running'"),
        ("dead", ["done_at", "id"], "state = 'dead'"),
        ("ended", ["done_at"], "state IN ('done', 'withdrawn')"),
    ):
        op.create_index(
            op.f(f"ix_promised_jobs_{name}"), "promised_jobs", columns, postgresql_where=sa.text(where)
        )
    op.create_table(
        "schedule_entries",
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column("every_seconds", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_dedupe", sa.Text()),
        sa.PrimaryKeyConstraint("job", name=op.f("pk_schedule_entries")),
        sa.CheckConstraint("every_seconds > 0", name=op.f("ck_schedule_entries_interval_positive")),
    )
    op.create_table(
        "worker_heartbeats",
        sa.Column("process", sa.Text(), nullable=False),
        sa.Column("duty", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("process", name=op.f("pk_worker_heartbeats")),
    )


def downgrade() -> None:
    op.drop_table("worker_heartbeats")
    op.drop_table("schedule_entries")
    op.drop_table("promised_jobs")

"""Outgoing messages."""

import sqlalchemy as sa
from alembic import op

revision = "0004_notifications"
down_revision = "0003_audit"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "messages",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("dedupe", sa.Text(), nullable=False),
        sa.Column("channel", sa.String(40), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=False),
        sa.Column("template_values", sa.LargeBinary()),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("sends_count", sa.Integer(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True)),
        sa.Column("sent_at", sa.DateTime(timezone=True)),
        sa.Column("failure", sa.Text()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
        sa.UniqueConstraint("dedupe", name=op.f("uq_messages_dedupe")),
        sa.CheckConstraint("channel IN ('email', 'sms')", name=op.f("ck_messages_channel")),
        sa.CheckConstraint("state IN ('queued', 'sent', 'failed')", name=op.f("ck_messages_message_state")),
        sa.CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name=op.f("ck_messages_sent_when")),
        sa.CheckConstraint(
            "state <> 'queued' OR template_values IS NOT NULL", name=op.f("ck_messages_queued_with_values")
        ),
    )
    op.create_index(op.f("ix_messages_subject"), "messages", ["subject_kind", "subject_id", "id"])


def downgrade() -> None:
    op.drop_table("messages")

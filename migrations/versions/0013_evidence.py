"""Letters: in the print queue, and whose code they carry"""

import sqlalchemy as sa
from alembic import op

revision = "0013_evidence"
down_revision = "0011_intake"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.drop_constraint(op.f("ck_messages_channel"), "messages", type_="check")
    op.create_check_constraint(op.f("ck_messages_channel"), "messages", "channel IN ('email', 'sms', 'letter')")
    op.create_table(
        "posted_letters",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("account_version", sa.Integer(), nullable=False),
        sa.Column("address_since", moment, nullable=False),
        sa.Column("posted_at", moment, nullable=False),
        sa.Column("expires_at", moment, nullable=False),
        sa.Column("used_at", moment, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posted_letters")),
    )
    op.create_index("ix_posted_letters_account_id", "posted_letters", ["account_id", "id"])


def downgrade() -> None:
    op.drop_table("posted_letters")
    op.execute("DELETE FROM messages WHERE channel = 'letter'")
    op.drop_constraint(op.f("ck_messages_channel"), "messages", type_="check")
    op.create_check_constraint(op.f("ck_messages_channel"), "messages", "channel IN ('email', 'sms')")

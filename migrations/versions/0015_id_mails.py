"""What agents record of ID-checked mail"""

import sqlalchemy as sa
from alembic import op

revision = "0015_id_mails"
down_revision = "0014_own_proofs"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "id_mails",
        sa.Column("challenge_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("tracking_number", sa.LargeBinary(), nullable=False),
        sa.Column(
            "result",
            sa.Enum(
                "delivered",
                "returned",
                name="id_mail_result",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", moment, nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", moment, nullable=True),
        sa.Column("approved", sa.Boolean(), nullable=True),
        sa.CheckConstraint("decided_by IS NULL OR decided_by <> recorded_by", name=op.f("ck_id_mails_two_agents")),
        sa.ForeignKeyConstraint(
            ["challenge_id"],
            ["challenges.id"],
            name=op.f("fk_id_mails_challenge_id_challenges"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("challenge_id", name=op.f("pk_id_mails")),
    )


def downgrade() -> None:
    op.drop_table("id_mails")

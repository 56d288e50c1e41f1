"""Saved codes, authenticators, the second step of a sign-in"""

import sqlalchemy as sa
from alembic import op

revision = "0014_own_proofs"
down_revision = "0012_quiz"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "authenticators",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=True),
        sa.Column("waiting_secret", sa.LargeBinary(), nullable=True),
        sa.Column("last_step", sa.BigInteger(), nullable=True),
        sa.Column("confirmed_at", moment, nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["customers.id"], name=op.f("fk_authenticators_account_id_customers")
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_authenticators")),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("selector", sa.LargeBinary(), nullable=False),
        sa.Column("code_hash", sa.Text(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("used_at", moment, nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["customers.id"], name=op.f("fk_recovery_codes_account_id_customers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_codes")),
        sa.UniqueConstraint("account_id", "selector", name=op.f("uq_recovery_codes_account_id_selector")),
    )
    op.create_table(
        "sign_in_steps",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("account_version", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("sms_sent", sa.Boolean(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("expires_at", moment, nullable=False),
        sa.Column("used_at", moment, nullable=True),
        sa.CheckConstraint("tries >= 0 AND tries <= 5", name=op.f("ck_sign_in_steps_tries")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["customers.id"], name=op.f("fk_sign_in_steps_account_id_customers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_steps")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sign_in_steps_token_hash")),
    )
    op.create_index(op.f("ix_sign_in_steps_account_id"), "sign_in_steps", ["account_id"])


def downgrade() -> None:
    op.drop_table("sign_in_steps")
    op.drop_table("recovery_codes")
    op.drop_table("authenticators")

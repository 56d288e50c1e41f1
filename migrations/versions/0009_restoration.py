"""Restorations: plans, actions, and the stored value to be kept."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009_restoration"
down_revision = "0008_verification"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "restorations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("mode", sa.String(40), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("reset_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reset_groups", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("channel_replaced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("mode IN ('restore', 'carry_over')", name=op.f("ck_restorations_mode")),
        sa.CheckConstraint(
            "state IN ('planned', 'in_progress', 'restored', 'contested')",
            name=op.f("ck_restorations_restoration_state"),
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], ondelete="CASCADE", name=op.f("fk_restorations_ticket_id_tickets")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_restorations")),
        sa.UniqueConstraint("ticket_id", name=op.f("uq_restorations_ticket_id")),
    )
    op.create_index(op.f("ix_restorations_account_id"), "restorations", ["account_id"])
    op.create_table(
        "restoration_actions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("restoration_id", sa.Uuid(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("new_email", sa.LargeBinary(), nullable=True),
        sa.Column("new_password_hash", sa.LargeBinary(), nullable=True),
        sa.Column("challenge_id", sa.Uuid(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("grant_id", sa.Uuid(), nullable=True),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stop_hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('planned', 'on_hold', 'applied', 'cancelled', 'expired')",
            name=op.f("ck_restoration_actions_action_state"),
        ),
        sa.CheckConstraint(
            "(state = 'applied') = (applied_at IS NOT NULL)", name=op.f("ck_restoration_actions_applied_has_time")
        ),
        sa.CheckConstraint(
            "state <> 'on_hold' OR (not_before IS NOT NULL)", name=op.f("ck_restoration_actions_hold_has_end")
        ),
        sa.CheckConstraint(
            "applied_at IS NULL OR applied_at >= not_before",
            name=op.f("ck_restoration_actions_not_before_its_time"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('on_hold', 'applied') OR grant_id IS NOT NULL",
            name=op.f("ck_restoration_actions_has_grant"),
        ),
        sa.ForeignKeyConstraint(
            ["restoration_id"],
            ["restorations.id"],
            ondelete="CASCADE",
            name=op.f("fk_restoration_actions_restoration_id_restorations"),
        ),
        sa.ForeignKeyConstraint(["grant_id"], ["grants.id"], name=op.f("fk_restoration_actions_grant_id_grants")),
        sa.ForeignKeyConstraint(
            ["challenge_id"], ["challenges.id"], name=op.f("fk_restoration_actions_challenge_id_challenges")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_restoration_actions")),
        sa.UniqueConstraint("stop_hash", name=op.f("uq_restoration_actions_stop_hash")),
    )
    op.create_index(
        "uq_restoration_actions_live",
        "restoration_actions",
        ["restoration_id", "action", "part"],
        unique=True,
        postgresql_where=sa.text("state IN ('planned', 'on_hold')"),
    )
    op.create_table(
        "restoration_entitlements",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("restoration_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("expected", postgresql.JSONB(), nullable=False),
        sa.Column("actual", postgresql.JSONB(), nullable=True),
        sa.Column("difference", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("compared_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind IN ('gift_balance', 'points', 'prime')", name=op.f("ck_restoration_entitlements_kind")
        ),
        sa.CheckConstraint(
            "state IN ('pending', 'matched', 'adjusted', 'mismatch')",
            name=op.f("ck_restoration_entitlements_entitlement_state"),
        ),
        sa.ForeignKeyConstraint(
            ["restoration_id"],
            ["restorations.id"],
            ondelete="CASCADE",
            name=op.f("fk_restoration_entitlements_restoration_id_restorations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_restoration_entitlements")),
        sa.UniqueConstraint(
            "restoration_id", "kind", name=op.f("uq_restoration_entitlements_restoration_id_kind")
        ),
    )


def downgrade() -> None:
    op.drop_table("restoration_entitlements")
    op.drop_table("restoration_actions")
    op.drop_table("restorations")

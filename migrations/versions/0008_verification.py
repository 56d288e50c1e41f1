"""Challenges, what was shown, grants, accounts in dispute"""

import sqlalchemy as sa
from alembic import op

revision = "0008_verification"
down_revision = "0007_tickets"
branch_labels = None
depends_on = None

KINDS = (
    "email_code",
    "sms_code",
    "spoken_code",
    "letter_code",
    "recovery_code",
    "totp",
    "order_recall",
    "order_quiz",
    "id_mail",
)


def _words(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "challenges",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("kind", _words("challenge_kind", *KINDS), nullable=False),
        sa.Column("purpose", _words("challenge_purpose", "identify", "reset", "confirm_channel"), nullable=False),
        sa.Column(
            "state",
            _words("challenge_state", "preparing", "ready", "answered", "accepted", "dead"),
            nullable=False,
        ),
        sa.Column("asked_count", sa.Integer(), nullable=False),
        sa.Column("asked_at", moment, nullable=False),
        sa.Column("ready_at", moment, nullable=True),
        sa.Column("expires_at", moment, nullable=True),
        sa.Column("send_number", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("code_expires_at", moment, nullable=True),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("account_version", sa.Integer(), nullable=True),
        sa.Column("channel_since", moment, nullable=True),
        sa.Column("set_by_desk", sa.Boolean(), nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=True),
        sa.Column("facts", sa.LargeBinary(), nullable=True),
        sa.Column("answered_at", moment, nullable=True),
        sa.Column("agent_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("updated_at", moment, nullable=False),
        sa.CheckConstraint("tries >= 0 AND tries <= 5", name=op.f("ck_challenges_tries")),
        sa.CheckConstraint("send_number >= 0", name=op.f("ck_challenges_send_number")),
        sa.CheckConstraint("state <> 'ready' OR expires_at IS NOT NULL", name=op.f("ck_challenges_ready_expires")),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_challenges_ticket_id_tickets"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_challenges")),
    )
    op.create_index("ix_challenges_ticket_id", "challenges", ["ticket_id", "id"])
    op.create_index(
        "uq_challenges_running",
        "challenges",
        ["ticket_id", "kind", "purpose"],
        unique=True,
        postgresql_where=sa.text("state IN ('preparing', 'ready')"),
    )
    op.create_table(
        "evidence_items",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("challenge_id", sa.Uuid(), nullable=True),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("evidence_group", _words("evidence_group", "END", "TEL", "OFF", "POST", "MEM"), nullable=False),
        sa.Column("kind", _words("challenge_kind", *KINDS), nullable=False),
        sa.Column("bits", sa.Numeric(6, 3), nullable=True),
        sa.Column("channel_since", moment, nullable=True),
        sa.Column("set_by_desk", sa.Boolean(), nullable=False),
        sa.Column("passed_at", moment, nullable=False),
        sa.CheckConstraint(
            "(evidence_group = 'MEM') = (bits IS NOT NULL)", name=op.f("ck_evidence_items_bits_of_history")
        ),
        sa.ForeignKeyConstraint(
            ["challenge_id"],
            ["challenges.id"],
            name=op.f("fk_evidence_items_challenge_id_challenges"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_evidence_items_ticket_id_tickets"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_items")),
        sa.UniqueConstraint("challenge_id", name=op.f("uq_evidence_items_challenge_id")),
    )
    op.create_index("ix_evidence_items_ticket_id", "evidence_items", ["ticket_id", "id"])
    op.create_index(op.f("ix_evidence_items_account_id"), "evidence_items", ["account_id"])
    op.create_table(
        "grants",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("account_version", sa.Integer(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("groups", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("value_tier", sa.Text(), nullable=False),
        sa.Column("hold_seconds", sa.Integer(), nullable=False),
        sa.Column("not_before", moment, nullable=False),
        sa.Column("expires_at", moment, nullable=False),
        sa.Column("policy_version", sa.Text(), nullable=False),
        sa.Column("approvers", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("mac", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("consumed_at", moment, nullable=True),
        sa.CheckConstraint("not_before < expires_at", name=op.f("ck_grants_usable")),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_grants_ticket_id_tickets"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grants")),
    )
    op.create_index("ix_grants_ticket_id", "grants", ["ticket_id", "id"])
    op.create_index("ix_grants_account_id", "grants", ["account_id", "action"])
    op.create_table(
        "contested_accounts",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("since", moment, nullable=False),
        sa.Column("settled_at", moment, nullable=True),
        sa.ForeignKeyConstraint(
            ["ticket_id"],
            ["tickets.id"],
            name=op.f("fk_contested_accounts_ticket_id_tickets"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_contested_accounts")),
    )


def downgrade() -> None:
    op.drop_table("contested_accounts")
    op.drop_table("grants")
    op.drop_table("evidence_items")
    op.drop_table("challenges")

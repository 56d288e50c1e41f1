"""Tickets, their messages, their moves and the keys they are found by."""

import sqlalchemy as sa
from alembic import op

revision = "0007_tickets"
down_revision = "0006_accounts"
branch_labels = None
depends_on = None

_STATUSES = ("new", "open", "pending", "on_hold", "solved", "closed")
_HANDS = ("claimant", "agent", "desk")
_ISSUES = (
    "forgot_password",
    "forgot_email",
    "email_unreachable",
    "two_step_unavailable",
    "account_locked",
    "other_sign_in",
)


def _one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def _at(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "tickets",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("issue", _one_of("issue", *_ISSUES), nullable=False),
        sa.Column("status", _one_of("status", *_STATUSES), nullable=False),
        sa.Column("channel", _one_of("ticket_channel", "web", "phone", "api", "assistant"), nullable=False),
        sa.Column("language", _one_of("ticket_language", "ja", "en"), nullable=False),
        sa.Column("contact_name", sa.LargeBinary(), nullable=True),
        sa.Column("contact_name_kana", sa.LargeBinary(), nullable=True),
        sa.Column("contact_email", sa.LargeBinary(), nullable=True),
        sa.Column("contact_phone", sa.LargeBinary(), nullable=True),
        sa.Column("claimed_email", sa.LargeBinary(), nullable=True),
        sa.Column("claimed_phone", sa.LargeBinary(), nullable=True),
        sa.Column("claimed_postal_code", sa.LargeBinary(), nullable=True),
        sa.Column("claimed_order_number", sa.LargeBinary(), nullable=True),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("account_ref", sa.Text(), nullable=True),
        sa.Column("linked_account_refs", sa.ARRAY(sa.Text()), nullable=False),
        _at("resolved_at", nullable=True),
        sa.Column("budget_key", sa.LargeBinary(), nullable=True),
        sa.Column("filed_behind_id", sa.Uuid(), nullable=True),
        sa.Column("over_budget", sa.Boolean(), nullable=False),
        sa.Column("value_at_risk_yen", sa.BigInteger(), nullable=True),
        sa.Column("value_tier", sa.Text(), nullable=True),
        sa.Column("priority", sa.SmallInteger(), nullable=False),
        sa.Column("priority_fixed", sa.Boolean(), nullable=False),
        sa.Column("tags", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("assignee_id", sa.Uuid(), nullable=True),
        _at("first_replied_at", nullable=True),
        _at("solved_at", nullable=True),
        _at("closed_at", nullable=True),
        _at("created_at"),
        _at("updated_at"),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("priority BETWEEN 0 AND 100", name=op.f("ck_tickets_priority_range")),
        sa.CheckConstraint(
            "(status = 'closed') = (closed_at IS NOT NULL)", name=op.f("ck_tickets_closed_has_time")
        ),
        sa.CheckConstraint("value_at_risk_yen >= 0", name=op.f("ck_tickets_value_not_negative")),
        sa.ForeignKeyConstraint(
            ["assignee_id"], ["agents.id"], name=op.f("fk_tickets_assignee_id_agents"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["filed_behind_id"],
            ["tickets.id"],
            name=op.f("fk_tickets_filed_behind_id_tickets"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tickets")),
        sa.UniqueConstraint("reference", name=op.f("uq_tickets_reference")),
    )
    newest = [sa.text("created_at DESC"), sa.text("id DESC")]
    op.create_index(
        "ix_tickets_status_priority", "tickets", ["status", sa.text("priority DESC"), "created_at", "id"]
    )
    op.create_index(
        "ix_tickets_unassigned",
        "tickets",
        [sa.text("priority DESC"), "created_at", "id"],
        postgresql_where=sa.text("assignee_id IS NULL AND status IN ('new', 'open')"),
    )
    op.create_index("ix_tickets_created", "tickets", newest)
    op.create_index("ix_tickets_updated", "tickets", [sa.text("updated_at DESC"), sa.text("id DESC")])
    op.create_index("ix_tickets_assignee", "tickets", ["assignee_id", "status"])
    op.create_index(
        "ix_tickets_account", "tickets", ["account_id"], postgresql_where=sa.text("account_id IS NOT NULL")
    )
    op.create_index("ix_tickets_solved", "tickets", ["solved_at"], postgresql_where=sa.text("status = 'solved'"))
    op.create_index(
        "ix_tickets_filed_behind",
        "tickets",
        ["filed_behind_id"],
        postgresql_where=sa.text("filed_behind_id IS NOT NULL"),
    )
    op.create_table(
        "ticket_messages",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("visibility", _one_of("visibility", "public", "internal"), nullable=False),
        sa.Column("author_kind", _one_of("author", *_HANDS), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        _at("created_at"),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_ticket_messages_ticket_id_tickets"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_messages")),
    )
    op.create_index("ix_ticket_messages_ticket", "ticket_messages", ["ticket_id", "created_at", "id"])
    op.create_table(
        "ticket_moves",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("from_status", sa.Text(), nullable=True),
        sa.Column("to_status", _one_of("status", *_STATUSES), nullable=False),
        sa.Column("mover_kind", _one_of("mover", *_HANDS), nullable=False),
        sa.Column("mover_id", sa.Uuid(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        _at("created_at"),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_ticket_moves_ticket_id_tickets"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_moves")),
    )
    op.create_index("ix_ticket_moves_ticket", "ticket_moves", ["ticket_id", "created_at", "id"])
    op.create_table(
        "ticket_keys",
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("kind", _one_of("key_kind", "email", "phone"), nullable=False),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_ticket_keys_ticket_id_tickets"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("ticket_id", "key", name=op.f("pk_ticket_keys")),
    )
    op.create_index("ix_ticket_keys_key", "ticket_keys", ["key", "ticket_id"])


def downgrade() -> None:
    op.drop_table("ticket_keys")
    op.drop_table("ticket_moves")
    op.drop_table("ticket_messages")
    op.drop_table("tickets")

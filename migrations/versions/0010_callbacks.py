"""Callbacks, the seats they hold, the attempts made."""

import sqlalchemy as sa
from alembic import op

revision = "0010_callbacks"
down_revision = "0009_restoration"
branch_labels = None
depends_on = None

STATES = (
    "scheduled",
    "due",
    "offered",
    "dialling",
    "needs_review",
    "retry_scheduled",
    "done",
    "exhausted",
    "unreachable",
    "cancelled",
)
ENDED = "'done', 'exhausted', 'unreachable', 'cancelled'"


def _words(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def _instant(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "callbacks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("state", _words("state", *STATES), nullable=False),
        sa.Column("language", _words("callback_language", "ja", "en"), nullable=False),
        _instant("slot_start"),
        _instant("slot_end"),
        sa.Column("number_kind", _words("number_kind", "on_file", "given"), nullable=False),
        sa.Column("number", sa.LargeBinary(), nullable=True),
        _instant("consent_at"),
        sa.Column("turn", sa.Integer(), nullable=False),
        _instant("due_at"),
        _instant("became_due_at", nullable=True),
        sa.Column("lease_agent_id", sa.Uuid(), nullable=True),
        _instant("lease_until", nullable=True),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.Column("attempts_count", sa.SmallInteger(), nullable=False),
        _instant("ended_at", nullable=True),
        _instant("created_at"),
        _instant("updated_at"),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(number_kind = 'given') = (number IS NOT NULL)", name=op.f("ck_callbacks_given_has_number")
        ),
        sa.CheckConstraint(
            "(state IN ('offered', 'dialling')) = (lease_agent_id IS NOT NULL)"
            " AND (lease_agent_id IS NULL) = (lease_until IS NULL)",
            name=op.f("ck_callbacks_leased_in_hand"),
        ),
        sa.CheckConstraint(
            f"(state IN ({ENDED})) = (ended_at IS NOT NULL)", name=op.f("ck_callbacks_ended_has_time")
        ),
        sa.CheckConstraint("slot_end > slot_start", name=op.f("ck_callbacks_slot_order")),
        sa.CheckConstraint("attempts_count BETWEEN 0 AND 3", name=op.f("ck_callbacks_attempts_range")),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_callbacks_ticket_id_tickets"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["lease_agent_id"],
            ["agents.id"],
            name=op.f("fk_callbacks_lease_agent_id_agents"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_callbacks")),
    )
    op.create_index(
        "uq_callbacks_active_ticket",
        "callbacks",
        ["ticket_id"],
        unique=True,
        postgresql_where=sa.text(f"state NOT IN ({ENDED})"),
    )
    op.create_index(
        "uq_callbacks_lease_agent",
        "callbacks",
        ["lease_agent_id"],
        unique=True,
        postgresql_where=sa.text("lease_agent_id IS NOT NULL"),
    )
    op.create_index(
        "ix_callbacks_claimable",
        "callbacks",
        ["due_at", "id"],
        postgresql_where=sa.text("state IN ('due', 'offered')"),
    )
    op.create_index("ix_callbacks_state_due_at", "callbacks", ["state", "due_at", "id"])
    op.create_index("ix_callbacks_due_at", "callbacks", ["due_at", "id"])
    op.create_index("ix_callbacks_ticket_id", "callbacks", ["ticket_id"])
    op.create_table(
        "callback_seats",
        _instant("slot_start"),
        sa.Column("seat_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("language", _words("callback_language", "ja", "en"), nullable=False),
        sa.Column("callback_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("seat_no >= 1", name=op.f("ck_callback_seats_numbered_from_one")),
        sa.ForeignKeyConstraint(
            ["callback_id"],
            ["callbacks.id"],
            name=op.f("fk_callback_seats_callback_id_callbacks"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("slot_start", "seat_no", name=op.f("pk_callback_seats")),
        sa.UniqueConstraint("callback_id", name=op.f("uq_callback_seats_callback_id")),
    )
    op.create_table(
        "callback_attempts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("callback_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("agent_id", sa.Uuid(), nullable=False),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        _instant("started_at"),
        sa.Column(
            "outcome",
            _words("outcome", "connected", "no_answer", "busy", "wrong_person", "failed"),
            nullable=True,
        ),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        _instant("ended_at", nullable=True),
        _instant("created_at"),
        _instant("updated_at"),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(outcome IS NULL) = (ended_at IS NULL)", name=op.f("ck_callback_attempts_outcome_has_time")
        ),
        sa.CheckConstraint("number BETWEEN 1 AND 3", name=op.f("ck_callback_attempts_number_range")),
        sa.ForeignKeyConstraint(
            ["callback_id"],
            ["callbacks.id"],
            name=op.f("fk_callback_attempts_callback_id_callbacks"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agents.id"], name=op.f("fk_callback_attempts_agent_id_agents"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_callback_attempts")),
        sa.UniqueConstraint("callback_id", "number", name=op.f("uq_callback_attempts_callback_id_number")),
    )
    op.create_index(
        "uq_callback_attempts_open",
        "callback_attempts",
        ["callback_id"],
        unique=True,
        postgresql_where=sa.text("outcome IS NULL"),
    )
    op.create_index("ix_callback_attempts_agent_id", "callback_attempts", ["agent_id"])


def downgrade() -> None:
    op.drop_table("callback_attempts")
    op.drop_table("callback_seats")
    op.drop_table("callbacks")

"""The order quiz: the catalogue its tiles come from, and what was shown in each attempt."""

import sqlalchemy as sa
from alembic import op

revision = "0012_quiz"
down_revision = "0013_evidence"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "catalogue_titles",
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("least_yen", sa.BigInteger(), nullable=False),
        sa.Column("price_yen", sa.BigInteger(), nullable=False),
        sa.Column("most_yen", sa.BigInteger(), nullable=False),
        sa.Column("first_sold_on", sa.Date(), nullable=False),
        sa.Column("last_sold_on", sa.Date(), nullable=False),
        sa.Column("buyers_count", sa.BigInteger(), nullable=False),
        sa.Column("price_band", sa.SmallInteger(), nullable=False),
        sa.Column("popularity_band", sa.SmallInteger(), nullable=False),
        sa.Column("sensitive", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "least_yen <= price_yen AND price_yen <= most_yen", name=op.f("ck_catalogue_titles_price_range")
        ),
        sa.CheckConstraint("first_sold_on <= last_sold_on", name=op.f("ck_catalogue_titles_sold")),
        sa.CheckConstraint("buyers_count > 0", name=op.f("ck_catalogue_titles_buyers_count")),
        sa.PrimaryKeyConstraint("title", name=op.f("pk_catalogue_titles")),
    )
    op.create_index(
        "ix_catalogue_titles_alike",
        "catalogue_titles",
        ["category", "price_band", "popularity_band"],
        postgresql_where=sa.text("NOT sensitive"),
    )
    op.create_table(
        "quiz_attempts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject_key", sa.LargeBinary(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "part",
            sa.Enum(
                "open",
                "reserved",
                "spent",
                name="quiz_part",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("ticket_id", sa.Uuid(), nullable=True),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("grids", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("number >= 1", name=op.f("ck_quiz_attempts_number")),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_quiz_attempts_ticket_id_tickets"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quiz_attempts")),
        sa.UniqueConstraint("subject_key", "number", name=op.f("uq_quiz_attempts_subject_key_number")),
    )
    op.create_index(op.f("ix_quiz_attempts_ticket_id"), "quiz_attempts", ["ticket_id"])
    op.create_index(op.f("ix_quiz_attempts_account_id"), "quiz_attempts", ["account_id"])
    op.add_column("challenges", sa.Column("quiz_attempt_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_challenges_quiz_attempt_id_quiz_attempts"),
        "challenges",
        "quiz_attempts",
        ["quiz_attempt_id"],
        ["id"],
        ondelete="SET NULL",
    )
    op.create_index(op.f("ix_challenges_quiz_attempt_id"), "challenges", ["quiz_attempt_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_challenges_quiz_attempt_id"), table_name="challenges")
    op.drop_constraint(op.f("fk_challenges_quiz_attempt_id_quiz_attempts"), "challenges", type_="foreignkey")
    op.drop_column("challenges", "quiz_attempt_id")
    op.drop_table("quiz_attempts")
    op.drop_table("catalogue_titles")

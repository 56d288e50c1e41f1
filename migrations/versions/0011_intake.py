"""Password resets, requests for a case's link, towns of postal codes."""

import sqlalchemy as sa
from alembic import op

revision = "0011_intake"
down_revision = "0010_callbacks"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "password_resets",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("challenge_id", sa.Uuid(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "asked",
                "proved",
                "done",
                name="reset_state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("proved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["challenge_id"],
            ["challenges.id"],
            name=op.f("fk_password_resets_challenge_id_challenges"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_password_resets_ticket_id_tickets"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_password_resets")),
        sa.UniqueConstraint("ticket_id", name=op.f("uq_password_resets_ticket_id")),
    )
    op.create_table(
        "case_link_requests",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("contact", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_link_requests")),
    )
    op.create_table(
        "postal_towns",
        sa.Column("postal_code", sa.Text(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("prefecture", sa.Text(), nullable=False),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("town", sa.Text(), nullable=False),
        sa.Column("prefecture_kana", sa.Text(), nullable=False),
        sa.Column("city_kana", sa.Text(), nullable=False),
        sa.Column("town_kana", sa.Text(), nullable=False),
        sa.CheckConstraint("postal_code ~ '^[0-9]{7}$'", name=op.f("ck_postal_towns_seven_digits")),
        sa.PrimaryKeyConstraint("postal_code", "position", name=op.f("pk_postal_towns")),
    )


def downgrade() -> None:
    op.drop_table("postal_towns")
    op.drop_table("case_link_requests")
    op.drop_table("password_resets")

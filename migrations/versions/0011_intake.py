"""intake"""

revision = "0011_intake"
down_revision = "0010_callbacks"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass

"""callbacks"""

revision = "0010_callbacks"
down_revision = "0009_restoration"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass

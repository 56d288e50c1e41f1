"""restoration"""

revision = "0009_restoration"
down_revision = "0008_verification"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass

"""verification"""

revision = "0008_verification"
down_revision = "0007_tickets"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass

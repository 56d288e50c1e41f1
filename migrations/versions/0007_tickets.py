"""tickets"""

revision = "0007_tickets"
down_revision = "0006_accounts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass

"""notifications"""

revision = "0004_notifications"
down_revision = "0003_audit"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass

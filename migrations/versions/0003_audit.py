"""audit"""

revision = "0003_audit"
down_revision = "0002_outbox"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass

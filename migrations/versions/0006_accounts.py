"""accounts"""

revision = "0006_accounts"
down_revision = "0005_agents"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass

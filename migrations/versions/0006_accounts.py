"""Customers, their orders and the ledger of what the shop keeps for them"""

import sqlalchemy as sa
from alembic import op

revision = "0006_accounts"
down_revision = "0005_agents"
branch_labels = None
depends_on = None

# Nothing of the journal changes once it is written.
REFUSE_CHANGE = """
CREATE FUNCTION ledger_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is append-only: % on %', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$
"""

# At commit: as many postings as the transaction announced, and a sum of zero in each unit.
CHECK_BALANCED = """
CREATE FUNCTION ledger_check_balanced() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    checked uuid;
BEGIN
    IF TG_TABLE_NAME = 'ledger_transactions' THEN
        checked := NEW.id;
    ELSE
        checked := NEW.transaction_id;
    END IF;
    IF EXISTS (
        SELECT FROM ledger_postings WHERE transaction_id = checked GROUP BY unit HAVING sum(amount) <> 0
    ) THEN
        RAISE EXCEPTION 'ledger transaction % does not sum to zero', checked
            USING ERRCODE = 'check_violation';
    END IF;
    IF (SELECT count(*) FROM ledger_postings WHERE transaction_id = checked)
        IS DISTINCT FROM (SELECT postings_count FROM ledger_transactions WHERE id = checked)
    THEN
        RAISE EXCEPTION 'ledger transaction % has other postings than it announced', checked
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$
"""

# The balances of customers follow the postings; the shop's own side is summed when asked for.
KEEP_BALANCE = """
CREATE FUNCTION ledger_keep_balance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE ledger_accounts SET balance = balance + moved.amount
    FROM (SELECT ledger_account_id, sum(amount) AS amount FROM posted GROUP BY ledger_account_id) AS moved
    WHERE ledger_accounts.id = moved.ledger_account_id AND ledger_accounts.account_id IS NOT NULL;
    RETURN NULL;
END $$
"""

# A balance begins at zero and is moved by the trigger on postings alone (then the depth is 2).
GUARD_ACCOUNT = """
CREATE FUNCTION ledger_guard_account() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' AND NEW.balance <> 0 THEN
        RAISE EXCEPTION 'a balance begins at zero' USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'UPDATE' AND (
        pg_trigger_depth() < 2
        OR (NEW.id, NEW.unit, NEW.account_id, NEW.house)
            IS DISTINCT FROM (OLD.id, OLD.unit, OLD.account_id, OLD.house)
    ) THEN
        RAISE EXCEPTION 'a balance moves only by postings' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$
"""

TRIGGERS = (
    """CREATE TRIGGER ledger_transactions_append_only BEFORE UPDATE OR DELETE ON ledger_transactions
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change()""",
    """CREATE TRIGGER ledger_transactions_no_truncate BEFORE TRUNCATE ON ledger_transactions
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change()""",
    """CREATE TRIGGER ledger_postings_append_only BEFORE UPDATE OR DELETE ON ledger_postings
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change()""",
    """CREATE TRIGGER ledger_postings_no_truncate BEFORE TRUNCATE ON ledger_postings
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change()""",
    """CREATE TRIGGER ledger_accounts_no_delete BEFORE DELETE ON ledger_accounts
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change()""",
    """CREATE TRIGGER ledger_accounts_no_truncate BEFORE TRUNCATE ON ledger_accounts
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change()""",
    """CREATE TRIGGER ledger_accounts_guard BEFORE INSERT OR UPDATE ON ledger_accounts
    FOR EACH ROW EXECUTE FUNCTION ledger_guard_account()""",
    """CREATE TRIGGER ledger_postings_balance AFTER INSERT ON ledger_postings REFERENCING NEW TABLE AS posted
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_keep_balance()""",
    """CREATE CONSTRAINT TRIGGER ledger_postings_balanced AFTER INSERT ON ledger_postings
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_check_balanced()""",
    """CREATE CONSTRAINT TRIGGER ledger_transactions_balanced AFTER INSERT ON ledger_transactions
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_check_balanced()""",
)


def upgrade() -> None:
    op.create_table(
        "customers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=True),
        sa.Column("name_kana", sa.LargeBinary(), nullable=True),
        sa.Column("name_mac", sa.LargeBinary(), nullable=True),
        sa.Column("kana_mac", sa.LargeBinary(), nullable=True),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_version", sa.Integer(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("password_set_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("two_step", sa.Boolean(), nullable=False),
        sa.Column("has_payment_method", sa.Boolean(), nullable=True),
        sa.Column("open_refunds_yen", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("suspended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("account_version >= 1", name=op.f("ck_customers_account_version")),
        sa.CheckConstraint("open_refunds_yen >= 0", name=op.f("ck_customers_open_refunds_yen")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customers")),
        sa.UniqueConstraint("public_id", name=op.f("uq_customers_public_id")),
    )
    op.create_index(op.f("ix_customers_name_mac"), "customers", ["name_mac"], unique=False)
    op.create_table(
        "ledger_transactions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "opening",
                "spending",
                "grant",
                "adjustment",
                "carry_over",
                "reversal",
                name="transaction_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("reverses_id", sa.Uuid(), nullable=True),
        sa.Column("postings_count", sa.Integer(), nullable=False),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(kind = 'reversal') = (reverses_id IS NOT NULL)", name=op.f("ck_ledger_transactions_reversal")
        ),
        sa.CheckConstraint("postings_count >= 2", name=op.f("ck_ledger_transactions_postings_count")),
        sa.ForeignKeyConstraint(
            ["reverses_id"],
            ["ledger_transactions.id"],
            name=op.f("fk_ledger_transactions_reverses_id_ledger_transactions"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_transactions")),
        sa.UniqueConstraint("key", name=op.f("uq_ledger_transactions_key")),
        sa.UniqueConstraint("reverses_id", name=op.f("uq_ledger_transactions_reverses_id")),
    )
    op.create_table(
        "order_amount_counts",
        sa.Column("amount_yen", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("orders_count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("amount_yen", name=op.f("pk_order_amount_counts")),
    )
    op.create_table(
        "order_day_counts",
        sa.Column("placed_on", sa.Date(), nullable=False),
        sa.Column("orders_count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("placed_on", name=op.f("pk_order_day_counts")),
    )
    op.create_table(
        "order_word_counts",
        sa.Column("word", sa.Text(), nullable=False),
        sa.Column("orders_count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("word", name=op.f("pk_order_word_counts")),
    )
    op.create_table(
        "account_commands",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("verb", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("version_after", sa.Integer(), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["customers.id"], name=op.f("fk_account_commands_account_id_customers")
        ),
        sa.PrimaryKeyConstraint("key", "verb", name=op.f("pk_account_commands")),
    )
    op.create_index(op.f("ix_account_commands_account_id"), "account_commands", ["account_id"], unique=False)
    op.create_table(
        "account_restrictions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column(
            "part",
            sa.Enum(
                "spend",
                "change",
                name="restricted_part",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lift_with", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["customers.id"], name=op.f("fk_account_restrictions_account_id_customers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_restrictions")),
    )
    op.create_index("ix_account_restrictions_account_id", "account_restrictions", ["account_id"], unique=False)
    op.create_index(
        "uq_account_restrictions_open",
        "account_restrictions",
        ["account_id", "part"],
        unique=True,
        postgresql_where=sa.text("lifted_at IS NULL"),
    )
    op.create_table(
        "account_sessions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["customers.id"], name=op.f("fk_account_sessions_account_id_customers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_sessions")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_account_sessions_token_hash")),
    )
    op.create_index(op.f("ix_account_sessions_account_id"), "account_sessions", ["account_id"], unique=False)
    op.create_table(
        "customer_addresses",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("postal_code", sa.LargeBinary(), nullable=True),
        sa.Column("prefecture", sa.Text(), nullable=True),
        sa.Column("lines", sa.LargeBinary(), nullable=True),
        sa.Column("address_mac", sa.LargeBinary(), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "NOT is_current OR left_at IS NULL", name=op.f("ck_customer_addresses_current_has_not_left")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["customers.id"], name=op.f("fk_customer_addresses_account_id_customers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_addresses")),
    )
    op.create_index(op.f("ix_customer_addresses_account_id"), "customer_addresses", ["account_id"], unique=False)
    op.create_index(op.f("ix_customer_addresses_address_mac"), "customer_addresses", ["address_mac"], unique=False)
    op.create_index(
        "uq_customer_addresses_current",
        "customer_addresses",
        ["account_id"],
        unique=True,
        postgresql_where=sa.text("is_current"),
    )
    op.create_table(
        "customer_channels",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("email", "phone", name="channel_kind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "current",
                "former",
                name="channel_state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("address", sa.LargeBinary(), nullable=True),
        sa.Column("mac", sa.LargeBinary(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("set_by_desk", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state = 'former' OR left_at IS NULL", name=op.f("ck_customer_channels_current_has_not_left")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["customers.id"], name=op.f("fk_customer_channels_account_id_customers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_channels")),
    )
    op.create_index("ix_customer_channels_account_id", "customer_channels", ["account_id"], unique=False)
    op.create_index(
        "uq_customer_channels_current",
        "customer_channels",
        ["account_id", "kind"],
        unique=True,
        postgresql_where=sa.text("state = 'current'"),
    )
    op.create_index(
        "uq_customer_channels_email",
        "customer_channels",
        ["mac"],
        unique=True,
        postgresql_where=sa.text("kind = 'email' AND state = 'current'"),
    )
    op.create_index(
        "uq_customer_channels_phone",
        "customer_channels",
        ["mac"],
        unique=True,
        postgresql_where=sa.text("kind = 'phone' AND state = 'current' AND confirmed_at IS NOT NULL"),
    )
    op.create_table(
        "customer_identifiers",
        sa.Column(
            "kind",
            sa.Enum(
                "email",
                "phone",
                "name",
                "postal_code",
                "order_number",
                name="identifier_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("mac", sa.LargeBinary(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("former", sa.Boolean(), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["customers.id"], name=op.f("fk_customer_identifiers_account_id_customers")
        ),
        sa.PrimaryKeyConstraint("kind", "mac", "account_id", name=op.f("pk_customer_identifiers")),
    )
    op.create_index("ix_customer_identifiers_account_id", "customer_identifiers", ["account_id"], unique=False)
    op.create_table(
        "ledger_accounts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column(
            "house",
            sa.Enum(
                "opening",
                "sales",
                "goodwill",
                name="house",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column(
            "unit",
            sa.Enum(
                "JPY", "POINT", "PRIME_DAY", name="unit", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("balance", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("(account_id IS NULL) <> (house IS NULL)", name=op.f("ck_ledger_accounts_one_owner")),
        sa.CheckConstraint(
            "(account_id IS NULL) = (balance IS NULL)", name=op.f("ck_ledger_accounts_balance_of_customers")
        ),
        sa.CheckConstraint("balance >= 0", name=op.f("ck_ledger_accounts_balance")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["customers.id"], name=op.f("fk_ledger_accounts_account_id_customers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_accounts")),
        sa.UniqueConstraint("account_id", "unit", name=op.f("uq_ledger_accounts_account_id_unit")),
        sa.UniqueConstraint("house", "unit", name=op.f("uq_ledger_accounts_house_unit")),
        sa.UniqueConstraint("id", "unit", name=op.f("uq_ledger_accounts_id_unit")),
    )
    op.create_table(
        "orders",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("order_number", sa.Text(), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("placed_on", sa.Date(), nullable=False),
        sa.Column("amount_yen", sa.BigInteger(), nullable=False),
        sa.Column("gift_card_yen", sa.BigInteger(), nullable=False),
        sa.Column("payment_methods", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "processing",
                "shipped",
                "delivered",
                "returned",
                "cancelled",
                name="order_status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.CheckConstraint("amount_yen >= 0", name=op.f("ck_orders_amount_yen")),
        sa.CheckConstraint("gift_card_yen >= 0", name=op.f("ck_orders_gift_card_yen")),
        sa.ForeignKeyConstraint(["account_id"], ["customers.id"], name=op.f("fk_orders_account_id_customers")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orders")),
        sa.UniqueConstraint("order_number", name=op.f("uq_orders_order_number")),
    )
    op.create_index("ix_orders_account_id_placed_on", "orders", ["account_id", "placed_on"], unique=False)
    op.create_table(
        "prime_memberships",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "none",
                "trial",
                "active",
                "cancelled",
                name="prime_status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("plan", sa.Text(), nullable=True),
        sa.Column("started_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "status IN ('none', 'cancelled') OR started_on IS NOT NULL",
            name=op.f("ck_prime_memberships_started_on"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["customers.id"], name=op.f("fk_prime_memberships_account_id_customers")
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_prime_memberships")),
    )
    op.create_table(
        "ledger_postings",
        sa.Column("transaction_id", sa.Uuid(), nullable=False),
        sa.Column("ledger_account_id", sa.Uuid(), nullable=False),
        sa.Column(
            "unit",
            sa.Enum(
                "JPY", "POINT", "PRIME_DAY", name="unit", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount <> 0", name=op.f("ck_ledger_postings_amount")),
        sa.ForeignKeyConstraint(
            ["ledger_account_id", "unit"],
            ["ledger_accounts.id", "ledger_accounts.unit"],
            name=op.f("fk_ledger_postings_ledger_account_id_unit_ledger_accounts"),
        ),
        sa.ForeignKeyConstraint(
            ["transaction_id"],
            ["ledger_transactions.id"],
            name=op.f("fk_ledger_postings_transaction_id_ledger_transactions"),
        ),
        sa.PrimaryKeyConstraint("transaction_id", "ledger_account_id", name=op.f("pk_ledger_postings")),
    )
    op.create_index("ix_ledger_postings_ledger_account_id", "ledger_postings", ["ledger_account_id"], unique=False)
    op.create_table(
        "order_items",
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("item", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.CheckConstraint("coalesce(title, item, category) IS NOT NULL", name=op.f("ck_order_items_described")),
        sa.CheckConstraint("quantity >= 0", name=op.f("ck_order_items_quantity")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_items_order_id_orders")),
        sa.PrimaryKeyConstraint("order_id", "position", name=op.f("pk_order_items")),
    )

    for statement in (REFUSE_CHANGE, CHECK_BALANCED, KEEP_BALANCE, GUARD_ACCOUNT, *TRIGGERS):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("order_items")
    op.drop_table("ledger_postings")
    op.drop_table("prime_memberships")
    op.drop_table("orders")
    op.drop_table("ledger_accounts")
    op.drop_table("customer_identifiers")
    op.drop_table("customer_channels")
    op.drop_table("customer_addresses")
    op.drop_table("account_sessions")
    op.drop_table("account_restrictions")
    op.drop_table("account_commands")
    op.drop_table("order_word_counts")
    op.drop_table("order_day_counts")
    op.drop_table("order_amount_counts")
    op.drop_table("ledger_transactions")
    op.drop_table("customers")
    for name in ("refuse_change", "check_balanced", "keep_balance", "guard_account"):
        op.execute(f"DROP FUNCTION ledger_{name}()")

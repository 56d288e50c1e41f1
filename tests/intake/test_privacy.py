"""What a claimant writes stays where it belongs."""

import sqlalchemy as sa

from tests.intake.forms import a_form, send

CANARIES = ("Canaryname", "canary.mail", "9011112222", "canarytext", "CANARY-99", "9870001")
BARE_TABLES = (
    "audit_entries",
    "promised_jobs",
    "idempotency_records",
    "budgets",
    "password_resets",
    "ticket_keys",
)


def _everything(db_session, table: str) -> str:
    return str(db_session.execute(sa.text(f"SELECT to_jsonb(t) FROM {table} AS t")).scalars().all())


def test_nothing_personal_reaches_audit_jobs_budgets_or_idempotency_records(client, db_session, run_jobs, clock):
    form = a_form(
        contact={"name": "Canaryname", "email": "canary.mail@example.com", "phone": "+819011112222"},
        claimed={"email": "canary.mail@example.jp", "postal_code": "987-0001", "order_number": "CANARY-99"},
        description="canarytext",
    )
    case = send(client, form).get_json()
    client.post("/api/v1/password-resets", json={"identifier": "canary.mail@example.jp"})
    body = {"reference": case["reference"], "contact": "canary.mail@example.com"}
    client.post("/api/v1/case-links", json=body)
    run_jobs()
    clock.move(seconds=5)
    run_jobs()
    for table in BARE_TABLES:
        rows = _everything(db_session, table)
        for canary in (*CANARIES, case["access_token"]):
            assert canary not in rows, (table, canary)
    for table in ("tickets", "case_link_requests", "messages"):
        rows = _everything(db_session, table)
        for canary in CANARIES:
            assert canary not in rows, (table, canary)
            assert canary.encode().hex() not in rows, (table, canary)


def test_a_request_for_a_case_link_is_gone_once_it_is_decided(client, db_session, run_jobs, clock):
    client.post("/api/v1/case-links", json={"reference": "SD-0000-0000", "contact": "a@example.com"})
    assert _everything(db_session, "case_link_requests") != "[]"
    run_jobs()
    assert _everything(db_session, "case_link_requests") == "[]"

"""Contact forms for tests."""

from itertools import count
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

_keys = count()


def a_form(**changed: Any) -> dict[str, Any]:
    """A filled contact form."""
    return {
        "issue": "email_unreachable",
        "language": "ja",
        "contact": {"name": "山田 太郎", "name_kana": "ヤマダ タロウ", "email": "reach.me@example.com"},
        "claimed": {"email": "old@example.jp", "postal_code": "１２３−４５６７"},
        "description": "メールアドレスが使えなくなりました。",
        **changed,
    }


def send(client: FlaskClient, form: Any, *, key: str | None = None, **headers: str) -> TestResponse:
    """Send the form with a key of its own."""
    sent = {"Idempotency-Key": key or f"form-{next(_keys)}", **headers}
    return client.post("/api/v1/tickets", json=form, headers=sent)

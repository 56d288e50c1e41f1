"""Whoever may call the callback paths gets what the document says, whatever they send."""

import pytest
import schemathesis
from hypothesis import HealthCheck, settings

from support_desk.app import create_app
from support_desk.config import Settings
from support_desk.core.db import new_id
from tests.agents.people import a_token, an_agent
from tests.api.test_openapi import CHECKS
from tests.callbacks.bookings import a_call, a_colleague, put_on_shift
from tests.tickets.cases import a_case

SCOPES = ("callbacks.read", "callbacks.work", "callbacks.change")
DOCUMENT = create_app(Settings.from_environ({}, secret_key="x" * 40)).extensions["api"].spec.to_dict()
schema = schemathesis.openapi.from_dict(DOCUMENT).include(lambda context: "callback" in context.operation.path)


@pytest.fixture
def booked(db_session):
    """An agent's credential, a case and its call."""
    a_colleague()
    person = an_agent()
    put_on_shift(person.id)
    case = a_case()
    call = a_call(case.id).id
    credential = a_token(person, *SCOPES)
    db_session.commit()
    return credential, case, call


@schema.parametrize()
@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_paths_answer_as_documented(case, app, booked):
    credential, ticket, call = booked
    named = {"reference": ticket.reference, "callback_id": str(call)}
    case.path_parameters.update({name: value for name, value in named.items() if name in case.path_parameters})
    case.operation.schema.app = app
    headers = {"If-Match": '"1"', "Idempotency-Key": new_id().hex}
    headers |= credential if "/agent/" in case.path else ticket.headers
    case.call_and_validate(checks=CHECKS, headers=headers, app=app)

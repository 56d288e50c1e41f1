"""Whoever is signed in to the desk gets what the document says, whatever they send."""

import re

import pytest
import schemathesis
from hypothesis import HealthCheck, settings

from support_desk.agents import shifts_service, sign_in_service
from support_desk.app import create_app
from support_desk.config import Settings
from support_desk.core.db import new_id
from tests.agents.people import an_agent
from tests.api.test_openapi import CHECKS
from tests.tickets.cases import a_case

OURS = re.compile(r"/agent/(sessions|me|agents|shifts|api-tokens|tickets$|views)")
DOCUMENT = create_app(Settings.from_environ({}, secret_key="x" * 40)).extensions["api"].spec.to_dict()
schema = schemathesis.openapi.from_dict(DOCUMENT).include(
    lambda context: bool(OURS.search(context.operation.path))
)


@pytest.fixture
def signed_in(db_session):
    """The headers of an admin at the dashboard, and people, shifts and tickets to name."""
    person = an_agent("admin")
    for _ in range(3):
        a_case()
    shift = shifts_service.add_shift(person.id, 0, shifts_service.Hours.between("09:00", "12:00", ("ja",)))
    opened = sign_in_service.sign_in(person.email, person.password, code=None, network="4:192.0.2.1")
    assert isinstance(opened, sign_in_service.SignedIn)
    db_session.commit()
    headers = {"X-CSRF-Token": opened.csrf_token, "If-Match": '"1"'}
    return (
        {"desk_session": opened.token},
        headers,
        {"agent_id": str(person.id), "shift_id": str(shift.id), "session_id": str(new_id())},
    )


@schema.parametrize()
@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_paths_answer_as_documented(case, app, signed_in):
    cookies, headers, named = signed_in
    case.path_parameters.update({name: value for name, value in named.items() if name in case.path_parameters})
    case.headers.pop("Authorization", None)  # by the cookie, which is what reaches the most
    case.operation.schema.app = app
    answer = case.call_and_validate(checks=CHECKS, headers=headers, cookies=cookies, app=app)
    assert answer.status_code != 401 or "session" in case.operation.path

"""The document is true: valid OpenAPI 3.1, and no public path answers what it does not say."""

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from support_desk.core.http import DeskFlask

CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
)


def _document(app: DeskFlask) -> dict:
    return app.extensions["api"].spec.to_dict()


def test_the_document_is_valid_openapi(app: DeskFlask):
    assert _document(app)["openapi"].startswith("3.1")
    OpenAPIV31SpecValidator(_document(app)).validate()


def test_every_operation_says_who_may_call_it_and_how_it_fails(app: DeskFlask):
    for path, operations in _document(app)["paths"].items():
        for method, operation in operations.items():
            if method != "parameters":
                assert "security" in operation, f"{method} {path}"
                assert "default" in operation["responses"], f"{method} {path}"


@pytest.fixture
def api(app: DeskFlask, db_session):
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)


schema = schemathesis.pytest.from_fixture("api")


def _is_public(context) -> bool:
    return context.operation.definition.raw.get("security") == []


@schema.include(_is_public).parametrize()
@settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.filter_too_much],
)
def test_public_paths_answer_as_documented(case):
    case.call_and_validate(checks=CHECKS, headers={"Accept-Language": "en"})

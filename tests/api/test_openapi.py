"""The document is true: valid OpenAPI 3.1, and no public path answers what it does not say."""

import schemathesis
from hypothesis import HealthCheck, settings
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from support_desk.app import create_app
from support_desk.config import Settings
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


# The document needs no database; the calls go to the application of the test run.
schema = schemathesis.openapi.from_dict(_document(create_app(Settings.from_environ({}, secret_key="x" * 40))))
public = schema.include(lambda context: context.operation.definition.raw.get("security") == [])


@public.parametrize()
@settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
def test_public_paths_answer_as_documented(case, app: DeskFlask, db_session):
    case.operation.schema.app = app
    case.call_and_validate(checks=CHECKS, headers={"Accept-Language": "en"}, app=app)

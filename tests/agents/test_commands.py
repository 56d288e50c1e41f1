"""The desk's people from the command line."""

import json

from flask.testing import FlaskClient

from support_desk.agents.commands import agents
from support_desk.core.http import DeskFlask


def run(app: DeskFlask, *arguments: str):
    return app.test_cli_runner().invoke(agents, arguments)


def test_a_person_is_added_and_can_sign_in(app: DeskFlask, client: FlaskClient) -> None:
    result = run(app, "create", "hana@example.jp", "--name", "花", "--role", "supervisor", "--json")
    assert result.exit_code == 0, result.output
    made = json.loads(result.output)
    assert set(made) == {"email", "password"}
    assert client.post("/api/v1/agent/sessions", json=made).status_code == 201


def test_a_reset_replaces_the_password(app: DeskFlask, client: FlaskClient) -> None:
    first = json.loads(run(app, "create", "hana@example.jp", "--name", "花", "--json").output)
    second = json.loads(run(app, "reset", "hana@example.jp", "--json").output)
    statuses = [client.post("/api/v1/agent/sessions", json=body).status_code for body in (first, second)]
    assert statuses == [401, 201]


def test_what_cannot_be_done_is_said_and_fails(app: DeskFlask, client: FlaskClient) -> None:
    missing = run(app, "reset", "nobody@example.jp")
    assert missing.exit_code == 1
    assert "no agent" in missing.output
    assert run(app, "create", "x@example.jp", "--name", "x", "--role", "boss").exit_code == 2

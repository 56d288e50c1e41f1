"""`support-desk agents …`: the people of the desk from the command line."""

import json

import click
from flask.cli import AppGroup

from support_desk.agents import service
from support_desk.agents.permissions import Role
from support_desk.core.db import transaction
from support_desk.core.errors import NotFound

agents = AppGroup("agents", help="Add people of the desk and let them in again.")


@agents.command(epilog="Example: support-desk agents create hana@example.jp --name 花 --role supervisor --json")
@click.argument("email")
@click.option("--name", required=True, help="The name colleagues see.")
@click.option(
    "--role", type=click.Choice([role.value for role in Role]), default=Role.AGENT.value, show_default=True
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def create(email: str, name: str, role: str, as_json: bool) -> None:
    """Add a person and print the password, which is shown only now."""
    with transaction():
        made, password = service.create_agent(email, name, role)
    _tell("added", made.email, password, as_json)


@agents.command(epilog="Example: support-desk agents reset hana@example.jp")
@click.argument("email")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def reset(email: str, as_json: bool) -> None:
    """Give a person a new password, end their sessions and forget their authenticator app."""
    try:
        with transaction():
            again, password = service.reset_agent(email)
    except NotFound:
        raise click.ClickException("there is no agent with this e-mail address") from None
    _tell("reset", again.email, password, as_json)


def _tell(done: str, email: str, password: str, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"email": email, "password": password}))
        return
    click.echo(f"{done} {email}")
    click.echo(f"password {password} (shown only now)")

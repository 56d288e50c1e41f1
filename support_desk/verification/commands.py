"""`support-desk policy …`: the policy in force, as people read it, and what it means for the customers."""

import json
from pathlib import Path

import click
from flask.cli import with_appcontext
from tqdm import tqdm

from support_desk.config import Settings
from support_desk.verification import policy_check_service
from support_desk.verification.policy import Policy
from support_desk.verification.policy_file import PolicyError, load_policy, policy_of
from support_desk.verification.policy_show import render_policy


@click.group()
def policy() -> None:
    """Look at the rules of verification."""


_file = click.option(
    "--file",
    "path",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Take this file instead of the policy in force.",
)


@policy.command(epilog="Example: support-desk policy show > docs/policy.md")
@_file
def show(path: Path | None) -> None:
    """Print the policy as Markdown: levels, actions, and who has no route."""
    click.echo(render_policy(wanted_policy(path)), nl=False)


@policy.command(name="check", epilog="Example: support-desk policy check --accounts 20000")
@_file
@click.option("--accounts", "size", default=5_000, type=click.IntRange(1), help="At most so many, by chance.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@with_appcontext
def check_directory(path: Path | None, size: int, as_json: bool) -> None:
    """Print what the policy means for the imported accounts: who gets how far with what is kept."""
    found = wanted_policy(path)
    checked = policy_check_service.check_directory(
        found, size=size, watch=lambda holders: tqdm(holders, unit=" accounts", desc="reading", disable=None)
    )
    if not checked.accounts_count:
        raise click.ClickException("the directory is empty: support-desk accounts import FILE")
    if as_json:
        click.echo(json.dumps(policy_check_service.as_json(checked)))
    else:
        click.echo(policy_check_service.render(checked), nl=False)


def wanted_policy(path: Path | None) -> Policy:
    """The policy of a file, else the one in force."""
    try:
        return load_policy(path) if path else policy_of(Settings.from_environ())
    except (PolicyError, OSError) as error:
        raise click.ClickException(str(error)) from None

"""`support-desk policy …`: the policy in force, as people read it."""

from pathlib import Path

import click

from support_desk.config import Settings
from support_desk.verification.policy_file import PolicyError, load_policy, policy_of
from support_desk.verification.policy_show import render_policy


@click.group()
def policy() -> None:
    """Look at the rules of verification."""


@policy.command(epilog="Example: support-desk policy show > docs/policy.md")
@click.option(
    "--file",
    "path",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Show this file instead of the policy in force.",
)
def show(path: Path | None) -> None:
    """Print the policy as Markdown: levels, actions, and who has no route."""
    try:
        found = load_policy(path) if path else policy_of(Settings.from_environ())
    except (PolicyError, OSError) as error:
        raise click.ClickException(str(error)) from None
    click.echo(render_policy(found), nl=False)

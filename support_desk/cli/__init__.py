"""The commands of `support-desk`; the features' own commands hang in here."""

import json
import os
import sys
from typing import Any, cast

import click
from flask import current_app
from flask.cli import ScriptInfo, with_appcontext

from support_desk.accounts.commands import accounts, demo
from support_desk.agents.commands import agents
from support_desk.app import create_app
from support_desk.cli.migrations import migrate_database
from support_desk.cli.programs import ROOT, web_command
from support_desk.cli.up import run_everything
from support_desk.config import Settings, SettingsError, environ_with
from support_desk.core.errors import DeskError
from support_desk.core.http import DeskFlask
from support_desk.embedded import EngineError, running_engines
from support_desk.intake.commands import postal_codes
from support_desk.outbox.commands import outbox
from support_desk.verification.commands import policy
from support_desk.verification.simulate_command import simulate


class Commands(click.Group):
    """Turns what the desk refuses into a message and a non-zero exit."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was asked for."""
        try:
            return super().invoke(ctx)
        except DeskError as error:
            raise click.ClickException(f"{error.detail or error.en} ({error.code})") from error
        except (SettingsError, EngineError) as error:
            raise click.ClickException(str(error)) from error


def located_settings() -> Settings:
    """The settings, with the addresses of the engines that `up` runs where none are set."""
    settings = Settings.from_environ()
    if settings.database_url and settings.redis_url:
        return settings
    engines = running_engines(settings.var)
    if engines is None:
        raise SettingsError(
            "no database: start `support-desk up` in another terminal, or set SUPPORT_DESK_DATABASE_URL and"
            " SUPPORT_DESK_REDIS_URL"
        )
    return Settings.from_environ(database_url=engines.database_url, redis_url=engines.redis_url)


def _application() -> DeskFlask:
    return create_app(located_settings())


@click.group(cls=Commands, context_settings={"max_content_width": 100}, epilog="Example: support-desk up")
@click.version_option(package_name="support-desk")
@click.pass_context
def main(ctx: click.Context) -> None:
    """The desk that gives a locked-out customer everything back, and an impostor nothing."""
    ctx.obj = ScriptInfo(create_app=_application, set_debug_flag=False)


@main.command(epilog="Example: SUPPORT_DESK_PORT=8080 support-desk up")
@click.option("--demo/--no-demo", default=True, help="Fill an empty development database with demo data.")
def up(demo: bool) -> None:
    """Start engines, migrations, web and workers, and keep them running; Ctrl-C stops everything."""
    run_everything(Settings.from_environ(), demo=demo)


@main.command(epilog="Example: support-desk web")
def web() -> None:
    """Serve the web alone in the foreground, for a platform that runs the workers elsewhere."""
    settings = located_settings()
    environ = environ_with(
        SUPPORT_DESK_DATABASE_URL=settings.database_url, SUPPORT_DESK_REDIS_URL=settings.redis_url
    )
    command = web_command(settings)
    os.chdir(ROOT)
    sys.stdout.flush()
    os.execve(command[0], command, environ)  # noqa: S606 - becomes gunicorn


@main.command(epilog="Example: support-desk env --json")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def env(as_json: bool) -> None:
    """Print the addresses in use: database, Redis, web and the folder of data."""
    settings = located_settings()
    facts = {
        "database_url": settings.database_url,
        "redis_url": settings.redis_url,
        "base_url": settings.base_url,
        "var": str(settings.var),
        "env": settings.env,
    }
    if as_json:
        click.echo(json.dumps(facts))
        return
    for name, value in facts.items():
        click.echo(f"{name:<14}{value}")


@main.command(epilog="Example: support-desk migrate")
@with_appcontext
def migrate() -> None:
    """Bring the database to the newest migration."""
    application = cast("DeskFlask", current_app)
    done = migrate_database(application, click.echo)
    click.echo(f"{done} migrations done" if done else "nothing to migrate")


# A feature offers a flask.cli.AppGroup in its commands.py: its commands run in the application's context and
# open their own core.db.transaction().
# One import above and one line here per feature:
main.add_command(accounts)
main.add_command(agents)
main.add_command(postal_codes)
main.add_command(policy)
main.add_command(simulate)
main.add_command(demo)
main.add_command(outbox)

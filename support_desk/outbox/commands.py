"""`support-desk outbox …`: promised jobs from the command line."""

import json
from typing import Any
from uuid import UUID

import click
from flask.cli import AppGroup

from support_desk.core.db import transaction
from support_desk.outbox import letters, runner
from support_desk.outbox.models import PromisedJob, PromiseState

outbox = AppGroup("outbox", help="Look at promised jobs, give dead letters another chance, run what is due.")
_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


@outbox.command("list", epilog="Example: support-desk outbox list --state dead --json")
@click.option(
    "--state",
    "states",
    multiple=True,
    type=click.Choice([state.value for state in PromiseState]),
    default=[PromiseState.DEAD.value],
    show_default=True,
    help="Show jobs in this state; may be repeated.",
)
@click.option("--limit", type=click.IntRange(1, 10_000), default=100, show_default=True)
@_JSON
def list_(states: tuple[str, ...], limit: int, as_json: bool) -> None:
    """Show promised jobs, by default the dead letters, and how many there are in each state."""
    with transaction(keep=False):
        counts = {state.value: number for state, number in letters.count_jobs().items()}
        items = [_view(row) for row in letters.list_jobs([PromiseState(state) for state in states], limit=limit)]
    if as_json:
        click.echo(json.dumps({"counts": counts, "items": items}))
        return
    for item in items:
        click.echo(
            "  ".join(str(item[name]) for name in ("id", "state", "job", "attempts", "available_at", "error"))
        )
    click.echo(
        ", ".join(f"{number} {state}" for state, number in sorted(counts.items())) or "nothing was promised"
    )


def _view(row: PromisedJob) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "job": row.job,
        "queue": row.queue,
        "ids": row.ids,
        "state": row.state.value,
        "attempts": row.attempts,
        "due_at": row.due_at.isoformat(),
        "available_at": row.available_at.isoformat(),
        "error": row.last_error or "-",
    }


@outbox.command(epilog="Example: support-desk outbox replay --all")
@click.argument("promise_id", type=click.UUID, required=False)
@click.option("--all", "everything", is_flag=True, help="All dead letters.")
@_JSON
def replay(promise_id: UUID | None, everything: bool, as_json: bool) -> None:
    """Promise a dead letter (or all of them) again, with all its attempts."""
    if (promise_id is None) != everything:
        raise click.UsageError("name one dead letter by its id, or say --all")
    with transaction():
        count = letters.replay(promise_id)
    if promise_id is not None and not count:
        raise click.ClickException("there is no dead letter with this id")
    click.echo(json.dumps({"replayed": count}) if as_json else f"{count} promised again")


@outbox.command(epilog="Example: support-desk outbox drain --json")
@click.option("--limit", type=click.IntRange(1), default=1000, show_default=True, help="Run at most so many.")
@_JSON
def drain(limit: int, as_json: bool) -> None:
    """Run the jobs that are due in this process, once; safe beside running workers."""
    count = runner.run_due(limit=limit)
    click.echo(json.dumps({"run": count}) if as_json else f"{count} run")

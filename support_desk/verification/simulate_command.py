"""`support-desk simulate`: attackers and owners by the million against the policy."""

import importlib
import json
import time
from pathlib import Path
from typing import Any

import click
from flask.cli import ScriptInfo
from tqdm import tqdm

from support_desk.verification.commands import wanted_policy
from support_desk.verification.policy import Policy
from support_desk.verification.simulation.assumptions import AssumptionError, Assumptions, packaged_assumptions
from support_desk.verification.simulation.directory_service import imported_population
from support_desk.verification.simulation.population import Population, synthetic_population

_ACCOUNTS = 48


@click.command(epilog="Example: support-desk simulate --set household.letter=0.5 --plot simulation.png")
@click.option(
    "--trials", default=1_300_000, show_default=True, type=click.IntRange(1), help="People of each class."
)
@click.option("--seed", default=1, show_default=True, help="The same seed gives the same result.")
@click.option("--set", "changes", multiple=True, metavar="KEY=VALUE", help="Take another value for an assumption.")
@click.option(
    "--directory",
    type=click.Choice(["synthetic", "imported"]),
    default="synthetic",
    show_default=True,
    help="Whose accounts: a large shop's, or the imported ones.",
)
@click.option(
    "--policy",
    "policy_path",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Try this file instead of the policy in force.",
)
@click.option("--accounts", default=_ACCOUNTS, show_default=True, type=click.IntRange(2), help="Tabulated.")
@click.option(
    "--json", "json_path", type=click.Path(dir_okay=False, path_type=Path), help="Write everything to this file."
)
@click.option(
    "--plot", "plot_path", type=click.Path(dir_okay=False, path_type=Path), help="Draw to this .png or .svg."
)
@click.pass_context
def simulate(
    ctx: click.Context,
    trials: int,
    seed: int,
    changes: tuple[str, ...],
    directory: str,
    policy_path: Path | None,
    accounts: int,
    json_path: Path | None,
    plot_path: Path | None,
) -> None:
    """Let nine classes of people ask for accounts, and print how many get what: results of assumptions.

    The exit status is 0 whether or not the targets are met.
    """
    running, report, plot = (_part(name) for name in ("running", "report", "plot"))
    policy = wanted_policy(policy_path)
    try:
        assumptions = packaged_assumptions(changes)
        population = _population(ctx, directory, assumptions, seed=seed, size=accounts)
    except (AssumptionError, ValueError) as error:
        raise click.ClickException(str(error)) from None
    begun = time.monotonic()
    result = _run(running, policy, population, assumptions, seed=seed, trials=trials)
    click.echo(report.render(result), nl=False)
    click.echo(f"{time.monotonic() - begun:.1f} s", err=True)
    try:
        if json_path:
            json_path.write_text(json.dumps(report.as_json(result), indent=1) + "\n", encoding="utf-8")
        if plot_path:
            plot.plot(result, plot_path)
    except (OSError, ValueError) as error:
        raise click.ClickException(str(error)) from None


def _part(name: str) -> Any:
    """A part of the simulation that needs the packages of the extra."""
    try:
        return importlib.import_module(f"support_desk.verification.simulation.{name}")
    except ModuleNotFoundError as error:
        raise click.ClickException(
            f"{error.name} is not installed: pip install 'support-desk[simulation]'"
        ) from None


def _population(
    ctx: click.Context, directory: str, assumptions: Assumptions, *, seed: int, size: int
) -> Population:
    if directory == "synthetic":
        return synthetic_population(assumptions.shop, seed=seed, size=size)
    with ctx.ensure_object(ScriptInfo).load_app().app_context():
        return imported_population(
            size, lambda holders: tqdm(holders, unit=" accounts", desc="reading", disable=None)
        )


def _run(
    running: Any, policy: Policy, population: Population, assumptions: Assumptions, *, seed: int, trials: int
) -> Any:
    with tqdm(total=len(population.holders), unit=" accounts", desc="tabulating", disable=None) as bar:
        model = running.Model(policy, population, assumptions, seed=seed, tabulated=bar.update)
    return running.simulate(model, trials=trials)

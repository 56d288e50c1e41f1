"""`support-desk accounts …` and `support-desk demo …`: filling the directory from the command line."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import click
from flask.cli import AppGroup
from tqdm import tqdm

from support_desk.accounts.demo import CUSTOMERS_COUNT, HANAKO_EMAIL, demo_lines
from support_desk.accounts.directory_service import count_customers
from support_desk.accounts.import_lines import NumberedLine, read_lines
from support_desk.accounts.import_service import ImportReport, batches, finish_import, import_batch
from support_desk.core import clock, settings
from support_desk.core.db import transaction

accounts = AppGroup("accounts", help="Fill the account directory.")
demo = AppGroup("demo", help="Fill an installation with demo data.")


@accounts.command("import", epilog="Example: support-desk accounts import customers.jsonl.gz")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def import_file(file: Path, as_json: bool) -> None:
    """Add the customers of FILE (.jsonl or .jsonl.gz): good lines are kept, bad ones told by number and reason.

    A customer who is there already stays as is, so that a file can be imported again. The exit status is 1 when
    any line was bad.
    """
    report = ImportReport()
    size = file.stat().st_size
    try:
        with tqdm(total=size, unit="B", unit_scale=True, desc="importing") as bar:
            import_lines(_watched(read_lines(file), bar), report)
            bar.update(size - bar.n)
    except (OSError, EOFError, zlib.error) as error:
        report.unreadable = f"the file cannot be read to its end: {error}"
    _tell(report, as_json)


@demo.command("load", epilog="Example: support-desk demo load")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def load_demo(as_json: bool) -> None:
    """Add the demo customers, with orders dated back from today."""
    if settings.current().production:
        raise click.ClickException("demo customers have no place in production")
    report = ImportReport()
    import_lines(tqdm(demo_lines(clock.today()), total=CUSTOMERS_COUNT, unit=" customers", desc="demo"), report)
    _tell(report, as_json)


def load_demo_into_empty() -> list[str]:
    """Give a directory without customers the demo's; returns what to tell about it."""
    if count_customers():
        return []
    report = ImportReport()
    import_lines(demo_lines(clock.today()), report)
    return [f"{report.added_count} demo customers, for example {HANAKO_EMAIL}"]


def import_lines(lines: Iterable[NumberedLine], report: ImportReport) -> None:
    """Import all lines, one transaction a batch; what was kept stays if a later batch cannot be read."""
    try:
        for batch in batches(lines):
            with transaction():
                import_batch(batch, report)
    finally:
        # Also when nothing was added: an earlier import may have been killed before it counted.
        with transaction():
            finish_import(report)


def _watched(lines: Iterator[NumberedLine], bar: tqdm[NumberedLine]) -> Iterator[NumberedLine]:
    for line in lines:
        bar.update(line.file_position - bar.n)
        yield line


def _tell(report: ImportReport, as_json: bool) -> None:
    if as_json:
        facts = {
            "read": report.read_count,
            "added": report.added_count,
            "known": report.known_count,
            "dated_by_registration": report.dated_by_registration_count,
            "bad": [{"line": bad.number, "reason": bad.reason} for bad in report.bad],
        }
        click.echo(json.dumps(facts if report.unreadable is None else {**facts, "unreadable": report.unreadable}))
    else:
        for bad in report.bad:
            click.echo(f"line {bad.number}: {bad.reason}", err=True)
        if report.unreadable:
            click.echo(report.unreadable, err=True)
        click.echo(
            f"{report.read_count} lines read: {report.added_count} customers added, {report.known_count} known"
            f" already, {len(report.bad)} bad; {report.dated_by_registration_count} with addresses dated by their"
            " registration"
        )
    if report.bad or report.unreadable:
        raise click.exceptions.Exit(1)

"""`support-desk postal-codes`."""

from pathlib import Path

import click
from flask.cli import with_appcontext
from tqdm import tqdm

from support_desk.core.db import transaction
from support_desk.intake import postal_service


@click.group("postal-codes")
def postal_codes() -> None:
    """The towns that the contact form offers for a postal code."""


@postal_codes.command(epilog="Example: support-desk postal-codes load towns.tsv.gz")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@with_appcontext
def load(file: Path) -> None:
    """Replace all towns by those of FILE (.tsv or .tsv.gz).

    The first line names the columns: postal_code, prefecture, city, town, prefecture_kana, city_kana, town_kana;
    further columns are left aside.
    """
    try:
        with transaction():
            count = postal_service.load_towns(tqdm(postal_service.read_rows(file), unit=" lines", leave=False))
    except (postal_service.PostalFileUnreadable, UnicodeDecodeError, OSError) as error:
        raise click.ClickException(f"{file}: {error}") from error
    click.echo(f"loaded {count} towns")

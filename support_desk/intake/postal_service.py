"""Towns of a postal code: a few of our own for trying things out, all of them once a file is loaded."""

from __future__ import annotations

import csv
import gzip
from collections import defaultdict
from collections.abc import Iterable, Iterator
from importlib import resources
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from support_desk.core.db import db
from support_desk.core.japan import normalise_postal_code
from support_desk.intake.errors import InvalidPostalCode
from support_desk.intake.models import PostalTown

_COLUMNS = ("postal_code", "prefecture", "city", "town", "prefecture_kana", "city_kana", "town_kana")
_BATCH = 2000


class PostalFileUnreadable(ValueError):
    """The file has no heading line with the columns that are needed."""


def find_towns(postal_code: str) -> list[PostalTown]:
    """The towns of a postal code as people write it; empty when none is known. Raises InvalidPostalCode."""
    digits = normalise_postal_code(postal_code)
    if digits is None:
        raise InvalidPostalCode
    found = _towns(digits)
    if found or db.session.scalar(sa.select(PostalTown.postal_code).limit(1)) is not None:
        return found
    return [town for town in demo_towns() if town.postal_code == digits]


def _towns(digits: str) -> list[PostalTown]:
    query = sa.select(PostalTown).where(PostalTown.postal_code == digits).order_by(PostalTown.position)
    return list(db.session.scalars(query))


def demo_towns() -> list[PostalTown]:
    """The towns that are packaged, for a system into which no file was loaded."""
    text = resources.files("support_desk.intake").joinpath("demo_towns.tsv").read_text("utf-8")
    return [PostalTown(**row) for row in _numbered(csv.DictReader(text.splitlines(), delimiter="\t"))]


def read_rows(path: Path) -> Iterator[dict[str, str]]:
    """The lines of a TSV file, packed with gzip or not; raises PostalFileUnreadable."""
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
        reader = csv.DictReader(lines, delimiter="\t")
        if not set(_COLUMNS) <= set(reader.fieldnames or ()):
            raise PostalFileUnreadable(f"the first line must name {', '.join(_COLUMNS)}")
        yield from reader


def load_towns(rows: Iterable[dict[str, str]]) -> int:
    """Replace all towns by these; how many there are now. Lines without a seven-digit code are left out."""
    db.session.execute(sa.delete(PostalTown))
    count = 0
    batch: list[dict[str, str | int]] = []
    for row in _numbered(rows):
        batch.append(row)
        if len(batch) == _BATCH:
            count += _insert(batch)
            batch = []
    return count + (_insert(batch) if batch else 0)


def _insert(batch: list[dict[str, str | int]]) -> int:
    db.session.execute(insert(PostalTown).values(batch))
    return len(batch)


def _numbered(rows: Iterable[dict[str, str]]) -> Iterator[dict[str, str | int]]:
    """The rows with their place among those of the same code; a town named twice counts once."""
    seen: dict[str, set[tuple[str, str, str]]] = defaultdict(set)
    for row in rows:
        code = normalise_postal_code(row["postal_code"])
        place = (row["prefecture"], row["city"], row["town"] or "")
        if code is None or place in seen[code]:
            continue
        seen[code].add(place)
        yield {
            **{name: row[name] or "" for name in _COLUMNS},
            "postal_code": code,
            "position": len(seen[code]),
        }

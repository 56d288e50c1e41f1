"""The database: the base of all tables and the one transaction boundary."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import g
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column, registry
from uuid_utils.compat import uuid7

from support_desk.core import clock


class Model(DeclarativeBase):
    """Base of every table."""

    registry = registry(
        metadata=sa.MetaData(
            naming_convention={
                "ix": "ix_%(table_name)s_%(column_0_N_name)s",
                "uq": "uq_%(table_name)s_%(column_0_N_name)s",
                "ck": "ck_%(table_name)s_%(constraint_name)s",
                "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
                "pk": "pk_%(table_name)s",
            }
        ),
        type_annotation_map={
            datetime: sa.DateTime(timezone=True),
            date: sa.Date(),
            UUID: sa.Uuid(),
            str: sa.Text(),
            bytes: sa.LargeBinary(),
            int: sa.BigInteger(),
            Decimal: sa.Numeric(),
            dict[str, Any]: JSONB(),
            list[str]: sa.ARRAY(sa.Text()),
        },
    )


db = SQLAlchemy(model_class=Model)


def new_id() -> UUID:
    """A fresh identifier (UUID version 7: ordered by time of creation)."""
    return uuid7()


class Identified:
    """A table whose rows have a UUID version 7."""

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id, sort_order=-10)


class Timestamped:
    """A table whose rows know when they were made and last changed (business time)."""

    created_at: Mapped[datetime] = mapped_column(default=clock.now, sort_order=90)
    updated_at: Mapped[datetime] = mapped_column(default=clock.now, onupdate=clock.now, sort_order=91)


class Versioned:
    """A table whose rows refuse a lost update; the version is the row's ETag."""

    version: Mapped[int] = mapped_column(sa.Integer(), default=1, sort_order=92)

    @declared_attr.directive
    @classmethod
    def __mapper_args__(cls) -> dict[str, Any]:
        return {"version_id_col": cls.version}


def text_enum(kind: type[StrEnum]) -> sa.Enum:
    """Column type of an enumeration, stored as its text value under a check."""
    return sa.Enum(
        kind,
        native_enum=False,
        create_constraint=True,
        length=40,
        values_callable=lambda members: [member.value for member in members],
        name=_snake(kind.__name__),
    )


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")


@contextmanager
def transaction(*, keep: bool = True) -> Iterator[None]:
    """Commit what the block wrote, or none of it: the only caller of commit and rollback.

    For the three edges alone: an HTTP request, a job, a command. `keep=False` discards whatever was written.
    """
    if g.get("in_transaction"):
        raise RuntimeError("a transaction is already open: only an edge opens one")
    g.in_transaction = True
    try:
        yield
        if keep:
            db.session.commit()
    finally:
        g.in_transaction = False
        db.session.rollback()
        db.session.remove()

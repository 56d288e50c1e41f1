"""Many rows at once: COPY, in the running transaction, with the column types of the model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from support_desk.core.db import Model, db


def copy_rows(model: type[Model], rows: Sequence[dict[str, Any]]) -> int:
    """Write rows that all name the same columns; defaults are the caller's to fill in. Returns how many."""
    if not rows:
        return 0
    connection = db.session.connection()
    table = model.__table__
    columns = [table.c[name] for name in rows[0]]
    processors = [
        column.type.dialect_impl(connection.dialect).bind_processor(connection.dialect) for column in columns
    ]
    pairs = list(zip((column.name for column in columns), processors, strict=True))
    quote = connection.dialect.identifier_preparer.quote
    names = ", ".join(quote(column.name) for column in columns)
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f"COPY {quote(model.__tablename__)} ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row([process(row[name]) if process else row[name] for name, process in pairs])
    return len(rows)

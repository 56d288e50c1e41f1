"""The SQL of one stretch of work, for comparing two of them."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa


class Statements:
    """The SQL statements of one stretch of work, without their values."""

    def __init__(self, connection: Any) -> None:
        self.texts: list[str] = []
        self._connection = connection

    def __enter__(self) -> Statements:
        sa.event.listen(self._connection, "before_cursor_execute", self._note)
        return self

    def __exit__(self, *_: object) -> None:
        sa.event.remove(self._connection, "before_cursor_execute", self._note)

    def _note(self, _c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "SAVEPOINT" not in statement:
            self.texts.append(statement)

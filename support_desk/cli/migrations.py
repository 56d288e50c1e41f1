"""Migrations in this process: an interpreter less to start."""

from collections.abc import Callable
from typing import Any

from alembic import command
from alembic.config import Config

from support_desk.cli.programs import ROOT
from support_desk.core.http import DeskFlask


def migrate_database(app: DeskFlask, say: Callable[[str], None]) -> int:
    """Bring the application's database to the newest migration, saying each as it is done; returns how many."""
    applied = []

    def note(*, step: Any, **_: Any) -> None:
        applied.append(step.up_revision_id)
        say(f"migrated: {step.up_revision_id}")

    config = Config(toml_file=str(ROOT / "pyproject.toml"))
    config.attributes["app"] = app
    config.attributes["on_version_apply"] = note
    command.upgrade(config, "head")
    return len(applied)

"""Checks on throwaway engines: migrations describe the models, go down and up again, and OpenAPI is valid."""

import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.config import Config
from openapi_spec_validator import OpenAPIV31SpecValidator

from support_desk.app import create_app
from support_desk.config import Settings
from support_desk.core.db import db
from support_desk.embedded import start_engines

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Run every check; returns the exit status."""
    with tempfile.TemporaryDirectory() as folder, start_engines(Path(folder), throwaway=True) as engines:
        settings = Settings.from_environ(
            {},
            var=Path(folder),
            database_url=engines.database_url,
            redis_url=engines.redis_url,
            log_level="WARNING",
        )
        app = create_app(settings)
        config = Config(toml_file=str(ROOT / "pyproject.toml"))
        config.attributes["app"] = app
        command.upgrade(config, "head")
        command.check(config)
        command.downgrade(config, "base")
        command.upgrade(config, "head")
        say("migrations describe the models, and go down and up again")
        with app.app_context():
            db.engine.dispose()
            document = app.extensions["api"].spec.to_dict()
    problems = list(OpenAPIV31SpecValidator(document).iter_errors())
    for problem in problems:
        say(f"OpenAPI: {'/'.join(map(str, problem.absolute_path))}: {problem.message}")
    if not problems:
        say(f"the OpenAPI {document['openapi']} document is valid ({len(document['paths'])} paths)")
    return 1 if problems else 0


def say(line: str) -> None:
    """One line of result."""
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main())

"""Checks what no linter sees: migrations describe the models, OpenAPI is valid, every package is pinned."""

import sys
import tempfile
import tomllib
from importlib import metadata
from pathlib import Path

from alembic import command
from alembic.config import Config
from openapi_spec_validator import OpenAPIV31SpecValidator
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

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
    problems = [
        f"OpenAPI: {'/'.join(map(str, found.absolute_path))}: {found.message}"
        for found in OpenAPIV31SpecValidator(document).iter_errors()
    ]
    if not problems:
        say(f"the OpenAPI {document['openapi']} document is valid ({len(document['paths'])} paths)")
    problems += [
        f"{found}: not what constraints.txt pins; `make constraints` writes it anew" for found in unpinned()
    ]
    for problem in problems:
        say(problem)
    return 1 if problems else 0


def unpinned() -> list[str]:
    """Packages the project needs here, directly or not, whose version constraints.txt does not pin."""
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pinned = {canonicalize_name(name): version for name, version in (line.split("==") for line in lines)}
    with (ROOT / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)
    wanted = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    wanted += project["project"]["optional-dependencies"]["embedded"]
    queue = [(Requirement(text), frozenset[str]()) for text in wanted]
    versions: dict[str, str] = {}
    while queue:
        requirement, extras = queue.pop()
        name = canonicalize_name(requirement.name)
        marker = requirement.marker
        if name in versions or (marker and not any(marker.evaluate({"extra": extra}) for extra in {"", *extras})):
            continue
        found = metadata.distribution(name)
        versions[name] = found.version
        queue += [(Requirement(text), frozenset(requirement.extras)) for text in found.requires or ()]
    return sorted(f"{name} {version}" for name, version in versions.items() if pinned.get(name) != version)


def say(line: str) -> None:
    """One line of result."""
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main())

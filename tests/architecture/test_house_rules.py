"""The house rules, as tests."""

import ast
import re
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

from support_desk.core.errors import DeskError
from support_desk.core.http import DeskFlask

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "support_desk"
SOURCES = sorted(PACKAGE.rglob("*.py"))


def _calls(tree: ast.AST) -> list[ast.Call]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call)]


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_name(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def _places(wanted) -> list[str]:
    found = []
    for source in SOURCES:
        for call in _calls(ast.parse(source.read_text())):
            if wanted(source.relative_to(PACKAGE), _name(call.func)):
                found.append(f"{source.relative_to(ROOT)}:{call.lineno}")
    return found


def test_only_the_one_transaction_commits_and_rolls_back():
    def commits(path: Path, name: str) -> bool:
        return name.endswith((".commit", ".rollback")) and path != Path("core/db.py")

    assert _places(commits) == []


def test_only_config_reads_the_environment():
    readers = [
        str(source.relative_to(ROOT))
        for source in SOURCES
        if re.search(r"\bos\.environ\b|\bos\.getenv\b|\bgetenv\(", source.read_text())
        and source != PACKAGE / "config.py"
        and PACKAGE / "embedded" not in source.parents  # passes the environment on to its children
    ]
    assert readers == []


def test_only_the_clock_knows_the_time():
    def asks(path: Path, name: str) -> bool:
        wrong = ("datetime.now", "datetime.utcnow", "date.today", "datetime.today", "func.now", "time.time")
        return name.endswith(wrong) and path != Path("core/clock.py")

    assert _places(asks) == []
    sql_now = re.compile(r"\bnow\(\)|CURRENT_TIMESTAMP|clock_timestamp\(\)")
    texts = [
        f"{source.relative_to(ROOT)}"
        for source in SOURCES
        for node in ast.walk(ast.parse(source.read_text()))
        if isinstance(node, ast.Call)
        and _name(node.func).endswith("text")
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and sql_now.search(str(node.args[0].value))
    ]
    assert texts == []


def test_no_import_hides_inside_a_function():
    hidden = []
    for source in SOURCES:
        for node in ast.walk(ast.parse(source.read_text())):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                hidden += [
                    f"{source.relative_to(ROOT)}:{inner.lineno}"
                    for inner in ast.walk(node)
                    if isinstance(inner, (ast.Import, ast.ImportFrom))
                ]
    assert hidden == []


def test_every_route_declares_who_may_call_it(app: DeskFlask):
    silent = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if not rule.endpoint.endswith("static")
        and getattr(app.view_functions[rule.endpoint], "access", None) is None
    ]
    assert silent == []


def test_a_route_that_declares_nobody_lets_nobody_in(app: DeskFlask, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(app.view_functions, "health.live", lambda: "open")
    assert app.test_client().get("/health/live").status_code == 401


def _errors(kind: type[DeskError] = DeskError) -> list[type[DeskError]]:
    return [kind, *(found for child in kind.__subclasses__() for found in _errors(child))]


def test_every_error_has_a_code_of_its_own_and_words_in_both_languages(app: DeskFlask):
    codes: dict[str, type[DeskError]] = {}
    for error in _errors():
        if not error.__module__.startswith("support_desk"):
            continue
        assert error.__dict__.keys() >= {"code", "ja", "en"} or error.__bases__[0] is not DeskError, error
        assert error.status in range(400, 600)
        assert re.fullmatch(r"[a-z][a-z_]+", error.code)
        assert re.search(r"[ぁ-んァ-ン一-龥]", error.ja), error
        assert re.search(r"[a-z]", error.en), error
        assert codes.setdefault(error.code, error) is error, f"{error} and {codes[error.code]} share a code"


def test_there_is_one_migration_head_and_each_is_named_after_its_file():
    script = ScriptDirectory.from_config(Config(toml_file=str(ROOT / "pyproject.toml")))
    assert len(script.get_heads()) == 1
    for revision in script.walk_revisions():
        assert Path(revision.path).stem == revision.revision


def test_files_stay_small_enough_to_be_read_at_once():
    long = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in SOURCES}
    assert {name: count for name, count in long.items() if count > 400} == {}


def test_nothing_committed_names_this_machine_or_a_registry():
    forbidden = re.compile(r"/(work|farm|root)/|py" + r"pi\.org|python" + r"hosted|registry\.npm" + "js")
    found = [
        str(path.relative_to(ROOT))
        for folder in ("support_desk", "migrations", "tests", "benchmarks", "docs")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".py", ".md", ".toml", ".js", ".html", ".css", ".txt"}
        and forbidden.search(path.read_text())
    ]
    assert found == []

"""The page of abuse cases names tests that exist, one or more a line."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROWS = [
    line
    for line in (ROOT / "docs" / "abuse-cases.md").read_text("utf-8").splitlines()
    if line.startswith("| ") and not line.startswith(("| attempt", "| ---"))
]


def _tests() -> set[str]:
    found: set[str] = set()
    for file in (ROOT / "tests").rglob("test_*.py"):
        found |= set(re.findall(r"^def (test_\w+)", file.read_text("utf-8"), re.MULTILINE))
    return found


def test_every_abuse_case_names_a_test_that_exists():
    known = _tests()
    assert len(ROWS) > 40
    for row in ROWS:
        named = re.findall(r"`(test_\w+)`", row)
        assert named, row
        assert not set(named) - known, row

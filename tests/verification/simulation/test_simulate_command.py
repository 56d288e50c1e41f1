"""`support-desk simulate`: one command, and its findings as text, JSON and a picture."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from support_desk.verification import simulate_command
from support_desk.verification.policy_file import load_policy
from support_desk.verification.simulate_command import simulate

PAGE = Path(__file__).resolve().parents[3] / "docs" / "simulation.md"
SMALL = ["--trials", "4000", "--accounts", "2", "--set", "population.orders_median=4"]


def _simulated(*arguments: str) -> Result:
    return CliRunner().invoke(simulate, [*SMALL, *arguments])


def test_the_findings_are_told_as_text_as_json_and_as_a_picture(tmp_path: Path) -> None:
    found = _simulated("--json", str(tmp_path / "found.json"), "--plot", str(tmp_path / "found.png"))
    assert found.exit_code == 0, found.output
    assert "assumptions" in found.output
    assert re.search(r"\| owner, overall \| ≥ 0.88 \|", found.output)
    assert "Bonneau" in found.output
    assert "Amft" in found.output
    facts = json.loads((tmp_path / "found.json").read_text(encoding="utf-8"))
    assert facts["policy_version"] == load_policy().version
    assert facts["assumptions"]["owner"]["end"] == 0.45
    actions, classes = len(load_policy().rows), 9
    assert len(facts["cells"]) == classes * actions * 4
    assert all(0 <= cell["low"] <= cell["rate"] <= cell["high"] <= 1 for cell in facts["cells"])
    assert (tmp_path / "found.png").read_bytes().startswith(b"\x89PNG")


def test_another_assumption_gives_another_result(tmp_path: Path) -> None:
    for name, value in (("never", "0.0"), ("always", "1.0")):
        assert _simulated("--set", f"mailbox_thief.tel={value}", "--json", str(tmp_path / name)).exit_code == 0
    never, always = (
        {
            (cell["class"], cell["action"], cell["tier"]): cell["rate"]
            for cell in json.loads(path.read_text())["cells"]
        }
        for path in (tmp_path / "never", tmp_path / "always")
    )
    assert never["mailbox_thief", "replace_email", "V1"] < always["mailbox_thief", "replace_email", "V1"]
    assert never["household", "replace_email", "V1"] == always["household", "replace_email", "V1"]


@pytest.mark.parametrize("change", ["nobody.tel=0.1", "breach.tel=7"])
def test_a_wrong_assumption_is_told_and_nothing_is_run(change: str) -> None:
    refused = _simulated("--set", change)
    assert refused.exit_code == 1
    assert "Error: " in refused.output


def test_without_the_packages_of_the_extra_the_way_to_get_them_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> None:
        raise ModuleNotFoundError(name="numpy")

    monkeypatch.setattr(simulate_command.importlib, "import_module", absent)
    refused = _simulated()
    assert (refused.exit_code, refused.output) == (
        1,
        "Error: numpy is not installed: pip install 'support-desk[simulation]'\n",
    )


def test_the_documented_run_is_of_the_policy_that_comes_with_the_package() -> None:
    assert f"Policy {load_policy().version};" in PAGE.read_text(encoding="utf-8"), (
        "run: support-desk simulate > docs/simulation.md"
    )

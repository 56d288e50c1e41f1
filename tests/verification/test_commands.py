"""`support-desk policy show`, and a desk that does not start with a policy that cannot be used."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from support_desk.app import create_app
from support_desk.config import Settings, SettingsError
from support_desk.core.http import DeskFlask
from support_desk.verification import policy_file
from support_desk.verification.commands import policy
from support_desk.verification.policy_file import policy_in_force
from support_desk.verification.policy_show import render_policy

PACKAGED = Path(policy_file.__file__).with_name("policy.toml").read_text(encoding="utf-8")


@pytest.fixture
def stricter(tmp_path: Path) -> Path:
    path = tmp_path / "stricter.toml"
    path.write_text(PACKAGED.replace("tier_1 = 4.3", "tier_1 = 5.5"), encoding="utf-8")
    return path


def test_the_policy_in_force_is_shown(app: DeskFlask) -> None:
    shown = CliRunner().invoke(policy, ["show"])
    with app.app_context():
        assert (shown.exit_code, shown.output) == (0, render_policy(policy_in_force()))


def test_a_file_can_be_shown_before_it_is_put_in_force(stricter: Path) -> None:
    shown = CliRunner().invoke(policy, ["show", "--file", str(stricter)])
    assert "tier 1 from 5.5 bits" in shown.output


def test_a_faulty_file_is_shown_as_what_is_wrong_with_it(tmp_path: Path) -> None:
    path = tmp_path / "faulty.toml"
    path.write_text(PACKAGED.replace("tier_1 = 4.3", "tier_1 = 0"), encoding="utf-8")
    shown = CliRunner().invoke(policy, ["show", "--file", str(path)])
    assert shown.exit_code == 1
    assert "order_history.tier_1: must be a number of bits" in shown.output


def test_the_setting_puts_another_policy_in_force(make_settings: Callable[..., Settings], stricter: Path) -> None:
    app = create_app(make_settings(policy_file=str(stricter)))
    with app.app_context():
        assert policy_in_force().history_tiers[0] == 5.5


def test_the_desk_does_not_start_with_a_faulty_policy(
    make_settings: Callable[..., Settings], tmp_path: Path
) -> None:
    path = tmp_path / "faulty.toml"
    path.write_text("version = 1", encoding="utf-8")
    for named in (path, tmp_path / "absent.toml"):
        with pytest.raises(SettingsError, match="SUPPORT_DESK_POLICY_FILE"):
            create_app(make_settings(policy_file=str(named)))

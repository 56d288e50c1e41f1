"""A policy file is checked whole, and every problem is named with its place."""

from pathlib import Path

import pytest

from support_desk.verification import policy_file
from support_desk.verification.policy import Tier
from support_desk.verification.policy_file import PolicyError, load_policy, parse_policy

PACKAGED = Path(policy_file.__file__).with_name("policy.toml").read_text(encoding="utf-8")


def test_another_file_takes_the_place_of_the_packaged_one(tmp_path: Path) -> None:
    path = tmp_path / "ours.toml"
    path.write_text(PACKAGED.replace('version = "2026-11.1"', 'version = "ours-1"'), encoding="utf-8")
    assert load_policy(path).version == "ours-1"
    assert load_policy().version != "ours-1"


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('version = "2026-11.1"', "", "version: a text is missing here"),
        ('version = "2026-11.1"', 'version = "x"\nveto = 1', "veto: is not known"),
        ("tier_2 = 8.7", "tier_2 = 4.0", "order_history: tiers must rise"),
        ("tier_3 = 12.2", "tier_3 = 15", "order_history.tier_3: must be a number of bits above 0 and up to 14"),
        ("set_by_desk_days = 90", "set_by_desk_days = 3", "channel_age.set_by_desk_days: must not be below days"),
        (
            '{ needs = "END + TEL" }',
            '{ needs = "END + MEM.2" }',
            "levels[2].routes[0].needs: MEM never counts together with END",
        ),
        (
            '{ needs = "END + TEL" }',
            '{ needs = "TEL + TEL.sms_code" }',
            "levels[2].routes[0].needs: two items of one group are one",
        ),
        ('{ needs = "END + TEL" }', '{ needs = "EAR" }', "levels[2].routes[0].needs: 'EAR' names no group"),
        (
            '{ needs = "END + TEL" }',
            '{ needs = "MEM" }',
            "levels[2].routes[0].needs: 'MEM': order history is MEM.1, MEM.2 or MEM.3",
        ),
        (
            '{ needs = "END + TEL" }',
            '{ needs = "TEL.pigeon" }',
            "levels[2].routes[0].needs: 'TEL.pigeon' names no kind of TEL",
        ),
        (
            'needs = ["basic", "strong", "strong", "strong"]',
            'needs = ["basic", "strong"]',
            "actions.lift_replaced.needs: one value, or 4: one for each tier",
        ),
        (
            'needs = ["basic", "strong", "strong", "strong"]',
            'needs = ["basic", "strong", "stronger", "strong"]',
            "actions.lift_replaced.needs[V2]: 'stronger' is no level",
        ),
        ("or basic + 24 h", "or basic + 24h", "actions.lift_spend.needs[V2]: '24h' is no duration"),
        (
            "agents = [0, 0, 2, 2]",
            "agents = [0, 0, -2, 2]",
            "actions.replace_email.agents[V2]: must be a whole number",
        ),
        ("[actions.carry_over]", "[actions.carry_off]", "actions.carry_off: is not known"),
        ("[actions.carry_over]", "[actions.carry_off]", "actions.carry_over: a table is missing here"),
        ('needs = "proofed"\nhold', 'needs = "proof"\nhold', "contested.needs: 'proof' is no level"),
        (
            'group = "TEL", channel = "phone"',
            'group = "TEL", channel = "fax"',
            "kinds.sms_code.channel: must be one",
        ),
        ("young_channels = true", 'young_channels = "yes"', "young_channels: must be true or false"),
        ("version =", "version", "not TOML"),
    ],
)
def test_a_wrong_file_is_refused_with_place_and_reason(old: str, new: str, problem: str) -> None:
    assert old in PACKAGED
    with pytest.raises(PolicyError) as refusal:
        parse_policy(PACKAGED.replace(old, new))
    assert problem in str(refusal.value)


def test_an_empty_file_names_everything_that_is_missing() -> None:
    with pytest.raises(PolicyError) as refusal:
        parse_policy("")
    assert len(refusal.value.problems) > 10


def test_a_higher_tier_never_asks_for_less() -> None:
    policy = load_policy()
    for row in policy.rows.values():
        for low, high in zip(Tier, list(Tier)[1:], strict=False):
            least = [min(policy.rank(each.level) for each in row.cells[tier]) for tier in (low, high)]
            assert least[0] <= least[1], (row.action, high)
            assert row.holds[low] <= row.holds[high]
            assert row.agents[low] <= row.agents[high]

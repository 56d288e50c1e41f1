"""The page of the policy is written from the policy, and no case is left without a word."""

from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path

import pytest

from support_desk.verification.deciding import decide
from support_desk.verification.policy import Context, Tier
from support_desk.verification.policy_file import ACTIONS, load_policy
from support_desk.verification.policy_show import KEEPABLE, cases_without_route, evidence_of, render_policy

POLICY = load_policy()
PAGE = Path(__file__).resolve().parents[2] / "docs" / "policy.md"
AT = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)


def test_the_documented_policy_is_the_one_in_force() -> None:
    assert PAGE.read_text(encoding="utf-8") == render_policy(POLICY), (
        "run: support-desk policy show > docs/policy.md"
    )


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("tier", Tier)
def test_each_combination_of_kept_and_lost_has_a_route_or_is_printed_with_the_reason(
    action: str, tier: Tier
) -> None:
    closed = {
        kept: needs
        for act, at_tier, kept, needs in cases_without_route(POLICY)
        if (act, at_tier) == (action, tier)
    }
    page = render_policy(POLICY).partition("## No route")[2]
    context = Context(reset_at=AT, notice_at=AT)
    tried = 0
    for count in range(len(KEEPABLE) + 1):
        for kept in combinations(KEEPABLE, count):
            tried += 1
            found = decide(POLICY, evidence_of(POLICY, kept, AT), tier, action, context, AT)
            assert found.allowed is (kept not in closed)
            if not found.allowed:
                assert found.needs, "a case without a route needs a reason"
                printed = [
                    set(row.split(" | ")[0].strip("| ").split(", ")) for row in page.splitlines() if action in row
                ]
                assert any(set(kept) <= row for row in printed) or not kept
    assert tried == 32


def test_whoever_kept_the_address_always_has_a_route() -> None:
    assert not [case for case in cases_without_route(POLICY) if "address" in case[2]]


def test_with_the_phone_and_one_other_thing_only_proof_in_person_is_ever_missing() -> None:
    for _, _, kept, needs in cases_without_route(POLICY):
        if "phone" in kept and len(kept) > 1:
            assert needs == ("POST.id_mail",)

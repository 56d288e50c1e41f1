"""What the policy costs honest customers is counted over the directory, and nobody is stranded without a word."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from support_desk.core.http import DeskFlask
from support_desk.verification.commands import policy
from support_desk.verification.policy import Tier
from support_desk.verification.policy_check import KEEPABLE, Customer, Outcome, check
from support_desk.verification.policy_file import load_policy
from tests.verification.owners import an_owner

POLICY = load_policy()
AT = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)
LONG_AGO = AT - timedelta(days=900)


def _customer(*has: str, bits: float = 14.0, tier: Tier = Tier.V1, since: datetime = LONG_AGO) -> Customer:
    return Customer(dict.fromkeys(has, since), bits, tier)


def _checked(*customers: Customer) -> dict[frozenset[str], Outcome]:
    return {frozenset(each.kept): each for each in check(POLICY, customers, AT)}


@pytest.mark.parametrize("tier", Tier)
def test_every_combination_has_a_route_or_a_reason(tier: Tier) -> None:
    outcomes = _checked(*[_customer("e-mail", "phone", "address", tier=tier)] * 3)
    assert len(outcomes) == 2 ** len(KEEPABLE)
    for each in outcomes.values():
        assert each.customers_count == 3
        assert (each.all_back_count == 3) is (each.wait is not None)
        assert bool(each.reasons) is (each.all_back_count < 3)
        assert all(each.reasons)


def test_whoever_never_had_a_thing_does_not_count_as_having_kept_it() -> None:
    outcomes = _checked(_customer("e-mail"), _customer("e-mail", "phone", bits=0.0))
    assert outcomes[frozenset(["e-mail"])].customers_count == 2
    assert outcomes[frozenset(["phone"])].customers_count == 1
    assert outcomes[frozenset(["order history"])].customers_count == 1
    assert outcomes[frozenset(["address"])].customers_count == 0


def test_with_the_phone_and_the_orders_the_email_is_replaced_after_the_hold() -> None:
    kept = _checked(_customer("e-mail", "phone"))[frozenset(["phone", "order history"])]
    assert (kept.action, kept.wait, kept.levels) == ("replace_email", timedelta(hours=72), {"strong": 1})


def test_young_channels_open_the_reset_and_nothing_else() -> None:
    young = _checked(_customer("e-mail", since=AT - timedelta(days=3)))[frozenset(["e-mail"])]
    assert (young.in_again_count, young.all_back_count, young.levels) == (1, 0, {"none": 1})


def test_the_imported_directory_is_checked_by_command(app: DeskFlask, db_session: object) -> None:
    an_owner()
    an_owner(phone=None)
    found = app.test_cli_runner().invoke(policy, ["check", "--json"])
    assert found.exit_code == 0, found.output
    facts = json.loads(found.stdout)
    assert facts["accounts_count"] == 2
    rows = {tuple(row["kept"]): row for row in facts["combinations"]}
    assert len(rows) == 16
    assert rows[("e-mail",)]["accounts_count"] == 2
    assert rows[("phone",)]["accounts_count"] == 1
    shown = app.test_cli_runner().invoke(policy, ["check"])
    assert "| e-mail, phone, order history, address |" in shown.stdout


def test_an_empty_directory_is_said_to_be_empty(app: DeskFlask, db_session: object) -> None:
    found = app.test_cli_runner().invoke(policy, ["check"])
    assert found.exit_code == 1
    assert "accounts import" in found.output

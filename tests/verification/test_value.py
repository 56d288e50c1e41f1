"""The tier follows what an impostor could take."""

from dataclasses import replace
from datetime import date

import pytest

from support_desk.accounts.views import Holdings, Prime
from support_desk.verification.value import value_at_risk

TODAY = date(2026, 11, 22)
NOTHING = Holdings(0, 0, Prime("none", None, None), 0, False, 0, None)


@pytest.mark.parametrize(
    ("yen", "tier"),
    [(0, "V0"), (999, "V0"), (1_000, "V1"), (9_999, "V1"), (10_000, "V2"), (49_999, "V2"), (50_000, "V3")],
)
def test_the_tier_rises_with_the_yen(yen: int, tier: str) -> None:
    assert value_at_risk(replace(NOTHING, gift_balance_yen=yen), today=TODAY).tier == tier


def test_gift_balance_points_and_refunds_count_together() -> None:
    value = value_at_risk(
        replace(NOTHING, gift_balance_yen=4_000, points=4_000, open_refunds_yen=2_000), today=TODAY
    )
    assert (value.yen, value.tier) == (10_000, "V2")


@pytest.mark.parametrize(
    ("change", "tier"),
    [
        ({"has_payment_method": True}, "V1"),
        ({"has_payment_method": False, "card_used_on": date(2026, 11, 1)}, "V0"),
        ({"has_payment_method": None, "card_used_on": date(2024, 11, 22)}, "V1"),
        ({"has_payment_method": None, "card_used_on": date(2024, 11, 21)}, "V0"),
        ({"has_payment_method": None}, "V0"),
        ({"orders_in_flight_count": 1}, "V1"),
        ({"prime": Prime("active", "annual", date(2026, 11, 22))}, "V1"),
        ({"prime": Prime("cancelled", "annual", date(2027, 1, 1))}, "V1"),
        ({"prime": Prime("cancelled", "annual", date(2026, 11, 21))}, "V0"),
        ({"prime": Prime("active", "monthly", None)}, "V1"),
    ],
)
def test_what_can_be_spent_without_a_balance_is_at_least_v1(change: dict[str, object], tier: str) -> None:
    value = value_at_risk(replace(NOTHING, **change), today=TODAY)  # type: ignore[arg-type]
    assert (value.yen, value.tier) == (0, tier)


def test_a_stored_card_does_not_lower_a_higher_tier() -> None:
    assert value_at_risk(replace(NOTHING, points=60_000, has_payment_method=True), today=TODAY).tier == "V3"

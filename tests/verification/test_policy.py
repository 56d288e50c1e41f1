"""The policy engine: what each row asks, and that more evidence never closes or delays anything."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support_desk.verification.deciding import decide, level_of
from support_desk.verification.policy import Context, Evidence, Group, Tier, Verdict
from support_desk.verification.policy_file import ACTIONS, load_policy

POLICY = load_policy()
AT = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
OLD = AT - timedelta(days=1000)

EMAIL = Evidence(Group.END, "email_code", AT, channel_since=OLD)
SMS = Evidence(Group.TEL, "sms_code", AT, channel_since=OLD)
SPOKEN = Evidence(Group.TEL, "spoken_code", AT, channel_since=OLD)
SAVED = Evidence(Group.OFF, "recovery_code", AT)
TOTP = Evidence(Group.OFF, "totp", AT)
LETTER = Evidence(Group.POST, "letter_code", AT, channel_since=OLD)
ID_MAIL = Evidence(Group.POST, "id_mail", AT)


def history(bits: float) -> Evidence:
    return Evidence(Group.MEM, "order_recall", AT, bits=bits)


MEM0, MEM1, MEM2, MEM3 = history(4.2), history(4.3), history(8.7), history(12.2)


def verdict(
    evidence: Sequence[Evidence], tier: Tier, action: str, at: datetime = AT, **context: object
) -> Verdict:
    return decide(POLICY, evidence, tier, action, Context(**context), at)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("evidence", "level"),
    [
        ([], "none"),
        ([MEM0], "none"),
        ([MEM1], "none"),
        ([MEM2], "light"),
        ([MEM3], "light"),
        ([SMS], "light"),
        ([SMS, SPOKEN], "light"),
        ([EMAIL], "basic"),
        ([SAVED], "basic"),
        ([SAVED, TOTP], "basic"),
        ([SMS, MEM0], "light"),
        ([SMS, MEM1], "basic"),
        ([SMS, MEM2], "strong"),
        ([EMAIL, MEM3], "basic"),
        ([EMAIL, SMS], "strong"),
        ([EMAIL, SAVED], "strong"),
        ([SMS, TOTP], "strong"),
        ([LETTER], "none"),
        ([LETTER, MEM2], "light"),
        ([LETTER, MEM3], "strong"),
        ([LETTER, SMS], "strong"),
        ([LETTER, EMAIL], "strong"),
        ([LETTER, SAVED], "strong"),
        ([ID_MAIL], "proofed"),
        ([ID_MAIL, LETTER], "proofed"),
    ],
)
def test_the_level_follows_from_groups_not_from_their_number(evidence: list[Evidence], level: str) -> None:
    assert level_of(POLICY, evidence) == level


@pytest.mark.parametrize(
    ("action", "tier", "evidence", "hold", "agents"),
    [
        ("freeze", Tier.V3, [], timedelta(0), 0),
        ("send_reset_link", Tier.V3, [], timedelta(0), 0),
        ("set_password", Tier.V3, [EMAIL], timedelta(0), 0),
        ("see_amounts", Tier.V3, [EMAIL], timedelta(0), 0),
        ("lift_spend", Tier.V1, [EMAIL], timedelta(0), 0),
        ("lift_spend", Tier.V3, [EMAIL, SMS], timedelta(0), 0),
        ("lift_change", Tier.V0, [EMAIL, SMS], timedelta(0), 0),
        ("replace_email", Tier.V0, [SMS, MEM2], 72 * HOUR, 0),
        ("replace_email", Tier.V1, [SMS, MEM2], 72 * HOUR, 0),
        ("replace_email", Tier.V2, [SMS, MEM2], 72 * HOUR, 2),
        ("replace_phone", Tier.V3, [ID_MAIL], 14 * DAY, 2),
        ("replace_phone", Tier.V3, [ID_MAIL, EMAIL], 72 * HOUR, 2),
        ("replace_phone", Tier.V3, [ID_MAIL, MEM2], 72 * HOUR, 2),
        ("replace_channels", Tier.V1, [LETTER, MEM3], 7 * DAY, 2),
        ("replace_channels", Tier.V2, [ID_MAIL, SAVED], 72 * HOUR, 2),
        ("two_step_off", Tier.V0, [EMAIL, SMS], 72 * HOUR, 0),
        ("two_step_off", Tier.V1, [EMAIL, SMS], 72 * HOUR, 2),
        ("relink_prime", Tier.V3, [EMAIL], timedelta(0), 1),
        ("carry_over", Tier.V0, [EMAIL, SMS], 7 * DAY, 2),
        ("carry_over", Tier.V1, [ID_MAIL, SMS], 7 * DAY, 2),
        ("carry_over", Tier.V1, [ID_MAIL], 14 * DAY, 2),
    ],
)
def test_an_open_cell_has_the_hold_and_the_agents_of_its_row(
    action: str, tier: Tier, evidence: list[Evidence], hold: timedelta, agents: int
) -> None:
    found = verdict(evidence, tier, action)
    assert (found.allowed, found.hold_seconds, found.agents) == (True, hold.total_seconds(), agents)
    assert found.not_before == AT + hold


@pytest.mark.parametrize(
    ("action", "tier", "evidence", "needs"),
    [
        ("set_password", Tier.V1, [SMS], ("END", "MEM.1", "OFF", "POST.id_mail", "POST.letter_code")),
        ("set_password", Tier.V1, [MEM3], ("END", "OFF", "POST.id_mail", "POST.letter_code", "TEL")),
        ("lift_spend", Tier.V1, [SMS], ("END", "MEM.1", "OFF", "POST.id_mail", "POST.letter_code")),
        ("replace_email", Tier.V1, [EMAIL, MEM3], ("OFF", "POST.id_mail", "POST.letter_code", "TEL")),
        ("replace_email", Tier.V3, [EMAIL, SMS, SAVED, MEM3, LETTER], ("POST.id_mail",)),
        ("carry_over", Tier.V1, [EMAIL, SMS, SAVED], ("POST.id_mail",)),
        ("two_step_off", Tier.V1, [EMAIL], ("OFF", "POST.id_mail", "POST.letter_code", "TEL")),
    ],
)
def test_a_closed_cell_says_the_least_that_would_open_it(
    action: str, tier: Tier, evidence: list[Evidence], needs: tuple[str, ...]
) -> None:
    found = verdict(evidence, tier, action)
    assert (found.allowed, found.not_before, found.needs) == (False, None, needs)


def test_light_waits_for_a_delivered_notice_and_seven_days_from_there() -> None:
    without = verdict([MEM2], Tier.V0, "set_password")
    assert not without.allowed
    assert "notice" in without.needs
    found = verdict([MEM2], Tier.V0, "set_password", notice_at=AT - 2 * DAY)
    assert found.allowed
    assert found.not_before == AT + 5 * DAY
    assert not verdict([MEM2], Tier.V0, "set_password", notice_at=AT + HOUR).allowed


def test_the_hold_of_the_row_binds_light_too() -> None:
    found = verdict([SMS], Tier.V0, "replace_email", notice_at=AT - 100 * DAY)
    assert found.not_before == AT + 72 * HOUR


def test_whoever_comes_in_by_light_is_held_like_light_even_with_more() -> None:
    found = verdict([EMAIL], Tier.V0, "replace_phone", notice_at=AT)
    assert found.not_before == AT + 7 * DAY
    assert not verdict([EMAIL], Tier.V0, "replace_phone").allowed


def test_waiting_runs_from_the_effect_of_the_reset() -> None:
    assert verdict([EMAIL], Tier.V3, "lift_spend").needs[-1] == "reset"
    found = verdict([EMAIL], Tier.V3, "lift_spend", reset_at=AT - HOUR)
    assert found.allowed
    assert found.not_before == AT + 71 * HOUR
    assert "TEL" in found.sooner
    assert verdict([EMAIL, SMS], Tier.V3, "lift_spend", reset_at=AT - HOUR).not_before == AT
    assert verdict([EMAIL], Tier.V3, "lift_change", reset_at=AT).not_before == AT + 7 * DAY
    assert verdict([EMAIL], Tier.V2, "lift_spend", reset_at=AT).not_before == AT + 24 * HOUR


def test_after_a_replaced_channel_the_stricter_row_applies() -> None:
    assert not verdict([EMAIL], Tier.V1, "lift_spend", reset_at=AT, channel_replaced=True).allowed
    found = verdict([EMAIL, SMS], Tier.V3, "lift_change", reset_at=AT, channel_replaced=True)
    assert found.not_before == AT + 7 * DAY


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("tier", Tier)
def test_a_contested_account_takes_proof_fourteen_days_and_two_agents(action: str, tier: Tier) -> None:
    everything = [EMAIL, SMS, SAVED, LETTER, MEM3]
    closed = verdict(everything, tier, action, contested=True, reset_at=AT, notice_at=AT)
    assert (closed.allowed, closed.needs) == (False, ("POST.id_mail",))
    found = verdict([*everything, ID_MAIL], tier, action, contested=True)
    assert (found.allowed, found.hold_seconds, found.agents) == (True, (14 * DAY).total_seconds(), 2)


@pytest.mark.parametrize(
    ("since", "set_by_desk", "weighs"),
    [
        (AT - 30 * DAY, False, True),
        (AT - 30 * DAY + timedelta(seconds=1), False, False),
        (AT - 89 * DAY, True, False),
        (AT - 90 * DAY, True, True),
        (None, False, False),
    ],
)
def test_a_young_channel_serves_only_a_new_password(
    since: datetime | None, set_by_desk: bool, weighs: bool
) -> None:
    item = Evidence(Group.END, "email_code", AT, channel_since=since, set_by_desk=set_by_desk)
    assert (level_of(POLICY, [item]) == "basic") is weighs
    assert verdict([item], Tier.V3, "set_password").allowed
    for action in ("see_amounts", "lift_spend", "relink_prime"):
        assert verdict([item], Tier.V1, action).allowed is weighs
    # It does not come of age by waiting: what counts is its age when the code was passed.
    assert verdict([item], Tier.V1, "see_amounts", at=AT + 100 * DAY).allowed is weighs


def test_a_letter_weighs_only_from_an_address_registered_ninety_days() -> None:
    young = Evidence(Group.POST, "letter_code", AT, channel_since=AT - 89 * DAY)
    assert level_of(POLICY, [young, SMS]) == "light"


def test_two_step_goes_off_only_by_a_group_that_did_not_open_the_reset() -> None:
    used = frozenset({Group.END, Group.TEL})
    closed = verdict([EMAIL, SMS], Tier.V0, "two_step_off", reset_groups=used)
    assert not closed.allowed
    assert "OFF" in closed.needs
    assert verdict([EMAIL, SMS, SAVED], Tier.V0, "two_step_off", reset_groups=used).allowed
    assert verdict([EMAIL, SMS], Tier.V0, "two_step_off", reset_groups=frozenset({Group.END})).allowed


def test_evidence_of_an_unknown_kind_or_of_the_wrong_group_weighs_nothing() -> None:
    assert level_of(POLICY, [Evidence(Group.OFF, "sms_code", AT, channel_since=OLD)]) == "none"
    assert level_of(POLICY, [Evidence(Group.POST, "horoscope", AT)]) == "none"


def test_evidence_from_the_future_does_not_count_yet() -> None:
    later = Evidence(Group.OFF, "totp", AT + HOUR)
    assert not verdict([later], Tier.V0, "see_amounts").allowed


ITEMS = (EMAIL, SMS, SPOKEN, SAVED, TOTP, LETTER, ID_MAIL, MEM0, MEM1, MEM2, MEM3)
SETS = [set(chosen) for count in range(5) for chosen in combinations(ITEMS, count)]


def test_order_history_and_mailbox_together_open_nothing_that_one_does_not() -> None:
    for action in ACTIONS:
        for tier in Tier:
            both = verdict([EMAIL, MEM3], tier, action, reset_at=AT, notice_at=AT)
            single = [verdict([one], tier, action, reset_at=AT, notice_at=AT) for one in (EMAIL, MEM3)]
            assert both.allowed == any(each.allowed for each in single), (action, tier)
            if both.allowed:
                assert both.not_before == min(each.not_before for each in single if each.not_before), (
                    action,
                    tier,
                )


evidence_items = st.builds(
    Evidence,
    group=st.sampled_from(Group),
    kind=st.sampled_from(list(POLICY.kinds)),
    passed_at=st.sampled_from([AT - DAY, AT, AT + HOUR]),
    bits=st.floats(-5, 14),
    channel_since=st.sampled_from([None, AT - 10 * DAY, AT - 60 * DAY, OLD]),
    set_by_desk=st.booleans(),
)
contexts = st.builds(
    Context,
    reset_at=st.sampled_from([None, AT - 5 * DAY, AT]),
    notice_at=st.sampled_from([None, AT - 5 * DAY, AT]),
    channel_replaced=st.booleans(),
    contested=st.booleans(),
    reset_groups=st.frozensets(st.sampled_from(Group), max_size=2),
)


@settings(max_examples=300, deadline=None)
@given(
    held=st.lists(evidence_items, max_size=5),
    more=evidence_items,
    tier=st.sampled_from(Tier),
    action=st.sampled_from(ACTIONS),
    context=contexts,
)
def test_more_evidence_never_lowers_closes_or_delays(
    held: list[Evidence], more: Evidence, tier: Tier, action: str, context: Context
) -> None:
    before = decide(POLICY, held, tier, action, context, AT)
    after = decide(POLICY, [*held, more], tier, action, context, AT)
    assert POLICY.rank(after.level) >= POLICY.rank(before.level)
    assert after.agents == before.agents
    if before.allowed:
        assert after.allowed
        assert before.not_before is not None
        assert after.not_before is not None
        assert after.not_before <= before.not_before


@settings(max_examples=200, deadline=None)
@given(
    held=st.lists(evidence_items, max_size=5),
    tier=st.sampled_from(Tier),
    action=st.sampled_from(ACTIONS),
    context=contexts,
)
def test_nothing_is_both_open_and_in_need_and_no_effect_lies_in_the_past(
    held: list[Evidence], tier: Tier, action: str, context: Context
) -> None:
    found = decide(POLICY, held, tier, action, context, AT)
    assert found.allowed is (found.not_before is not None)
    assert not (found.allowed and found.needs)
    if found.not_before is not None:
        assert found.not_before >= AT

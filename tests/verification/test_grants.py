"""Grants, attacked: minted only from a verdict, bound to what they say, used once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from support_desk.core import clock as business
from support_desk.core.db import db, new_id
from support_desk.tickets import service as tickets
from support_desk.verification import evidence_service, service
from support_desk.verification.errors import ApprovalsMissing, GrantRefused, NotVerified
from support_desk.verification.models import ChallengeKind, Grant
from support_desk.verification.policy import Context
from tests.verification.owners import Owner, a_case_naming, an_owner

AGENTS = (new_id(), new_id())


@pytest.fixture
def owner(clock: Any, db_session: Any) -> Owner:
    found = an_owner(gift_balance_yen=20_000)
    db_session.commit()
    return found


@pytest.fixture
def ticket_id(owner: Owner, run_jobs: Any) -> UUID:
    case = a_case_naming(owner)
    run_jobs()
    assert tickets.get_ticket(case.id).value_tier == "V2"
    return case.id


def show(ticket_id: UUID, *kinds: str, days: int = 1000) -> None:
    """Let the claimant have passed these, as if by a right code."""
    for kind in kinds:
        evidence_service.record_evidence(
            tickets.get_ticket(ticket_id),
            kind=ChallengeKind(kind),
            bits=13.0 if kind == "order_recall" else None,
            channel_since=business.now() - timedelta(days=days),
        )


def mint(ticket_id: UUID, action: str = "set_password", **more: Any) -> service.GrantView:
    return service.mint_grant(ticket_id, action, at=business.now(), **more)


def consume(grant: service.GrantView, **other: Any) -> service.GrantView:
    wanted = {"account_id": grant.account_id, "action": grant.action, "at": business.now(), **other}
    return service.consume_grant(grant.id, **wanted)


def test_nothing_is_minted_without_the_level(ticket_id: UUID) -> None:
    with pytest.raises(NotVerified):
        mint(ticket_id)
    show(ticket_id, "sms_code")
    with pytest.raises(NotVerified):
        mint(ticket_id)
    show(ticket_id, "email_code")
    assert mint(ticket_id).level == "strong"


def test_nothing_is_minted_for_an_unresolved_case(owner: Owner, run_jobs: Any) -> None:
    case = a_case_naming(None)
    run_jobs()
    with pytest.raises(NotVerified):
        mint(case.id)
    with pytest.raises(NotVerified):
        mint(case.id, "freeze")


def test_two_agents_are_two_people(ticket_id: UUID) -> None:
    show(ticket_id, "sms_code", "email_code")
    for approvers in ((), AGENTS[:1], (AGENTS[0], AGENTS[0])):
        with pytest.raises(ApprovalsMissing):
            mint(ticket_id, "replace_email", approvers=approvers)
    assert mint(ticket_id, "replace_email", approvers=AGENTS).hold_seconds == 72 * 3600


def test_a_grant_is_used_once(ticket_id: UUID) -> None:
    show(ticket_id, "email_code")
    grant = mint(ticket_id)
    assert consume(grant).groups == ("END",)
    with pytest.raises(GrantRefused):
        consume(grant)


def test_a_grant_serves_its_account_and_action_alone(ticket_id: UUID) -> None:
    show(ticket_id, "email_code")
    grant = mint(ticket_id)
    for other in ({"account_id": new_id()}, {"action": "replace_email"}, {"action": "carry_over"}):
        with pytest.raises(GrantRefused):
            consume(grant, **other)
    with pytest.raises(GrantRefused):
        service.consume_grant(new_id(), account_id=grant.account_id, action=grant.action, at=business.now())
    consume(grant)


def test_a_grant_is_refused_one_hour_before_its_hold_ends_and_used_one_hour_after(
    ticket_id: UUID, clock: Any
) -> None:
    show(ticket_id, "sms_code", "email_code")
    grant = mint(ticket_id, "replace_email", approvers=AGENTS)
    clock.move(hours=71)
    with pytest.raises(GrantRefused):
        consume(grant)
    clock.move(hours=2)
    consume(grant)


def test_a_grant_expires_after_thirty_days(ticket_id: UUID, clock: Any) -> None:
    show(ticket_id, "email_code")
    grant = mint(ticket_id)
    clock.move(days=30)
    with pytest.raises(GrantRefused):
        consume(grant)


@pytest.mark.parametrize(
    "edit",
    [
        {"action": "carry_over"},
        {"level": "proofed"},
        {"account_version": 2},
        {"not_before": sa.text("not_before - interval '1 second'")},
        {"expires_at": sa.text("expires_at + interval '1 day'")},
        {"value_tier": "V0"},
        {"groups": ["END", "TEL"]},
        {"policy_version": "other"},
        {"approvers": [str(AGENTS[0])]},
        {"hold_seconds": 1},
        {"mac": b"\0" * 32},
    ],
)
def test_an_edited_grant_is_refused(ticket_id: UUID, edit: dict[str, Any]) -> None:
    show(ticket_id, "email_code")
    grant = mint(ticket_id)
    db.session.execute(sa.update(Grant).values(**edit))
    db.session.expire_all()
    with pytest.raises(GrantRefused):
        consume(grant, action=edit.get("action", grant.action))


def test_a_grant_moved_to_another_account_is_refused(ticket_id: UUID) -> None:
    show(ticket_id, "email_code")
    grant = mint(ticket_id)
    other = an_owner()
    db.session.execute(sa.update(Grant).values(account_id=other.id))
    db.session.expire_all()
    with pytest.raises(GrantRefused):
        consume(grant, account_id=other.id)


def change_account(owner: Owner) -> None:
    db.session.execute(
        sa.text("UPDATE customers SET account_version = account_version + 1 WHERE id = :id").bindparams(
            sa.bindparam("id", owner.id, sa.Uuid())
        )
    )
    db.session.expire_all()


def test_a_changed_account_kills_older_grants(ticket_id: UUID, owner: Owner) -> None:
    show(ticket_id, "email_code")
    grant = mint(ticket_id)
    change_account(owner)
    with pytest.raises(GrantRefused):
        consume(grant)
    consume(mint(ticket_id))


def test_a_grant_is_renewed_after_a_change_of_its_own_case_and_keeps_its_hold(
    ticket_id: UUID, owner: Owner, clock: Any
) -> None:
    show(ticket_id, "email_code", "sms_code")
    held = mint(ticket_id, "replace_email", approvers=AGENTS)
    own = mint(ticket_id)
    with pytest.raises(GrantRefused):
        service.renew_grant(held.id, after=own.id, at=business.now())
    clock.move(hours=1)
    consume(own)
    change_account(owner)
    with pytest.raises(GrantRefused):
        consume(held, at=held.not_before)
    renewed = service.renew_grant(held.id, after=own.id, at=business.now())
    assert (renewed.not_before, renewed.approvers) == (held.not_before, held.approvers)
    with pytest.raises(GrantRefused):
        consume(renewed)
    clock.move(hours=71)
    consume(renewed)
    with pytest.raises(GrantRefused):
        service.renew_grant(held.id, after=own.id, at=business.now())


def test_a_grant_is_not_renewed_after_somebody_elses_change(ticket_id: UUID, owner: Owner, run_jobs: Any) -> None:
    show(ticket_id, "email_code", "sms_code")
    held = mint(ticket_id, "replace_email", approvers=AGENTS)
    other = a_case_naming(owner)
    run_jobs()
    show(other.id, "email_code")
    foreign = mint(other.id)
    consume(foreign)
    change_account(owner)
    with pytest.raises(GrantRefused):
        service.renew_grant(held.id, after=foreign.id, at=business.now())
    later = mint(ticket_id)
    consume(later)
    change_account(owner)
    with pytest.raises(GrantRefused):
        service.renew_grant(held.id, after=later.id, at=business.now())


def test_a_grant_is_not_renewed_when_more_changed_than_its_own_case_did(ticket_id: UUID, owner: Owner) -> None:
    show(ticket_id, "email_code", "sms_code")
    held = mint(ticket_id, "replace_email", approvers=AGENTS)
    own = mint(ticket_id)
    consume(own)
    change_account(owner)
    change_account(owner)
    with pytest.raises(GrantRefused):
        service.renew_grant(held.id, after=own.id, at=business.now())


def test_a_dispute_after_minting_stops_the_grant(ticket_id: UUID, owner: Owner) -> None:
    show(ticket_id, "email_code", "sms_code")
    grant = mint(ticket_id)
    service.mark_contested(owner.id, ticket_id=ticket_id, why="stopped")
    with pytest.raises(GrantRefused):
        consume(grant)
    with pytest.raises(NotVerified):
        mint(ticket_id)
    show(ticket_id, "id_mail")
    proofed = mint(ticket_id, approvers=AGENTS)
    assert proofed.hold_seconds == 14 * 24 * 3600
    service.settle_contested(owner.id)
    assert mint(ticket_id).hold_seconds == 0


def test_a_context_cannot_hide_a_dispute(ticket_id: UUID, owner: Owner) -> None:
    show(ticket_id, "email_code", "sms_code")
    service.mark_contested(owner.id, ticket_id=ticket_id, why="stopped")
    with pytest.raises(NotVerified):
        mint(ticket_id, context=Context(contested=False))


def test_freezing_is_granted_twice_in_thirty_days(ticket_id: UUID, clock: Any) -> None:
    mint(ticket_id, "freeze")
    mint(ticket_id, "freeze")
    with pytest.raises(NotVerified):
        mint(ticket_id, "freeze")
    clock.move(days=30)
    mint(ticket_id, "freeze")


def test_what_was_shown_about_another_account_does_not_count(ticket_id: UUID, owner: Owner) -> None:
    show(ticket_id, "email_code", "sms_code")
    other = an_owner()
    ticket = tickets.get_ticket(ticket_id)
    ticket.account_id = other.id
    db.session.flush()
    with pytest.raises(NotVerified):
        mint(ticket_id)


def test_a_verdict_of_a_case_whose_value_nobody_weighed_is_that_of_the_highest_tier(ticket_id: UUID) -> None:
    show(ticket_id, "email_code", "sms_code")
    assert service.verdict(ticket_id, "replace_email", at=business.now()).allowed
    tickets.get_ticket(ticket_id).value_tier = None
    db.session.flush()
    assert not service.verdict(ticket_id, "replace_email", at=business.now()).allowed


def test_a_young_channel_opens_a_new_password_and_nothing_else(ticket_id: UUID) -> None:
    show(ticket_id, "email_code", days=29)
    mint(ticket_id)
    with pytest.raises(NotVerified):
        mint(ticket_id, "see_amounts")

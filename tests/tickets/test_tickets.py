"""What happens to a ticket, whoever asks for it."""

from uuid import uuid4

import pytest
import sqlalchemy as sa

from support_desk.audit import service as audit
from support_desk.core.errors import DeskError
from support_desk.core.events import _subscribers, subscribe
from support_desk.tickets import events, moves_service, service
from support_desk.tickets.errors import AlreadyAssigned, MoveNotAllowed, TicketIsClosed, UnknownAssignee
from support_desk.tickets.lifecycle import Mover, Status
from support_desk.tickets.models import Move, Ticket, TicketKey
from tests.agents.people import an_agent
from tests.tickets.cases import a_ticket


@pytest.fixture
def heard():
    """Listen to an event class; returns what was announced."""
    kept = []

    def listen(kind):
        announced = []
        subscribe(kind, announced.append)
        kept.append((kind, announced.append))
        return announced

    yield listen
    for kind, subscriber in kept:
        _subscribers[kind].remove(subscriber)


@pytest.fixture(autouse=True)
def _database(db_session, clock):
    """Every test here writes into the savepoint, at a fixed time."""


def test_opening_writes_ticket_keys_move_message_and_audit(heard, db_session):
    opened = heard(events.TicketOpened)
    ticket = a_ticket()
    assert ticket.reference.startswith("SD-")
    assert opened == [events.TicketOpened(ticket.id)]
    assert db_session.scalar(sa.select(sa.func.count()).where(TicketKey.ticket_id == ticket.id)) == 2
    assert [message.body for message in service.list_messages(ticket.id, for_claimant=True)]
    assert [entry.tag for entry in audit.list_entries("ticket", ticket.id)] == ["ticket:case:opened"]


def test_personal_values_lie_encrypted_in_the_table(db_session):
    ticket = a_ticket()
    row = db_session.execute(sa.text("SELECT * FROM tickets WHERE id = :id"), {"id": ticket.id}).mappings().one()
    stored = b"".join(bytes(value) for value in row.values() if isinstance(value, bytes | memoryview))
    text = " ".join(str(value) for value in row.values() if isinstance(value, str))
    for value in ("山田 太郎", "ヤマダ タロウ", "taro@example.com", "old@example.com", "123-4567"):
        assert value.encode() not in stored
        assert value not in text


def test_the_token_is_derived_and_each_ticket_has_its_own():
    one, other = a_ticket(), a_ticket()
    assert service.access_token(one) == service.access_token(one)
    assert service.access_token(one) != service.access_token(other)
    assert len(service.access_token(one)) >= 43


def test_a_move_is_kept_with_who_why_and_where_from(db_session):
    ticket = a_ticket()
    service.move(ticket.id, "on_hold", why="hold_running")
    made = db_session.scalars(sa.select(Move).where(Move.ticket_id == ticket.id).order_by(Move.id)).all()
    assert [(move.from_status, move.to_status, move.mover_kind, move.why) for move in made] == [
        (None, Status.NEW, Mover.CLAIMANT, "opened"),
        ("new", Status.ON_HOLD, Mover.DESK, "hold_running"),
    ]


def test_moving_to_the_same_status_is_no_move(db_session):
    ticket = a_ticket()
    before = ticket.version
    assert service.move(ticket.id, "new", why="again").version == before


def test_a_move_outside_the_table_is_refused():
    ticket = a_ticket()
    with pytest.raises(MoveNotAllowed):
        service.move(ticket.id, "closed", why="agent", by=Mover.AGENT)


def test_solving_can_be_refused_by_a_subscriber_and_is_announced_otherwise(heard, db_session):
    ticket = a_ticket()
    solving, solved = heard(events.TicketSolving), heard(events.TicketSolved)

    class Pending(DeskError):
        code = "entitlement_pending"
        ja = en = "pending"

    def refuse(event):
        raise Pending

    subscribe(events.TicketSolving, refuse)
    try:
        with pytest.raises(Pending):
            service.move(ticket.id, "solved", why="agent", by=Mover.AGENT)
    finally:
        _subscribers[events.TicketSolving].remove(refuse)
    assert ticket.status is Status.NEW
    assert solved == []
    service.move(ticket.id, "solved", why="agent", by=Mover.AGENT)
    assert len(solving) == 2
    assert solved == [events.TicketSolved(ticket.id)]
    assert ticket.solved_at is not None


def test_a_withdrawn_ticket_is_closed_and_announced_once(heard):
    closed = heard(events.TicketClosed)
    ticket = a_ticket()
    service.withdraw(ticket.id)
    assert ticket.status is Status.CLOSED
    assert closed == [events.TicketClosed(ticket.id)]
    with pytest.raises(TicketIsClosed):
        service.withdraw(ticket.id)
    with pytest.raises(TicketIsClosed):
        service.post_message(ticket.id, author="claimant", author_id=None, body="まだです", visibility="public")


def test_a_claimants_message_opens_a_solved_ticket_again():
    ticket = a_ticket()
    service.move(ticket.id, "solved", why="desk")
    service.post_message(ticket.id, author="claimant", author_id=None, body="まだ入れません", visibility="public")
    assert ticket.status is Status.OPEN
    assert ticket.solved_at is None


def test_what_is_solved_is_closed_after_a_week(clock):
    ticket, fresh = a_ticket(), a_ticket()
    service.move(ticket.id, "solved", why="desk")
    clock.move(days=6)
    service.move(fresh.id, "solved", why="desk")
    assert moves_service.close_solved() == 0
    clock.move(days=1)
    assert moves_service.close_solved() == 1
    assert (ticket.status, fresh.status) == (Status.CLOSED, Status.SOLVED)


def test_claim_next_takes_the_highest_priority_then_the_oldest(clock):
    me = an_agent()
    low, first, later = [], [], []
    for line, tier in ((low, "V0"), (first, "V2"), (later, "V2")):
        ticket = a_ticket()
        service.set_value_at_risk(ticket.id, 1, tier)
        line.append(ticket.id)
        clock.move(seconds=1)
    taken = [service.claim_next(me.id) for _ in range(3)]
    assert [ticket.id for ticket in taken] == [*first, *later, *low]
    assert {ticket.status for ticket in taken} == {Status.OPEN}
    assert service.claim_next(me.id) is None


def test_claim_next_leaves_what_is_over_budget_and_what_waits_for_the_customer():
    me = an_agent()
    a_ticket(over_budget=True)
    a_ticket(status=Status.PENDING)
    assert service.claim_next(me.id) is None


def test_a_ticket_over_budget_lies_behind_the_newest_open_one_of_its_identifier(clock):
    oldest = a_ticket(claimed={"email": "Dup@Example.com"})
    clock.move(minutes=1)
    newest = a_ticket(claimed={"email": "dup@example.com"}, contact={"name": "A", "phone": "+819012345678"})
    extra = a_ticket(claimed={"email": "ｄｕｐ@example.com"}, contact={"name": "B"}, over_budget=True)
    assert extra.filed_behind_id == newest.id
    assert [ticket.id for ticket in service.list_open_behind(newest.id)] == [extra.id]
    assert service.list_open_behind(oldest.id) == []


def test_another_agents_ticket_cannot_be_claimed():
    mine, other = an_agent(), an_agent("supervisor")
    ticket = a_ticket()
    service.claim(ticket.id, mine.id)
    assert service.claim(ticket.id, mine.id).assignee_id == mine.id
    with pytest.raises(AlreadyAssigned):
        service.claim(ticket.id, other.id)


def test_a_ticket_is_not_given_to_somebody_unknown():
    ticket = a_ticket()
    with pytest.raises(UnknownAssignee):
        service.change(ticket, assignee_id=uuid4())


def test_the_priority_follows_value_until_an_agent_sets_it():
    ticket = a_ticket()
    service.set_value_at_risk(ticket.id, 38_200, "V2")
    assert (ticket.priority, ticket.value_tier) == (60, "V2")
    service.change(ticket, priority=5)
    service.set_value_at_risk(ticket.id, 90_000, "V3")
    assert ticket.priority == 5


def test_the_resolution_is_noted_without_telling_the_claimant():
    ticket, account_id = a_ticket(), uuid4()
    service.set_resolution(ticket.id, account_id, "A1", budget_key=b"k" * 32, linked=["A2"])
    assert (ticket.account_id, ticket.account_ref, ticket.linked_account_refs) == (account_id, "A1", ["A2"])
    assert ticket.resolved_at is not None
    tags = [entry.tag for entry in service.timeline(ticket.id, for_claimant=True)]
    assert tags == ["ticket:case:opened", "ticket:message:posted"]


def test_the_claimants_timeline_has_no_internal_notes_and_the_desks_has_everything():
    ticket = a_ticket()
    agent = an_agent()
    service.post_message(ticket.id, author="agent", author_id=agent.id, body="メモ", visibility="internal")
    service.post_message(ticket.id, author="agent", author_id=agent.id, body="返信", visibility="public")
    seen = sorted((entry.tag, entry.actor) for entry in service.timeline(ticket.id, for_claimant=True))
    assert seen == [
        ("ticket:case:opened", "claimant"),
        ("ticket:message:posted", "agent"),
        ("ticket:message:posted", "claimant"),
        ("ticket:status:moved", "agent"),
    ]
    desk = [entry.tag for entry in service.timeline(ticket.id, for_claimant=False)]
    assert desk.count("ticket:message:posted") == 2
    assert "ticket:status:moved" in desk


def test_no_text_of_a_message_reaches_the_audit():
    ticket = a_ticket()
    service.post_message(
        ticket.id, author="claimant", author_id=None, body="秘密の言葉 canary", visibility="public"
    )
    for entry in audit.list_entries("ticket", ticket.id):
        assert "canary" not in f"{entry.data}{entry.reason}"


def test_the_table_refuses_a_closed_ticket_without_its_time(db_session):
    ticket = a_ticket()
    with pytest.raises(sa.exc.IntegrityError), db_session.begin_nested():
        db_session.execute(sa.update(Ticket).where(Ticket.id == ticket.id).values(status=Status.CLOSED))

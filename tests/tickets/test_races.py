"""Agents who reach for tickets at the same moment."""

from concurrent.futures import ThreadPoolExecutor

from support_desk.core.db import transaction
from support_desk.tickets import service
from support_desk.tickets.errors import AlreadyAssigned
from tests.agents.people import an_agent
from tests.tickets.cases import a_ticket

AGENTS = 12


def test_agents_who_claim_at_once_get_different_tickets(real_db):
    with real_db.app_context(), transaction():
        agents = [an_agent(email=f"agent{number}@example.jp").id for number in range(AGENTS)]
        waiting = {a_ticket().id for _ in range(AGENTS)}

    def claim(agent_id):
        with real_db.app_context(), transaction():
            ticket = service.claim_next(agent_id)
            return ticket.id if ticket else None

    with ThreadPoolExecutor(AGENTS) as pool:
        taken = list(pool.map(claim, agents))
    assert set(taken) == waiting


def test_one_ticket_claimed_by_many_goes_to_one(real_db):
    with real_db.app_context(), transaction():
        agents = [an_agent(email=f"agent{number}@example.jp").id for number in range(AGENTS)]
        ticket_id = a_ticket().id

    def claim(agent_id):
        try:
            with real_db.app_context(), transaction():
                service.claim(ticket_id, agent_id)
        except AlreadyAssigned:
            return False
        return True

    with ThreadPoolExecutor(AGENTS) as pool:
        assert sum(pool.map(claim, agents)) == 1

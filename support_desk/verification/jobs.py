"""What verification does later, by name."""

from uuid import UUID

from support_desk.outbox.registry import URGENT, job
from support_desk.verification import challenges_service, history_service, quiz_service, resolve_service


@job("verification.resolve", queue=URGENT)
def resolve(ticket_id: UUID) -> None:
    """Find the account the ticket means."""
    resolve_service.resolve(ticket_id)


@job("verification.prepare", queue=URGENT)
def prepare(challenge_id: UUID, asked: int, waited: int = 0) -> None:
    """Send the code or make the grids, or do not, and make the challenge ready."""
    challenges_service.prepare_challenge(challenge_id, asked, waited)


@job("verification.score", queue=URGENT)
def score(challenge_id: UUID, waited: int = 0) -> None:
    """Score the orders somebody remembered."""
    history_service.score_answer(challenge_id, waited)


@job("verification.score_quiz", queue=URGENT)
def score_quiz(challenge_id: UUID) -> None:
    """Score the tiles somebody ticked."""
    quiz_service.score_quiz(challenge_id)

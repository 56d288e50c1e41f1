"""The form and the limits of one-time codes, and where they may be sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from support_desk.core.budgets import Rule
from support_desk.core.codes import CHECKED
from support_desk.verification.models import ChallengeKind, ChallengePurpose

TRIES = 5
CODE_LIVES = timedelta(minutes=10)
LINK_LIVES = timedelta(minutes=30)
RECALL_LIVES = timedelta(hours=24)
# How long a code that the customer has at hand may be entered after asking to.
OWN_LIVES = timedelta(hours=24)
LETTER_LIVES = timedelta(days=21)
# So long may ID-checked mail take to be delivered and recorded.
ID_MAIL_LIVES = timedelta(days=60)
# A letter goes to an address that has been registered for so long.
LETTER_ADDRESS_AGE = timedelta(days=90)
QUIZ_LIVES = timedelta(minutes=10)
# Nothing is ready earlier than this, so that the time says nothing about the account.
PREPARING = timedelta(seconds=2)
RESEND_AFTER = timedelta(seconds=60)

# Over all flows and channels; the reserved part opens by a right code of another group in the same ticket.
WRONG_CODES = Rule("verification.wrong_codes", 20, timedelta(days=30))
RESERVED_WRONG_CODES = Rule("verification.wrong_codes_reserved", 10, timedelta(days=30))
RECALL_MONTH = Rule("verification.recall_month", 1, timedelta(days=30))
RECALL_YEAR = Rule("verification.recall_year", 3, timedelta(days=365))
RESERVED_RECALL = Rule("verification.recall_reserved", 1, timedelta(days=30))
# One letter for an account, whichever of its cases asks: they share it, so that a stranger uses up nobody's.
LETTERS = Rule("verification.letters", 1, timedelta(days=14))
# A letter's code is guessed by nobody; each case has its own tries, which no other case and no other code uses up.
WRONG_LETTERS = Rule("verification.wrong_letters", TRIES, LETTERS.window)
QUIZ_MONTH = Rule("verification.quiz_month", 1, timedelta(days=30))
QUIZ_YEAR = Rule("verification.quiz_year", 3, timedelta(days=365))
RESERVED_QUIZ = Rule("verification.quiz_reserved", 1, timedelta(days=30))
# One address, whoever asks.
SENDS = (
    Rule("verification.sends_minute", 1, RESEND_AFTER),
    Rule("verification.sends_hour", 3, timedelta(hours=1)),
    Rule("verification.sends_day", 5, timedelta(hours=24)),
    Rule("verification.sends_month", 10, timedelta(days=30)),
)


# A few more, for each case that has shown something of another group: strangers may have asked for all of those.
RESERVED_SENDS = (
    Rule("verification.sends_reserved_minute", 1, RESEND_AFTER),
    Rule("verification.sends_reserved_month", 3, timedelta(days=30)),
)


@dataclass(frozen=True)
class CodeForm:
    """Alphabet and length of a code; `channel` is the kind of address it goes to."""

    alphabet: str
    length: int
    channel: str


FORMS = {
    ChallengeKind.EMAIL_CODE: CodeForm("crockford", 8, "email"),
    ChallengeKind.SMS_CODE: CodeForm("digits", 8, "phone"),
}
# A letter's code is derived from the letter, which several cases may share.
LETTER_FORM = CodeForm(CHECKED, 11, "address")
# What is typed into one field, whether it was sent or is at hand.
OWN = (ChallengeKind.RECOVERY_CODE, ChallengeKind.TOTP)
TYPED = (*FORMS, ChallengeKind.LETTER_CODE, *OWN)
# How long after asking the same may be asked for again.
ASK_AGAIN_AFTER = {**dict.fromkeys(FORMS, RESEND_AFTER), ChallengeKind.LETTER_CODE: LETTERS.window}
LIVES = {
    **dict.fromkeys(FORMS, CODE_LIVES),
    ChallengeKind.LETTER_CODE: LETTER_LIVES,
    **dict.fromkeys(OWN, OWN_LIVES),
    ChallengeKind.ORDER_RECALL: RECALL_LIVES,
    ChallengeKind.ORDER_QUIZ: QUIZ_LIVES,
    ChallengeKind.ID_MAIL: ID_MAIL_LIVES,
}
TEMPLATES = {
    ChallengePurpose.IDENTIFY: "identify_code",
    ChallengePurpose.RESET: "password_reset_code",
    ChallengePurpose.CONFIRM_CHANNEL: "confirm_channel_code",
}


# What the token of a mailed link is derived for.
LINK_PURPOSE = "email_code_link"


def link_parts(ticket_id: UUID, challenge_id: UUID, send_number: int) -> tuple[str, str, int]:
    """What the token of a mailed link is derived from: one sending of one challenge of one ticket."""
    return str(ticket_id), str(challenge_id), send_number


def code_reference(
    kind: ChallengeKind, purpose: ChallengePurpose, ticket_id: UUID, challenge_id: UUID, send_number: int
) -> dict[str, str | int]:
    """What a code is derived from: names rows only, so that it may travel where a code may not."""
    form = FORMS[kind]
    return {
        "alphabet": form.alphabet,
        "length": form.length,
        "kind": f"{purpose}:{kind}",
        "case_id": str(ticket_id),
        "challenge_id": str(challenge_id),
        "send_number": send_number,
    }

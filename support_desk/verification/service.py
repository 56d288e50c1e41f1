"""Verification: who may be believed, and for what. The façade for the features above.

The rules: only a grant restores anything, and only `mint_grant` makes one. A wrong code is a return value, so
that it stays counted. Nothing a claimant is answered depends on an account until a right code was given.
"""

from support_desk.verification.challenges_service import (
    get_challenge,
    list_challenges,
    prepare_challenge,
    start_challenge,
    start_confirmation,
)
from support_desk.verification.codes_service import (
    CodeAnswer,
    answer_code,
    answer_confirmation,
    answer_link,
)
from support_desk.verification.contested_service import is_contested, mark_contested, settle_contested
from support_desk.verification.evidence_service import has_standing
from support_desk.verification.grants_service import GrantView, consume_grant, mint_grant, renew_grant
from support_desk.verification.history_service import RecalledOrder, answer_recall, score_answer
from support_desk.verification.id_mail_service import decide_id_mail, record_id_mail
from support_desk.verification.quiz_service import answer_quiz, score_quiz
from support_desk.verification.resolve_service import account_budget_key, resolve
from support_desk.verification.summary_service import (
    show_challenge,
    summarise_challenge,
    summary_for_agent,
    summary_for_claimant,
)
from support_desk.verification.verdict_service import verdict

__all__ = [
    "CodeAnswer",
    "GrantView",
    "RecalledOrder",
    "account_budget_key",
    "answer_code",
    "answer_confirmation",
    "answer_link",
    "answer_quiz",
    "answer_recall",
    "consume_grant",
    "decide_id_mail",
    "get_challenge",
    "has_standing",
    "is_contested",
    "list_challenges",
    "mark_contested",
    "mint_grant",
    "prepare_challenge",
    "record_id_mail",
    "renew_grant",
    "resolve",
    "score_answer",
    "score_quiz",
    "settle_contested",
    "show_challenge",
    "start_challenge",
    "start_confirmation",
    "summarise_challenge",
    "summary_for_agent",
    "summary_for_claimant",
    "verdict",
]

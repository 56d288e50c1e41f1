"""What verification refuses."""

from support_desk.core.errors import Conflict, Forbidden, Unprocessable


class InvalidCode(Unprocessable):
    """One answer for wrong, expired, used, dead, capped and never sent."""

    code = "invalid_code"
    ja = "確認コードが正しくないか、有効期限が切れています。新しいコードをお試しください。"
    en = "The code is wrong or no longer valid. Please try a new one."


class NotVerified(Forbidden):
    """The evidence shown does not open the action; the same for whoever shows none and whoever is unknown."""

    code = "not_verified"
    ja = "この手続きには、ご本人の確認がまだ足りません。"
    en = "This needs more proof of who you are."


class ApprovalsMissing(Forbidden):
    """The action needs agents who have not agreed yet."""

    code = "approvals_missing"
    ja = "この手続きには、担当者の承認が必要です。"
    en = "This needs the approval of agents."


class GrantRefused(Forbidden):
    """A grant that is used, forged, expired, not due yet, or was made for something else."""

    code = "grant_refused"
    ja = "この許可は使えません。もう一度確認からお願いいたします。"
    en = "This grant cannot be used. Please verify again."


class CaseOver(Conflict):
    """A finished case takes no challenge."""

    code = "case_over"
    ja = "このお問い合わせは終了しています。お手数ですが、新しいお問い合わせを作成してください。"
    en = "This case is over. Please open a new one."


class CaseUnresolved(Conflict):
    """A case that names no account has nothing to be proved."""

    code = "case_unresolved"
    ja = "このお問い合わせは、アカウントがまだ特定されていません。"
    en = "This case names no account yet."


class AlreadyRecorded(Conflict):
    code = "already_recorded"
    ja = "この郵便の結果は、すでに記録または決定されています。"
    en = "This mail was recorded or decided before."


class SameAgent(Forbidden):
    code = "same_agent"
    ja = "記録した担当者とは別の担当者の承認が必要です。"
    en = "Another agent than the one who recorded it must decide."


class ApprovalTooEarly(Conflict):
    code = "approval_too_early"
    ja = "記録から48時間が過ぎるまで、承認できません。"
    en = "It can be approved 48 hours after it was recorded."

"""What can be refused to people of the desk."""

from support_desk.core.errors import BadRequest, Conflict, Forbidden, NotAuthenticated, Unprocessable


class InvalidCredentials(NotAuthenticated):
    """One answer for unknown address, wrong password, disabled agent and spent budget alike."""

    code = "invalid_credentials"
    ja = "メールアドレスまたはパスワードが正しくありません。"
    en = "The e-mail address or the password is not right."


class SecondFactorNeeded(NotAuthenticated):
    code = "second_factor_required"
    ja = "認証アプリに表示されている6桁のコードを入力してください。"
    en = "Enter the six digits that your authenticator app shows."


class SecondFactorNotEnrolled(Forbidden):
    code = "second_factor_not_enrolled"
    ja = "はじめに認証アプリを登録してください。"
    en = "Register an authenticator app first."


class WrongSecondFactor(Unprocessable):
    code = "second_factor_invalid"
    ja = "コードが正しくありません。"
    en = "The code is not right."


class SecondFactorAlreadyEnrolled(Conflict):
    code = "second_factor_enrolled"
    ja = "認証アプリはすでに登録されています。"
    en = "An authenticator app is registered already."


class CsrfRefused(Forbidden):
    code = "csrf_refused"
    ja = "画面の有効期限が切れました。もう一度読み込んでから操作してください。"
    en = "Reload the page and try again: the form's token is missing or old."


class SessionNeeded(Forbidden):
    code = "session_required"
    ja = "この操作には、ダッシュボードへのサインインが必要です。"
    en = "Sign in to the dashboard for this; an API token does not suffice."


class PermissionMissing(Forbidden):
    code = "permission_missing"
    ja = "この操作を行う権限がありません。"
    en = "Your role, or your token's scopes, do not allow this."


class ScopeRefused(Forbidden):
    code = "scope_refused"
    ja = "ご自身にない権限をトークンに与えることはできません。"
    en = "A token cannot be given what you do not hold yourself."


class AgentExists(Conflict):
    code = "agent_exists"
    ja = "このメールアドレスの担当者はすでに登録されています。"
    en = "There is an agent with this e-mail address already."


class EmailUnusable(Unprocessable):
    code = "email_invalid"
    ja = "メールアドレスの形式をご確認ください。"
    en = "This is not a usable e-mail address."


class ShiftOverlaps(Conflict):
    code = "shift_overlaps"
    ja = "同じ担当者の勤務時間が重なっています。"
    en = "This agent is on shift at that time already."


class ShiftEndsBeforeStart(Unprocessable):
    code = "shift_empty"
    ja = "終了時刻は開始時刻より後にしてください。"
    en = "A shift ends after it starts, on the same day."


class ExpiryInPast(Unprocessable):
    code = "expiry_in_past"
    ja = "有効期限は現在より後の日時にしてください。"
    en = "The expiry must lie in the future, at most a year ahead."


class ForwardedClientMalformed(BadRequest):
    code = "forwarded_client_malformed"
    ja = "Forwarded-Client ヘッダーには IP アドレスを 1 つ指定してください。"
    en = "Forwarded-Client takes one IP address."


class LastAdmin(Conflict):
    code = "last_admin"
    ja = "最後の管理者を無効にすることはできません。"
    en = "The last admin cannot be disabled or given another role."

"""What the account directory refuses."""

from __future__ import annotations

from enum import StrEnum

from support_desk.core.errors import Conflict, Forbidden, NotAuthenticated, Problem, Unprocessable


class SignInFailed(NotAuthenticated):
    """The one answer to every sign-in that does not succeed."""

    code = "sign_in_failed"
    ja = "サインインできませんでした。入力内容をご確認ください。"
    en = "You could not be signed in. Please check what you entered."


class AccountRestricted(Forbidden):
    code = "account_restricted"
    ja = "アカウントの保護のため、この操作は現在ご利用いただけません。"
    en = "This is not possible for now, to protect the account."


class AddressTaken(Conflict):
    code = "address_taken"
    ja = "このメールアドレスは別のアカウントで使われています。"
    en = "This e-mail address belongs to another account."


class CommandKeyReused(Conflict):
    code = "command_key_reused"
    ja = "この処理はすでに別の内容で実行されています。"
    en = "This command was already given with other content."


class InsufficientBalance(Conflict):
    code = "insufficient_balance"
    ja = "残高が不足しています。"
    en = "The balance does not suffice."


class PasswordReason(StrEnum):
    """Why a password is refused."""

    TOO_SHORT = "password_too_short"
    TOO_LONG = "password_too_long"
    COMMON = "password_common"
    PERSONAL = "password_personal"
    SAME = "password_same"


PASSWORD_WORDS: dict[PasswordReason, tuple[str, str]] = {
    PasswordReason.TOO_SHORT: (
        "パスワードは12文字以上にしてください(15文字以上をおすすめします)。",
        "Use at least 12 characters (we advise 15).",
    ),
    PasswordReason.TOO_LONG: (
        "パスワードは256文字以内にしてください。",
        "Use at most 256 characters.",
    ),
    PasswordReason.COMMON: (
        "よく使われる推測しやすいパスワードです。別のものをお選びください。",
        "This password is common and easily guessed. Please choose another.",
    ),
    PasswordReason.PERSONAL: (
        "お名前やメールアドレスを含むパスワードはお使いいただけません。",
        "A password must not consist of your name or e-mail address.",
    ),
    PasswordReason.SAME: (
        "以前と同じパスワードはお使いいただけません。",
        "The new password must differ from the old one.",
    ),
}


class PasswordRefused(Unprocessable):
    """The password may not be used; the reason stands in `errors`, under the pointer of the field."""

    code = "password_refused"
    ja = "このパスワードはお使いいただけません。"
    en = "This password cannot be used."

    def __init__(self, reason: PasswordReason, *, pointer: str = "/password", language: str = "ja") -> None:
        words = PASSWORD_WORDS[reason][0 if language == "ja" else 1]
        super().__init__(errors=[Problem(pointer, reason.value, words)])
        self.reason = reason

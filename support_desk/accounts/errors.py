"""What the account directory refuses."""

from __future__ import annotations

from support_desk.core.errors import Conflict, Forbidden, NotAuthenticated, Problem, Unprocessable


class SignInFailed(NotAuthenticated):
    """The one answer to every sign-in that does not succeed."""

    code = "sign_in_failed"
    ja = "サインインできませんでした。入力内容をご確認ください。"
    en = "You could not be signed in. Please check what you entered."


class WrongCode(Unprocessable):
    """The code of the signed-in customer's app, or the password given with it, does not match."""

    code = "wrong_code"
    ja = "コードまたはパスワードが正しくありません。もう一度お試しください。"
    en = "The code or the password is wrong. Please try again."


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


class PasswordRefused(Unprocessable):
    """The password may not be used; the same code and words stand in `errors` under the field's pointer."""

    code = "password_refused"
    ja = "このパスワードはお使いいただけません。"
    en = "This password cannot be used."

    def __init__(self, *, pointer: str = "/password", language: str = "ja") -> None:
        super().__init__(errors=[Problem(pointer, self.code, self.title(language))])


class PasswordTooShort(PasswordRefused):
    code = "password_too_short"
    ja = "パスワードは12文字以上にしてください(15文字以上をおすすめします)。"
    en = "Use at least 12 characters (we advise 15)."


class PasswordTooLong(PasswordRefused):
    code = "password_too_long"
    ja = "パスワードは256文字以内にしてください。"
    en = "Use at most 256 characters."


class PasswordCommon(PasswordRefused):
    code = "password_common"
    ja = "よく使われる推測しやすいパスワードです。別のものをお選びください。"
    en = "This password is easily guessed. Please choose another."


class PasswordPersonal(PasswordRefused):
    code = "password_personal"
    ja = "お名前やメールアドレスをもとにしたパスワードはお使いいただけません。"
    en = "A password must not be made of your name or e-mail address."


class PasswordSame(PasswordRefused):
    code = "password_same"
    ja = "これまでと同じパスワードはお使いいただけません。"
    en = "The new password must differ from the old one."

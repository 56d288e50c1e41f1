"""What intake refuses."""

from support_desk.core.errors import Unprocessable


class InvalidResetToken(Unprocessable):
    """The token is wrong, used or too old, or its reset is unknown: one answer for all."""

    code = "invalid_reset_token"
    ja = "お手続きの有効期限が切れました。はじめからもう一度お試しください。"
    en = "This reset is no longer valid. Please start again."


class InvalidPostalCode(Unprocessable):
    """A postal code has seven digits."""

    code = "invalid_postal_code"
    ja = "郵便番号は7桁の数字でご入力ください。"
    en = "A postal code has seven digits."

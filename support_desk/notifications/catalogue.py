"""Every message the desk can send: its template, its channels, and the values it needs. Pure data.

Values: `code` is `{alphabet, length, kind, case_id, challenge_id, send_number}`, `link` is
`{path, purpose, parts}` with `{token}` in the path; both are derived when the message is sent. Names that end
in `_at` (and `at`, `not_before`) are times, RFC 3339. Every message may carry `reference`, `name` and `link`.
No template prints `name` or any other text that a claimant wrote: a form must not send strangers our mail
with somebody else's words in it.
"""

from __future__ import annotations

from dataclasses import dataclass

EMAIL = "email"
SMS = "sms"
LETTER = "letter"
_ALWAYS = frozenset({"reference", "name", "link"})


@dataclass(frozen=True)
class Template:
    """One message: which channels have a text for it, what must and what may be filled in."""

    name: str
    channels: frozenset[str]
    needs: frozenset[str]
    may: frozenset[str]
    # Sent before everything else: somebody is waiting in front of the screen.
    urgent: bool = False
    # Tells the owner of an account of a decision: its delivery starts the clock of a hold.
    notice: bool = False

    @property
    def takes(self) -> frozenset[str]:
        """All values it may be given."""
        return self.needs | self.may | _ALWAYS


def _template(
    name: str,
    *needs: str,
    may: tuple[str, ...] = (),
    channels: tuple[str, ...] = (EMAIL, SMS),
    urgent: bool = False,
    notice: bool = False,
) -> Template:
    return Template(name, frozenset(channels), frozenset(needs), frozenset(may), urgent, notice)


_ACTION = ("part", "not_before", "prefecture")

TEMPLATES = {
    template.name: template
    for template in (
        _template("identify_code", "code", may=("minutes",), urgent=True),
        _template("password_reset_code", "code", may=("minutes",), urgent=True),
        _template("confirm_channel_code", "code", may=("minutes",), urgent=True),
        _template("sign_in_code", "code", may=("minutes",), channels=(SMS,), urgent=True),
        _template("letter_code", "code", "until_at", channels=(LETTER,)),
        _template("account_confirmation_code", "code", may=("minutes",), channels=(EMAIL,), urgent=True),
        _template("account_exists", channels=(EMAIL,)),
        _template("address_in_use", channels=(EMAIL,)),
        _template("ticket_receipt", "reference", "link", channels=(EMAIL, SMS)),
        _template("case_link", "reference", "link", channels=(EMAIL, SMS)),
        _template("ticket_reply", "reference", channels=(EMAIL,)),
        _template("callback_booked", "slot_at", may=("announced_number",)),
        _template("callback_reminder", "slot_at", may=("announced_number",), urgent=True),
        _template("callback_moved", "slot_at", may=("announced_number",)),
        _template("callback_cancelled", may=("slot_at",)),
        _template("callback_retry", "slot_at", may=("announced_number",)),
        _template("callback_late", may=("slot_at",), urgent=True),
        _template("callback_exhausted"),
        _template("restoration_on_hold", "action", "at", "link", may=_ACTION, notice=True),
        _template("restoration_applied", "action", "at", "link", may=_ACTION, notice=True),
        _template("restoration_stopped", "action", "at", may=_ACTION),
        _template("restoration_cancelled", "action", "at", may=_ACTION),
        _template("restoration_expired", "action", "at", may=_ACTION),
        _template("channel_replaced", "part", "at", "link", may=("prefecture",), notice=True),
    )
}

# What an action of a restoration is called in a sentence.
ACTIONS = {
    "freeze": ("残高・お支払い方法の利用停止", "freezing balances and stored payment"),
    "set_password": ("パスワードの再設定", "setting a new password"),
    "lift_restrictions": ("ご利用制限の解除", "lifting the restrictions"),
    "replace_email": ("ご登録メールアドレスの変更", "changing the registered e-mail address"),
    "replace_phone": ("ご登録電話番号の変更", "changing the registered phone number"),
    "replace_channels": (
        "ご登録メールアドレスと電話番号の変更",
        "changing the registered e-mail address and phone number",
    ),
    "two_step_off": ("2段階認証の解除", "turning off two-step verification"),
    "relink_prime": ("プライム会員資格の再連携", "linking the Prime membership again"),
    "carry_over": (
        "ギフト残高・ポイント・会員資格の別アカウントへの引き継ぎ",
        "carrying balances and membership over to another account",
    ),
}
PARTS = {
    "": ("", ""),
    "spend": ("残高・お支払いの利用", "spending"),
    "change": ("登録情報の変更", "changing account details"),
    "email": ("メールアドレス", "e-mail address"),
    "phone": ("電話番号", "phone number"),
}

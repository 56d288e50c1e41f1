"""What a claimant can do next, in their language: the same for everybody who stands at the same point."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

# So long may a case stay undecided before the claimant is told that it is being looked at.
UNDECIDED_FOR = timedelta(hours=72)


@dataclass(frozen=True)
class NextStep:
    """One thing to do, or to wait for."""

    code: str
    text: str


_TEXTS: dict[str, dict[str, str]] = {
    "prove_identity": {
        "ja": "ご本人確認をお願いいたします。お客様専用ページから、確認コードの入力やご注文履歴の回答ができます。",
        "en": "Please confirm that it is you: on your case page, enter a code or tell us about past orders.",
    },
    "try_password_assistant": {
        "ja": "登録したEメールが届く場合は、パスワードの再設定が最も早くお手続きいただけます。",
        "en": "If your registered e-mail still reaches you, resetting the password is the quickest way.",
    },
    "book_callback": {
        "ja": "お電話をご希望の場合は、お客様専用ページからご都合のよい時間をお選びください。",
        "en": "If you would like a call, choose a time that suits you on your case page.",
    },
    "wait_for_callback": {
        "ja": "ご予約の時間にお電話いたします。番号と合言葉はお客様専用ページでご確認いただけます。",
        "en": "We will call you at the time you booked. Your case page shows the number and the call word.",
    },
    "choose_another_slot": {
        "ja": "ご希望の時間にはお電話のご予約をお取りできませんでした。恐れ入りますが、別の時間をお選びください。",
        "en": "We could not book the call at the time you asked for. Please choose another time.",
    },
    "wait": {
        "ja": "お手続きを進めております。新しいお知らせがあるまで、このままお待ちください。",
        "en": "We are working on your case. There is nothing you need to do for now.",
    },
    "under_review": {
        "ja": "お問い合わせの内容を確認しております。結果は、わかり次第ご連絡いたします。",
        "en": "Your case is being reviewed. We will tell you as soon as there is something to tell.",
    },
    "read_reply": {
        "ja": "担当者からの返信をご確認ください。",
        "en": "Please read the reply from our desk.",
    },
    "confirm_solved": {
        "ja": "お手続きは完了しました。お困りのことが残っている場合は、メッセージをお送りください。",
        "en": "Your case is solved. If something is still wrong, send us a message.",
    },
    "open_new_case": {
        "ja": "このお問い合わせは終了しました。別のお困りごとは、新しいお問い合わせからお知らせください。",
        "en": "This case is closed. If you need help again, please open a new one.",
    },
}


def step(code: str, language: str) -> NextStep:
    """A step in `ja` or `en`."""
    return NextStep(code, _TEXTS[code][language])


def after_opening(issue: str, language: str, callback: str | None) -> list[NextStep]:
    """What to do once a case is open; `callback` is `booked`, `refused` or None."""
    codes = ["prove_identity"]
    if issue == "forgot_password":
        codes.insert(0, "try_password_assistant")
    codes.append(
        {"booked": "wait_for_callback", "refused": "choose_another_slot"}.get(callback or "", "book_callback")
    )
    return [step(code, language) for code in codes]


def now_to_do(
    *,
    status: str,
    language: str,
    opened_at: datetime,
    at: datetime,
    decided: bool,
    callback_booked: bool,
    unread_reply: bool,
) -> list[NextStep]:
    """What to do at this point of the case.

    `decided` is whether the claimant has proved who they are; until then nothing here depends on whether an
    account was found.
    """
    if status == "closed":
        return [step("open_new_case", language)]
    if status == "solved":
        return [step("confirm_solved", language)]
    codes = ["read_reply"] if unread_reply else []
    if decided:
        codes.append("wait")
    else:
        codes.append("prove_identity")
        if at - opened_at >= UNDECIDED_FOR:
            codes.append("under_review")
    codes.append("wait_for_callback" if callback_booked else "book_callback")
    return [step(code, language) for code in codes]

"""What callbacks refuse."""

from support_desk.core.errors import Conflict, Problem, Unprocessable


class SlotTaken(Conflict):
    """Somebody else has the last seat."""

    code = "slot_taken"
    ja = "申し訳ございません。この時間帯は満席になりました。ほかの時間をお選びください。"
    en = "Sorry, this time has just been taken. Please choose another one."


class NoSlotFree(Conflict):
    """There is no seat in the whole time that is offered."""

    code = "no_slot_free"
    ja = "申し訳ございません。現在ご予約いただける時間がございません。"
    en = "Sorry, there is no free time for a call at present."


class SlotNotOffered(Unprocessable):
    """The slot is past, too near, too far, or does not exist (any more)."""

    code = "slot_not_offered"
    ja = "この時間はご予約いただけません。表示されている時間からお選びください。"
    en = "This time is not offered. Please choose one of the times shown."

    def __init__(self) -> None:
        super().__init__(errors=[Problem("/slot_start", self.code, self.ja)])


class NumberRefused(Unprocessable):
    """The desk does not ring this number."""

    code = "number_refused"
    ja = "この電話番号にはおかけできません。ご本人の携帯電話または固定電話の番号をご入力ください。"
    en = "We cannot call this number. Please give your own mobile or landline number."

    def __init__(self, reason: str) -> None:
        super().__init__(errors=[Problem("/number/phone", reason, self.ja)])


class CallbackExists(Conflict):
    """The ticket has a callback under way."""

    code = "callback_exists"
    ja = "このお問い合わせには、すでにお電話のご予約があります。"
    en = "A call is already booked for this case."


class CallbackUnderWay(Conflict):
    """An agent has it in hand, or it is over: it can no longer be moved."""

    code = "callback_under_way"
    ja = "お電話の手続きが始まっているか終了しているため、変更できません。"
    en = "The call is being made or is over; it cannot be changed any more."


class CaseClosed(Conflict):
    """No call is booked for a closed ticket."""

    code = "case_closed"
    ja = "このお問い合わせは終了しているため、お電話のご予約を承れません。"
    en = "This case is closed; no call can be booked for it."


class LeaseLost(Conflict):
    """The agent does not hold the callback, or no longer."""

    code = "lease_lost"
    ja = "このお電話の担当時間が過ぎたため、ほかの担当者に引き継がれました。"
    en = "You do not hold this callback any more; it went back to the queue."


class AttemptUnderWay(Conflict):
    """The call was begun already."""

    code = "attempt_under_way"
    ja = "この発信はすでに始まっています。結果を記録してください。"
    en = "This call has been started already. Record its outcome."


class OutcomeRecorded(Conflict):
    """How the attempt ended is known."""

    code = "outcome_recorded"
    ja = "この発信の結果はすでに記録されています。"
    en = "The outcome of this attempt is recorded already."


class NumberGone(Conflict):
    """The number on file may not be rung any more."""

    code = "number_gone"
    ja = "おかけできる電話番号がないため、この予約は終了しました。"
    en = "There is no number left that may be rung; the callback has ended."

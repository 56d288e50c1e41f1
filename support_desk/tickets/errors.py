"""What tickets refuse."""

from support_desk.core.errors import Conflict, Unprocessable


class MoveNotAllowed(Conflict):
    """The lifecycle knows no such move, or not by this hand."""

    code = "move_not_allowed"
    ja = "お問い合わせの現在の状態では、この変更はできません。"
    en = "The ticket cannot go from its present status to that one."


class TicketIsClosed(Conflict):
    """Nothing is written on a closed ticket."""

    code = "ticket_closed"
    ja = "このお問い合わせは終了しています。新しいお問い合わせをお送りください。"
    en = "This ticket is closed. Please open a new one."


class ConversationMoved(Conflict):
    """The claimant wrote something the author of this reply has not seen."""

    code = "conversation_moved"
    ja = "お客様から新しいメッセージが届いています。ご確認のうえ、もう一度送信してください。"
    en = "The customer wrote again. Read it, then send the reply again."


class AlreadyAssigned(Conflict):
    """Another agent works on it."""

    code = "already_assigned"
    ja = "すでにほかの担当者が対応しています。"
    en = "Another agent is working on this."


class UnknownAssignee(Unprocessable):
    """The ticket was to be given to an agent the desk does not have."""

    code = "unknown_assignee"
    ja = "担当者が見つかりませんでした。"
    en = "There is no such agent."

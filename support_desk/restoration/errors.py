"""What a restoration refuses."""

from support_desk.core.errors import Conflict, NotFound, Unprocessable


class ActionNotOffered(Unprocessable):
    code = "action_not_offered"
    ja = "この操作はここでは受け付けていません。"
    en = "This action is not offered here."


class NotAnAddress(Unprocessable):
    code = "not_an_address"
    ja = "メールアドレスの形式をご確認ください。"
    en = "Please check the e-mail address."


class ActionUnderWay(Conflict):
    code = "action_under_way"
    ja = "この操作はすでに受け付けています。"
    en = "This action is under way already."


class NothingToConfirm(Conflict):
    code = "nothing_to_confirm"
    ja = "確認を待っている操作はありません。"
    en = "There is nothing that waits to be confirmed."


class NothingToLift(Conflict):
    code = "nothing_to_lift"
    ja = "解除できる制限はありません。"
    en = "There is no restriction to lift."


class TwoAgentsNeeded(Conflict):
    code = "two_agents_needed"
    ja = "この操作には担当者二名の承認が必要です。"
    en = "This action needs the approval of two agents."


class StopLinkUnknown(NotFound):
    code = "stop_link_unknown"
    ja = "このリンクは無効か、期限が切れています。"
    en = "This link is unknown or has expired."


class StopLinkOver(Conflict):
    code = "stop_link_over"
    ja = "このお手続きはすでに終了しています。お問い合わせフォームからご連絡ください。"
    en = "This case is over. Please write to us through the contact form."


class EntitlementsOpen(Conflict):
    code = "entitlements_open"
    ja = "ギフト残高・ポイント・プライムの照合が終わっていないため、解決済みにできません。"
    en = "Gift balance, points and Prime are not all matched yet, so this cannot be solved."

"""Messages ready to go, for the tests of the gateways."""

from datetime import UTC, datetime
from email.message import EmailMessage

from support_desk.notifications.gateways import OutgoingMail, OutgoingText


def a_mail(key: str, to: str = "taro@example.jp", text: str = "コード\n\nABCD-1234\n") -> OutgoingMail:
    message = EmailMessage()
    message["To"] = to
    message["From"] = "desk@example.jp"
    message["Subject"] = "件名"
    message["Message-ID"] = f"<{key}@desk.example.jp>"
    message.set_content(text, charset="utf-8", cte="8bit")
    return OutgoingMail(key, message)


def a_text(key: str, to: str = "+819012345678", text: str = "コード\nABCD-1234") -> OutgoingText:
    return OutgoingText(key, to, text, datetime(2026, 11, 25, 5, 15, tzinfo=UTC))

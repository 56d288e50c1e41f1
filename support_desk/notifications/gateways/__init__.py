"""The ways a message leaves the desk: what they promise, and the one a setting chooses."""

from support_desk.notifications.gateways.choice import letter_gateway, mail_gateway, sms_gateway
from support_desk.notifications.gateways.protocol import (
    LetterGateway,
    MailGateway,
    OutgoingLetter,
    OutgoingMail,
    OutgoingText,
    SmsGateway,
)

__all__ = [
    "LetterGateway",
    "MailGateway",
    "OutgoingLetter",
    "OutgoingMail",
    "OutgoingText",
    "SmsGateway",
    "letter_gateway",
    "mail_gateway",
    "sms_gateway",
]

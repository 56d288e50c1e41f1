"""The ways a message leaves the desk: what they promise, and the one a setting chooses."""

from support_desk.notifications.gateways.choice import mail_gateway, sms_gateway
from support_desk.notifications.gateways.protocol import MailGateway, OutgoingMail, OutgoingText, SmsGateway

__all__ = ["MailGateway", "OutgoingMail", "OutgoingText", "SmsGateway", "mail_gateway", "sms_gateway"]

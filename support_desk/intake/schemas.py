"""What goes into intake and what comes out."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from support_desk.callbacks.schemas import BookCallback, CallbackView
from support_desk.core.japan import normalise_email, normalise_phone
from support_desk.core.schemas import Instant, Schema, Text, language_field, one_of
from support_desk.restoration.schemas import RestorationView
from support_desk.tickets.lifecycle import Status
from support_desk.tickets.models import Issue
from support_desk.tickets.schemas import MOST_BODY, MessageView, TimelineEntryView
from support_desk.verification.schemas import VerificationView

_FILLED = validate.Regexp(r"\s*\S", error="Must not be blank.")
_MOST_NAME = 100
_MOST_EMAIL = 254


class HelpTopicView(Schema):
    """One entry of the help menu."""

    id = fields.String(required=True)
    issue = fields.String(required=True, allow_none=True)
    title = fields.String(required=True)
    guidance = fields.List(fields.String(), required=True)
    next_step = fields.String(required=True, allow_none=True)
    href = fields.String(required=True, allow_none=True)
    topics = fields.List(fields.Nested(lambda: HelpTopicView()), required=True)


class HoursView(Schema):
    """Hours of today, in UTC."""

    starts_at = Instant(required=True)
    ends_at = Instant(required=True)


class PhoneLineView(Schema):
    """The phone line and its hours."""

    number = fields.String(required=True, allow_none=True, metadata={"description": "E.164; null: there is none"})
    open_now = fields.Boolean(required=True)
    opens_at = Instant(required=True, allow_none=True, metadata={"description": "null while it is open"})
    closes_at = Instant(required=True, allow_none=True, metadata={"description": "null while it is closed"})
    hours_today = fields.List(fields.Nested(HoursView), required=True)
    time_zone = fields.String(required=True)


class HelpMenuView(Schema):
    """The help menu in the caller's language."""

    language = fields.String(required=True)
    title = fields.String(required=True)
    topics = fields.List(fields.Nested(HelpTopicView), required=True)
    phone_line = fields.Nested(PhoneLineView, required=True)


class TownView(Schema):
    """A town of a postal code."""

    postal_code = fields.String(required=True)
    prefecture = fields.String(required=True)
    city = fields.String(required=True)
    town = fields.String(required=True)
    prefecture_kana = fields.String(required=True)
    city_kana = fields.String(required=True)
    town_kana = fields.String(required=True)


class TownsView(Schema):
    """The towns of a postal code; it may have several, or none that we know."""

    items = fields.List(fields.Nested(TownView), required=True)


class GiveContact(Schema):
    """How the claimant can be reached: by one way at least."""

    name = Text(max=_MOST_NAME, required=True, validate=_FILLED)
    name_kana = Text(max=_MOST_NAME, load_default=None, allow_none=True)
    email = Text(max=_MOST_EMAIL, load_default=None, allow_none=True)
    phone = Text(
        max=40, load_default=None, allow_none=True, metadata={"description": "as people write it, or E.164"}
    )

    @ma.validates_schema
    def check(self, data: dict[str, Any], **kwargs: Any) -> None:
        """An e-mail address or a phone number that can be used."""
        email, phone = data.get("email"), data.get("phone")
        if not email and not phone:
            raise ma.ValidationError("Give an e-mail address or a phone number.", "email")
        if email and normalise_email(email) is None:
            raise ma.ValidationError("This is not an e-mail address.", "email")
        if phone and normalise_phone(phone) is None:
            raise ma.ValidationError("This is not a phone number.", "phone")


class GiveClaim(Schema):
    """What the claimant remembers of the account, as they remember it."""

    email = Text(max=_MOST_EMAIL, load_default=None, allow_none=True)
    phone = Text(max=80, load_default=None, allow_none=True)
    postal_code = Text(max=40, load_default=None, allow_none=True)
    order_number = Text(max=80, load_default=None, allow_none=True)


class OpenTicket(Schema):
    """A case to open."""

    issue = one_of(*[item.value for item in Issue], required=True)
    language = language_field(required=True)
    contact = fields.Nested(GiveContact, required=True)
    claimed = fields.Nested(GiveClaim, load_default=dict)
    description = Text(max=MOST_BODY, required=True, validate=_FILLED)
    callback = fields.Nested(BookCallback, load_default=None, allow_none=True)


class NextStepView(Schema):
    """One thing to do, or to wait for."""

    code = fields.String(required=True)
    text = fields.String(required=True)


class LinksView(Schema):
    """Where the case is found."""

    self = fields.String(required=True)
    page = fields.String(required=True)
    verification = fields.String(required=True)
    challenges = fields.String(required=True)
    restoration = fields.String(required=True)
    callbacks = fields.String(required=True)
    messages = fields.String(required=True)


class OpenedTicketView(Schema):
    """An opened case, the same whoever is claimed."""

    reference = fields.String(required=True)
    access_token = fields.String(required=True, metadata={"description": "the Bearer credential of this case"})
    status = fields.Enum(Status, by_value=True, required=True)
    links = fields.Nested(LinksView, required=True)
    next_steps = fields.List(fields.Nested(NextStepView), required=True)


class CaseView(Schema):
    """The claimant's whole view of their case."""

    reference = fields.String(required=True)
    status = fields.Enum(Status, by_value=True, required=True)
    issue = fields.Enum(Issue, by_value=True, required=True)
    language = language_field(required=True)
    links = fields.Nested(LinksView, required=True)
    next_steps = fields.List(fields.Nested(NextStepView), required=True)
    verification = fields.Nested(VerificationView, required=True)
    restoration = fields.Nested(RestorationView, required=True)
    callback = fields.Nested(CallbackView, required=True, allow_none=True)
    messages = fields.List(fields.Nested(MessageView), required=True)
    timeline = fields.List(fields.Nested(TimelineEntryView), required=True)
    created_at = Instant(required=True)
    closed_at = Instant(required=True, allow_none=True)


class AskCaseLink(Schema):
    """A case whose link is wanted again, and the contact address given in it."""

    reference = Text(max=40, required=True, validate=_FILLED)
    contact = Text(max=_MOST_EMAIL, required=True, validate=_FILLED)


class AcceptedView(Schema):
    """The request was taken; what comes of it is sent, not shown."""

    state = fields.String(required=True)


class StartReset(Schema):
    """Who forgot the password: an e-mail address or a phone number."""

    identifier = Text(max=_MOST_EMAIL, required=True, validate=_FILLED)


class ResetView(Schema):
    """A password reset, the same for every identifier."""

    id = fields.UUID(required=True)


class AddPostalCode(Schema):
    """The postal code of the account."""

    postal_code = Text(max=40, required=True, validate=_FILLED)


class ProveReset(Schema):
    """The code from the mail."""

    code = Text(max=100, required=True)


class ProvedResetView(Schema):
    """What allows choosing a new password."""

    reset_token = fields.String(required=True)


class ChoosePassword(Schema):
    """The new password; white space in it counts."""

    reset_token = Text(max=200, required=True)
    new_password = Text(max=1024, strip=False, required=True)


class ResetCaseView(Schema):
    """The case on whose page restrictions are lifted."""

    reference = fields.String(required=True)
    access_token = fields.String(required=True)


class DoneResetView(Schema):
    """The case of a password reset, and what became of the new password."""

    case = fields.Nested(ResetCaseView, required=True)
    state = fields.String(required=True, metadata={"description": "`applied`, or what it waits for"})
    not_before = Instant(required=True, allow_none=True)

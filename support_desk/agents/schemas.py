"""What agents' routes take and give."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from typing import Any

import marshmallow as ma
from marshmallow import validate

from support_desk.agents.models import Presence
from support_desk.agents.permissions import ALL_PERMISSIONS, INTAKE_SCOPE, Role
from support_desk.core.i18n import LANGUAGES
from support_desk.core.schemas import (
    Flag,
    Instant,
    Integer,
    PageArguments,
    Schema,
    Text,
    language_field,
    one_of,
    page_of,
)

_ROLES = tuple(role.value for role in Role)


class ClockTime(ma.fields.Time):
    """A time of day in the desk's zone, 09:00."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return value.strftime("%H:%M") if isinstance(value, time) else None

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> time:
        if not isinstance(value, str):
            raise self.make_error("invalid", input=value, obj_type="time")
        given: time = super()._deserialize(value, attr, data, **kwargs)
        if given.tzinfo is not None or given.second or given.microsecond:
            raise ma.ValidationError("Write the desk's local time as hours and minutes, 09:00.")
        return given


def languages_field(**kwargs: Any) -> ma.fields.List:
    """A list of languages without repetition, at least one."""
    return ma.fields.List(
        language_field(), validate=[validate.Length(min=1, max=len(LANGUAGES)), _distinct], **kwargs
    )


def _distinct(values: list[str]) -> None:
    if len(set(values)) != len(values):
        raise ma.ValidationError("Name each once.")


class SignIn(Schema):
    """Who signs in."""

    email = Text(max=320, required=True)
    password = Text(max=256, required=True, strip=False)
    code = Text(max=20, load_default=None, metadata={"description": "of the authenticator app"})


class SignedInAgent(Schema):
    id = ma.fields.UUID(required=True)
    role = one_of(*_ROLES, required=True)


class SignedInView(Schema):
    """A session; its cookie comes beside."""

    agent = ma.fields.Nested(SignedInAgent, required=True)
    csrf_token = ma.fields.String(required=True)
    second_factor_enrolment_required = ma.fields.Boolean(required=True)


class AgentView(Schema):
    """A person of the desk."""

    id = ma.fields.UUID(required=True)
    email = ma.fields.String(required=True)
    name = ma.fields.String(required=True)
    role = one_of(*_ROLES, required=True)
    languages = languages_field(required=True)
    presence = one_of(*(item.value for item in Presence), required=True)
    second_factor = ma.fields.Boolean(required=True)
    disabled_at = Instant(required=True, allow_none=True)
    version = ma.fields.Integer(required=True)


class MeView(AgentView):
    """The caller: with what they may do and, by cookie, the token their writes need."""

    permissions = ma.fields.List(ma.fields.String(), required=True)
    csrf_token = ma.fields.String(required=True, allow_none=True)


class NewAgentView(AgentView):
    """A new person of the desk; the password is shown once."""

    password = ma.fields.String(required=True)


AgentList = page_of(AgentView, "AgentList")


class CreateAgent(Schema):
    email = Text(max=320, required=True)
    name = Text(max=100, required=True)
    role = one_of(*_ROLES, required=True)
    languages = languages_field(load_default=list(LANGUAGES))


class UpdateAgent(Schema):
    name = Text(max=100, min=1)
    role = one_of(*_ROLES)
    languages = languages_field()
    disabled = Flag()


class SetPresence(Schema):
    presence = one_of(*(item.value for item in Presence), required=True)


class PresenceView(Schema):
    presence = one_of(*(item.value for item in Presence), required=True)
    heartbeat_at = Instant(required=True)


class EnrolmentView(Schema):
    """For the authenticator app; not in force before it is confirmed."""

    secret = ma.fields.String(required=True)
    uri = ma.fields.String(required=True)


class ConfirmEnrolment(Schema):
    code = Text(max=20, required=True)


class SessionView(Schema):
    """One sign-in of yours that is alive."""

    id = ma.fields.UUID(required=True)
    current = ma.fields.Boolean(required=True)
    created_at = Instant(required=True)
    expires_at = Instant(required=True)


SessionList = page_of(SessionView, "SessionList")


class IssueApiToken(Schema):
    name = Text(max=100, required=True)
    scopes = ma.fields.List(
        one_of(*sorted(ALL_PERMISSIONS | {INTAKE_SCOPE})),
        required=True,
        validate=[validate.Length(min=1, max=100), _distinct],
    )
    expires_at = Instant(required=True)


class ApiTokenView(Schema):
    id = ma.fields.UUID(required=True)
    agent_id = ma.fields.UUID(required=True)
    name = ma.fields.String(required=True)
    scopes = ma.fields.List(ma.fields.String(), required=True)
    created_at = Instant(required=True)
    expires_at = Instant(required=True)


class IssuedApiTokenView(ApiTokenView):
    """A new API token; the secret is shown once."""

    token = ma.fields.String(required=True)


ApiTokenList = page_of(ApiTokenView, "ApiTokenList")


class ShiftQuery(PageArguments):
    """Whose shifts; of everybody where nobody is named."""

    agent_id = ma.fields.UUID(load_default=None)


class AddShift(Schema):
    agent_id = ma.fields.UUID(required=True)
    weekday = Integer(min=0, max=6, required=True, metadata={"description": "0 is Monday"})
    starts_at = ClockTime(required=True)
    ends_at = ClockTime(required=True)
    languages = languages_field(required=True)


class ShiftView(Schema):
    id = ma.fields.UUID(required=True)
    agent_id = ma.fields.UUID(required=True)
    weekday = ma.fields.Integer(required=True)
    starts_at = ClockTime(required=True)
    ends_at = ClockTime(required=True)
    languages = languages_field(required=True)


ShiftList = page_of(ShiftView, "ShiftList")

"""Bodies and views of restorations."""

from __future__ import annotations

import marshmallow as ma

from support_desk.core.schemas import Instant, Schema, Text, one_of


class RequestAction(Schema):
    """What a customer asks for: the new password, or the new e-mail address, as the action needs it."""

    new_password = ma.fields.String(validate=ma.validate.Length(max=1024))
    new_email = Text(max=254)


class ConfirmChannel(Schema):
    """The code that was sent to the new channel."""

    code = Text(max=100, required=True)


class PlannedAction(Schema):
    """One action of a plan."""

    action = one_of("replace_email", "lift_restrictions", required=True)
    new_email = Text(max=254)


class PlanRestoration(Schema):
    """A plan that an agent writes down for the claimant."""

    mode = one_of("restore", load_default="restore")
    actions = ma.fields.List(
        ma.fields.Nested(PlannedAction), required=True, validate=ma.validate.Length(min=1, max=5)
    )


class ActionResultView(Schema):
    """Where an action stands."""

    state = ma.fields.String(required=True)
    not_before = Instant(allow_none=True)


class ActionView(Schema):
    """One action of a plan as it stands."""

    action = ma.fields.String()
    part = ma.fields.String(allow_none=True)
    state = ma.fields.String()
    awaits_confirmation = ma.fields.Boolean()
    not_before = Instant(allow_none=True)
    applied_at = Instant(allow_none=True)
    version = ma.fields.Integer()


class EntitlementView(Schema):
    """Stored value before and after; gift balance in yen, Prime as {status, plan, paid_until}."""

    kind = ma.fields.String()
    expected = ma.fields.Raw(allow_none=True)
    actual = ma.fields.Raw(allow_none=True)
    difference = ma.fields.Integer(allow_none=True)
    state = ma.fields.String()


class RestorationView(Schema):
    """The plan: its actions, and what must come back."""

    mode = ma.fields.String()
    state = ma.fields.String()
    actions = ma.fields.List(ma.fields.Nested(ActionView))
    entitlements = ma.fields.List(ma.fields.Nested(EntitlementView))


class AgentRestorationView(RestorationView):
    """The plan as an agent sees it."""

    version = ma.fields.Integer()
    contested = ma.fields.Boolean()


class StoppedView(Schema):
    """The case was stopped."""

    state = ma.fields.String(required=True)

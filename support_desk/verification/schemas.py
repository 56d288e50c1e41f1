"""What verification takes and shows."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import validate

from support_desk.core.schemas import Instant, Integer, Schema, Text, one_of
from support_desk.verification.history_service import RecalledOrder
from support_desk.verification.models import ChallengeKind, ChallengeState, IdMailResult
from support_desk.verification.policy import Group, Tier
from support_desk.verification.policy_file import ACTIONS
from support_desk.verification.quiz import GRIDS, TILES
from support_desk.verification.recall import MOST_FACTS
from support_desk.verification.summary_service import OFFERED

_STATES = tuple(state.value for state in ChallengeState)
_KINDS = tuple(kind.value for kind in ChallengeKind)


class StartChallenge(Schema):
    """Which way the claimant wants to show who they are."""

    kind = one_of(*(kind.value for kind in OFFERED), required=True)


class StartForCaller(Schema):
    """What an agent may put to a caller, nothing that could be answered by reading, or ID-checked mail."""

    kind = one_of(
        ChallengeKind.ORDER_RECALL.value,
        ChallengeKind.ORDER_QUIZ.value,
        ChallengeKind.ID_MAIL.value,
        required=True,
    )


class RecordIdMail(Schema):
    """What became of ID-checked mail."""

    tracking_number = Text(max=40, min=1, required=True)
    result = one_of(*(result.value for result in IdMailResult), required=True)


class DecideIdMail(Schema):
    """What another agent decides about the record, and why."""

    decision = one_of("approve", "reject", required=True)
    reason = Text(max=500, min=1, required=True)


class RecallOrder(Schema):
    """An order as the claimant remembers it; all parts may be left out."""

    order_number = Text(max=80, allow_none=True, load_default=None)
    item = Text(max=200, allow_none=True, load_default=None)
    placed_on = ma.fields.Date(data_key="date", allow_none=True, load_default=None)
    amount_yen = Integer(min=0, max=10**9, allow_none=True, load_default=None)

    @ma.post_load
    def _as_value(self, data: dict[str, Any], **_: Any) -> RecalledOrder:
        return RecalledOrder(**data)


def _recalled() -> ma.fields.List:
    return ma.fields.List(ma.fields.Nested(RecallOrder), validate=validate.Length(min=1, max=MOST_FACTS))


class TickedGrid(Schema):
    """The tiles of one grid that were ordered; none, where none was or the claimant does not know."""

    tile_ids = ma.fields.List(Text(max=64), validate=validate.Length(max=TILES), required=True)

    @ma.post_load
    def _as_value(self, data: dict[str, Any], **_: Any) -> list[str]:
        ids: list[str] = data["tile_ids"]
        return ids


def _ticked() -> ma.fields.List:
    return ma.fields.List(ma.fields.Nested(TickedGrid), validate=validate.Length(min=1, max=GRIDS))


class AnswerChallenge(Schema):
    """The code that was sent, the orders that are remembered, or the tiles that were ordered: one of the three."""

    code = Text(max=64, min=1)
    orders = _recalled()
    grids = _ticked()

    @ma.validates_schema
    def _one(self, data: dict[str, Any], **_: Any) -> None:
        if len(data) != 1:
            raise ma.ValidationError("Send a code, orders or grids.")


class AnswerForCaller(Schema):
    """The orders that the caller remembers, or the tiles the caller says were ordered."""

    orders = _recalled()
    grids = _ticked()

    @ma.validates_schema
    def _one(self, data: dict[str, Any], **_: Any) -> None:
        if len(data) != 1:
            raise ma.ValidationError("Send either orders or grids.")


class AnswerView(Schema):
    """What is told of an answer."""

    state = one_of("accepted", "received", required=True)


class ChallengeView(Schema):
    """A challenge: the same for everybody until a right code."""

    id = ma.fields.UUID(required=True)
    kind = one_of(*_KINDS, required=True)
    state = one_of(*_STATES, required=True)
    asked_at = Instant(required=True)
    expires_at = Instant(required=True, allow_none=True)
    resend_at = Instant(
        required=True, allow_none=True, metadata={"description": "when a code may be asked for again"}
    )


class TileView(Schema):
    """Something the shop sold."""

    id = ma.fields.String(required=True)
    title = ma.fields.String(required=True)
    category = ma.fields.String(required=True, allow_none=True)


class GridView(Schema):
    """Tiles, and what is asked of them."""

    prompt = ma.fields.String(required=True)
    tiles = ma.fields.List(ma.fields.Nested(TileView), required=True)


class ShownChallenge(ChallengeView):
    """A challenge with what has to be seen to answer it."""

    grids = ma.fields.List(ma.fields.Nested(GridView), metadata={"description": "of an order quiz that is ready"})

    @ma.post_dump
    def _without_grids(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return data if data.get("grids") is not None else {k: v for k, v in data.items() if k != "grids"}


class VerificationView(Schema):
    """The claimant's verification."""

    state = one_of("open", "decided", required=True)
    level = ma.fields.String(required=True, allow_none=True, metadata={"description": "once decided"})
    offered = ma.fields.List(one_of(*_KINDS), required=True)
    challenges = ma.fields.List(ma.fields.Nested(ChallengeView), required=True)


class GroupView(Schema):
    """Whether something of a group was passed."""

    group = one_of(*Group, required=True)
    passed = ma.fields.Boolean(required=True)
    passed_at = Instant(required=True, allow_none=True)


class VerdictView(Schema):
    """What the policy says of an action."""

    action = one_of(*ACTIONS, required=True)
    allowed = ma.fields.Boolean(required=True)
    level = ma.fields.String(required=True)
    hold_seconds = ma.fields.Integer(required=True)
    agents = ma.fields.Integer(required=True)
    not_before = Instant(required=True, allow_none=True)
    needs = ma.fields.List(ma.fields.String(), required=True)
    sooner = ma.fields.List(ma.fields.String(), required=True)


class AgentVerificationView(Schema):
    """A verification as agents see it: no answers, no scores, no codes."""

    resolved = ma.fields.Boolean(required=True)
    account_ref = ma.fields.String(required=True, allow_none=True)
    masked_name = ma.fields.String(required=True, allow_none=True)
    prefecture = ma.fields.String(required=True, allow_none=True)
    value_tier = one_of(*Tier, required=True, allow_none=True)
    level = ma.fields.String(required=True)
    groups = ma.fields.List(ma.fields.Nested(GroupView), required=True)
    verdicts = ma.fields.List(ma.fields.Nested(VerdictView), required=True)
    flags = ma.fields.List(ma.fields.String(), required=True)
    challenges = ma.fields.List(ma.fields.Nested(ChallengeView), required=True)
    policy_version = ma.fields.String(required=True)

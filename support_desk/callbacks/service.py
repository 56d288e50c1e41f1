"""All that callbacks do, by verb."""

from support_desk.callbacks.booking_service import (
    book,
    cancel,
    cancel_with_ticket,
    find_active,
    find_newest,
    get_callback,
    move,
)
from support_desk.callbacks.calling_service import (
    claim_next,
    get_dialling,
    next_attempt_at,
    record_outcome,
    start_attempt,
)
from support_desk.callbacks.dispatch_service import become_due, find_number, remind, sweep
from support_desk.callbacks.errors import CallbackUnderWay
from support_desk.callbacks.slots_service import FreeSlot, list_slots, page_slots
from support_desk.callbacks.views import (
    ClaimantCallback,
    desk_view,
    list_callbacks,
    recorded_view,
    started_view,
    view_for_claimant,
)

__all__ = [
    "CallbackUnderWay",
    "ClaimantCallback",
    "FreeSlot",
    "become_due",
    "book",
    "cancel",
    "cancel_with_ticket",
    "claim_next",
    "desk_view",
    "find_active",
    "find_newest",
    "find_number",
    "get_callback",
    "get_dialling",
    "list_callbacks",
    "list_slots",
    "move",
    "next_attempt_at",
    "page_slots",
    "record_outcome",
    "recorded_view",
    "remind",
    "start_attempt",
    "started_view",
    "sweep",
    "view_for_claimant",
]

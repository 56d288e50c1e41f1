"""One line of an import file, checked and brought to the forms the directory keeps."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import marshmallow as ma
from marshmallow import validate

from support_desk.accounts.models import PrimeStatus
from support_desk.accounts.order_models import OrderStatus
from support_desk.core.japan import normalise_email, normalise_order_number, normalise_phone, normalise_postal_code
from support_desk.core.schemas import Flag, Instant, Integer, Schema, Text, one_of

JAPAN = ZoneInfo("Asia/Tokyo")
LARGEST_YEN = 10**12
MOST_EMAILS = 10
MOST_ORDERS = 20_000


class Line(Schema):
    """Base of the parts of a line; a shop's export may carry more than the directory keeps."""

    class Meta:
        unknown = ma.EXCLUDE


class Day(ma.fields.Date):
    """A date; of a moment, its day in Japan."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> date:
        if isinstance(value, str) and len(value) > 10:
            return Instant().deserialize(value).astimezone(JAPAN).date()
        result: date = super()._deserialize(value, attr, data, **kwargs)
        return result


class Since(Instant):
    """A moment, or a date: the beginning of that day in Japan."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> datetime:
        if isinstance(value, str) and len(value) == 10:
            day: date = ma.fields.Date().deserialize(value)
            return datetime.combine(day, time(), JAPAN).astimezone(UTC)
        return super()._deserialize(value, attr, data, **kwargs)


def _is(check: Any, message: str) -> Any:
    def validator(value: str) -> None:
        if check(value) is None:
            raise ma.ValidationError(message)

    return validator


class AddressPart(Line):
    """The current address."""

    prefecture = Text(max=40, required=True)
    city = Text(max=100, load_default=None, allow_none=True)
    town = Text(max=100, load_default=None, allow_none=True)
    street = Text(max=200, load_default=None, allow_none=True)
    prefecture_kana = Text(max=100, load_default=None, allow_none=True)
    city_kana = Text(max=200, load_default=None, allow_none=True)
    town_kana = Text(max=200, load_default=None, allow_none=True)


class OrderPart(Line):
    """One order."""

    order_id = Text(max=80, required=True, validate=_is(normalise_order_number, "Not an order number."))
    placed_at = Instant(required=True)
    item = Text(max=500, load_default=None, allow_none=True)
    title = Text(max=500, load_default=None, allow_none=True)
    category = Text(max=200, load_default=None, allow_none=True)
    n_items = Integer(min=0, max=10**6, load_default=1)
    amount = Integer(min=0, max=LARGEST_YEN, required=True)
    currency = one_of("JPY", load_default="JPY")
    payment_methods = ma.fields.List(Text(max=40), validate=validate.Length(max=10), load_default=list)
    gift_card_amount = Integer(min=0, max=LARGEST_YEN, load_default=0)
    status = one_of(*(status.value for status in OrderStatus), required=True)

    @ma.validates_schema
    def is_described(self, data: dict[str, Any], **_: Any) -> None:
        if not (data.get("item") or data.get("title") or data.get("category")):
            raise ma.ValidationError("Say an item, a title or a category.")


class PrimePart(Line):
    """The Prime membership."""

    status = one_of(*(status.value for status in PrimeStatus), required=True)
    plan = Text(max=40, load_default=None, allow_none=True)
    renews_at = Day(load_default=None, allow_none=True)


class AccountLine(Line):
    """One customer."""

    account_id = Text(max=64, required=True)
    emails = ma.fields.List(
        Text(max=254, required=True, validate=_is(normalise_email, "Not an e-mail address.")),
        required=True,
        validate=validate.Length(min=1, max=MOST_EMAILS),
    )
    name = Text(max=120, required=True)
    name_kana = Text(max=120, load_default=None, allow_none=True)
    phone_e164 = Text(
        max=40, load_default=None, allow_none=True, validate=_is(normalise_phone, "Not a phone number.")
    )
    postal_code = Text(
        max=20, required=True, validate=_is(normalise_postal_code, "Not a postal code of seven digits.")
    )
    address = ma.fields.Nested(AddressPart, required=True)
    previous_postal_codes = ma.fields.List(
        Text(max=20, required=True, validate=_is(normalise_postal_code, "Not a postal code of seven digits.")),
        validate=validate.Length(max=100),
        load_default=list,
    )
    registered_at = Instant(required=True)
    email_since = Since(load_default=None, allow_none=True)
    phone_since = Since(load_default=None, allow_none=True)
    address_since = Since(load_default=None, allow_none=True)
    has_payment_method = Flag(load_default=None, allow_none=True)
    orders = ma.fields.List(
        ma.fields.Nested(OrderPart), validate=validate.Length(max=MOST_ORDERS), load_default=list
    )
    gift_balance_yen = Integer(min=0, max=LARGEST_YEN, load_default=0)
    points = Integer(min=0, max=LARGEST_YEN, load_default=0)
    open_refunds_yen = Integer(min=0, max=LARGEST_YEN, load_default=0)
    prime = ma.fields.Nested(PrimePart, load_default=lambda: {"status": "none", "plan": None, "renews_at": None})

"""What every body, query and view of the API is made of."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import marshmallow as ma
from marshmallow import validate

from support_desk.core.i18n import LANGUAGES

NUL = "\x00"


class Schema(ma.Schema):
    """Base of all schemas: unknown fields are refused."""

    class Meta:
        unknown = ma.RAISE
        ordered = True


class Text(ma.fields.String):
    """Text of bounded length without NUL and lone surrogates; surrounding white space is dropped."""

    def __init__(self, *, max: int = 200, min: int = 0, strip: bool = True, **kwargs: Any) -> None:
        checks = kwargs.pop("validate", [])
        checks = list(checks) if isinstance(checks, (list, tuple)) else [checks]
        if kwargs.get("required") and min == 0:
            min = 1
        self.strip = strip
        super().__init__(validate=[validate.Length(min=min or None, max=max), *checks], **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if NUL in text:
            raise ma.ValidationError("NUL is not allowed.")
        try:
            text.encode()
        except UnicodeEncodeError:
            raise ma.ValidationError("Lone surrogates are not allowed.") from None
        return text.strip() if self.strip else text


class Integer(ma.fields.Integer):
    """A whole number within the range of the database; neither text nor a float counts as one."""

    def __init__(self, *, min: int = -(2**53), max: int = 2**53, **kwargs: Any) -> None:
        super().__init__(strict=True, validate=validate.Range(min=min, max=max), **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.make_error("invalid", input=value)
        return super()._deserialize(value, attr, data, **kwargs) or 0


class QueryInteger(ma.fields.Integer):
    """A whole number in a query string."""

    def __init__(self, *, min: int, max: int, **kwargs: Any) -> None:
        super().__init__(validate=validate.Range(min=min, max=max), **kwargs)


class Flag(ma.fields.Boolean):
    """true or false, and nothing that only looks like it."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class Instant(ma.fields.DateTime):
    """A moment: RFC 3339 with an offset in, RFC 3339 in UTC with Z out."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="iso", **kwargs)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return instant_text(value) if value is not None else None

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> datetime:
        if not isinstance(value, str):
            raise self.make_error("invalid", input=value, obj_type="datetime")
        at: datetime = super()._deserialize(value, attr, data, **kwargs)
        if at.tzinfo is None:
            raise ma.ValidationError("Say the offset, for example Z.")
        try:
            return at.astimezone(UTC)
        except OverflowError:
            raise self.make_error("invalid", input=value, obj_type="datetime") from None


def instant_text(at: datetime) -> str:
    """A moment as the API writes it: RFC 3339, UTC, milliseconds, Z."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def language_field(**kwargs: Any) -> ma.fields.String:
    """A field of one of the two languages."""
    return ma.fields.String(validate=validate.OneOf(LANGUAGES), **kwargs)


def one_of(*values: str, **kwargs: Any) -> ma.fields.String:
    """A field that takes one of these words."""
    return ma.fields.String(validate=validate.OneOf(values), **kwargs)


class ProblemItem(Schema):
    """One thing wrong with the request."""

    pointer = ma.fields.String(metadata={"description": "JSON Pointer into the body"})
    code = ma.fields.String()
    message = ma.fields.String()


class ProblemView(ma.Schema):
    """An error (RFC 9457)."""

    type = ma.fields.String(required=True)
    title = ma.fields.String(required=True)
    status = ma.fields.Integer(required=True)
    code = ma.fields.String(required=True, metadata={"description": "stable; the contract"})
    detail = ma.fields.String()
    instance = ma.fields.String(required=True, metadata={"description": "urn:request:<X-Request-Id>"})
    errors = ma.fields.List(ma.fields.Nested(ProblemItem))


class PageArguments(Schema):
    """What every list takes."""

    limit = QueryInteger(min=1, max=100, load_default=25)
    cursor = Text(max=500, load_default=None)


def page_of(item: type[Schema], name: str) -> Schema:
    """Schema of one page of a list."""
    fields: dict[str, Any] = {
        "items": ma.fields.List(ma.fields.Nested(item), required=True),
        "next_cursor": ma.fields.String(required=True, allow_none=True),
        "total_count": ma.fields.Integer(),
    }
    return Schema.from_dict(fields, name=name)()  # type: ignore[return-value]

"""One parser for every body and query: strict, and never surprised."""

from __future__ import annotations

from typing import Any, NoReturn

import marshmallow as ma
from flask import Request, json
from webargs import core as webargs
from webargs.flaskparser import FlaskParser

from support_desk.core.errors import (
    BadRequest,
    MalformedJson,
    Problem,
    UnknownParameter,
    Unprocessable,
    UnsupportedMediaType,
)

_MAX_DEPTH = 20
_CODES = {
    "Missing data for required field.": "required",
    "Unknown field.": "unknown_field",
    "Field may not be null.": "required",
    "NUL is not allowed.": "forbidden_character",
    "Lone surrogates are not allowed.": "forbidden_character",
}
_JA = {
    "required": "必須項目です。",
    "unknown_field": "この項目は使えません。",
    "forbidden_character": "使えない文字が含まれています。",
    "invalid": "値が正しくありません。",
}


class DeskParser(FlaskParser):
    """Reads JSON and queries; whatever it does not understand is refused with a code."""

    DEFAULT_UNKNOWN_BY_LOCATION = {  # noqa: RUF012
        **FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION,
        "json": ma.RAISE,
        "query": ma.RAISE,
        "form": ma.EXCLUDE,
    }

    def load_json(self, req: Request, schema: ma.Schema) -> Any:
        body = req.get_data(cache=True)
        if not body:
            return {}
        if not webargs.is_json(req.mimetype):
            raise UnsupportedMediaType
        return parse_json(body)

    def load_querystring(self, req: Request, schema: ma.Schema) -> Any:
        if problems := unsafe_texts(req.args.to_dict(flat=False)):
            raise UnknownParameter(errors=problems)
        return super().load_querystring(req, schema)

    def handle_error(self, error: ma.ValidationError, req: Request, schema: ma.Schema, **kwargs: Any) -> NoReturn:
        messages = error.normalized_messages()
        location = next(iter(messages), "json")
        problems = _flatten(messages.get(location, messages))
        if location in ("query", "querystring"):
            raise UnknownParameter(errors=problems)
        if location in ("json", "form"):
            raise Unprocessable(errors=problems)
        raise BadRequest(errors=problems)


def parse_json(body: bytes) -> Any:
    """A JSON document; raises MalformedJson, or Unprocessable for text the database cannot hold."""
    try:
        document = json.loads(body.decode("utf-8"), parse_constant=_no_constant)
        deep = _depth(document) > _MAX_DEPTH
    except (ValueError, RecursionError):
        raise MalformedJson from None
    if deep:
        raise MalformedJson
    if problems := unsafe_texts(document):
        raise Unprocessable(errors=problems)
    return document


def problems_of(error: ma.ValidationError) -> list[Problem]:
    """What a schema found wrong, as pointers into the body."""
    return _flatten(error.normalized_messages())


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _depth(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + max(map(_depth, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(_depth, value), default=0)
    return 0


def unsafe_texts(value: Any, pointer: str = "") -> list[Problem]:
    """The texts that hold NUL or a lone surrogate."""
    if isinstance(value, str):
        return [] if _is_storable(value) else [_problem(pointer, "forbidden_character", None)]
    if isinstance(value, list):
        items = [(f"{pointer}/{index}", item) for index, item in enumerate(value)]
    elif isinstance(value, dict):
        if not all(map(_is_storable, value)):
            return [_problem(pointer, "forbidden_character", None)]
        items = [(f"{pointer}/{_escape(key)}", item) for key, item in value.items()]
    else:
        return []
    return [problem for path, item in items for problem in unsafe_texts(item, path)]


def _is_storable(text: str) -> bool:
    try:
        return b"\x00" not in text.encode()
    except UnicodeEncodeError:
        return False


def _escape(key: object) -> str:
    return str(key).replace("~", "~0").replace("/", "~1")


def _flatten(messages: Any, pointer: str = "") -> list[Problem]:
    if isinstance(messages, dict):
        found = []
        for key, inner in messages.items():
            path = pointer if key == "_schema" else f"{pointer}/{_escape(key)}"
            found += _flatten(inner, path)
        return found
    texts = messages if isinstance(messages, list) else [messages]
    return [_problem(pointer, _CODES.get(str(text), "invalid"), str(text)) for text in texts]


def _problem(pointer: str, code: str, message: str | None) -> Problem:
    return Problem(pointer, code, message or _JA[code])

"""Refusals: each knows its status, its stable code and its words in both languages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a request: a JSON Pointer into the body, a stable code, words."""

    pointer: str
    code: str
    message: str


class DeskError(Exception):
    """A refusal. Subclasses name the case: status, code, and the title in ja and en."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal_error"
    ja: ClassVar[str] = "問題が発生しました。しばらくしてからもう一度お試しください。"
    en: ClassVar[str] = "Something went wrong. Please try again in a little while."

    def __init__(
        self,
        detail: str | None = None,
        *,
        errors: Sequence[Problem] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(self.code)
        self.detail = detail
        self.errors = list(errors)
        self.headers = dict(headers or {})

    def title(self, language: str) -> str:
        """The title in `ja` or `en`."""
        return self.ja if language == "ja" else self.en


class BadRequest(DeskError):
    status = 400
    code = "bad_request"
    ja = "リクエストの内容が正しくありません。"
    en = "The request is not well formed."


class MalformedJson(BadRequest):
    code = "malformed_json"
    ja = "JSON として読み取れませんでした。"
    en = "The body is not well-formed JSON."


class UnknownParameter(BadRequest):
    code = "invalid_query"
    ja = "クエリパラメーターが正しくありません。"
    en = "A query parameter is unknown or has a wrong value."


class InvalidCursor(BadRequest):
    code = "invalid_cursor"
    ja = "ページの位置を示す値が正しくありません。"
    en = "The cursor is not one that this list handed out."


class NotAuthenticated(DeskError):
    status = 401
    code = "not_authenticated"
    ja = "認証が必要です。"
    en = "Sign in, or send a valid credential."


class Forbidden(DeskError):
    status = 403
    code = "forbidden"
    ja = "この操作は許可されていません。"
    en = "You may not do this."


class NotFound(DeskError):
    status = 404
    code = "not_found"
    ja = "見つかりませんでした。"
    en = "There is nothing here."


class MethodNotAllowed(DeskError):
    status = 405
    code = "method_not_allowed"
    ja = "このメソッドは使えません。"
    en = "This method is not offered here."


class Conflict(DeskError):
    status = 409
    code = "conflict"
    ja = "現在の状態ではこの操作はできません。"
    en = "This cannot be done in the present state."


class PreconditionFailed(DeskError):
    status = 412
    code = "version_stale"
    ja = "ほかの方が先に更新しました。最新の内容をご確認ください。"
    en = "Somebody changed this first. Look at the present state and try again."


class BodyTooLarge(DeskError):
    status = 413
    code = "body_too_large"
    ja = "送信された内容が大きすぎます。"
    en = "The body is larger than 64 KiB."


class UnsupportedMediaType(DeskError):
    status = 415
    code = "unsupported_media_type"
    ja = "Content-Type は application/json にしてください。"
    en = "Send application/json."


class Unprocessable(DeskError):
    status = 422
    code = "invalid_body"
    ja = "入力内容をご確認ください。"
    en = "Please check what you entered."


class PreconditionRequired(DeskError):
    status = 428
    code = "version_required"
    ja = "If-Match ヘッダーが必要です。"
    en = "Send If-Match with the version you saw."


class TooManyRequests(DeskError):
    status = 429
    code = "too_many_requests"
    ja = "しばらくしてからもう一度お試しください。"
    en = "Please wait a little and try again."

    def __init__(self, detail: str | None = None, *, retry_after_seconds: int = 60) -> None:
        super().__init__(detail, headers={"Retry-After": str(retry_after_seconds)})

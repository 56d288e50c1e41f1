"""Comparing answers to the byte, what is random in every answer left out."""

import re

from werkzeug.test import TestResponse

_RANDOM = [
    (re.compile(r"SD-[0-9A-Z]{4}-[0-9A-Z]{4}"), "REFERENCE"),
    (re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"), "ID"),
    (re.compile(r'"(access_token|reset_token|call_word)": ?"[^"]+"'), "TOKEN"),
    (re.compile(r"urn:request:[0-9a-f]{32}"), "REQUEST"),
]
_RANDOM_HEADERS = ("X-Request-Id", "Date", "Content-Length")

Answer = tuple[int, str, list[tuple[str, str]]]


def masked(answer: TestResponse) -> Answer:
    """Status, body and headers of an answer, random words replaced."""
    text = answer.get_data(as_text=True)
    for pattern, word in _RANDOM:
        text = pattern.sub(word, text)
    return answer.status_code, text, [pair for pair in answer.headers.items() if pair[0] not in _RANDOM_HEADERS]

"""The help menu as data: topics, guidance and next steps in both languages."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

NEXT_STEPS = ("password_assistant", "contact_form", "sign_in", "new_account")
_PAGES = {
    "password_assistant": "/password",
    "contact_form": "/contact",
    "sign_in": "/sign-in",
    "new_account": "/account/new",
}


@dataclass(frozen=True)
class HelpTopic:
    """One entry of the help menu, in one language."""

    id: str
    issue: str | None
    title: str
    guidance: Sequence[str]
    next_step: str | None
    href: str | None
    topics: Sequence[HelpTopic]


@dataclass(frozen=True)
class HelpMenu:
    """The help menu in one language."""

    language: str
    title: str
    topics: Sequence[HelpTopic]


@cache
def _source() -> dict[str, Any]:
    return tomllib.loads(resources.files("support_desk.intake").joinpath("help_topics.toml").read_text("utf-8"))


@cache
def help_menu(language: str) -> HelpMenu:
    """The menu in `ja` or `en`."""
    source = _source()
    return HelpMenu(
        language=language,
        title=source["title"][language],
        topics=[_topic(raw, language) for raw in source["topics"]],
    )


def _topic(raw: Mapping[str, Any], language: str) -> HelpTopic:
    step = raw.get("next_step")
    href = _PAGES[step] if step else None
    if step == "contact_form":
        href = f"{href}?issue={raw['issue']}"
    return HelpTopic(
        id=raw["id"],
        issue=raw.get("issue"),
        title=raw["title"][language],
        guidance=raw["guidance"][language],
        next_step=step,
        href=href,
        topics=[_topic(inner, language) for inner in raw.get("topics", [])],
    )

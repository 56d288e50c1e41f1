"""Every message reads well in both languages, whatever is filled in."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from support_desk.core.i18n import LANGUAGES
from support_desk.notifications import rendering
from support_desk.notifications.catalogue import ACTIONS, EMAIL, PARTS, SMS, TEMPLATES, Template
from support_desk.notifications.errors import UnknownTemplate
from support_desk.notifications.rendering import Rendered, one_line, render

FOLDER = Path(rendering.__file__).parent / "templates"
AWKWARD = "太郎\r\nBcc: victim@example.com\r\n\r\n\u202eevil\x00 <b>&amp;</b> {{ 7*7 }} 😀" + "長" * 400
EVERY = [
    (name, channel, language)
    for name, template in TEMPLATES.items()
    for channel in sorted(template.channels)
    for language in LANGUAGES
]


def fill(template: Template, awkward: str) -> dict[str, str | int]:
    values: dict[str, str | int] = dict.fromkeys(template.takes, awkward)
    for name in template.takes:
        if name.endswith("_at") or name in ("at", "not_before"):
            values[name] = "2026-11-25T05:15:00+00:00"
    known = {"code": "ABCD-1234", "link": "https://desk.example.jp/t/SD-7K3M-9Q2X#token", "minutes": 10}
    known |= {"action": "replace_email", "part": "email", "announced_number": "+81312345678"}
    return values | {name: value for name, value in known.items() if name in template.takes}


def rendered(name: str, channel: str, language: str, /, **values: str | int) -> Rendered:
    return render(
        TEMPLATES[name],
        channel,
        language,
        values,
        shop_name="Example Shop",
        base_url="https://desk.example.jp",
        desk_phone="+81312345678",
        zone="Asia/Tokyo",
    )


@pytest.mark.parametrize(("name", "channel", "language"), EVERY)
def test_every_template_renders_awkward_values_harmlessly(name: str, channel: str, language: str) -> None:
    template = TEMPLATES[name]
    message = rendered(name, channel, language, **fill(template, AWKWARD))
    assert not re.search(r"[\r\n\x00]", message.subject)
    assert not re.search("[\r\x00\u202e]", message.text)
    assert not any(line.startswith("Bcc:") for line in message.text.splitlines())
    assert "49" not in message.text, "a value is never a template"
    assert max(len(line.encode()) for line in message.text.splitlines()) < 998
    assert bool(message.subject) == (channel != SMS)
    for needed in template.needs & {"code", "link"}:
        assert str(fill(template, AWKWARD)[needed]) in message.text.splitlines(), f"{needed} stands alone"


@pytest.mark.parametrize(("name", "channel", "language"), EVERY)
def test_every_template_renders_with_only_what_it_needs(name: str, channel: str, language: str) -> None:
    template = TEMPLATES[name]
    values = {key: value for key, value in fill(template, "SD-7K3M-9Q2X").items() if key in template.needs}
    message = rendered(name, channel, language, **values)
    assert message.text.strip()
    assert "\n\n\n" not in message.text
    assert "（）" not in message.text
    if language == "en":
        assert message.text.isascii(), "an English text has no Japanese in it"
        assert message.subject.isascii()


def test_no_text_lies_unused_in_the_folder() -> None:
    wanted = {
        f"{name}{'' if channel == EMAIL else '.' + channel}.{language}.txt" for name, channel, language in EVERY
    }
    found = {path.name for path in FOLDER.iterdir() if not path.name.startswith("_")}
    assert found == wanted


def test_messages_print_no_name_and_ask_for_no_code_on_the_phone() -> None:
    for path in FOLDER.iterdir():
        text = path.read_text()
        assert "{{ name" not in text, path.name
        if path.name.endswith(".ja.txt") and "{{ code }}" in text:
            ending = text + (FOLDER / "_end.ja.txt").read_text()
            assert "コードを電話でお聞きすることはありません" in ending


def test_every_action_and_part_has_words() -> None:
    for action in ACTIONS:
        for part in PARTS:
            for language in LANGUAGES:
                message = rendered(
                    "restoration_on_hold",
                    EMAIL,
                    language,
                    action=action,
                    part=part,
                    at="2026-11-25T05:15:00Z",
                    not_before="",
                    link="https://desk.example.jp/stop/x",
                )
                assert ACTIONS[action][language == "en"] in message.text


def test_times_and_numbers_are_written_for_people() -> None:
    ja = rendered("callback_booked", EMAIL, "ja", slot_at="2026-11-25T05:15:00Z")
    en = rendered("callback_booked", EMAIL, "en", slot_at="2026-11-25T05:15:00Z")
    assert "2026年11月25日(水) 14:15" in ja.text
    assert "Wed 25 Nov 2026 14:15 JST" in en.text
    assert "03-1234-5678" in ja.text


def test_a_channel_without_a_text_is_refused() -> None:
    with pytest.raises(UnknownTemplate):
        rendered("ticket_reply", "sms", "ja", reference="SD-7K3M-9Q2X")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("a\nb", "a b"),
        ("a\u2028b\u2029c\x85d", "a b c d"),
        ("\u202eabc\u2066", "abc"),
        ("  さくら  太郎 ", "さくら 太郎"),
        ("\ud800x", "x"),
    ],
)
def test_values_stay_on_one_line(given: str, kept: str) -> None:
    assert one_line(given) == kept

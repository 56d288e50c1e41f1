"""The words that tell the customer who rings."""

from uuid import uuid4

from support_desk.callbacks.call_word import WORDS, call_word


def test_every_word_is_said_and_written_once():
    assert len(WORDS) == 80
    assert len({said for said, _ in WORDS}) == len({written for _, written in WORDS}) == len(WORDS)
    assert all(written.isascii() and written.islower() for _, written in WORDS)
    assert all(all("ぁ" <= kana <= "ゖ" for kana in said) for said, _ in WORDS)


def test_a_callback_has_two_different_words_that_stay_the_same(app):
    with app.app_context():
        seen = set()
        for _ in range(200):
            callback_id = uuid4()
            said, written = call_word(callback_id, "ja"), call_word(callback_id, "en")
            assert said == call_word(callback_id, "ja")
            first, second = said.split("・")
            assert first != second
            assert [dict(WORDS)[first], dict(WORDS)[second]] == written.split(" ")
            seen.add(said)
        assert len(seen) > 190

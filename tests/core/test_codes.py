"""Codes, references, secrets: what people type is understood, what thieves try is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support_desk.core import codes, references, secrets
from support_desk.core.db import db
from support_desk.core.http import DeskFlask

WHERE = {"kind": "email_code", "case_id": "case", "challenge_id": "challenge", "send_number": 1}


@pytest.fixture(autouse=True)
def _context(app: DeskFlask):
    with app.app_context():
        yield


def test_a_code_is_the_same_each_time_it_is_derived_and_another_for_each_sending():
    first = codes.derive_code("crockford", 8, **WHERE)
    assert codes.derive_code("crockford", 8, **WHERE) == first
    assert codes.derive_code("crockford", 8, **{**WHERE, "send_number": 2}) != first
    assert codes.derive_code("crockford", 8, **{**WHERE, "case_id": "other"}) != first


@pytest.mark.parametrize("change", [str.lower, codes.format_code, "  {} ".format, " ".join])
def test_a_code_is_accepted_as_people_type_it(change):
    code = codes.derive_code("crockford", 8, **WHERE)
    assert codes.code_matches(change(code), "crockford", 8, **WHERE)


def test_letters_that_look_like_digits_and_full_width_digits_are_read_as_digits():
    assert codes.normalise_code("oO iI lL", "crockford") == "001111"
    assert codes.normalise_code("１２３４−５６７８", "digits") == "12345678"


def test_a_wrong_code_is_refused():
    code = codes.derive_code("digits", 8, **WHERE)
    wrong = f"{(int(code) + 1) % 10**8:08}"
    assert not codes.code_matches(wrong, "digits", 8, **WHERE)
    assert not codes.code_matches("", "digits", 8, **WHERE)


def test_a_reference_is_read_as_people_type_it_and_a_slip_is_noticed():
    reference = references.new_reference()
    assert references.is_reference(reference)
    assert references.read_reference(reference.lower().replace("-", " ")) == reference
    last = "0" if reference[-1] != "0" else "1"
    assert references.read_reference(reference[:-1] + last) is None


@given(st.text())
def test_no_text_breaks_the_reading_of_a_reference(text):
    references.read_reference(text)


@given(st.text(alphabet=st.characters(codec="utf-8")))
def test_what_is_encrypted_comes_back(app, text):
    with app.app_context():
        assert secrets.decrypt(secrets.encrypt(text)) == text


def test_an_encrypted_value_that_was_changed_is_refused():
    sealed = bytearray(secrets.encrypt("山田 花子"))
    sealed[-1] ^= 1
    with pytest.raises(secrets.Undecryptable):
        secrets.decrypt(bytes(sealed))


def test_lists_of_parts_that_join_to_the_same_text_have_different_macs():
    assert secrets.mac("test", "a", "bc") != secrets.mac("test", "ab", "c")


def test_a_session_is_at_hand(db_session):
    assert db_session.execute(db.text("SELECT 1")).scalar() == 1

"""Telephone numbers as people write them (CC-3)."""
import pytest
from customer_care_engine import phone

FORMS = ("+84 901 234 567", "0901.234.567", "0084 (901) 234-567", "901234567", "+84-901-234567")


def test_every_form_of_a_number_is_the_same():
    for form in FORMS:
        assert phone.is_number(form)
        assert phone.tail(form) == "7654321"
        assert all(phone.is_same(form, other) for other in FORMS)


@pytest.mark.parametrize("other", ["0801 234 567", "+65 6123 4567", "", None, "234 567"])
def test_another_number_is_another(other):
    assert not phone.is_same("+84 901 234 567", other)


@pytest.mark.parametrize("word", ["S00042", "An 2", "12", "", None, "a@b.vn", "4 Seasons 2024"])
def test_words_are_no_numbers(word):
    assert not phone.is_number(word)

"""What a stranger types into the public form (CC-3)."""
import pytest
from customer_care_engine import form

GOOD = {"name": "Lan", "email": "lan@example.com", "phone": "", "order": "",
        "subject": "Wet beans", "message": "All of them."}


def test_a_person_passes():
    assert form.errors(form.clean(GOOD)) == {}


@pytest.mark.parametrize(("field", "text", "reason"), [
    ("name", "   ", "missing"),
    ("message", "\x00\x07", "missing"),
    ("subject", "x" * 151, "long"),
    ("email", "lan", "email"),
    ("email", "lan@home", "email"),
    ("email", "a@b.vn, c@d.vn", "email"),
    ("message", "www.a www.b www.c www.d www.e", "links"),
])
def test_an_error_is_named_at_its_field(field, text, reason):
    assert form.errors(form.clean(GOOD | {field: text})) == {field: reason}


def test_what_is_no_text_is_nothing():
    assert form.clean({"name": 7, "message": None, "evil": "x"}) == dict.fromkeys(form.LIMITS, "")


@pytest.mark.parametrize(("seconds", "told"), [(0, "fast"), (2, "fast"), (3, None),
                                               (24 * 3600, None), (24 * 3600 + 1, "old")])
def test_a_form_is_filled_in_a_persons_time(seconds, told):
    assert form.timing(1000, 1000 + seconds) == told

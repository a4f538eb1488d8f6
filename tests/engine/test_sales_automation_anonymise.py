"""What must not be found in a story any more, in several languages (SA-14)."""
import pytest
from sales_automation_engine import anonymise

NAMES = [
    ("Acme Foods GmbH & Co. KG", "the customer"), ("Anna-Lena Müller", "the contact"),
    ("株式会社真美フーズ", "the customer"), ("Nguyễn Văn An", "the contact"),
    ("acme", "the customer"), ("บริษัท เอซีเอ็ม จำกัด", "the customer"),
]


def tell(text):
    return anonymise.anonymise(text, NAMES, "[link]", "[number]")


@pytest.mark.parametrize("text, told", [
    ("We met ACME twice.", "We met the customer twice."),
    ("Acme's buyer", "The customer's buyer"),
    ("Acmeology is a word", "Acmeology is a word"),
    ("Frau Müller fand es zu teuer", "Frau the contact fand es zu teuer"),
    ("Müllerei", "Müllerei"),
    ("真美フーズ様は来週決めます", "The customer様は来週決めます"),
    ("ask Nguyễn Văn An today", "ask the contact today"),
    ("write to a.b@acme-foods.co.jp now", "write to [link] now"),
    ("see HTTPS://ACME.EXAMPLE/x?y=1 there", "see [link] there"),
    ("12 % in 30 days, 1 200 pieces, 48.000,00 €", "12 % in 30 days, [number] pieces, [number] €"),
    ("+49 (0)30 1234-567", "[number]"),
    ("", ""),
])
def test_taken_out(text, told):
    assert tell(text) == told


def test_thai_has_no_spaces():
    assert "เอซีเอ็ม" not in tell("คุณเอซีเอ็มซื้อ")


def test_twice_is_once():
    once = tell("Acme Foods paid 48,000; Anna-Lena Müller signed.")
    assert tell(once) == once

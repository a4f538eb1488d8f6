"""What strangers send to the pages of a survey (CC-8, RELIABILITY §3)."""
import random
from urllib.parse import parse_qs, unquote

import pytest
from customer_care_engine import ask, feedback, window

ROUNDS = 10_000
ODD = ["", "0", "7", "10", "11", "00", "-0", "+1", "1e1", "0x1", "½", "１", "١", "\x00", "\ud800",
       "\udfff\ud800", "\u202e", "\r\n", "\t", "a", "f" * 32, "F" * 32, "0" * 64, "é", "𝟙", "nan",
       "'--", "{{7*7}}", "<b>", "%00", "..%2f", "[]", " ", "9" * 400, "\U0010ffff", "\ufeff"]
SENT = [None, 7, 1.5, b"1", [], ["1"], {"v": "1"}, True]


def _texts(chance):
    """Odd pieces put together, and what comes out of a URL that was cut anywhere."""
    for _round in range(ROUNDS):
        text = "".join(chance.choices(ODD, k=chance.randint(0, 4)))
        if chance.random() < 0.3:
            cut = text.encode("utf-8", "surrogatepass")[chance.randint(0, 2):]
            text = cut.decode("utf-8", chance.choice(["replace", "surrogateescape"]))
        if chance.random() < 0.3:
            text = unquote(text)
        yield text


@pytest.mark.parametrize("metric", sorted(feedback.SCALES))
def test_ten_thousand_answers(metric):
    low, high = feedback.SCALES[metric]
    good = {f"{number}" for number in range(low, high + 1)}
    for text in [*_texts(random.Random(7)), *SENT]:
        found = ask.value(text, low, high)
        if found is None:
            assert text not in good if isinstance(text, str) else True
            continue
        assert low <= found <= high
        assert text.isascii()
        assert int(text) == found
        assert feedback.band(metric, found, low, high) in feedback.BANDS[metric]


def test_ten_thousand_keys():
    for text in [*_texts(random.Random(8)), *SENT]:
        for length in (32, 64):
            if ask.is_key(text, length):
                assert len(text) == length
                assert set(text) <= set("0123456789abcdef")


def test_ten_thousand_comments():
    for text in [*_texts(random.Random(9)), *SENT]:
        said = ask.words(text, 40)
        said.encode("utf-8")
        assert len(said) <= 40
        assert "\x00" not in said
        assert ask.words(said, 40) == said


def test_ten_thousand_queries():
    """One query string after the other, as a server takes it apart."""
    chance = random.Random(10)
    for text in _texts(chance):
        query = parse_qs(f"v={text}&change={text}&v[]=1", keep_blank_values=True)
        for values in query.values():
            ask.value(values, 0, 10)
            ask.value(values[0], 0, 10)


def test_ten_thousand_networks():
    """Whatever a proxy says: a word, and the same one for the same address."""
    chance = random.Random(11)
    for text in _texts(chance):
        assert isinstance(window.network_of(text), str)
        number = chance.getrandbits(32)
        address = ".".join(str(number >> shift & 255) for shift in (24, 16, 8, 0))
        assert window.network_of(address).endswith(".0/24")

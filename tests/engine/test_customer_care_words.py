"""Words of danger in the languages of the customers (CC-17)."""
import unicodedata

import pytest
from customer_care_engine.words import find


@pytest.mark.parametrize(("text", "word", "stands"), [
    ("It caught FIRE!", "fire", "fire"),
    ("smoke-filled room", "smoke", "smoke"),
    ("She got an electric  shock.", "electric shock", "electric shock"),
    ("two people were injured", "Injur*", "injured"),
    ("Máy bị chập điện và CHÁY.", "cháy", "cháy"),
    (unicodedata.normalize("NFD", "Pin phát nổ, tôi bị bỏng"), "phát nổ", "phát nổ"),
    ("หม้อระเบิดเมื่อวานนี้", "ระเบิด", "ระเบิด"),
    ("昨天電池爆炸了", "爆炸", "爆炸"),
    ("使用中に発火しました", "発火", "発火"),
    ("ﾔｹﾄﾞの原因", "ヤケド", "ヤケド"),  # half-width kana
])
def test_found(text, word, stands):
    assert find(text, [word]) == [stands]


@pytest.mark.parametrize(("text", "word"), [
    ("the fireplace", "fire"),
    ("a misfire", "fire"),
    ("burnish", "burn"),
    ("Máy bị chảy nước", "cháy"),  # it leaks
    ("bong bóng", "bỏng"),
    ("", "fire"),
    ("anything", ""),
    ("anything", "*"),
    ("(unclosed", "[a"),
])
def test_not_found(text, word):
    assert find(text, [word]) == []


def test_no_word_is_an_expression():
    assert find("costs 5.00", ["5.00"]) == ["5.00"]
    assert find("costs 5100", ["5.00"]) == []


def test_a_negation_is_found_too():
    """On purpose: a person reads it; a machine that understands "no" wrongly stays silent."""
    assert find("There was no fire", ["fire"]) == ["fire"]

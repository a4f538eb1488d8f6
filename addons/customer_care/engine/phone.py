"""Telephone numbers as people write them: which of them are one and the same.

A number has no one form: "0901 234 567", "+84 (901) 234-567" and "0084901234567" ring the same
telephone. Compared are digits alone, without the leading zeros, from the end.
"""

#: Digits that an agent types before a search makes sense.
MIN_DIGITS = 4
#: Digits that tell a subscriber from nearly all others; the rest is area and country.
TAIL = 7
_BETWEEN = set(" +-./()\u00a0\u2011\u2013")


def digits(text: str | None) -> str:
    r"""The digits of a text, also those of other scripts.

    >>> digits("+84 (901) 234-567")
    '84901234567'
    >>> digits("\uff10\uff19")
    '09'
    >>> digits(None)
    ''
    """
    return "".join(str(int(sign)) for sign in text or "" if sign.isdecimal())


def is_number(text: str | None) -> bool:
    """Whether a search word is meant as a telephone number.

    >>> [is_number(word) for word in ("0901 234", "+84-901", "S00042", "12", "4 Seasons", "")]
    [True, True, False, False, False, False]
    """
    found = text or ""
    return len(digits(found)) >= MIN_DIGITS and all(
        sign.isdecimal() or sign in _BETWEEN for sign in found)


def bare(text: str | None) -> str:
    """The digits without what dialling begins with at home or abroad.

    >>> bare("0084 901 234 567"), bare("0901 234 567")
    ('84901234567', '901234567')
    """
    return digits(text).lstrip("0")


def tail(text: str | None) -> str:
    """The end of a number, backwards: what an index on reversed digits is asked for.

    >>> tail("0901 234 567"), tail("4567")
    ('7654321', '7654')
    """
    return bare(text)[-TAIL:][::-1]


def is_same(one: str | None, other: str | None) -> bool:
    """Whether two numbers ring the same telephone; a shorter one may lack country and area.

    >>> is_same("0901 234 567", "+84 901234567"), is_same("0901 234 567", "0801 234 567")
    (True, False)
    >>> is_same("567", "0901 234 567"), is_same("", "")
    (False, False)
    """
    short, long = sorted((bare(one), bare(other)), key=len)
    return len(short) >= TAIL and long.endswith(short)


def fits(typed: str | None, number: str | None) -> bool:
    """Whether what was typed means this number: the same one, or its last digits.

    >>> fits("234 567", "0901 234 567"), fits("0801 234 567", "0901 234 567")
    (True, False)
    """
    return bool(bare(typed)) and (
        is_same(typed, number) or bare(number).endswith(bare(typed)))

"""What stands in the links and forms of a survey: keys, answers, words.

No database, no request: whatever a stranger sends comes in, and what may go on comes out.
"""
from __future__ import annotations

import re

from .form import plain

VALUE = re.compile(r"[0-9]{1,2}", re.ASCII)
KEY = re.compile(r"[0-9a-f]+", re.ASCII)


def value(text: object, low: int, high: int) -> int | None:
    """The answer on a scale from low to high, or None for anything else.

    >>> [value(text, 0, 10) for text in ("0", "10", "11", "-1", "1.5", " 9", "\\u0661", None, 3)]
    [0, 10, None, None, None, None, None, None, None]
    """
    if not isinstance(text, str) or not VALUE.fullmatch(text):
        return None
    number = int(text)
    return number if low <= number <= high else None


def is_key(text: object, length: int) -> bool:
    """Whether it looks like a key of ours: so many digits of 0-9 and a-f.

    >>> is_key("0af3", 4), is_key("0AF3", 4), is_key("0af3\\n", 4), is_key("", 0), is_key(None, 4)
    (True, False, False, False, False)
    """
    return isinstance(text, str) and len(text) == length and KEY.fullmatch(text) is not None


def words(text: object, most: int) -> str:
    """What somebody wrote, in signs that every database takes, cut after so many.

    >>> words(" It\\x00 leaks\\ud800. ", 40), words("abc", 2), words(b"abc", 9)
    ('It leaks.', 'ab', '')
    """
    return plain(text)[:most].strip()

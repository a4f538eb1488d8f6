"""Is this mail a mere thank-you? Then it needs no answer, and the case stays as it is.

Wrong towards "needs an answer" costs an agent one look; wrong the other way loses a customer's
word. So everything must speak for it: thanks are said, nothing is asked, nothing of substance is
left when thanks, greetings and pleasantries are taken away.
"""
from __future__ import annotations

import re
import unicodedata

from .gratitude_words import MATTER, POLITE, THANKS

_FLAGS = re.IGNORECASE | re.MULTILINE
#: What is quoted line by line: the lines go, and what is written between and below them stays.
_QUOTED_LINES = tuple(re.compile(pattern, _FLAGS | re.DOTALL) for pattern in (
    r"^[ \t]*>[^\n]*$", r"^[ \t]*on\b.{3,200}?\bwrote:", r"^[ \t]*vào\b.{3,200}?đã viết:",
    r"^[ \t]*เมื่อ.{3,200}?เขียน[^\n]{0,3}", r"^[^\n]{0,60}(於|在).{3,200}?(寫道|写道)[：:]",
    r"^[ \t]*\d{4}年[^\n]{3,200}[:：][ \t]*$"))
#: Where a whole mail, or the writer's signature, follows to the end.
_ENDS = tuple(re.compile(pattern, _FLAGS) for pattern in (
    r"^[ \t]*-{2,}[ \t]*(original message|forwarded message|原始郵件|元のメッセージ)",
    r"^[ \t]*_{5,}[ \t]*$", r"^[ \t]*(from|từ|จาก|寄件者|发件人|差出人)[ \t]*[:：]", r"^--[ \t]*$",
    r"^[ \t]*(sent from my|get outlook for|gửi từ|ส่งจาก|從我的|iphoneから送信)"))
#: Letters beyond which nobody just says thanks; with all that is quoted, beyond which nobody looks.
LONGEST, READ = 200, 100_000
#: Words written as names, and letters of writings without blanks, that may be left over.
NAMES_LEFT, LETTERS_LEFT = 3, 3
#: Set phrases that hold a word of MATTER and mean none.
_DENIALS = re.compile("不客氣|不客气|不好意思")
_SPACED = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_UNSPACED = re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]")


def own_words(text: str) -> str:
    """What the writer says himself: no quoted mail, no signature.

    >>> own_words("Thanks!\\n\\nOn Mon, 2 Mar 2026 Anna wrote:\\n> Did it help?")
    'Thanks!'
    >>> own_words("> Did it help?\\nNo, it leaks.")  # below the quote
    'No, it leaks.'
    >>> own_words("It leaks.\\n-- \\nBob, Tel. 123")
    'It leaks.'
    """
    text = text.replace("\r\n", "\n")
    for pattern in _QUOTED_LINES:
        text = pattern.sub("", text)
    for pattern in _ENDS:
        text = pattern.split(text, maxsplit=1)[0]
    return text.strip()


def _plain(text: str) -> str:
    return unicodedata.normalize("NFC", text).replace("’", "'")


def _pattern(phrases) -> re.Pattern:
    """The phrases, the longest first; with blanks around them where their writing has any."""
    parts = [
        re.escape(phrase) if _UNSPACED.search(phrase) else rf"(?<!\w){re.escape(phrase)}(?!\w)"
        for phrase in sorted({_plain(phrase) for phrase in phrases if phrase.strip()},
                             key=lambda phrase: (-len(phrase), phrase))]
    return re.compile("|".join(parts) or r"(?!)", re.IGNORECASE)


def _all(words: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(phrase for language in words.values() for phrase in language)


def is_thanks(text: str, thanks: tuple[str, ...] = (), matter: tuple[str, ...] = (),
              names: tuple[str, ...] = ()) -> bool:
    """True when the text, its quotes cut off, says thanks and nothing else.

    `thanks` and `matter` add phrases to the built-in ones; `names` are those of the people, that
    may stand there in any spelling.

    >>> is_thanks("Thanks a lot, Anna! It works now.")
    True
    >>> is_thanks("thanks anna"), is_thanks("thanks anna", names=("Anna",))
    (False, True)
    >>> is_thanks("Thanks, but it still leaks."), is_thanks("Great, it leaks again.")
    (False, False)
    >>> is_thanks("Thank you. When will the part arrive?"), is_thanks("It leaks.")
    (False, False)
    >>> is_thanks("Merci mille", thanks=("merci mille",)), is_thanks("Thanks, Tax", (), ("tax",))
    (True, False)
    """
    if len(text) > READ:
        return False
    words = _plain(own_words(text))
    if not words or len(words) > LONGEST or re.search(r"[?？]|\d", words):
        return False
    if _pattern((*_all(MATTER), *matter)).search(_DENIALS.sub("", words)):
        return False
    rest, said = _pattern((*_all(THANKS), *thanks)).subn(" ", words)
    if not said:
        return False
    rest = _pattern((*_all(POLITE), *names)).sub(" ", rest)
    spaced = _SPACED.findall(_UNSPACED.sub(" ", rest))
    return (len(_UNSPACED.findall(rest)) <= LETTERS_LEFT and len(spaced) <= NAMES_LEFT
            and all(word.istitle() for word in spaced))

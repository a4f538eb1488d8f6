"""Words that must not be overlooked, found in what customers write.

A word is found as a whole word: "fire" is not in "fireplace". "burn*" is any word that begins so.
Scripts that write without spaces (Chinese, Japanese, Thai) have no word borders: there a word is
found wherever it stands. Accents count, for in Vietnamese they make another word: "cháy" burns,
"chảy" leaks. Whether a sentence denies the word ("no fire") is not tried: a person reads it.
"""
from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

#: Thai; kana and CJK; their compatibility forms.
NO_SPACES = re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
#: Stands for the rest of a word.
ANY_END = "*"


def normalise(text: str) -> str:
    """One way of writing: compatibility forms folded, composed, lower case, single spaces.

    >>> normalise("  \\uff26IRE\\n in  the Kitchen ")  # a full-width F
    'fire in the kitchen'
    >>> normalise("cha\\u0301y") == normalise("ch\\u00e1y")  # two ways to write the same letter
    True
    >>> normalise("chảy") == normalise("cháy")
    False
    """
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def pattern(word: str) -> str:
    """The regular expression that finds a word in a normalised text; empty for no word.

    >>> bool(re.search(pattern("fire"), "a fireplace")), bool(re.search(pattern("fire"), "a fire!"))
    (False, True)
    >>> bool(re.search(pattern("burn*"), "she was burned")), pattern(" * ")
    (True, '')
    >>> bool(re.search(pattern("爆炸"), "電池爆炸了"))
    True
    """
    word = normalise(word)
    stem = word.rstrip(ANY_END).strip()
    if not stem:
        return ""
    if NO_SPACES.search(stem):
        return re.escape(stem)
    end = r"\w*" if word.endswith(ANY_END) else r"(?!\w)"
    return rf"(?<!\w){re.escape(stem)}{end}"


def find(text: str, words: Iterable[str]) -> list[str]:
    """What of the words stands in the text, as it stands there, in the order of the words.

    >>> find("Smoke, then FIRE: she was burned", ["fire", "smoke", "burn*", "injur*"])
    ['fire', 'smoke', 'burned']
    >>> find("Máy bị cháy", ["cháy"]), find("Máy bị chảy nước", ["cháy"])
    (['cháy'], [])
    >>> find("หม้อระเบิดเมื่อวาน", ["ระเบิด"])
    ['ระเบิด']
    >>> find("", ["fire"])
    []
    """
    said = normalise(text)
    found = []
    for word in words:
        expression = pattern(word)
        match = expression and re.search(expression, said)
        if match and match.group() not in found:
            found.append(match.group())
    return found

"""Taking a customer out of a text: names, addresses, links and telling numbers.

It rather takes out too much than too little: every word of a name goes, except words that stand in
countless names. Numbers of two digits stay ("30 %", "12 days"), longer ones go.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

# Words in names that say nothing about who it is.
COMMON = frozenset("""
    ag and bv co company corp corporation de der die et for gmbh group holding inc international kg
    la le limited llc ltd mr mrs ms nv oy plc sa sarl se spa srl the und van von y of pty pte kk
""".split())
LINK = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
NUMBER = re.compile(r"(?<!\w)[+(]?\d(?:(?:[ \u00a0.,'’/-]| ?\(|\) ?)?\d){2,}")
# Scripts that set no spaces between words, and those that hang particles onto a name.
UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff"
                      r"\uac00-\ud7af\uf900-\ufaff]")
LEGAL_FORM = re.compile(r"株式会社|有限会社|合同会社|股份有限公司|有限公司|주식회사|บริษัท|จำกัด")
WORD = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")


def name_parts(name: str) -> list[str]:
    """Return the whole name and each word that may give it away, longest first.

    >>> name_parts("Acme Foods GmbH & Co. KG")
    ['Acme Foods GmbH & Co. KG', 'Foods', 'Acme']
    >>> name_parts("Li Wei")
    ['Li Wei', 'Wei', 'Li']
    >>> name_parts("株式会社真美フーズ")
    ['株式会社真美フーズ', '真美フーズ']
    >>> name_parts("  ")
    []
    """
    whole = " ".join(name.split())
    if not whole:
        return []
    words = {word for word in WORD.findall(whole)
             if len(word) > 1 and word.lower() not in COMMON and not word.isdigit()}
    words |= {part for part in LEGAL_FORM.sub(" ", whole).split() if UNSPACED.search(part)}
    words.discard(whole)
    return [whole, *sorted(words, key=lambda word: (-len(word), word))]


def pattern_of(part: str) -> str:
    """Whole words only where the script knows words; elsewhere any place.

    >>> [bool(re.search(pattern_of("Acme"), text)) for text in ("Acmexyz", "Acme's")]
    [False, True]
    >>> bool(re.search(pattern_of("真美"), "株式会社真美様"))
    True
    """
    quoted = re.escape(part).replace(r"\ ", r"\s+")
    return quoted if UNSPACED.search(part) else rf"(?<!\w){quoted}(?!\w)"


def holds_name(text: str, names: Iterable[str]) -> bool:
    """Tell whether a text holds one of the names, or a word that gives one away.

    >>> [holds_name(text, ["Acme Foods"]) for text in ("ACME key account", "ISO 9001")]
    [True, False]
    """
    return any(re.search(pattern_of(part), text, re.IGNORECASE)
               for name in names for part in name_parts(name))


def anonymise(text: str, names: Iterable[tuple[str, str]], link: str, number: str) -> str:
    """Return the text without the names, links, addresses and numbers.

    :param names: (name, what stands for it), e.g. ("Acme Foods", "the customer")
    :param link: stands for links and e-mail addresses
    :param number: stands for numbers of three digits and more

    >>> names = [("Acme Foods", "the customer"), ("Anna Berg", "the contact")]
    >>> anonymise("Foods of Acme, Acme Foods", names[:1], "", "")
    'The customer of the customer, the customer'
    >>> anonymise("Acme, Foods Acme Ltd", [("Acme Foods Ltd", "the customer")], "", "")
    'The customer, the customer Ltd'
    >>> text = "Anna of ACME FOODS (anna@acme.com, +49 30 1234) paid 48,000 in 12 days"
    >>> anonymise(text, names, "[link]", "[number]")
    'The contact of the customer ([link], [number]) paid [number] in 12 days'
    """
    text = ADDRESS.sub(link, LINK.sub(link, text))
    parts = [(part, instead) for name, instead in names for part in name_parts(name)]
    for part, instead in sorted(parts, key=lambda pair: -len(pair[0])):
        text = re.sub(pattern_of(part), lambda _found, instead=instead: instead, text,
                      flags=re.IGNORECASE)
    for instead in dict.fromkeys(instead for _part, instead in parts):  # "Acme Foods" was two words
        text = re.sub(rf"{re.escape(instead)}(?:\s+{re.escape(instead)})+", instead, text)
        text = re.sub(rf"(^|[.!?]\s+|\n\s*)({re.escape(instead)})",
                      lambda found: found[1] + found[2][:1].upper() + found[2][1:], text)
    return NUMBER.sub(number, text)

"""What a stranger types into a public form: errors by field, and what smells of spam.

No database, no request: text in, words (keys) out. Sizes are characters, times are seconds.
"""
import re
import unicodedata

#: The longest text of each field; what is not named here is ignored.
LIMITS = {
    "name": 100, "email": 254, "phone": 40, "order": 40, "product": 100, "subject": 150,
    "message": 5000,
}
#: Without these nobody could help; of whoever is logged in, who he is is known.
REQUIRED = ("name", "email", "subject", "message")
REQUIRED_INSIDE = ("subject", "message")
#: A person needs longer than this to fill the form, and a page does not stay open for longer.
FASTEST, OLDEST = 3, 24 * 3600
#: Links in one message of somebody who has a question.
MOST_LINKS = 4
EMAIL = re.compile(r"[^@\s<>\"',;]+@[^@\s<>\"',;]+\.[^@\s<>\"',;.]{2,}")
LINK = re.compile(r"https?://|www\.", re.IGNORECASE)


def clean(values: dict) -> dict[str, str]:
    """Known fields only, without control characters and outer blanks, line breaks kept.

    >>> clean({"name": " An\\x00na ", "evil": "1", "message": "a\\r\\nb"})["name"]
    'Anna'
    >>> clean({"message": "a\\r\\nb"})["message"]
    'a\\nb'
    """
    return {key: plain(values.get(key)) for key in LIMITS}


def plain(text) -> str:
    """A text without what no keyboard types: control characters, halves of characters.

    >>> plain("a\\x00b\\ud800"), plain(None)
    ('ab', '')
    """
    if not isinstance(text, str):
        return ""
    text = text.replace("\r\n", "\n")
    return "".join(
        sign for sign in text
        if sign == "\n" or unicodedata.category(sign) not in ("Cc", "Cs")).strip()


def errors(
        values: dict[str, str], required: tuple[str, ...] = REQUIRED) -> dict[str, str]:
    """{field: reason} of cleaned values: "missing", "long", "email" or "links".

    >>> errors(clean({"name": "Anna", "email": "a@x.vn", "subject": "Hi", "message": "It leaks"}))
    {}
    >>> errors(clean({"email": "anna", "subject": "Hi",
    ...               "message": "http://a http://b www.c https://d http://e"}))
    {'name': 'missing', 'email': 'email', 'message': 'links'}
    >>> errors(clean({"subject": "Hi"}), REQUIRED_INSIDE)
    {'message': 'missing'}
    """
    found = {}
    for key, most in LIMITS.items():
        text = values[key]
        if not text and key in required:
            found[key] = "missing"
        elif len(text) > most:
            found[key] = "long"
        elif key == "email" and text and not EMAIL.fullmatch(text):
            found[key] = "email"
        elif key in ("subject", "message") and len(LINK.findall(text)) > MOST_LINKS:
            found[key] = "links"
    return found


def timing(shown: float, now: float) -> str | None:
    """Whether the form came back too "fast" or too "old"; None is a person's time.

    >>> timing(100, 101), timing(100, 160), timing(100, 100 + 25 * 3600)
    ('fast', None, 'old')
    """
    if now - shown < FASTEST:
        return "fast"
    return "old" if now - shown > OLDEST else None

"""What another system may tell a scenario in one request: a small JSON object, read with care."""

import json

MAX_BYTES = 16_384
MAX_DEPTH = 5
# texts that count, with the most characters of each; whatever else is in the object is ignored
TEXTS = {
    "email": 320,
    "key": 200,
    "topic": 200,
    "url": 2_000,
    "name": 200,
    "phone": 64,
    "company": 200,
}


def read(body: bytes) -> dict[str, str]:
    """The known texts of a request; a ValueError says in a sentence what is wrong.

    >>> read(b'{"email": "ann@example.com", "key": "4711", "more": {"ignored": [1]}}')
    {'email': 'ann@example.com', 'key': '4711'}
    >>> read(b'[1]')
    Traceback (most recent call last):
    ValueError: the body must be a JSON object
    >>> read(b'{"email": "ann"}')
    Traceback (most recent call last):
    ValueError: "email" must be an e-mail address
    """
    if len(body) > MAX_BYTES:
        raise ValueError(f"the body must not be longer than {MAX_BYTES} bytes")
    try:
        data = json.loads(body.decode())
    except (ValueError, RecursionError):
        raise ValueError("the body must be JSON in UTF-8") from None
    if not isinstance(data, dict):
        raise ValueError("the body must be a JSON object")
    if _depth(data) > MAX_DEPTH:
        raise ValueError(f"the body must not be nested more than {MAX_DEPTH} deep")
    texts = {name: _text(name, data[name]) for name in TEXTS if data.get(name) is not None}
    if "@" not in texts.get("email", "").strip("@"):
        raise ValueError('"email" must be an e-mail address')
    return texts


def _text(name: str, value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)  # keys of other systems are often numbers
    if not isinstance(value, str) or len(value) > TEXTS[name]:
        raise ValueError(f'"{name}" must be a text of at most {TEXTS[name]} characters')
    if not value.isprintable() or any("\ud800" <= c <= "\udfff" for c in value):
        raise ValueError(f'"{name}" must not hold control characters')
    return value.strip()


def _depth(value: object) -> int:
    """How deep lists and objects are nested; not followed further than it matters.

    >>> _depth(1), _depth({}), _depth({"a": [{}]})
    (0, 1, 3)
    """
    level, depth = [value], 0
    while level := [item for item in level if isinstance(item, dict | list)]:
        depth += 1
        if depth > MAX_DEPTH:
            break
        level = [
            child
            for item in level
            for child in (item.values() if isinstance(item, dict) else item)
        ]
    return depth

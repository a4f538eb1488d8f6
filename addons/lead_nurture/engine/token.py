"""Addresses of clicks and pixels: numbers and a signature, nothing else.

The signature is made elsewhere, with the secret of the database; here is only how a token is
written and read. Reading refuses everything that does not look exactly like ours, so that what
goes on to the comparison of signatures is plain ASCII of a known length.
"""
import re
from dataclasses import dataclass

SIGNATURE_LENGTH = 32  # hexadecimal digits, 128 bits
MAX_ID = 2**31 - 1
_TOKEN = re.compile(r"([1-9][0-9]{0,9})(?:-([1-9][0-9]{0,9}))?-([0-9a-f]{32})", re.ASCII)


@dataclass(frozen=True)
class Token:
    """`ids` are the send, and for a click the link."""

    ids: tuple[int, ...]
    signature: str


def write(ids: tuple[int, ...], digest: str) -> str:
    """The token of `ids`, signed by the beginning of a hexadecimal digest.

    >>> write((7, 12), "ab" * 32)
    '7-12-abababababababababababababababab'
    """
    return "-".join([*map(str, ids), digest[:SIGNATURE_LENGTH]])


def read(text: str, count: int) -> Token | None:
    """The token in `text` if it has `count` ids, else None.

    >>> read("7-12-abababababababababababababababab", 2).ids
    (7, 12)
    >>> read("7-abababababababababababababababab", 2) is None
    True
    >>> read("99999999999-12-abababababababababababababababab", 2) is None
    True
    >>> read("4294967296-abababababababababababababababab", 1) is None
    True
    """
    match = _TOKEN.fullmatch(text)
    if not match:
        return None
    ids = tuple(int(number) for number in match.groups()[:2] if number)
    if len(ids) != count or max(ids) > MAX_ID:
        return None
    return Token(ids, match.group(3))

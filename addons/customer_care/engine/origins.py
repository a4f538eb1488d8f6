"""Web sites that may show a page of ours in a frame, as an administrator types them."""
from __future__ import annotations

import re

#: Scheme, host (its first part may be *) and port, and nothing after it.
ORIGIN = re.compile(
    r"https?://(\*\.)?[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*"
    r"(:[0-9]{1,5})?", re.ASCII)


def origins(text: str | None) -> tuple[list[str], list[str]]:
    """(sites, what is none) of a text with one site a line.

    >>> origins("https://www.Example.com/\\n\\n http://localhost:8000 \\nhttps://*.example.org")
    (['https://www.example.com', 'http://localhost:8000', 'https://*.example.org'], [])
    >>> origins("*\\nwww.example.com\\nhttps://a.example/shop\\nhttps://a.example; script-src *")[1]
    ['*', 'www.example.com', 'https://a.example/shop', 'https://a.example; script-src *']
    >>> origins(None)
    ([], [])
    """
    lines = [line.strip() for line in (text or "").splitlines() if line.strip()]
    sites = [line.lower().removesuffix("/") for line in lines]
    good = [site for site in sites if ORIGIN.fullmatch(site)]
    bad = [line for line, site in zip(lines, sites, strict=True) if not ORIGIN.fullmatch(site)]
    return list(dict.fromkeys(good)), bad

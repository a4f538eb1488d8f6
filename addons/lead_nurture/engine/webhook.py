"""Calls to other systems: which hosts may be called, and how a call is signed.

An administrator lists the hosts. A line is `hooks.example.com` (that host), `*.example.com` (every
host below it) or `http://n8n.local` (that host, also without encryption). A host that is named in
full may have a private address; one that only a star lets in must have a public one, or whoever
controls a name under it could reach into our network.
"""

import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from ipaddress import IPv6Address, ip_address
from urllib.parse import urlsplit

_NAME = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_-]{1,63}", re.ASCII)
PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True)
class Target:
    """Where a call goes. `path` holds the query as well."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def netloc(self) -> str:
        """
        >>> Target("https", "a.example", 443, "/").netloc, Target("http", "::1", 81, "/").netloc
        ('a.example', '[::1]:81')
        """
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"


@dataclass(frozen=True)
class Answer:
    """What came of a call. `status` 0: nobody answered. `passing`: it may be better later."""

    status: int = 0
    passing: bool = False
    text: str = ""

    @property
    def delivered(self) -> bool:
        return 200 <= self.status < 300


class PrivateAddressError(ValueError):
    """The host has an address inside the network, and the list does not name the host."""


@dataclass(frozen=True)
class Rule:
    """One line of the list."""

    host: str
    below: bool = False
    plain: bool = False

    def admits(self, host: str) -> bool:
        return host.endswith(f".{self.host}") if self.below else host == self.host


def read_rules(text: str) -> tuple[list[Rule], list[str]]:
    """(rules, lines that are none). Empty lines are nothing.

    >>> rules, wrong = read_rules("Hooks.example.com\\n*.example.org\\nhttp://n8n.local\\nno way")
    >>> [rule.host for rule in rules], wrong
    (['hooks.example.com', 'example.org', 'n8n.local'], ['no way'])
    """
    rules, wrong = [], []
    for line in filter(None, (line.strip().lower() for line in text.splitlines())):
        plain = line.startswith("http://")
        name = line.removeprefix("http://").removeprefix("https://")
        below = name.startswith("*.")
        host = name.removeprefix("*.")
        if _is_host(host) and not (plain and below):
            rules.append(Rule(host, below, plain))
        else:
            wrong.append(line)
    return rules, wrong


def _is_host(text: str) -> bool:
    try:
        ip_address(text.strip("[]"))
    except ValueError:
        return bool(_NAME.fullmatch(text)) and len(text) <= 253
    return True


def read_url(url: str) -> Target | None:
    """The parts of an address to call; None when it is none. A user or password is refused.

    >>> read_url("https://Hooks.example.com/in?key=1")
    Target(scheme='https', host='hooks.example.com', port=443, path='/in?key=1')
    >>> read_url("ftp://example.com/") is read_url("https://me@example.com/") is None
    True
    """
    try:
        parts = urlsplit(url.strip())
        host, port = (parts.hostname or "").lower().rstrip("."), parts.port
    except ValueError:
        return None
    odd = any(ord(sign) <= 32 or ord(sign) > 126 for sign in url.strip())
    if parts.scheme not in PORTS or "@" in parts.netloc or odd or not _is_host(host):
        return None
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, port or PORTS[parts.scheme], path)


def refusal(target: Target, rules: Iterable[Rule]) -> str:
    """Why the host may not be called: 'unlisted', 'plain' (http where only https may be), or ''.

    >>> rules, _wrong = read_rules("hooks.example.com")
    >>> refusal(read_url("https://hooks.example.com/"), rules)
    ''
    >>> refusal(read_url("http://hooks.example.com/"), rules)
    'plain'
    >>> refusal(read_url("https://example.com/"), rules)
    'unlisted'
    """
    admitting = [rule for rule in rules if rule.admits(target.host)]
    if not admitting:
        return "unlisted"
    if target.scheme == "http" and not any(rule.plain for rule in admitting):
        return "plain"
    return ""


def may_be_private(target: Target, rules: Iterable[Rule]) -> bool:
    """Only a host that is named in full may have an address inside our network."""
    return any(rule.admits(target.host) and not rule.below for rule in rules)


def is_public(address: str) -> bool:
    """
    >>> [is_public(a) for a in ("93.184.215.14", "127.0.0.1", "10.0.0.8", "169.254.169.254")]
    [True, False, False, False]
    >>> is_public("::ffff:127.0.0.1"), is_public("2606:2800:21f:cb07:6820:80da:af6b:8b2c")
    (False, True)
    """
    ip = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    return ip.is_global and not ip.is_multicast


def may_pass(status: int) -> bool:
    """Is the trouble on their side, and perhaps over later? 408, 425, 429 and all of 5xx.

    >>> [may_pass(status) for status in (404, 429, 503)]
    [False, True, True]
    """
    return status in {408, 425, 429} or status >= 500


def sign(secret: str, moment: int, body: str) -> str:
    """What the receiver recomputes: HMAC-SHA256 over `<seconds since 1970>.<body>`. The moment is
    signed too, so that an old call cannot be played again.

    >>> sign("key", 0, "{}")[:20]
    'sha256=7314351dd949a'
    """
    digest = hmac.new(secret.encode(), f"{moment}.{body}".encode(), sha256).hexdigest()
    return f"sha256={digest}"

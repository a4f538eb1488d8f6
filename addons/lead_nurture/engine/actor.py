"""Who made a hit: a human, a machine, or somebody of whom we cannot be sure?

Mail gateways open pixels and follow links before the reader sees the mail; mail clients fetch
pictures through a proxy. Counting them as interest would make every customer of a careful mail
provider a hot lead. So each hit is kept, and classed with a reason that can be read later.
"""

import ipaddress
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

HUMAN, SUSPECT, MACHINE = "human", "suspect", "machine"

# The reasons, with the sentence that a person reads.
REASONS: dict[str, str] = {
    "head": "HEAD request: only programs ask so",
    "burst": "Two different links within two seconds",
    "prefetch": "Sooner after the mail left than a human can read",
    "agent": "The program is on the list of known machines",
    "network": "The network is on the list of known machines",
    "proxy": "Opened by the picture proxy of a mail provider",
    "no_agent": "The program that asked told no name",
    "blind": "A picture was loaded; by whom was not noted",
    "answered": "The mail was answered",
    "hand": "Classed by hand",
}
# These follow from the table of known programs and networks alone, and change with it.
TABLE_REASONS = ("", "agent", "network", "proxy", "no_agent")
# When several lines of the table speak, the worst is believed.
_RANK = {HUMAN: 0, SUSPECT: 1, MACHINE: 2}


@dataclass(frozen=True)
class Sign:
    """One line of the table of known programs and networks.

    `kind`: "contains" or "exact" look at the agent (`pattern` in lower case), "network" at the
    network (`pattern` as 203.0.113.0/24). `opens_only`: says nothing about clicks.
    """

    kind: str
    pattern: str
    actor: str = MACHINE
    opens_only: bool = False


@dataclass(frozen=True)
class Hit:
    """One request. `target` tells links apart; `group` is what came to one address (a mail).
    `agent` is "" when the program told no name, None when nobody noted it."""

    at: datetime
    kind: str = "click"  # "open" for a picture, anything else for a step that somebody takes
    method: str = "GET"
    agent: str | None = ""
    target: str = ""
    group: str = ""
    sent_at: datetime | None = None
    network: str = ""


@dataclass(frozen=True)
class Verdict:
    """The class of a hit and the key of its reason (empty for a human)."""

    actor: str
    reason: str = ""


def known(signs: Sequence[Sign], agent: str | None, network: str, opens: bool) -> Verdict:
    """What the table says of a program and a network. Of the lines that match one thing the
    longest pattern decides, so an exception is a longer pattern; between the program and the
    network the worse is believed.

    >>> table = [Sign("contains", "bot"), Sign("contains", "cubot", HUMAN),
    ...          Sign("exact", "mozilla/5.0", SUSPECT, opens_only=True),
    ...          Sign("network", "203.0.0.0/8"), Sign("network", "203.0.113.0/24", HUMAN)]
    >>> known(table, "Googlebot/2.1", "", False)
    Verdict(actor='machine', reason='agent')
    >>> known(table, "Mozilla/5.0 (Linux; CUBOT X19)", "", False).actor
    'human'
    >>> known(table, "Mozilla/5.0", "", True), known(table, "Mozilla/5.0", "", False).actor
    (Verdict(actor='suspect', reason='proxy'), 'human')
    >>> known(table, "Firefox", "203.0.7.0/24", False)
    Verdict(actor='machine', reason='network')
    >>> known(table, "Firefox", "203.0.113.0/24", False).actor
    'human'
    >>> known(table, " ", "", False), known(table, None, "", False).actor
    (Verdict(actor='suspect', reason='no_agent'), 'human')
    """
    usable = [sign for sign in signs if opens or not sign.opens_only]
    by_agent = _longest(usable, agent)
    by_network = _narrowest(usable, network)
    verdicts = [Verdict(HUMAN)]
    if by_agent and by_agent.actor != HUMAN:
        reason = "proxy" if by_agent.opens_only else "agent"
        verdicts.append(Verdict(by_agent.actor, reason))
    if by_network and by_network.actor != HUMAN:
        verdicts.append(Verdict(by_network.actor, "network"))
    if agent is not None and not agent.strip():
        verdicts.append(Verdict(SUSPECT, "no_agent"))
    return max(verdicts, key=lambda verdict: _RANK[verdict.actor])


def _longest(signs: Sequence[Sign], agent: str | None) -> Sign | None:
    text = (agent or "").strip().lower()
    found = [
        sign
        for sign in signs
        if (sign.kind == "contains" and sign.pattern in text)
        or (sign.kind == "exact" and sign.pattern == text)
    ]
    return max(found, key=lambda sign: (len(sign.pattern), sign.kind == "exact"), default=None)


def _narrowest(signs: Sequence[Sign], network: str) -> Sign | None:
    """The narrowest line that holds the whole network. An address is kept as /24 or /48 only, so
    a line that is narrower counts for all of it."""
    if not network:
        return None
    ours = _network(network)
    found = []
    for sign in signs:
        if sign.kind == "network":
            theirs = _network(sign.pattern)
            if theirs.version == ours.version and theirs.overlaps(ours):
                found.append((theirs.prefixlen, sign))
    return max(found, key=lambda pair: pair[0])[1] if found else None


@lru_cache(maxsize=10_000)
def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    return ipaddress.ip_network(text, strict=False)


def classify(hit: Hit, signs: Sequence[Sign] = (), prefetch_seconds: int = 10) -> Verdict:
    """Class one hit by itself; a burst is seen only by `classify_all`. How it was asked comes
    before who asked: so what the table says can change later without asking the clock again.

    >>> noon = datetime(2026, 3, 2, 12, 0)
    >>> browser = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"
    >>> classify(Hit(noon, agent=browser))
    Verdict(actor='human', reason='')
    >>> classify(Hit(noon, method="HEAD", agent=browser)).reason
    'head'
    >>> classify(Hit(noon, agent="Barracuda Sentinel"), [Sign("contains", "barracuda")]).reason
    'agent'
    >>> classify(Hit(noon, agent=browser, sent_at=noon - timedelta(seconds=3)))
    Verdict(actor='machine', reason='prefetch')
    >>> classify(Hit(noon, agent=browser, sent_at=noon - timedelta(seconds=30))).actor
    'human'
    >>> classify(Hit(noon, agent=""))
    Verdict(actor='suspect', reason='no_agent')
    """
    if hit.method == "HEAD":
        return Verdict(MACHINE, "head")
    if prefetch_seconds and hit.sent_at is not None:
        # Before it was marked as sent counts too: gateways fetch while the mail is handed over.
        if hit.at - hit.sent_at < timedelta(seconds=prefetch_seconds):
            return Verdict(MACHINE, "prefetch")
    return known(signs, hit.agent, hit.network, hit.kind == "open")


def classify_all(
    hits: Sequence[Hit],
    earlier: Iterable[Hit] = (),
    signs: Sequence[Sign] = (),
    prefetch_seconds: int = 10,
    burst_seconds: int = 2,
) -> list[Verdict]:
    """Class hits together: two different links of one group within `burst_seconds` are a machine.

    `earlier` are hits already classed; they only serve to notice a burst.

    >>> noon = datetime(2026, 3, 2, 12, 0)
    >>> ua = "Mozilla/5.0 (Windows NT 10.0) Chrome/140"
    >>> a = Hit(noon, agent=ua, target="/a", group="m1")
    >>> b = Hit(noon + timedelta(seconds=1), agent=ua, target="/b", group="m1")
    >>> c = Hit(noon + timedelta(seconds=9), agent=ua, target="/c", group="m1")
    >>> [v.actor for v in classify_all([a, b, c])]
    ['machine', 'machine', 'human']
    >>> [v.actor for v in classify_all([b], earlier=[a])]
    ['machine']
    >>> again = Hit(noon + timedelta(seconds=1), agent=ua, target="/a", group="m1")
    >>> [v.actor for v in classify_all([a, again])]  # a double click is human
    ['human', 'human']
    >>> other = Hit(noon, agent=ua, target="/b", group="m2")
    >>> [v.actor for v in classify_all([a, other])]
    ['human', 'human']
    """
    bursting = _burst_indexes([*hits, *earlier], timedelta(seconds=burst_seconds))
    verdicts = []
    for index, hit in enumerate(hits):
        verdict = classify(hit, signs, prefetch_seconds)
        if verdict.reason not in ("head", "prefetch") and index in bursting:
            verdict = Verdict(MACHINE, "burst")
        verdicts.append(verdict)
    return verdicts


def _burst_indexes(hits: Sequence[Hit], span: timedelta) -> set[int]:
    """Indexes of the clicks that have a click on another link of their group within `span`."""
    clicks: dict[str, list[int]] = {}
    for index, hit in enumerate(hits):
        if hit.kind != "open" and hit.group:
            clicks.setdefault(hit.group, []).append(index)
    found: set[int] = set()
    for indexes in clicks.values():
        indexes.sort(key=lambda i: hits[i].at)
        for position, i in enumerate(indexes):
            for j in indexes[position + 1 :]:
                if hits[j].at - hits[i].at > span:
                    break
                if hits[j].target != hits[i].target:
                    found.update((i, j))
    return found


def truncate_ip(address: str | None) -> str:
    """The network of an address: /24 for IPv4, /48 for IPv6; empty when it is none.

    >>> truncate_ip("203.0.113.77"), truncate_ip("2001:db8:1:2::3"), truncate_ip("nonsense")
    ('203.0.113.0/24', '2001:db8:1::/48', '')
    >>> truncate_ip("::ffff:203.0.113.77"), truncate_ip(None)
    ('203.0.113.0/24', '')
    """
    try:
        ip = ipaddress.ip_address((address or "").strip())
    except ValueError:
        return ""
    if ip.version == 6 and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    prefix = 24 if ip.version == 4 else 48
    return str(ipaddress.ip_network(f"{ip}/{prefix}", strict=False))


def clean_network(text: str) -> str:
    """A line of the table as we compare it; ValueError when it is no network, or one so wide that
    it holds half the world.

    >>> clean_network("203.0.113.77"), clean_network(" 2001:db8::/32 ")
    ('203.0.113.77/32', '2001:db8::/32')
    >>> clean_network("0.0.0.0/0")
    Traceback (most recent call last):
    ValueError: too wide
    """
    network = ipaddress.ip_network(text.strip(), strict=False)
    if network.prefixlen < (8 if network.version == 4 else 16):
        raise ValueError("too wide")
    return str(network)


def clean_url(url: str | None, limit: int = 2000) -> str:
    """A URL without query string, fragment and control characters, cut at `limit` characters.

    Query strings carry addresses and tokens that have no place in an event log.

    >>> clean_url("https://x.example/price?email=a@b.c#top")
    'https://x.example/price'
    >>> clean_url("/a\\x00b\\n"), clean_url(None)
    ('/ab', '')
    """
    bare = re.split(r"[?#]", url or "", maxsplit=1)[0]
    return "".join(c for c in bare if c.isprintable()).strip()[:limit]

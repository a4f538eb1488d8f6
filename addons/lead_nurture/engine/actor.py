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

HUMAN, SUSPECT, MACHINE = "human", "suspect", "machine"

# The reasons, with the sentence that a person reads.
REASONS: dict[str, str] = {
    "head": "HEAD request: only programs ask so",
    "agent": "The agent names itself a robot, scanner or script",
    "prefetch": "Sooner after the mail left than a human can read",
    "burst": "Two different links within two seconds",
    "proxy": "Opened by the picture proxy of a mail provider",
    "no_agent": "No agent named",
}

# CUBOT makes telephones.
_ROBOT = re.compile(
    r"(?<!cu)bot\b|crawl|spider|slurp|scanner|preview|prefetch|monitor|headless|phantomjs|lighthouse"
    r"|python|curl|wget|libwww|okhttp|java/|go-http-client|httpclient|axios|node-fetch|ruby"
    r"|barracuda|mimecast|proofpoint|safelinks|fireeye|forcepoint|symantec|trend ?micro|zscaler"
    r"|facebookexternalhit|whatsapp|telegram|skypeuripreview|bitlybot|validator",
    re.IGNORECASE,
)
# Apple's mail privacy proxy says exactly "Mozilla/5.0" and nothing else.
_PROXY = re.compile(
    r"googleimageproxy|ggpht\.com|yahoomailproxy|duckduckgo-image|^mozilla/5\.0$", re.IGNORECASE
)


@dataclass(frozen=True)
class Hit:
    """One request. `target` tells links apart; `group` is what came to one address (a mail)."""

    at: datetime
    kind: str = "click"  # "open" for a picture, anything else for a step that somebody takes
    method: str = "GET"
    agent: str = ""
    target: str = ""
    group: str = ""
    sent_at: datetime | None = None


@dataclass(frozen=True)
class Verdict:
    """The class of a hit and the key of its reason (empty for a human)."""

    actor: str
    reason: str = ""


def classify(hit: Hit, prefetch_seconds: int = 10) -> Verdict:
    """Class one hit by itself; a burst is seen only by `classify_all`.

    >>> noon = datetime(2026, 3, 2, 12, 0)
    >>> browser = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"
    >>> classify(Hit(noon, agent=browser))
    Verdict(actor='human', reason='')
    >>> classify(Hit(noon, method="HEAD", agent=browser)).reason
    'head'
    >>> classify(Hit(noon, agent="Barracuda Sentinel")).reason
    'agent'
    >>> classify(Hit(noon, agent=browser, sent_at=noon - timedelta(seconds=3)))
    Verdict(actor='machine', reason='prefetch')
    >>> classify(Hit(noon, agent=browser, sent_at=noon - timedelta(seconds=30))).actor
    'human'
    >>> classify(Hit(noon, kind="open", agent="Mozilla/5.0"))
    Verdict(actor='suspect', reason='proxy')
    >>> classify(Hit(noon, kind="click", agent="Mozilla/5.0 GoogleImageProxy")).actor
    'human'
    >>> classify(Hit(noon, agent=""))
    Verdict(actor='suspect', reason='no_agent')
    """
    if hit.method == "HEAD":
        return Verdict(MACHINE, "head")
    if _ROBOT.search(hit.agent):
        return Verdict(MACHINE, "agent")
    if prefetch_seconds and hit.sent_at is not None:
        # Before it was marked as sent counts too: gateways fetch while the mail is handed over.
        if hit.at - hit.sent_at < timedelta(seconds=prefetch_seconds):
            return Verdict(MACHINE, "prefetch")
    if hit.kind == "open" and _PROXY.search(hit.agent):
        return Verdict(SUSPECT, "proxy")
    if not hit.agent.strip():
        return Verdict(SUSPECT, "no_agent")
    return Verdict(HUMAN)


def classify_all(
    hits: Sequence[Hit],
    earlier: Iterable[Hit] = (),
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
        verdict = classify(hit, prefetch_seconds)
        if verdict.actor != MACHINE and index in bursting:
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

"""How often one network may call: a sliding window, in the memory of one worker."""
import ipaddress
from collections import deque


def network_of(address: str | None) -> str:
    """The network that an address belongs to: /24, or /48 of IPv6; what is none is itself.

    >>> network_of("203.0.113.77"), network_of("2001:db8:1:2::5"), network_of(None)
    ('203.0.113.0/24', '2001:db8:1::/48', '')
    """
    try:
        ip = ipaddress.ip_address(address or "")
    except ValueError:
        return address or ""
    return str(ipaddress.ip_network((ip, 24 if ip.version == 4 else 48), strict=False))


class Window:
    """At most `limit` calls of one caller within `seconds`; refused ones do not count.

    >>> door = Window(limit=2, seconds=60)
    >>> [door.admits("a", second) for second in (0, 1, 2, 59, 61)]
    [True, True, False, False, True]
    >>> door.admits("b", 2)
    True

    Of more than `callers` the whole memory is begun anew, so that it stays small.

    >>> small = Window(limit=1, seconds=60, callers=2)
    >>> [small.admits(caller, 0) for caller in ("a", "a", "b", "c", "a")]
    [True, False, True, True, True]
    """

    def __init__(self, limit: int, seconds: float, callers: int = 10_000):
        self.limit, self.seconds, self.callers = limit, seconds, callers
        self._calls: dict[str, deque[float]] = {}

    def admits(self, caller: str, now: float) -> bool:
        """Whether a call at `now` (seconds of any clock) is not one too many."""
        if caller not in self._calls and len(self._calls) >= self.callers:
            self._calls.clear()
        calls = self._calls.setdefault(caller, deque(maxlen=self.limit))
        if len(calls) == self.limit and now - calls[0] < self.seconds:
            return False
        calls.append(now)
        return True

    def forget(self) -> None:
        """As if nobody had called."""
        self._calls.clear()

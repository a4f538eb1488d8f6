"""How often one network may knock: a sliding window in the memory of one worker."""
from collections import OrderedDict, deque


class Limiter:
    """At most `limit` hits of one key within `window` seconds; remembers at most `keys` keys.

    >>> gate = Limiter(limit=2, window=60)
    >>> [gate.allow("a", at) for at in (0, 1, 2, 59, 61)]
    [True, True, False, False, True]
    >>> gate.allow("b", 2)
    True
    """

    def __init__(self, limit: int = 60, window: float = 60.0, keys: int = 10_000):
        self.limit = limit
        self.window = window
        self.keys = keys
        self._hits: OrderedDict[str, deque[float]] = OrderedDict()

    def allow(self, key: str, now: float) -> bool:
        """Count a hit of `key` at `now` (seconds); False when it is one too many."""
        hits = self._hits.setdefault(key, deque())
        self._hits.move_to_end(key)
        while hits and hits[0] <= now - self.window:
            hits.popleft()
        if len(hits) >= self.limit:
            return False
        hits.append(now)
        if len(self._hits) > self.keys:
            self._hits.popitem(last=False)
        return True

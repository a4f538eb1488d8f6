"""How long cases like this one take, learnt from those that are settled."""
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

#: Shares at which the durations of settled cases are kept.
SHARES = tuple(step / 20 for step in range(21))
#: Settled cases under which nothing is said.
ENOUGH = 20


@dataclass(frozen=True)
class Pace:
    """Working hours to the resolution of `count` settled cases, at each of SHARES."""

    count: int
    hours: Sequence[float]

    def share_longer(self, hours: float) -> float:
        """The share of cases that took longer than so many hours, between the points linear.

        >>> pace = Pace(40, [float(h) for h in range(21)])
        >>> pace.share_longer(5), pace.share_longer(-1), pace.share_longer(30)
        (0.75, 1.0, 0.0)
        """
        if hours < self.hours[0]:
            return 1.0
        if hours >= self.hours[-1]:
            return 0.0
        place = bisect_right(self.hours, hours) - 1
        low, high = self.hours[place], self.hours[place + 1]
        part = (hours - low) / (high - low)
        return 1 - (SHARES[place] + part * (SHARES[place + 1] - SHARES[place]))

    def usual(self, share: float = 0.5) -> float:
        """The hours within which this share of the cases was settled.

        >>> Pace(40, [float(h) for h in range(21)]).usual(0.5)
        10.0
        """
        place = min(int(share * 20 + 1e-9), 19)
        part = (share - SHARES[place]) * 20
        return self.hours[place] + part * (self.hours[place + 1] - self.hours[place])

    def chance_late(self, used: float, allowed: float) -> float | None:
        """The share of those not settled after `used` hours that took longer than `allowed`.

        P(T > allowed | T > used). None when fewer than ENOUGH / 4 of the settled ones had been
        open that long: they say nothing about it.

        >>> pace = Pace(40, [float(h) for h in range(21)])
        >>> round(pace.chance_late(0, 15), 3), round(pace.chance_late(10, 15), 3)
        (0.25, 0.5)
        >>> pace.chance_late(19, 25) is None, Pace(10, pace.hours).chance_late(0, 5) is None
        (True, True)
        >>> pace.chance_late(16, 15)
        1.0
        """
        longer = self.share_longer(used)
        if self.count < ENOUGH or longer * self.count < ENOUGH / 4:
            return None
        if used >= allowed:
            return 1.0
        return self.share_longer(allowed) / longer

    def usual_end(self, used: float) -> float:
        """The hours within which half of those open after `used` hours were settled.

        >>> Pace(40, [float(h) for h in range(21)]).usual_end(10)
        15.0
        """
        return self.usual(1 - self.share_longer(used) / 2)

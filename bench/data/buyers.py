"""Customers without a contract, drawn by the models that are to be found again."""

import random
from array import array
from collections.abc import Iterator
from math import ceil

#: how long ago a customer bought first, at most (days)
HISTORY = 3 * 365


class Buyers:
    """x, t_x and T of each customer in whole days, as compact as a table's columns."""

    def __init__(self, params, count: int, seed: int):
        rnd = random.Random(seed)
        self.x, self.t_x, self.T = array("i"), array("i"), array("i")
        for _customer in range(count):
            T = rnd.randint(1, HISTORY)
            x, t_x = _purchases(params, T, rnd)
            self.x.append(x)
            self.t_x.append(t_x)
            self.T.append(T)

    def rows(self) -> Iterator[tuple[int, int, int, int]]:
        """As the fit takes them: x, t_x, T, and one customer each."""
        for x, t_x, T in zip(self.x, self.t_x, self.T, strict=True):
            yield x, t_x, T, 1


def _purchases(params, T: int, rnd: random.Random) -> tuple[int, int]:
    """Repeat purchase days until T, and the last of them. After each the customer may leave.

    Several purchases on one day are one, and who may come back may do so from the next day on.
    """
    rate = rnd.gammavariate(params.r, 1 / params.alpha)
    leaves = rnd.betavariate(params.a, params.b)
    x, last, when = 0, 0, rnd.expovariate(rate)
    while when < T:
        if ceil(when) > last:
            x, last = x + 1, ceil(when)
            if rnd.random() < leaves:
                break
        when += rnd.expovariate(rate)
    return x, last


def spend(params, buyers: Buyers, seed: int) -> array:
    """Mean value of each customer's purchases, the first included: gamma around his own mean,
    and the own means inverse gamma."""
    rnd = random.Random(seed)
    means = array("d")
    for x in buyers.x:
        own = rnd.gammavariate(params.q, 1 / params.gamma)
        means.append(rnd.gammavariate(params.p * (x + 1), 1 / (own * (x + 1))))
    return means

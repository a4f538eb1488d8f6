"""What engines are compared with: published purchases, customers drawn by the models, and slopes
by differences. The CDNOW sample ships in the `lifetimes` wheel."""
import math
import random
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

START = date(1997, 1, 1)
CUT = date(1997, 10, 1)
END = date(1998, 7, 1)


@cache
def cdnow() -> tuple[dict[date, float], ...]:
    """Dollars by purchase day of each of the 2,357 customers, in the order of days."""
    folder = find_spec("lifetimes").submodule_search_locations[0]
    spent = defaultdict(lambda: defaultdict(float))
    for line in Path(folder, "datasets", "CDNOW_sample.txt").read_text().splitlines():
        if line.strip():
            _whole, customer, day, _pieces, dollars = line.split()
            spent[customer][date(int(day[:4]), int(day[4:6]), int(day[6:]))] += float(dollars)
    return tuple(dict(sorted(spent[customer].items())) for customer in sorted(spent))


def seen_at(days: Iterable[date], cut: date) -> tuple[int, int, int]:
    """x, t_x, T of a customer as known in the night before `cut`."""
    known = [day for day in days if day < cut]
    return len(known) - 1, (known[-1] - known[0]).days, (cut - known[0]).days - 1


def cdnow_calibration() -> list[tuple[int, int, int, int]]:
    """The first 39 weeks, one row per customer."""
    return [(*seen_at(days, CUT), 1) for days in cdnow()]


def cdnow_repeat_spend() -> list[tuple[int, float, int]]:
    """Repeat purchases of the first 39 weeks and their mean value, one row per repeat buyer: the
    published fit leaves the first purchase out."""
    rows = []
    for spent in cdnow():
        repeats = [dollars for day, dollars in spent.items() if day < CUT][1:]
        if repeats:
            rows.append((len(repeats), sum(repeats) / len(repeats), 1))
    return rows


def customers_like(params, count: int, seed: int) -> Iterator[tuple[int, int, int, int]]:
    """Customers drawn by the BG/NBD model: (x, t_x, T, 1) after 1 to 1,000 days."""
    rnd = random.Random(seed)
    for _customer in range(count):
        T = rnd.randint(1, 1000)
        rate = rnd.gammavariate(params.r, 1 / params.alpha)
        leaves = rnd.betavariate(params.a, params.b)
        x, last, day = 0, 0.0, rnd.expovariate(rate)
        while day < T:
            x, last = x + 1, day
            if rnd.random() < leaves:
                break
            day += rnd.expovariate(rate)
        yield x, math.ceil(last), T, 1


def assert_slopes(slope, point: list[float], step: float = 1e-5) -> None:
    """Gradient and Hessian of `slope` are what differences of its value and gradient say."""
    value, gradient, hessian = slope(point)
    for i in range(len(point)):
        ahead, behind = list(point), list(point)
        ahead[i] += step
        behind[i] -= step
        (up, up_gradient, _), (down, down_gradient, _) = slope(ahead), slope(behind)
        assert gradient[i] == pytest.approx((up - down) / (2 * step), rel=1e-5, abs=1e-4)
        bends = (np.array(up_gradient) - np.array(down_gradient)) / (2 * step)
        assert hessian[i] == pytest.approx(list(bends), rel=1e-5, abs=1e-4 * max(1, abs(value)))

"""How much a finished deal can teach about an open one.

A trait that both share gives points; products and tags count once each, up to a limit, so that a
deal with twenty tags is not like every other. Traits that are unknown on either side give none.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

POINTS = {"product": 3, "industry": 3, "band": 2, "tag": 1, "country": 1}
MOST = {"product": 2, "tag": 2}  # so many of a kind count


@dataclass(frozen=True)
class Traits:
    """What is compared: ids of records, and the amount band by its name."""

    industry: int | None = None
    country: int | None = None
    band: str | None = None
    products: frozenset[int] = field(default_factory=frozenset)
    tags: frozenset[int] = field(default_factory=frozenset)


def compare(deal: Traits, story: Traits) -> tuple[int, list[str]]:
    """Return (points, shared traits, most telling first).

    >>> compare(Traits(industry=1, band="small", products=frozenset({7, 8, 9})),
    ...         Traits(industry=1, band="large", products=frozenset({7, 8, 9})))
    (9, ['product', 'industry'])
    >>> compare(Traits(), Traits())
    (0, [])
    """
    shared = {
        "product": len(deal.products & story.products),
        "industry": int(bool(deal.industry) and deal.industry == story.industry),
        "band": int(bool(deal.band) and deal.band == story.band),
        "tag": len(deal.tags & story.tags),
        "country": int(bool(deal.country) and deal.country == story.country),
    }
    points = sum(POINTS[trait] * min(count, MOST.get(trait, 1))
                 for trait, count in shared.items())
    return points, [trait for trait, count in shared.items() if count]


def rank(deal: Traits, stories: Iterable[tuple[int, Traits]], limit: int
         ) -> list[tuple[int, int, list[str]]]:
    """Return the (story, points, traits) with most points; of equals the newer (larger) id.

    A shared country alone is no likeness.

    >>> rank(Traits(industry=1, country=5), [
    ...     (1, Traits(industry=1)), (2, Traits(country=5)), (3, Traits(industry=1, country=5)),
    ...     (4, Traits(industry=1))], 2)
    [(3, 4, ['industry', 'country']), (4, 3, ['industry'])]
    """
    ranked = [(story, *compare(deal, traits)) for story, traits in stories]
    alike = [row for row in ranked if row[1] > POINTS["country"]]
    return sorted(alike, key=lambda row: (-row[1], -row[0]))[:limit]


def band_of(amount: float, limits: Iterable[float]) -> tuple[float | None, float | None]:
    """Return the limits between which the amount lies: [from, to); None where it is open.

    >>> band_of(4999, [1000, 5000, 20000])
    (1000, 5000)
    >>> band_of(5000, [1000, 5000, 20000])
    (5000, 20000)
    >>> band_of(0, [1000]), band_of(10**9, [1000])
    ((None, 1000), (1000, None))
    """
    low = None
    for limit in sorted(limits):
        if amount < limit:
            return low, limit
        low = limit
    return low, None

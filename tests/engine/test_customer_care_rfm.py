"""RFM scores and the grid of segments (CC-12)."""
import csv
import random
from importlib.util import find_spec
from itertools import product
from pathlib import Path

import pytest
from customer_care_engine import rfm

#: KPI.md, word for word: recency, then frequency.
PUBLISHED = {
    "champions": "55 54", "loyal": "44 45 34 35", "potential": "42 43 52 53", "new": "51",
    "promising": "41", "attention": "33", "sleepy": "31 32", "at_risk": "13 14 23 24",
    "cant_lose": "15 25", "hibernating": "12 21 22", "lost": "11",
}


def purchases_of_cdnow():
    """Purchase days of the 2,357 customers (repeats + the first)."""
    folder = Path(find_spec("lifetimes").origin).parent / "datasets"
    with (folder / "cdnow_customers_summary.csv").open() as file:
        return [int(float(row["frequency"])) + 1 for row in csv.DictReader(file)]


def ntile(values, order):
    """What the database's NTILE(5) gives each customer when ties come in this order."""
    ranked = sorted(order, key=lambda i: values[i])
    return {i: 1 + position * 5 // len(values) for position, i in enumerate(ranked)}


def test_every_cell_has_exactly_one_segment():
    cells = [cell for cells in rfm.GRID.values() for cell in cells]
    assert sorted(cells) == sorted(product(rfm.SCORES, rfm.SCORES))


def test_the_grid_is_the_published_one():
    assert {name: sorted(rfm.parse_cells(text)) for name, text in PUBLISHED.items()} == {
        name: sorted(cells) for name, cells in rfm.GRID.items()}


@pytest.mark.parametrize("borders", [rfm.PURCHASES, None])
def test_no_frequency_score_of_cdnow_changes_with_the_order_of_rows(borders):
    values = purchases_of_cdnow()
    assert len(values) == 2357
    dice = random.Random(12)
    orders = [dice.sample(range(len(values)), len(values)) for _ in range(2)]
    first, second = (
        {i: rfm.score(values[i], borders or rfm.fifths(values[j] for j in order)) for i in order}
        for order in orders)
    assert first == second
    # The trap that this avoids: ranking into five equal parts moves two customers of five.
    ranked = [ntile(values, order) for order in orders]
    moved = sum(ranked[0][i] != ranked[1][i] for i in range(len(values))) / len(values)
    assert 0.35 < moved < 0.5


def test_fixed_frequency_of_cdnow():
    """60 % bought once (published: 1,411 of 2,357)."""
    scores = [rfm.score(value, rfm.PURCHASES) for value in purchases_of_cdnow()]
    assert scores.count(1) == 1411
    assert sum(map(scores.count, rfm.SCORES)) == 2357


def test_fifths_part_equal_values_never_and_others_evenly():
    assert rfm.fifths(range(1, 101)) == (20.0, 40.0, 60.0, 80.0)
    same = rfm.fifths([7.0] * 40)
    assert {rfm.score(7.0, same) for _ in range(40)} == {1}
    spread = [rfm.score(value, rfm.fifths(range(1, 101))) for value in range(1, 101)]
    assert [spread.count(score) for score in rfm.SCORES] == [20] * 5


def test_one_customer_and_money_below_nothing():
    assert rfm.fifths([5]) == (5.0, 5.0, 5.0, 5.0)
    assert rfm.score(-3.0, (0.0, 10.0, 20.0, 30.0)) == 1


def test_scores_follow_the_values():
    borders = rfm.fifths([3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9])
    assert rfm.rises(borders)
    scores = [rfm.score(value, borders) for value in range(12)]
    assert scores == sorted(scores)
    assert [rfm.recency_score(value, borders) for value in range(12)] == [6 - s for s in scores]


@pytest.mark.parametrize("text", ["06", "5", "555", "ab", "5-5"])
def test_what_is_no_cell(text):
    with pytest.raises(ValueError, match=text):
        rfm.parse_cells(text)

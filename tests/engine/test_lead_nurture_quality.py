"""LN-16: what a score was worth, held against published and hand-made figures."""
import random
from math import sqrt

import pytest
from lead_nurture_engine import quality

# Hanley and McNeil 1982 (Radiology 143, 29-36), table I: how sure a reader was, 1 to 5, of 58
# normal and 51 abnormal pictures. Area 0.893, standard error 0.032.
NORMAL, ABNORMAL = (33, 6, 6, 11, 2), (3, 2, 2, 11, 33)
RATINGS = [
    (rating, abnormal)
    for abnormal, counts in ((False, NORMAL), (True, ABNORMAL))
    for rating, count in enumerate(counts, 1)
    for _one in range(count)
]
SCORES, WON = zip(*RATINGS, strict=True)
# the same, as a table of counts has it
CELLS = [(rating, ABNORMAL[rating - 1], NORMAL[rating - 1]) for rating in range(1, 6)]


def cells_of(scores, won):
    """Each lead a cell of its own."""
    return [(s, int(is_won), int(not is_won)) for s, is_won in zip(scores, won, strict=True)]


def pairs_of(new, old, won):
    return [(n, o, int(w), int(not w)) for n, o, w in zip(new, old, won, strict=True)]


def pair_by_pair(scores, won):
    """AUC and its DeLong error by looking at every pair, as in the paper."""
    ups = [s for s, w in zip(scores, won, strict=True) if w]
    downs = [s for s, w in zip(scores, won, strict=True) if not w]
    beats = [[(u > d) + (u == d) / 2 for d in downs] for u in ups]
    rows = [sum(row) / len(downs) for row in beats]
    columns = [sum(column) / len(ups) for column in zip(*beats, strict=True)]
    area = sum(rows) / len(rows)
    error = sqrt(
        sum((r - area) ** 2 for r in rows) / (len(rows) - 1) / len(rows)
        + sum((c - area) ** 2 for c in columns) / (len(columns) - 1) / len(columns)
    )
    return area, error


def test_auc_of_the_published_ratings():
    found = quality.auc(CELLS)
    assert round(found.value, 3) == 0.893
    assert (found.high - found.low) / 2 / quality.Z95 == pytest.approx(0.032, abs=0.0015)


def test_auc_and_interval_equal_the_paper_pair_by_pair():
    area, error = pair_by_pair(SCORES, WON)
    found = quality.auc(CELLS)
    assert found.value == pytest.approx(area)
    assert found.high - found.value == pytest.approx(quality.Z95 * error)


def test_equal_scores_are_a_coin():
    assert quality.auc([(7, 40, 60)]).value == 0.5


def test_inverted_scores_invert_the_auc():
    inverted = quality.auc([(-score, *counts) for score, *counts in CELLS])
    assert inverted.value == pytest.approx(1 - quality.auc(CELLS).value)


def test_one_class_has_no_auc():
    assert quality.auc([(1, 2, 0), (2, 1, 0)]) is None
    assert quality.auc([(1, 0, 2), (2, 0, 1)]) is None
    assert quality.auc_difference([(1, 2, 1, 0), (2, 1, 1, 0)]) is None
    assert quality.too_few([(7, 0, 300), (8, 0, 200)]) == (0, 500)


def test_the_interval_stays_within_0_and_1():
    found = quality.auc(cells_of([1, 2, 3, 4, 9, 8, 7, 3], [False] * 4 + [True] * 4))
    assert 0 <= found.low < found.value < found.high <= 1


def test_difference_of_two_curves_on_the_same_leads():
    dice = random.Random(16)
    won = [i % 3 == 0 for i in range(300)]
    good = [w * 1.5 + dice.gauss(0, 1) for w in won]
    poor = [g * 0.3 + dice.gauss(0, 1) for g in good]
    found = quality.auc_difference(pairs_of(good, poor, won))
    assert found.value == pytest.approx(
        quality.auc(cells_of(good, won)).value - quality.auc(cells_of(poor, won)).value
    )
    assert found.low > 0, "a real difference on 300 leads is seen"
    back = quality.auc_difference(pairs_of(poor, good, won))
    assert (back.low, back.high) == (pytest.approx(-found.high), pytest.approx(-found.low))


def test_a_score_against_itself_is_no_difference():
    none = quality.auc_difference([(score, 2 * score, *counts) for score, *counts in CELLS])
    assert (none.value, none.low, none.high) == (0, 0, 0)


@pytest.mark.parametrize(
    "won, n, low, high",
    # Newcombe 1998 (Statistics in Medicine 17, 857-872), table I, method 3
    [
        (81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718),
    ],
)  # fmt: skip
def test_wilson_as_published(won, n, low, high):
    found = quality.wilson(won, n)
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


def test_deciles_do_not_depend_on_the_order_of_ties():
    leads = [(i // 7, i % 3 == 0) for i in range(113)]
    shuffled = random.Random(1).sample(leads, len(leads))
    for one, other in zip(
        quality.deciles(cells_of(*zip(*leads, strict=True))),
        quality.deciles(cells_of(*zip(*shuffled, strict=True))),
        strict=True,
    ):
        assert one.won == pytest.approx(other.won)
        assert (one.low, one.high) == (other.low, other.high)


def test_deciles_hold_everybody_once():
    won = [i % 4 == 0 for i in range(113)]
    parts = quality.deciles(cells_of([i % 17 for i in range(113)], won))
    assert sum(part.n for part in parts) == pytest.approx(113)
    assert sum(part.won for part in parts) == pytest.approx(sum(won))


def test_lift_by_hand():
    # 100 leads, 20 won, 8 of them in the best ten: 0.8 / 0.2 = 4
    won = [True] * 8 + [False] * 2 + [True] * 12 + [False] * 78
    found = quality.lifts(quality.deciles(cells_of(range(100, 0, -1), won)))
    assert found[0] == pytest.approx(4)
    assert found[-1] == 0
    assert quality.lifts(quality.deciles([(5, 10, 40)])) == (
        [pytest.approx(1)] * 10
    )


def test_confusion_and_curve_agree_at_every_threshold():
    for threshold, precision, recall, above in quality.curve(CELLS):
        counted = quality.confusion(CELLS, threshold)
        assert counted.precision == pytest.approx(precision)
        assert counted.recall == pytest.approx(recall)
        assert counted.hit + counted.false_alarm == above


def test_a_long_curve_is_thinned_and_keeps_its_end():
    won = [i % 5 == 0 for i in range(5_000)]
    found = quality.curve(cells_of(range(5_000), won))
    assert len(found) <= 61
    assert found[-1][2:] == (1.0, 5_000)


def test_bands_by_their_limits():
    parts = quality.between(
        cells_of([0, 39, 40, 69, 70, 100], [False, True] * 3), [0, 40, 70]
    )
    assert [(p.n, p.won) for p in parts] == [(2, 1), (2, 1), (2, 1)]


def test_calibration_of_a_true_forecast_lies_on_the_diagonal():
    for part, said in quality.calibration([(10, 10, 90), (60, 60, 40)], 2):
        assert part.rate * 100 == pytest.approx(said)


def test_nobody_closed_is_no_crash():
    assert quality.deciles([]) == []
    assert quality.curve([]) == []
    assert quality.calibration([]) == []
    assert quality.confusion([], 70).precision is None


def test_counted_leads_say_what_the_leads_say_one_by_one():
    """A table of counts per score is all that is read of a million leads."""
    leads = cells_of(SCORES, WON)
    assert quality.auc(leads) == quality.auc(CELLS)
    for figure in (quality.deciles, quality.calibration):
        assert repr(figure(leads)) == repr(figure(CELLS))
    assert quality.curve(leads) == quality.curve(CELLS)
    assert quality.between(leads, [0, 2, 4]) == quality.between(CELLS, [0, 2, 4])
    dice = random.Random(7)
    old = [score + dice.choice((0, 1, 2)) for score in SCORES]
    pairs = pairs_of(SCORES, old, WON)
    counted = [(*key, pairs.count((*key, 1, 0)), pairs.count((*key, 0, 1)))
               for key in {pair[:2] for pair in pairs}]  # fmt: skip
    one, other = quality.auc_difference(pairs), quality.auc_difference(counted)
    assert (one.value, one.low) == (pytest.approx(other.value), pytest.approx(other.low))


def test_a_million_leads_are_a_hundred_cells():
    found = quality.auc([(score, 20 * score, 10_000 - 20 * score) for score in range(101)])
    assert 0.6 < found.low < found.value < found.high < 0.7
    parts = quality.deciles([(score, 20 * score, 10_000 - 20 * score) for score in range(101)])
    assert len(parts) == 10
    assert sum(part.won for part in parts) == pytest.approx(20 * 5_050)


@pytest.mark.parametrize("won, lost", [(30, 30), (30, 300), (500, 80)])
def test_no_overlap_is_no_certainty(won, lost):
    """DeLong's error is nil where every won lead scores above every lost one."""
    found = quality.auc([(90, won, 0), (10, 0, lost)])
    assert (found.value, found.high) == (1, 1)
    low, mean = found.low, (won + lost) / 2
    variance = low * (1 - low) / (won * lost) * (
        1 + (mean - 1) * ((1 - low) / (2 - low) + low / (1 + low))
    )
    assert (1 - low) / sqrt(variance) == pytest.approx(quality.Z95)
    upside_down = quality.auc([(10, won, 0), (90, 0, lost)])
    assert (upside_down.low, upside_down.high) == (0, pytest.approx(1 - low))


def test_a_difference_without_error_keeps_the_errors_of_both():
    found = quality.auc_difference([(90, 5, 30, 0), (10, 5, 0, 30)])
    alone = quality.auc([(90, 30, 0), (10, 0, 30)])
    assert (found.value, found.high) == (0.5, 0.5)
    assert found.low == pytest.approx(alone.low - 0.5)

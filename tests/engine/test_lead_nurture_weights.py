"""LN-16: points from history, held against hand-made figures."""
import random
from math import exp, log

import pytest
from lead_nurture_engine import quality, weights


def history(n, seed=3):
    """Leads whose chance of being won follows from country, form and nothing else."""
    dice = random.Random(seed)
    leads, won = [], []
    for _lead in range(n):
        country, form, noise = dice.choice("JDF"), dice.random() < 0.4, dice.random() < 0.5
        lead = {"country": country} | ({"form": True} if form else {})
        leads.append(lead | ({"noise": True} if noise else {}))
        odds = {"J": 0.9, "D": 0.0, "F": -0.9}[country] + (1.0 if form else -0.4) - 0.5
        won.append(dice.random() < 1 / (1 + exp(-odds)))
    return leads, won


def points_of(values):
    return {(v.attribute, v.value): v.points for v in values if not v.warning}


def test_evidence_and_information_by_hand():
    # 50 of 100 won and 10 of 100 lost leads have it
    woe = weights.weight_of_evidence(50, 10, 100, 100)
    assert woe == pytest.approx(log(50.5 / 10.5))
    rest = weights.weight_of_evidence(50, 90, 100, 100)
    iv = weights.information_value([(50, 10), (50, 90)], 100, 100)
    assert iv == pytest.approx(0.4 * woe - 0.4 * rest)


def test_no_won_lead_stays_finite():
    assert weights.weight_of_evidence(0, 60, 100, 100) == pytest.approx(log(0.5 / 60.5))


def test_values_under_fifty_leads_are_taken_together():
    leads = [{"team": "big"}] * 60 + [{"team": f"small {i}"} for i in range(60)]
    (found,) = weights.attributes(leads, [i % 2 == 0 for i in range(120)])
    assert list(found.values) == ["big"]


def test_logistic_of_two_independent_tables():
    # odds 2 without, 6 and 1 with each, no interaction: coefficients are the logs of the ratios
    rows = [[0, 0], [1, 0], [0, 1], [1, 1]]
    chance = [odds / (1 + odds) for odds in (2, 6, 1, 3)]
    counts = [1000] * 4
    found = weights.ridge_logistic(
        [[float(x) for x in row] for row in rows], counts, [1000 * c for c in chance], ridge=0
    )
    assert found == [pytest.approx(log(3)), pytest.approx(log(0.5))]


def test_ridge_is_the_maximum_of_what_it_says():
    """At the answer the slope of log-likelihood less penalty is nil in every direction."""
    dice = random.Random(5)
    rows = [[dice.gauss(0, 1), dice.gauss(2, 3)] for _row in range(80)]
    wins = [int(row[0] + dice.gauss(0, 1) > 0) for row in rows]
    ridge, n = 4.0, len(rows)
    found = weights.ridge_logistic(rows, [1] * n, wins, ridge)
    means = [sum(column) / n for column in zip(*rows, strict=True)]
    spreads = [
        (sum((x - m) ** 2 for x in column) / n) ** 0.5
        for column, m in zip(zip(*rows, strict=True), means, strict=True)
    ]
    scaled = [
        [(x - m) / s for x, m, s in zip(row, means, spreads, strict=True)] for row in rows
    ]
    slopes = [b * s for b, s in zip(found, spreads, strict=True)]

    def loss(b):
        """Penalised loss, its constant fitted by bisection."""
        low, high = -20.0, 20.0
        fixed = [sum(w * x for w, x in zip(b, row, strict=True)) for row in scaled]
        for _half in range(80):
            middle = (low + high) / 2
            expected = sum(1 / (1 + exp(-middle - f)) for f in fixed)
            low, high = (low, middle) if expected > sum(wins) else (middle, high)
        fit = sum(
            log(1 + exp(low + f)) - won * (low + f) for f, won in zip(fixed, wins, strict=True)
        )
        return fit + ridge / 2 * sum(w * w for w in b)

    best = loss(slopes)
    for index in (0, 1):
        for step in (-0.05, 0.05):
            moved = [b + step * (i == index) for i, b in enumerate(slopes)]
            assert loss(moved) > best


def test_ridge_shrinks():
    rows, counts, wins = [[0.0], [1.0]], [60, 40], [20, 30]
    free, held = (weights.ridge_logistic(rows, counts, wins, r)[0] for r in (0, 50))
    assert 0 < held < free


def test_points_follow_the_truth():
    values = weights.suggest(*history(3_000))
    found = {(v.attribute, v.value): v for v in values}
    points = {key: value.points for key, value in found.items()}
    assert points["country", "J"] > points["country", "D"] > points["country", "F"]
    assert points["form", True] > 20
    assert found["noise", True].warning == "no_effect"
    assert points["noise", True] == 0


def test_the_best_lead_has_a_hundred():
    leads, won = history(3_000)
    values = weights.suggest(leads, won)
    assert max(weights.score(lead, points_of(values), cap=0) for lead in leads) == pytest.approx(
        100, abs=2  # each rule is rounded by itself
    )


def test_points_are_better_than_a_coin_on_new_leads():
    values = weights.suggest(*history(3_000))
    leads, won = history(2_000, seed=99)
    said = [
        (weights.score(lead, points_of(values)), int(is_won), int(not is_won))
        for lead, is_won in zip(leads, won, strict=True)
    ]
    assert quality.auc(said).low > 0.65


def test_what_was_filled_in_after_the_outcome_is_told_and_leaves_the_others_alone():
    leads, won = history(2_000)
    clean = points_of(weights.suggest(leads, won))
    leaking = [
        lead | ({"tag": "paid"} if is_won else {}) for lead, is_won in zip(leads, won, strict=True)
    ]
    values = weights.suggest(leaking, won)
    (tag,) = [value for value in values if value.attribute == "tag"]
    assert tag.warning == "too_good"
    assert tag.iv > 1
    assert tag.points > 0
    assert points_of(values) == clean


def test_two_names_for_one_thing_do_not_count_twice():
    leads, won = history(2_000)
    doubled = [lead | ({"again": True} if lead.get("form") else {}) for lead in leads]
    once = {(v.attribute, v.value): v.points for v in weights.suggest(leads, won)}
    twice = {(v.attribute, v.value): v.points for v in weights.suggest(doubled, won)}
    together = twice["form", True] + twice["again", True]
    assert together == pytest.approx(once["form", True], abs=2)


def test_nothing_tells_anything():
    leads = [{"coin": True} if i % 2 else {} for i in range(400)]
    values = weights.suggest(leads, [i % 4 < 2 for i in range(400)])
    assert [(v.points, v.warning) for v in values] == [(0, "no_effect")]


def test_too_few():
    assert weights.too_few([True] * 49 + [False] * 200) == (49, 200)
    assert weights.too_few([True] * 100 + [False] * 99) == (100, 99)
    assert weights.too_few([True] * 100 + [False] * 100) is None


def test_the_most_frequent_patterns_are_looked_at(monkeypatch):
    monkeypatch.setattr(weights, "MAX_PATTERNS", 3)
    common = [{"team": 1}] * 80 + [{"team": 2}] * 70
    rare = [{"team": 1, "tag": k} for k in range(90) for _lead in range(1 + (k == 89))]
    leads = rare + common
    won = [i % 2 == 0 for i in range(len(leads))]
    chosen = [
        weights.Attribute(
            name, {v: weights.Value(name, v, 1, 1, float(v), 1.0) for v in values}, -1.0, 1.0
        )
        for name, values in (("team", (1, 2)), ("tag", range(90)))
    ]
    rows, counts, wins = weights.patterns(chosen, leads, won)
    assert counts == [80, 70, 2]
    assert rows[2] == (2.0, 90.0)
    assert sum(wins) == pytest.approx(76, abs=1)


def test_of_equally_rare_patterns_old_and_new_ones_are_looked_at(monkeypatch):
    monkeypatch.setattr(weights, "MAX_PATTERNS", 100)
    leads = [{"tag": k} for k in range(1_000)]
    tag = weights.Attribute(
        "tag", {k: weights.Value("tag", k, 1, 1, float(k), 1.0) for k in range(1_000)}, 0.0, 1.0
    )
    rows, _counts, _wins = weights.patterns([tag], leads, [True] * 1_000)
    for start in range(0, 1_000, 100):
        assert 8 <= sum(start <= row[0] < start + 100 for row in rows) <= 12


def test_thousands_of_patterns_are_fitted():
    dice = random.Random(2)
    leads = [{f"tag {k}": True for k in range(12) if dice.random() < 0.3} for _ in range(6_000)]
    won = [dice.random() < 0.1 * len(lead) + 0.2 * ("tag 0" in lead) for lead in leads]
    values = weights.suggest(leads, won)
    assert max(values, key=lambda v: v.points).attribute == "tag 0"
    assert sum(v.points > 0 for v in values) == 12

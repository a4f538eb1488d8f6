"""The search under the fits: it ends on the top, on the border, or says that it gave up."""
import itertools
import math
import random

import numpy as np
import pytest
from customer_care_engine.newton import maximise, solve
from customer_care_engine.special import digamma, trigamma
from scipy import optimize, special


@pytest.mark.parametrize("seed", range(40))
def test_derivatives_of_the_gamma_function(seed):
    value = 10 ** random.Random(seed).uniform(-4, 6)
    assert digamma(value) == pytest.approx(special.digamma(value), rel=1e-11, abs=1e-11)
    assert trigamma(value) == pytest.approx(special.polygamma(1, value), rel=1e-11)


@pytest.mark.parametrize("seed", range(20))
def test_equations_are_solved(seed):
    rnd = np.random.default_rng(seed)
    root = rnd.normal(size=(4, 4))
    matrix, right = root @ root.T + 1e-3 * np.eye(4), rnd.normal(size=4)
    assert solve(matrix.tolist(), right.tolist()) == pytest.approx(
        np.linalg.solve(matrix, right).tolist(), rel=1e-6
    )


@pytest.mark.parametrize("matrix", [[[0.0]], [[-1.0]], [[math.nan]], [[1.0, 2.0], [2.0, 4.0]]])
def test_a_saddle_is_refused(matrix):
    assert solve(matrix, [1.0] * len(matrix)) is None


def valley(point):
    """Minus Rosenbrock's function: a bent ridge on which naive steps fall off."""
    at = np.array(point)
    return -optimize.rosen(at), list(-optimize.rosen_der(at)), (-optimize.rosen_hess(at)).tolist()


@pytest.mark.parametrize("start", [(-1.2, 1.0), (3.0, -4.0), (0.0, 0.0)])
def test_a_bent_ridge_is_climbed(start):
    top = maximise(valley, start, 12.0)
    assert top.converged and top.point == pytest.approx((1.0, 1.0), abs=1e-3)


def test_a_top_behind_the_border_ends_on_it():
    """The two coordinates pull each other: the second settles where the first is stopped."""
    def slope(point):
        x, y = point[0] - 20, point[1] - 1
        return -x * x - y * y - 1.9 * x * y, [-2 * x - 1.9 * y, -2 * y - 1.9 * x], bends

    bends = [[-2.0, -1.9], [-1.9, -2.0]]
    top = maximise(slope, [0.0, 0.0], 12.0)
    assert top.converged and top.point == pytest.approx((12.0, 1 + 0.95 * 8), abs=1e-3)


def test_no_step_is_longer_than_a_stride():
    seen = []

    def slope(point):
        seen.append(point[0])
        return -((point[0] - 9) ** 2), [18 - 2 * point[0]], [[-2.0]]

    assert maximise(slope, [-9.0], 12.0).converged
    assert max(ahead - at for at, ahead in itertools.pairwise(seen)) == pytest.approx(2.0)


def test_a_value_too_coarse_to_rise_is_the_top():
    def slope(point):
        return round(-((point[0] - 1) ** 2), 3), [2 - 2 * point[0]], [[-2.0]]

    top = maximise(slope, [1.004], 12.0)
    assert top.converged and top.point == pytest.approx((1.0,), abs=0.03)


def test_who_runs_out_of_patience_says_so():
    top = maximise(valley, (-1.2, 1.0), 12.0, patience=4)
    assert (top.converged, top.evaluations) == (False, 4)


def test_a_plain_without_a_top_is_left_alone():
    top = maximise(lambda point: (0.0, [0.0, 0.0], [[0.0, 0.0], [0.0, 0.0]]), [1.0, 2.0], 12.0)
    assert top.point == (1.0, 2.0)

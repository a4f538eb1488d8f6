"""The highest point of a smooth function of a few logarithms, by damped Newton steps.

Each step solves (-H + λ·|diagonal|) step = g with the function's own gradient g and Hessian H; λ
grows until the matrix is positive definite and the function really rises, and shrinks after a
success (Levenberg 1944, Marquardt 1963). So it comes down to few evaluations near the top, where
each of them is a walk through a million customers, and never steps downwards far from it.
Coordinates are kept within ±`bound`; one that lies on the border and wants out is left alone.
"""
from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isfinite, sqrt

Vector = list[float]
Matrix = list[list[float]]
#: point -> value, gradient, Hessian
Slope = Callable[[Vector], tuple[float, Vector, Matrix]]

#: Rise that a further step promises: below it the point lies within a thousandth of a standard
#: error of the top of a log-likelihood. The second part is the rounding of a long sum.
ENOUGH, ROUNDING = 1e-7, 1e-13
#: Longest step of one coordinate (natural logarithm: a factor of 7).
STRIDE = 2.0


@dataclass(frozen=True)
class Top:
    """Where the walk ended; `converged` is False when it gave up before a step promised nothing."""

    point: tuple[float, ...]
    value: float
    evaluations: int
    converged: bool


def maximise(slope: Slope, start: Sequence[float], bound: float, patience: int = 100) -> Top:
    """Walk up from `start` with at most `patience` evaluations.

    >>> def hill(at):  # top at (1, -2)
    ...     x, y = at[0] - 1, at[1] + 2
    ...     return -x * x - y * y - x * y, [-2 * x - y, -2 * y - x], [[-2, -1], [-1, -2]]
    >>> top = maximise(hill, [5.0, 5.0], 12.0)
    >>> [round(value, 3) for value in top.point], top.converged
    ([1.0, -2.0], True)
    """
    point = [min(max(value, -bound), bound) for value in start]
    value, gradient, hessian = slope(point)
    damping, spent = 1e-3, 1
    while spent < patience:
        free = [
            i for i, at in enumerate(point) if abs(at) < bound or at * gradient[i] < 0
        ]
        step, promise = _step(gradient, hessian, free, damping)
        if step is None:
            damping = max(damping, 1e-6) * 10
            if damping > 1e12:
                break
            continue
        enough = promise < ENOUGH + ROUNDING * abs(value)
        if enough and damping <= 1e-3:
            return Top(tuple(point), value, spent, True)
        ahead = [min(max(at + by, -bound), bound) for at, by in zip(point, step, strict=True)]
        found = slope(ahead)
        spent += 1
        if isfinite(found[0]) and found[0] > value:
            point, (value, gradient, hessian) = ahead, found
            damping = damping / 10 if damping > 1e-9 else 0.0
        elif enough:  # nothing left but rounding
            return Top(tuple(point), value, spent, True)
        else:
            damping = max(damping, 1e-6) * 10
    return Top(tuple(point), value, spent, False)


def _step(
    gradient: Vector, hessian: Matrix, free: list[int], damping: float
) -> tuple[Vector | None, float]:
    """The damped step over the free coordinates, and the rise that it promises; None when the
    damped matrix is not positive definite."""
    if not free:
        return [0.0] * len(gradient), 0.0
    matrix = [[-hessian[i][j] for j in free] for i in free]
    for n, row in enumerate(matrix):
        row[n] += damping * max(abs(row[n]), 1e-9)
    part = solve(matrix, [gradient[i] for i in free])
    if part is None:
        return None, 0.0
    promise = 0.5 * sum(gradient[i] * by for i, by in zip(free, part, strict=True))
    longest = max(map(abs, part))
    shorter = min(1.0, STRIDE / longest) if longest else 1.0
    step = [0.0] * len(gradient)
    for i, by in zip(free, part, strict=True):
        step[i] = by * shorter
    return step, promise


def in_logarithms(
    values: Sequence[float], gradient: Vector, hessian: Matrix
) -> tuple[Vector, Matrix]:
    """Gradient and Hessian by the logarithms of `values`, given those by the values themselves
    (chain rule). Of the Hessian only the upper triangle is read.

    >>> in_logarithms([2.0, 3.0], [1.0, 5.0], [[4.0, 0.5], [0.0, 6.0]])
    ([2.0, 15.0], [[18.0, 3.0], [3.0, 69.0]])
    """
    slopes = [value * slope for value, slope in zip(values, gradient, strict=True)]
    bends = [[0.0] * len(values) for _ in values]
    for i, value in enumerate(values):
        for j in range(i, len(values)):
            bends[i][j] = bends[j][i] = value * values[j] * hessian[i][j]
        bends[i][i] += slopes[i]
    return slopes, bends


def solve(matrix: Matrix, right: Vector) -> Vector | None:
    """x of matrix · x = right for a symmetric matrix, by Cholesky; None unless it is positive
    definite.

    >>> solve([[4.0, 2.0], [2.0, 2.0]], [2.0, 3.0])
    [-0.5, 2.0]
    >>> solve([[1.0, 2.0], [2.0, 1.0]], [1.0, 1.0]) is None
    True
    """
    size = len(right)
    lower = [[0.0] * size for _ in range(size)]
    for i in range(size):
        for j in range(i + 1):
            rest = matrix[i][j] - sum(lower[i][k] * lower[j][k] for k in range(j))
            if i != j:
                lower[i][j] = rest / lower[j][j]
            elif isfinite(rest) and rest > 1e-13 * abs(matrix[i][i]):
                lower[i][i] = sqrt(rest)
            else:
                return None
    middle: Vector = []
    for i in range(size):
        known = sum(lower[i][k] * middle[k] for k in range(i))
        middle.append((right[i] - known) / lower[i][i])
    result = [0.0] * size
    for i in reversed(range(size)):
        known = sum(lower[k][i] * result[k] for k in range(i + 1, size))
        result[i] = (middle[i] - known) / lower[i][i]
    return result

"""Derivatives of the log-gamma function, which Python's `math` has not.

Source: Abramowitz and Stegun, 6.3.5, 6.3.18, 6.4.6 and 6.4.12: recurrence up to 10, then the
asymptotic series; absolute error below 1e-12 for positive arguments that are not tiny.
"""
from __future__ import annotations

from math import log

_LARGE = 10.0


def digamma(value: float) -> float:
    """d lnΓ(value) / d value, for value > 0.

    >>> round(digamma(1.0), 12)  # minus Euler's constant
    -0.577215664902
    >>> round(digamma(0.25), 10)
    -4.2274535334
    """
    result = 0.0
    while value < _LARGE:
        result -= 1.0 / value
        value += 1.0
    inverse = 1.0 / (value * value)
    series = inverse * (
        1 / 12 - inverse * (1 / 120 - inverse * (1 / 252 - inverse * (1 / 240 - inverse / 132)))
    )
    return result + log(value) - 0.5 / value - series


def trigamma(value: float) -> float:
    """d² lnΓ(value) / d value², for value > 0.

    >>> round(trigamma(1.0), 12)  # pi² / 6
    1.644934066848
    >>> round(trigamma(0.25), 9)
    17.197329155
    """
    result = 0.0
    while value < _LARGE:
        result += 1.0 / (value * value)
        value += 1.0
    inverse = 1.0 / (value * value)
    series = inverse * (
        1 / 6 - inverse * (1 / 30 - inverse * (1 / 42 - inverse * (1 / 30 - inverse * 5 / 66)))
    )
    return result + 1.0 / value + 0.5 * inverse + series / value

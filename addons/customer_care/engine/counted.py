"""Equal numbers counted in little memory: a million different ones take 16 MB."""
from __future__ import annotations

from array import array
from itertools import islice
from operator import lt


class Counted:
    """Different numbers, and the weight of each: how many customers have it.

    Numbers that come in ascending order, as a database sorts them, are held once and no more.
    """

    def __init__(self, code: str) -> None:
        """code: of the `array` that holds the numbers, "q" for whole ones, "d" for others"""
        self.numbers = array(code)
        self.weights = array("d")

    def add(self, number: float, weight: float) -> None:
        if self.numbers and self.numbers[-1] == number:
            self.weights[-1] += weight
        else:
            self.numbers.append(number)
            self.weights.append(weight)

    def in_order(self) -> Counted:
        """The same, each number once and the lowest first.

        >>> counted = Counted("q")
        >>> for number in (7, 5, 5, 7):
        ...     counted.add(number, 2)
        >>> found = counted.in_order()
        >>> found.numbers.tolist(), found.weights.tolist()
        ([5, 7], [4.0, 4.0])
        """
        if all(map(lt, self.numbers, islice(self.numbers, 1, None))):
            return self
        found = Counted(self.numbers.typecode)
        for number, weight in sorted(zip(self.numbers, self.weights, strict=True)):
            found.add(number, weight)
        return found

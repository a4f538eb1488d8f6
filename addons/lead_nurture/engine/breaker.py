"""The fuse of a step: when too many tries fail, the step stops until somebody says "try again".

Three states, as in an electric fuse with a test button:

    closed --[too many of the tries in the window failed]--> open
    open --[somebody says "try again"]--> probing (only a few people are let through)
    probing --[too many of these failed]--> open
    probing --[all of these were tried, few failed]--> closed
"""
from dataclasses import dataclass
from datetime import timedelta

CLOSED, PROBING, OPEN = "closed", "probing", "open"

# tries older than this say nothing about the step of today
WINDOW = timedelta(hours=1)
# people who are let through first after "try again"
PROBE = 20


@dataclass(frozen=True)
class Limits:
    """A step stops when more than `percent` of at least `least` tries in the window failed."""

    percent: float = 20.0
    least: int = 20


@dataclass(frozen=True)
class Tries:
    """What was tried, how much of it failed, and how many of a probe are still to be tried."""

    tried: int = 0
    failed: int = 0
    ahead: int = 0

    def fails_too_often(self, percent: float) -> bool:
        """Whatever those still ahead bring, more than `percent` of all will have failed.

        >>> Tries(tried=100, failed=20).fails_too_often(20), Tries(100, 21).fails_too_often(20)
        (False, True)
        >>> Tries(tried=5, failed=5, ahead=15).fails_too_often(20)
        True
        >>> Tries(tried=4, failed=4, ahead=16).fails_too_often(20)
        False
        """
        return self.failed * 100 > percent * (self.tried + self.ahead)


def next_state(state: str, tries: Tries, limits: Limits) -> str:
    """The state after these tries: of the last hour when closed, since "try again" when probing.

    >>> next_state("closed", Tries(tried=20, failed=5), Limits())
    'open'
    >>> next_state("closed", Tries(tried=19, failed=19), Limits())
    'closed'
    >>> next_state("probing", Tries(tried=3, failed=0, ahead=17), Limits())
    'probing'
    >>> next_state("probing", Tries(tried=20, failed=1), Limits())
    'closed'
    >>> next_state("open", Tries(tried=500, failed=0), Limits())
    'open'
    """
    if state == OPEN:
        return OPEN
    failing = tries.fails_too_often(limits.percent)
    if state == PROBING:
        if failing:
            return OPEN
        return PROBING if tries.ahead else CLOSED
    return OPEN if failing and tries.tried >= limits.least else CLOSED

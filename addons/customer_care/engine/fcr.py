"""First contact resolution: was the customer's matter settled with his first word?

A case counts as "yes" when it was resolved, the customer had to speak to us exactly once before
that, it was not opened again, and he did not come back about the same within the window.
Units: moments are UTC, the window is days.
"""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import sqrt

#: Reasons of closing that take a case out of the rate.
LEFT_OUT = ("spam", "merged", "duplicate", "cancelled")
#: Matured cases below which a rate is not told.
ENOUGH = 30


@dataclass(frozen=True)
class Facts:
    """What happened to one case.

    resolved_at: its first resolution, None while it was never resolved
    close_reason: why its file was closed, None while it is not
    proactive: we wrote first
    before: words of the customer up to the first resolution; thanks and automatic mails left out
    after: such words from there to the end of the window
    reopened: how often it was opened again
    again: new cases of the same customer about the same within the window
    handed_over: how often it changed hands up to the first resolution
    """

    resolved_at: datetime | None
    close_reason: str | None = None
    proactive: bool = False
    before: int = 1
    after: int = 0
    reopened: int = 0
    again: int = 0
    handed_over: int = 0


@dataclass(frozen=True)
class Verdict:
    """state: "pending", "yes", "no", "excluded" or None (never resolved yet); the reason's key;
    the moment after which the answer is final."""

    state: str | None
    reason: str | None = None
    matures_on: datetime | None = None


def failure(facts: Facts, handover_breaks: bool) -> str | None:
    """Why one word was not enough, the plainest reason first; None when it was.

    >>> failure(Facts(datetime(2026, 1, 1)), True) is None
    True
    >>> failure(Facts(datetime(2026, 1, 1), before=2, reopened=1), True)
    'contacts'
    >>> failure(Facts(datetime(2026, 1, 1), handed_over=1), False) is None
    True
    """
    if facts.before > 1:
        return "contacts"
    if facts.reopened:
        return "reopened"
    if facts.after:
        return "came_back"
    if facts.again:
        return "again"
    if handover_breaks and facts.handed_over:
        return "handed_over"
    return None


def verdict(facts: Facts, now: datetime, days: int, handover_breaks: bool = False) -> Verdict:
    """The truth table.

    ==================================================  ========  =========================
    closed as spam, merged, duplicate or cancelled      excluded  that reason
    we wrote first                                      excluded  proactive
    never resolved, closed because no answer came       excluded  no_answer
    never resolved                                      None
    resolved without a word of the customer             excluded  no_contact
    window still runs                                   pending   what breaks it already, if any
    more than one word before the first resolution      no        contacts
    opened again                                        no        reopened
    another word within the window                      no        came_back
    a new case about the same within the window         no        again
    changed hands (where the company says so)           no        handed_over
    otherwise                                           yes       one_contact
    ==================================================  ========  =========================

    >>> noon = datetime(2026, 1, 1, 12)
    >>> verdict(Facts(noon), noon + timedelta(days=8), 7).state
    'yes'
    >>> verdict(Facts(noon), noon + timedelta(days=7), 7).state  # its last moment counts, too
    'pending'
    >>> verdict(Facts(noon, close_reason="merged"), noon, 7)
    Verdict(state='excluded', reason='merged', matures_on=None)
    """
    left_out = _left_out(facts)
    if left_out:
        return Verdict("excluded", left_out)
    if facts.resolved_at is None:
        return Verdict(None)
    matures_on = facts.resolved_at + timedelta(days=days)
    broken = failure(facts, handover_breaks)
    if matures_on >= now:
        return Verdict("pending", broken, matures_on)
    return Verdict("no" if broken else "yes", broken or "one_contact", matures_on)


def _left_out(facts: Facts) -> str | None:
    if facts.close_reason in LEFT_OUT:
        return facts.close_reason
    if facts.proactive:
        return "proactive"
    if facts.resolved_at is None:
        return "no_answer" if facts.close_reason == "no_answer" else None
    return None if facts.before else "no_contact"


def interval(yes: int, matured: int) -> tuple[float, float] | None:
    """The 95 % interval of the rate in percent (Wilson 1927): (p + z²/2n ± z √(p(1-p)/n +
    z²/4n²)) / (1 + z²/n); None where nothing matured.

    >>> [round(end, 1) for end in interval(30, 40)]
    [59.8, 85.8]
    >>> [round(end, 1) for end in interval(0, 10)]
    [0.0, 27.8]
    """
    if not matured:
        return None
    z, p = 1.959964, yes / matured
    middle = p + z * z / (2 * matured)
    half = z * sqrt(p * (1 - p) / matured + z * z / (4 * matured * matured))
    whole = 1 + z * z / matured
    return (100 * max(0.0, middle - half) / whole, 100 * min(whole, middle + half) / whole)

"""Durations in words (SA-1)."""
import pytest
from sales_automation_engine import clock


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0, (0, 0, 0)),
        (59.9, (0, 0, 0)),
        (60, (0, 0, 1)),
        (86_399, (0, 23, 59)),
        (86_400, (1, 0, 0)),
        (400 * 86_400 + 3_600, (400, 1, 0)),
        (-86_400, (0, 0, 0)),
    ],
)
def test_split_duration(seconds, expected):
    assert clock.split_duration(seconds) == expected


def test_parts_add_up_to_at_most_the_duration():
    size = {"day": clock.DAY, "hour": clock.HOUR, "minute": clock.MINUTE}
    for seconds in range(0, 3 * clock.DAY, 997):
        parts = clock.leading_parts(seconds)
        told = sum(size[unit] * count for unit, count in parts)
        assert len(parts) <= 2
        assert 0 <= seconds - told < (clock.HOUR if seconds >= clock.DAY else clock.MINUTE)

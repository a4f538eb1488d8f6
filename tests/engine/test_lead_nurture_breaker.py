"""When a step stops by itself, and how it comes back."""
import pytest
from lead_nurture_engine.breaker import Limits, Tries, next_state

DEFAULT = Limits(percent=20, least=20)


@pytest.mark.parametrize(
    ("state", "tries", "expected"),
    [
        ("closed", Tries(0, 0), "closed"),
        ("closed", Tries(1_000, 0), "closed"),
        ("closed", Tries(19, 19), "closed"),  # too few to say anything
        ("closed", Tries(20, 4), "closed"),  # exactly the limit is not above it
        ("closed", Tries(20, 5), "open"),
        ("closed", Tries(1_000, 200), "closed"),
        ("closed", Tries(1_000, 201), "open"),
        ("open", Tries(1_000, 0), "open"),  # only a human opens the way again
        ("probing", Tries(0, 0, ahead=20), "probing"),
        ("probing", Tries(19, 0, ahead=1), "probing"),
        ("probing", Tries(20, 4), "closed"),
        ("probing", Tries(20, 5), "open"),
        ("probing", Tries(6, 5, ahead=14), "open"),  # no need to wait for the others
        ("probing", Tries(6, 4, ahead=14), "probing"),
        ("probing", Tries(1, 1), "open"),  # a probe of one that fails
        ("probing", Tries(0, 0), "closed"),  # nobody was there to be tried
    ],
)
def test_state_machine(state, tries, expected):  # LN-43
    assert next_state(state, tries, DEFAULT) == expected


@pytest.mark.parametrize("percent", [1, 20, 50, 99])
def test_never_stops_below_its_rate(percent):  # LN-43
    limits = Limits(percent=percent, least=20)
    for tried in (20, 100, 1_000):
        most = tried * percent // 100
        assert next_state("closed", Tries(tried, most), limits) == "closed"
        assert next_state("closed", Tries(tried, most + 1), limits) == "open"


def test_a_limit_of_all_never_stops():  # LN-43
    assert next_state("closed", Tries(500, 500), Limits(percent=100)) == "closed"

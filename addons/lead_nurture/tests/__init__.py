from . import (
    test_access,
    test_event,
    test_identity,
    test_journey,
    test_lane,
    test_score,
    test_sending,
)

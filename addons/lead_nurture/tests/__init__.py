from . import (
    test_access,
    test_actor,
    test_event,
    test_hand_over,
    test_identity,
    test_journey,
    test_lane,
    test_merge,
    test_routes,
    test_scenario_access,
    test_score,
    test_sending,
)

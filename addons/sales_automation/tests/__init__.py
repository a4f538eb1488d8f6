from . import (
    test_access,
    test_backfill,
    test_clock,
    test_handoff,
    test_recycle,
    test_report,
    test_routing,
)

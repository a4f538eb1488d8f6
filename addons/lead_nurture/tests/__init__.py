from . import test_access, test_event, test_identity, test_score

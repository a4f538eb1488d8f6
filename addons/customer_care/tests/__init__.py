from . import test_access, test_counting, test_money, test_record, test_status
